#!/usr/bin/env python3
"""The AWS CLI 2 of Debian 12, which takes an endpoint by --endpoint-url only: cli_v2.py CAIRN VENV"""
import json
import pathlib
import subprocess
import sys

from service import Service, in_venv, peers, wait_for

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)
AWS = "/usr/bin/aws"

if not pathlib.Path(AWS).exists():
    print("skipped: Debian's awscli is not installed")
    sys.exit(peers.SKIPPED)
version = subprocess.run([AWS, "--version"], capture_output=True, text=True).stdout
assert version.startswith("aws-cli/2."), version

with Service(cairn, "--delivery-interval", "2s") as service:
    def aws(*words, wanted=0):
        done = service.aws(*words, "--endpoint-url", service.url, program=AWS)
        assert done.returncode == wanted, (words, done.returncode, done.stderr)
        return json.loads(done.stdout) if wanted == 0 and done.stdout.strip() else done.stderr

    assert aws("sts", "get-caller-identity")["Account"] == "000000000000"
    made = aws("cloudtrail", "create-trail", "--name", "two", "--s3-bucket-name", "cairn-logs",
               "--enable-log-file-validation")
    assert made["LogFileValidationEnabled"] is True, made
    aws("cloudtrail", "start-logging", "--name", "two")
    assert aws("cloudtrail", "get-trail-status", "--name", "two")["IsLogging"] is True
    assert aws("cloudtrail", "describe-trails")["trailList"][0]["Name"] == "two"
    assert aws("cloudtrail", "list-public-keys")["PublicKeyList"]
    events = wait_for("the call in the history", lambda: aws(
        "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=StartLogging")["Events"])
    record = json.loads(events[0]["CloudTrailEvent"])
    assert events[0]["Username"] == "admin" and record["userAgent"].startswith("aws-cli/2."), record
    assert record["requestParameters"] == {"name": "two"}, record
    assert events[0]["Resources"] == [{"ResourceType": "AWS::CloudTrail::Trail", "ResourceName": "two"}]
    aws("cloudtrail", "put-event-selectors", "--trail-name", "two", "--event-selectors",
        '[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":true}]')
    assert "TrailNotFoundException" in aws("cloudtrail", "get-trail-status", "--name", "none", wanted=254)
    assert "UnsupportedOperationException" in aws("cloudtrail", "list-imports", wanted=254)
    listed = wait_for("a delivered log file", lambda: aws("s3api", "list-objects-v2", "--bucket", "cairn-logs").get("Contents"))
    assert listed[0]["Key"].startswith("AWSLogs/000000000000/CloudTrail/us-east-1/"), listed
    service.stop()
print("passed with " + version.split()[0])

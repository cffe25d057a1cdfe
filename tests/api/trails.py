"""Trails end to end: `cairn serve`, the real AWS CLI and boto3, and what lies in the bucket afterwards.

usage: trails.py CAIRN VENV
"""
import collections
import concurrent.futures
import gzip
import http.server
import json
import pathlib
import random
import re
import socket
import subprocess
import sys
import threading
import time

from service import Service, in_venv, peers, refused, wait_for

ACCOUNT = "000000000000"


def log_files(folder):
    return sorted((folder / "AWSLogs").glob("*/CloudTrail/**/*.json.gz"))


def digests(folder):
    return sorted((folder / "AWSLogs").glob("*/CloudTrail-Digest/**/*.json.gz"))


def delivered(folder):
    """requestIDs of all events in all log files, as often as they are there."""
    ids = collections.Counter()
    for path in log_files(folder):
        ids.update(event["requestID"] for event in json.loads(gzip.decompress(path.read_bytes()))["Records"])
    return ids


class Hook:
    """Takes notices over HTTP."""

    def __init__(self):
        hook = self
        self.notices = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                hook.notices.append((self.headers, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


def validate(service, arn, start, *more):
    """The exit code and all output of the AWS CLI's validation."""
    done = service.aws("cloudtrail", "validate-logs", "--trail-arn", arn, "--start-time", start, *more)
    return done.returncode, done.stdout + done.stderr


def validate_ours(service, folder, keys):
    done = subprocess.run([service.cairn, "validate-logs", str(folder), "--public-keys", str(keys), "--s3-bucket", "audit",
                           "--deep"], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def from_creation_to_proof(cairn):
    hook = Hook()
    with Service(cairn, "--delivery-interval", "1s", "--digest-interval", "3s", "--topic", "deliveries=" + hook.url) as service:
        bucket = service.home / "buckets" / "audit"
        bucket.mkdir(parents=True)
        start = now()
        trail = service.aws_json("cloudtrail", "create-trail", "--name", "main", "--s3-bucket-name", "audit",
                                 "--sns-topic-name", "deliveries", "--is-multi-region-trail", "--enable-log-file-validation",
                                 "--tags-list", "Key=team,Value=audit")
        arn = trail["TrailARN"]
        assert arn == f"arn:aws:cloudtrail:{service.region}:{ACCOUNT}:trail/main", arn
        status = service.aws_json("cloudtrail", "get-trail-status", "--name", "main")
        assert status["IsLogging"] is False and status["TimeLoggingStarted"] == "", status
        assert service.aws("cloudtrail", "start-logging", "--name", "main").returncode == 0

        client = service.client("cloudtrail")
        elsewhere = service.client("cloudtrail", region="eu-west-1")
        sent = set()
        for _ in range(6):
            sent.add(client.list_trails()["ResponseMetadata"]["RequestId"])
            sent.add(elsewhere.describe_trails()["ResponseMetadata"]["RequestId"])
            time.sleep(0.7)
        sent.add(client.stop_logging(Name="main")["ResponseMetadata"]["RequestId"])
        wait_for("the events", lambda: len(set(delivered(bucket)) & sent) >= len(sent) - 1)
        last = sent - set(delivered(bucket))
        # The call that stops logging may be accepted just after the end.
        assert all(count == 1 for count in delivered(bucket).values()), delivered(bucket)
        assert len(last) <= 1, last
        regions = {path.parts[-5] for path in log_files(bucket)}
        assert {service.region, "eu-west-1"} <= regions, regions
        wait_for("the last digests", lambda: not service.aws_json("cloudtrail", "get-trail-status", "--name", "main")["IsLogging"]
                 and named_files(bucket) == len(log_files(bucket)))

        status = client.get_trail_status(Name="main")
        assert status["IsLogging"] is False and status["StopLoggingTime"] >= status["StartLoggingTime"], status
        assert status["LatestDeliveryTime"] and status["LatestDigestDeliveryTime"], status
        assert "LatestDeliveryError" not in status, status
        # A notice is sent after its log file is in the bucket.
        wait_for("a notice of each log file", lambda: {
            key for _, notice in hook.notices for key in json.loads(notice["Message"])["s3ObjectKey"]} == {
            str(path.relative_to(bucket)) for path in log_files(bucket)})
        assert all(headers["x-amz-sns-message-type"] == "Notification" for headers, _ in hook.notices)

        proof_and_forgery(service, bucket, arn, start)
        round_trip(service, bucket)
        resources(service, client, arn)
        service.stop()


def named_files(bucket):
    """How many log files the digests name."""
    return sum(len(json.loads(gzip.decompress(path.read_bytes()))["logFiles"]) for path in digests(bucket))


def proof_and_forgery(service, bucket, arn, start):
    keys = service.home / "keys.json"
    listed = [service.aws_json("cloudtrail", "list-public-keys", region=region)["PublicKeyList"]
              for region in (service.region, "eu-west-1")]
    assert all(len(one) == 1 for one in listed), listed
    keys.write_text(json.dumps({"PublicKeyList": listed[0] + listed[1]}))
    files = len([path for path in log_files(bucket) if path.parts[-5] == service.region])
    code, text = validate(service, arn, start)
    assert code == 0 and f"{files}/{files} log files valid" in text and "INVALID" not in text, (code, text)
    code, text = validate_ours(service, bucket, keys)
    assert code == 0 and "INVALID" not in text, (code, text)

    victim = [path for path in log_files(bucket) if path.parts[-5] == service.region][0]
    kept = victim.read_bytes()

    def both_say(words):
        for code, text in (validate(service, arn, start), validate_ours(service, bucket, keys)):
            assert code == 1 and f"Log file\ts3://audit/{victim.relative_to(bucket)}\tINVALID: {words}" in text, (code, text)

    victim.write_bytes(gzip.compress(gzip.decompress(kept).replace(b'"eventVersion"', b'"eventversion"')))
    both_say("hash value doesn't match")
    victim.unlink()
    both_say("not found")
    victim.write_bytes(kept)
    digest = [path for path in digests(bucket) if path.parts[-5] == service.region][0]
    kept = digest.read_bytes()
    digest.write_bytes(gzip.compress(gzip.decompress(kept).replace(b'"awsAccountId":"0', b'"awsAccountId":"1')))
    for code, text in (validate(service, arn, start), validate_ours(service, bucket, keys)):
        assert code == 1 and "INVALID: signature verification failed" in text, (code, text)
    digest.write_bytes(kept)
    code, text = validate(service, arn, start)
    assert code == 0, (code, text)


def round_trip(service, bucket):
    """What was delivered, read again by cairn, is what was delivered."""
    lake = service.home / "again"
    done = subprocess.run([service.cairn, "ingest", str(bucket), "--lake", str(lake)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run([service.cairn, "sql", "--lake", str(lake), "--format", "json",
                           "SELECT requestID FROM cloudtrail"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    got = collections.Counter(row["requestID"] for row in json.loads(done.stdout))
    assert got == delivered(bucket), (got, delivered(bucket))


def resources(service, client, arn):
    """What the CLI and boto3 make of the other operations."""
    assert service.aws_json("cloudtrail", "describe-trails")["trailList"][0]["HomeRegion"] == service.region
    assert client.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == [{"Key": "team", "Value": "audit"}]
    client.remove_tags(ResourceId=arn, TagsList=[{"Key": "team"}])
    selectors = [{"Name": "objects", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]},
                                                       {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]}]
    client.put_event_selectors(TrailName="main", AdvancedEventSelectors=selectors)
    assert client.get_event_selectors(TrailName=arn)["AdvancedEventSelectors"] == selectors
    assert refused(client.put_event_selectors, TrailName="main", EventSelectors=[
        {"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::*"]}]}]) == "InvalidEventSelectorsException"
    assert refused(client.get_insight_selectors, TrailName="main") == "InsightNotEnabledException"
    assert refused(client.create_trail, Name="other", S3BucketName="no-such-bucket") == "S3BucketDoesNotExistException"
    assert refused(client.create_trail, Name="main", S3BucketName="audit") == "TrailAlreadyExistsException"
    assert refused(client.create_trail, Name="a--b", S3BucketName="audit") == "InvalidTrailNameException"
    assert refused(client.start_logging, Name="other") == "TrailNotFoundException"
    elsewhere = service.client("cloudtrail", region="eu-west-1")
    assert refused(elsewhere.stop_logging, Name=arn) == "InvalidHomeRegionException"
    assert refused(elsewhere.get_trail, Name="main") == "TrailNotFoundException"
    client.delete_trail(Name="main")
    assert client.describe_trails()["trailList"] == []


def of_an_organization(cairn):
    """One trail for all accounts; the AWS CLI proves each account's part."""
    member = "111122223333"
    with Service(cairn, "--delivery-interval", "1s", "--digest-interval", "2s", "--organization", "o-abcdefgh12") as service:
        bucket = service.home / "buckets" / "audit"
        bucket.mkdir(parents=True)
        start = now()
        client = service.client("cloudtrail")
        group = f"arn:aws:logs:{service.region}:{ACCOUNT}:log-group:org/trail:*"
        arn = client.create_trail(Name="org", S3BucketName="audit", S3KeyPrefix="all/of it", IsOrganizationTrail=True,
                                  EnableLogFileValidation=True, CloudWatchLogsLogGroupArn=group,
                                  CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/logs")["TrailARN"]
        client.start_logging(Name="org")
        other = service.client("cloudtrail", key=service.new_key("--role", "operator", "--name", "bob", "--home-account", member))
        sent = {other.describe_trails()["ResponseMetadata"]["RequestId"] for _ in range(3)}
        assert [one["TrailARN"] for one in other.describe_trails()["trailList"]] == [arn]
        assert refused(other.stop_logging, Name=arn) == "NotOrganizationMasterAccountException"
        assert refused(other.create_trail, Name="mine", S3BucketName="audit",
                       IsOrganizationTrail=True) == "NotOrganizationMasterAccountException"
        folder = bucket / "all" / "of it" / "AWSLogs" / "o-abcdefgh12"
        wait_for("digests of both", lambda: all(list((folder / one / "CloudTrail-Digest").glob("**/*.gz"))
                                                for one in (ACCOUNT, member)))
        client.stop_logging(Name="org")
        wait_for("the end", lambda: not client.get_trail_status(Name="org")["IsLogging"])
        time.sleep(2)
        for account in (ACCOUNT, member):
            files = list((folder / account / "CloudTrail").glob("**/*.json.gz"))
            code, text = validate(service, arn, start, "--account-id", account)
            assert code == 0 and f"{len(files)}/{len(files)} log files valid" in text, (account, code, text)
        lines = [json.loads(line) for path in sorted((service.home / "log-groups").glob("**/*.jsonl.gz"))
                 for line in gzip.decompress(path.read_bytes()).splitlines()]
        of_member = {json.loads(line["message"])["requestID"] for line in lines
                     if line["logStreamName"] == f"o-abcdefgh12_{member}_CloudTrail_{service.region}"}
        assert sent <= of_member, (sent, of_member)
        assert client.get_trail_status(Name="org")["LatestCloudWatchLogsDeliveryTime"]
        service.stop()


class Endpoint:
    """An S3 that takes all there is, until it answers nothing any more."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.dead, self.asked, self.held = False, 0, []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client = self.socket.accept()[0]
            self.held.append(client)
            threading.Thread(target=self.answer, args=(client,), daemon=True).start()

    def answer(self, client):
        pending = b""
        while True:
            while b"\r\n\r\n" not in pending:
                piece = client.recv(1 << 16)
                if not piece:
                    return
                pending += piece
            head, pending = pending.split(b"\r\n\r\n", 1)
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            while length and len(pending) < int(length[1]):
                pending += client.recv(1 << 16)
            pending = pending[int(length[1]) if length else 0:]
            self.asked += 1
            if self.dead:
                return  # the connection stays open
            client.sendall(b"HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n")


def beside_a_dead_endpoint(cairn):
    """A bucket that answers nothing keeps no other trail waiting, and not the end."""
    endpoint = Endpoint()
    with Service(cairn, "--delivery-interval", "1s", "--digest-interval", "2s", "--endpoint-url", endpoint.url,
                 *(f"--bucket=hole{i}=s3://hole-{i}/x" for i in range(3)), AWS_ACCESS_KEY_ID="AKIAEXAMPLE",
                 AWS_SECRET_ACCESS_KEY="x", AWS_EC2_METADATA_DISABLED="true") as service:
        bucket = service.home / "buckets" / "audit"
        bucket.mkdir(parents=True)
        client = service.client("cloudtrail")
        for i in range(3):
            client.create_trail(Name=f"dead{i}", S3BucketName=f"hole{i}", EnableLogFileValidation=True)
            client.start_logging(Name=f"dead{i}")
        endpoint.dead = True
        client.create_trail(Name="main", S3BucketName="audit", EnableLogFileValidation=True)
        client.start_logging(Name="main")
        slowest = 0
        for _ in range(8):
            began, sent = time.monotonic(), client.list_trails()["ResponseMetadata"]["RequestId"]
            wait_for("an event of the trail beside", lambda: sent in delivered(bucket))
            slowest = max(slowest, time.monotonic() - began)
        assert endpoint.asked > 0
        before = len(digests(bucket))
        wait_for("another digest", lambda: len(digests(bucket)) > before)
        sent = client.list_trails()["ResponseMetadata"]["RequestId"]
        began = time.monotonic()
        service.stop()
        took = time.monotonic() - began
        assert sent in delivered(bucket) and took < 15, took
        # Nothing is lost: it goes out when the bucket answers again.
        endpoint.dead = False
        service.start()
        status = wait_for("the trail that was cut off",
                          lambda: (told := service.client("cloudtrail").get_trail_status(Name="dead0")).get("LatestDeliveryTime") and told)
        assert "LatestDeliveryError" not in status, status
        service.stop()
        print(f"beside three dead buckets an event is delivered within {slowest:.1f} s; the end takes {took:.1f} s")


def killed_again_and_again(cairn):
    """Whatever moment the service is killed at: what it acknowledged is delivered, once."""
    dice = random.Random(7)
    with Service(cairn, "--delivery-interval", "1s", "--digest-interval", "2s") as service:
        bucket = service.home / "buckets" / "audit"
        bucket.mkdir(parents=True)
        client = service.client("cloudtrail")
        client.create_trail(Name="main", S3BucketName="audit", EnableLogFileValidation=True)
        client.start_logging(Name="main")
        acknowledged = set()
        for _ in range(8):
            end = time.monotonic() + dice.uniform(0.8, 2.5)
            client = service.client("cloudtrail")

            def call():
                while time.monotonic() < end:
                    answer = client.list_trails()
                    acknowledged.add(answer["ResponseMetadata"]["RequestId"])

            threads = [threading.Thread(target=call) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            service.kill()
            service.start()
        wait_for("all events", lambda: acknowledged <= set(delivered(bucket)))
        counts = delivered(bucket)
        assert all(count == 1 for count in counts.values()), [one for one in counts.items() if one[1] > 1]
        service.client("cloudtrail").stop_logging(Name="main")
        wait_for("the last digest", lambda: named_files(bucket) == len(log_files(bucket)))
        keys = service.home / "keys.json"
        keys.write_text(json.dumps(service.aws_json("cloudtrail", "list-public-keys")))
        code, text = validate_ours(service, bucket, keys)
        assert code == 0 and "INVALID" not in text, (code, text)
        print(f"{len(acknowledged)} events through 8 kills, each delivered once, in {len(log_files(bucket))} log files")
        service.stop()


def main():
    cairn, venv = sys.argv[1], pathlib.Path(sys.argv[2])
    in_venv(venv)
    tests = from_creation_to_proof, of_an_organization, beside_a_dead_endpoint, killed_again_and_again
    with concurrent.futures.ThreadPoolExecutor(len(tests)) as pool:  # each waits for intervals of its own service
        for done in [pool.submit(peers.run_test, test, cairn) for test in tests]:
            done.result()
    print("trails: all as with AWS")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""S3, SQS and credentials against moto's server, with boto3 as the other hand: s3_sources.py S3_PROBE VENV"""
import hashlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from peers import Moto, check, in_venv, openssl_certificate, run_test  # noqa: E402


class Probe:
    def __init__(self, program, endpoint, home):
        self.program, self.home = program, home
        self.environment = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "HOME": home,
                            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}

    def run(self, *arguments, stdin=b"", without=(), **settings):
        environment = {k: v for k, v in {**self.environment, **settings}.items() if k not in without}
        return subprocess.run([self.program, *arguments], input=stdin, capture_output=True, env=environment,
                              timeout=120)

    def __call__(self, *arguments, **settings):
        done = self.run(*arguments, **settings)
        assert done.returncode == 0, (arguments, done.stderr.decode())
        return done.stdout

    def refusal(self, *arguments, **settings):
        done = self.run(*arguments, **settings)
        assert done.returncode == 1, (arguments, done)
        return done.stderr.decode().partition(" ")[2]


ODD_KEYS = ["a b+c%2F", "ü/漢.json.gz", "x//y", "q?&=#;:@", "AWSLogs/1/2", " lead", "it's(1)!*~", "<&>\"", "\\"]


def objects(probe, s3):
    s3.create_bucket(Bucket="odd")
    for number, key in enumerate(ODD_KEYS):
        probe("put", "s3://odd/in", key, stdin=f"{number}".encode())
        check("read by boto3", s3.get_object(Bucket="odd", Key="in/" + key)["Body"].read(), f"{number}".encode())
        check("read back", probe("get", "s3://odd/in", key), f"{number}".encode())
    listed = [line.split("\t") for line in probe("list", "s3://odd/in", "", "").decode().splitlines()]
    check("keys in order of bytes", [row[0] for row in listed], sorted(ODD_KEYS, key=lambda key: key.encode()))
    facts = s3.head_object(Bucket="odd", Key="in/" + listed[0][0])
    check("etag", listed[0][2], facts["ETag"].strip('"'))
    check("head and list agree", probe("head", "s3://odd/in", listed[0][0]).decode().split("\t")[:3], listed[0][:3])
    check("time", int(listed[0][3]) // 1_000_000, int(facts["LastModified"].timestamp()))
    probe("remove", "s3://odd/in", listed[0][0])
    probe("remove", "s3://odd/in", listed[0][0])
    check("gone", probe.refusal("get", "s3://odd/in", listed[0][0]).startswith("cannot read s3://odd/in/"), True)
    check("a bucket that is not there", "NoSuchBucket" in probe.refusal("list", "s3://none", "", ""), True)
    probe("put", "s3://odd", "empty")
    check("empty object", probe("get", "s3://odd", "empty"), b"")


def large_objects(probe, s3):
    data = random.Random(1).randbytes(23_456_789)
    s3.create_bucket(Bucket="large")
    s3.put_object(Bucket="large", Key="k", Body=data)
    check("in parts", hashlib.md5(probe("get", "s3://large", "k", PROBE_PART_BYTES="1000003")).hexdigest(),
          hashlib.md5(data).hexdigest())
    check("a range", probe("range", "s3://large", "k", "23456780", "100"), data[23456780:])
    check("beyond the end", probe("range", "s3://large", "k", "23456789", "1"), b"")
    check("limit", "above the limit of 1000" in probe.refusal("get", "s3://large", "k", PROBE_BYTES_MAX="1000"), True)
    probe("put", "s3://large", "multi", stdin=data, PROBE_PART_BYTES=str(6 << 20), PROBE_ENCRYPTION="AES256")
    facts = s3.get_object(Bucket="large", Key="multi")
    check("uploaded in parts", facts["Body"].read() == data, True)
    check("in so many", facts["ETag"].strip('"').partition("-")[2], "4")
    check("encrypted", facts["ServerSideEncryption"], "AES256")
    check("no upload is left", "Uploads" in s3.list_multipart_uploads(Bucket="large"), False)
    begun = time.monotonic()
    probe("get", "s3://large", "k", PROBE_BANDWIDTH="12000000")
    check("bandwidth", 1.7 < time.monotonic() - begun < 6, True)


def long_listings(probe, s3):
    s3.create_bucket(Bucket="many")
    keys = [f"AWSLogs/{account}/CloudTrail/{region}/2025/03/{day:02}/{n}.json.gz"
            for account in (111111111111, 222222222222) for region in ("eu-west-1", "us-east-1")
            for day in range(1, 11) for n in range(30)]
    for key in keys:
        s3.put_object(Bucket="many", Key=key, Body=b"x")
    listed = [line.split("\t")[0] for line in probe("list", "s3://many", "", "").decode().splitlines()]
    check("1,200 keys over two pages", listed, sorted(keys))
    after = "111111111111/CloudTrail/us-east-1/2025/03/05/"
    listed = [line.split("\t")[0]
              for line in probe("list", "s3://many/AWSLogs/", "111111111111/CloudTrail/us-east-1/", after).decode().splitlines()]
    check("below a prefix, after a key", ["AWSLogs/" + key for key in listed],
          [key for key in sorted(keys) if "/111111111111/" in key and "us-east-1" in key and key > "AWSLogs/" + after])
    check("accounts", probe("prefixes", "s3://many/AWSLogs", "").decode().split(), ["111111111111/", "222222222222/"])
    check("regions", probe("prefixes", "s3://many", "AWSLogs/111111111111/CloudTrail/").decode().split(),
          [f"AWSLogs/111111111111/CloudTrail/{region}/" for region in ("eu-west-1", "us-east-1")])


def queues(probe, s3, client):
    sqs, sns = client("sqs"), client("sns")
    url = sqs.create_queue(QueueName="new-objects")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.create_bucket(Bucket="told")
    s3.put_bucket_notification_configuration(Bucket="told", NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
    seen = probe("receive", url).decode()  # the test event
    check("test event", seen in ("", "nothing new\n"), True)
    s3.put_object(Bucket="told", Key="AWSLogs/a b.json.gz", Body=b"12345")
    row = probe("receive", url).decode().strip().split("\t")
    check("S3's notification", row[:3], ["told", "AWSLogs/a b.json.gz", "5"])
    check("removed", probe("receive", url), b"")
    topic = sns.create_topic(Name="trail")["TopicArn"]
    message = json.dumps({"s3Bucket": "told", "s3ObjectKey": ["AWSLogs/x+y.json.gz"]})
    for raw in ("false", "true"):
        subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                                     Attributes={"RawMessageDelivery": raw})["SubscriptionArn"]
        sns.publish(TopicArn=topic, Message=message)
        check(f"CloudTrail's notification, raw {raw}", probe("receive", url).decode().split("\t")[:2],
              ["told", "AWSLogs/x+y.json.gz"])
        sns.unsubscribe(SubscriptionArn=subscription)
    check("no queue", "NonExistentQueue" in probe.refusal("receive", url + "-none"), True)


def credentials(probe, s3, home):
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    (home / ".aws").mkdir()
    (home / ".aws/credentials").write_text("[base]\naws_access_key_id=AKIABASE\naws_secret_access_key=s\n")
    (home / ".aws/config").write_text("[profile reader]\nrole_arn=arn:aws:iam::123456789012:role/reader\n"
                                      "source_profile=base\nduration_seconds=900\n")
    key, expires = probe("whoami", without=keys, AWS_PROFILE="reader").decode().split()
    check("a role's key", key.startswith("ASIA"), True)
    check("its life", 600 < int(expires) / 1e6 - time.time() <= 901, True)
    check("reads with it", probe("get", "s3://odd", "empty", without=keys, AWS_PROFILE="reader"), b"")
    token = home / "token"
    token.write_text("eyJhbGciOiJub25lIn0.e30.x")
    web = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/web"}
    check("web identity", probe("whoami", without=keys, **web).decode().startswith("ASIA"), True)
    check("none", "hint: set AWS_ACCESS_KEY_ID" in
          probe.refusal("whoami", without=keys, AWS_EC2_METADATA_DISABLED="true"), True)


def virtual_hosts(probe, s3):
    """Names below localhost are this machine: RFC 6761."""
    endpoint = probe.environment["AWS_ENDPOINT_URL"].replace("127.0.0.1", "localhost")
    s3.create_bucket(Bucket="named")
    probe("put", "s3://named", "a b+c", stdin=b"bytes", AWS_ENDPOINT_URL=endpoint, PROBE_ADDRESSING="virtual_host")
    check("by host", s3.get_object(Bucket="named", Key="a b+c")["Body"].read(), b"bytes")
    check("by host", probe("list", "s3://named", "", "", AWS_ENDPOINT_URL=endpoint,
                           PROBE_ADDRESSING="virtual_host").decode().split("\t")[0], "a b+c")


def own_authority(probe, s3, home):
    """A server whose certificate only the CA bundle knows."""
    certificate, key = openssl_certificate(home)
    with Moto("-s", "-c", str(certificate), "-k", str(key), scheme="https") as moto:
        refusal = probe.refusal("list", "s3://none", "", "", AWS_ENDPOINT_URL=moto.url)
        check("unknown authority", "hint: give the authority" in refusal, True)
        refusal = probe.refusal("list", "s3://none", "", "", AWS_ENDPOINT_URL=moto.url, AWS_CA_BUNDLE=str(certificate))
        check("known authority", "NoSuchBucket" in refusal, True)


def main():
    program, venv = sys.argv[1], pathlib.Path(sys.argv[2])
    in_venv(venv)
    import boto3
    from botocore.config import Config
    with Moto() as moto, tempfile.TemporaryDirectory() as home:
        def client(service):
            return boto3.client(service, endpoint_url=moto.url, region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE",
                                aws_secret_access_key="secret", config=Config(s3={"addressing_style": "path"}))
        probe, s3 = Probe(program, moto.url, home), client("s3")
        for test, arguments in ((objects, ()), (large_objects, ()), (long_listings, ()), (queues, (client,)),
                                (credentials, (pathlib.Path(home),)), (virtual_hosts, ()),
                                (own_authority, (pathlib.Path(home),))):
            run_test(test, probe, s3, *arguments)


if __name__ == "__main__":
    main()

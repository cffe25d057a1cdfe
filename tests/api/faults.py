#!/usr/bin/env python3
"""What breaks in the service is told to its operator, not to its clients: they get 500 or 503 and no path, no hint.

usage: faults.py CAIRN VENV
"""
import re
import shutil
import sqlite3
import sys
import urllib.error
import urllib.request

from service import Service, in_venv, wait_for

CALLS = {  # a call of every part of the service that keeps something
    "cloudtrail": {
        "list_trails": {}, "describe_trails": {}, "get_trail": {"Name": "one"}, "get_trail_status": {"Name": "one"},
        "get_event_selectors": {"TrailName": "one"}, "list_public_keys": {}, "lookup_events": {},
        "create_trail": {"Name": "two", "S3BucketName": "cairn-logs"}, "update_trail": {"Name": "one", "S3KeyPrefix": "x"},
        "start_logging": {"Name": "one"}, "stop_logging": {"Name": "one"}, "delete_trail": {"Name": "two"},
        "list_tags": {"ResourceIdList": ["arn:aws:cloudtrail:us-east-1:000000000000:trail/one"]},
        "add_tags": {"ResourceId": "arn:aws:cloudtrail:us-east-1:000000000000:trail/one", "TagsList": [{"Key": "a", "Value": "b"}]},
        "list_event_data_stores": {}, "create_event_data_store": {"Name": "store-{}"}, "list_channels": {},
    },
    "s3": {
        "list_buckets": {}, "list_objects_v2": {"Bucket": "cairn-logs"}, "head_bucket": {"Bucket": "cairn-logs"},
        "get_object": {"Bucket": "cairn-logs", "Key": "AWSLogs/none"}, "create_bucket": {"Bucket": "fresh-{}"},
    },
    "sts": {"get_caller_identity": {}},
}
TELLING = re.compile(r"hint:|sqlite|no such table|\.db\b|\.parquet|errno|No such file|Permission denied|not a directory|/tmp/|/dev/shm/|--\w", re.I)
PASSING = {"InternalFailure", "InternalError", "ServiceUnavailable", "SlowDown"}
# AWS's own sentence for a bucket that trails cannot use, which a broken one is.
OF_BUCKETS = {"S3BucketDoesNotExistException", "InsufficientS3BucketPolicyException", "NoSuchBucket", "NoSuchKey"}


class Answers:
    """Calls everything and keeps what was answered."""

    def __init__(self, service):
        self.service, self.turn = service, 0

    def check(self, broken, expect_faults=True):
        self.turn += 1
        faults = 0
        for name, calls in CALLS.items():
            client = self.service.client(name, read_timeout=60)
            for operation, arguments in calls.items():
                arguments = {key: value.format(self.turn) if isinstance(value, str) else value for key, value in arguments.items()}
                faults += self.call(broken, client, operation, arguments)
        faults += self.plain(broken)
        assert faults > 0 or not expect_faults, f"{broken}: nothing failed"
        return faults

    def call(self, broken, client, operation, arguments):
        import botocore.exceptions
        try:
            getattr(client, operation)(**arguments)
            return 0
        except botocore.exceptions.ClientError as error:
            response = error.response
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        code, message = response["Error"]["Code"], response["Error"].get("Message", "")
        where = (broken, operation, status, code, message)
        self.check_text(where, message)
        assert code != "ThrottlingException", where
        if status >= 500:
            assert status in (500, 503) and (code in PASSING or operation.startswith("head_")), where
            self.check_log(where, response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"])
            return 1
        return 0

    def plain(self, broken):
        """The endpoints that other systems push to."""
        request = urllib.request.Request(self.service.url + "/firehose", b'{"requestId":"i","records":[]}', {
            "X-Amz-Firehose-Access-Key": ":".join(self.service.key), "X-Amz-Firehose-Request-Id": "i"})
        try:
            urllib.request.urlopen(request, timeout=60)
            return 0
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            self.check_text((broken, "firehose", text), text)
            if error.code < 500:
                return 0
            assert error.code == 503, (broken, error.code, text)
            self.check_log((broken, "firehose", text), error.headers["x-amzn-RequestId"])
            return 1

    def check_text(self, where, text):
        assert str(self.service.home) not in text and not TELLING.search(text), where

    def check_log(self, where, request_id):
        def told():
            return any(line.get("request_id") == request_id and line["level"] == "error" and line.get("reason") for line in self.service.log_lines())
        wait_for(f"the log to tell of {where}", told, 10)


def hints_are_for_the_command_line(service, _):
    """What a client did wrong is said in a sentence without advice about options that it does not have."""
    import datetime
    client = service.client("cloudtrail")
    now = datetime.datetime.now(datetime.timezone.utc)
    insight = {"EventCategory": "insight", "LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "a"}]}
    for arguments in ({"NextToken": "junk"}, {"StartTime": now, "EndTime": now - datetime.timedelta(days=1)}, insight,
                      {"LookupAttributes": [{"AttributeKey": "ReadOnly", "AttributeValue": "perhaps"}]}):
        try:
            client.lookup_events(**arguments)
            raise AssertionError(f"{arguments} were taken")
        except client.exceptions.ClientError as error:
            message = error.response["Error"]["Message"]
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error
            assert message and not TELLING.search(message) and "\n" not in message, message
    for name in ("..", "A", "a b"):
        try:
            client.create_trail(Name="bad", S3BucketName=name)
            raise AssertionError(f"the bucket {name!r} was taken")
        except client.exceptions.ClientError as error:
            assert not TELLING.search(error.response["Error"]["Message"]), error


def tables(service):
    with sqlite3.connect(f"file:{service.home}/state.db?mode=ro", uri=True) as state:
        return [name for name, in state.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]


def change(service, sql):
    state = sqlite3.connect(service.home / "state.db", timeout=30)
    try:
        with state:
            state.execute("PRAGMA legacy_alter_table = ON")
            state.execute(sql)
    finally:
        state.close()


def state_is_broken(service, answers):
    """Each table in turn is not there."""
    met = 0
    for table in tables(service):
        change(service, f'ALTER TABLE "{table}" RENAME TO "gone_{table}"')
        try:
            met += answers.check(f"without the table {table}", expect_faults=False) > 0
        finally:
            change(service, f'ALTER TABLE "gone_{table}" RENAME TO "{table}"')
    assert met >= 5, met
    assert answers.check("repaired", expect_faults=False) == 0


def bucket_is_broken(service, answers):
    bucket, kept = service.home / "buckets" / "cairn-logs", service.home / "kept"
    bucket.rename(kept)
    bucket.write_text("not a folder")
    answers.check("a bucket that is a file", expect_faults=False)
    bucket.unlink()
    kept.rename(bucket)
    assert answers.check("repaired", expect_faults=False) == 0


def lake_is_broken(service, answers):
    trails = service.client("cloudtrail")
    wait_for("events", lambda: trails.lookup_events()["Events"])
    lake, kept = service.home / "lake", service.home / "kept-lake"
    shutil.copytree(lake, kept)
    for path in [*lake.rglob("*.parquet"), *lake.rglob("*.avro")]:
        path.unlink()
    answers.check("a lake without files")
    shutil.rmtree(lake)
    answers.check("no lake")


def main():
    cairn, venv = sys.argv[1:3]
    in_venv(venv)
    with Service(cairn) as service:
        answers = Answers(service)
        service.client("cloudtrail").create_trail(Name="one", S3BucketName="cairn-logs")
        assert answers.check("nothing is broken", expect_faults=False) == 0
        for test in (hints_are_for_the_command_line, state_is_broken, bucket_is_broken, lake_is_broken):
            test(service, answers)
            print(f"ok {test.__name__}", flush=True)
        service.kill()


if __name__ == "__main__":
    main()

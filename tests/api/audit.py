#!/usr/bin/env python3
"""The service's own calls that are not CloudTrail's: S3's management calls and `cairn keys` as events: audit.py CAIRN VENV"""
import concurrent.futures
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from service import Service, in_venv, refused, wait_for
from rights import place_for_others, with_ordinary_rights

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)

A, HOME = "111122223333", "000000000000"


def events(service, condition):
    """Whole records of the lake, oldest first."""
    rows = service.sql(f"SELECT eventJson FROM cloudtrail WHERE {condition} ORDER BY eventTime, eventID")
    return [json.loads(row["eventJson"]) if isinstance(row["eventJson"], str) else row["eventJson"] for row in rows]


def s3_calls(service):
    """Those that S3 logs as management events, allowed or denied, in S3's shape; calls of data planes are not."""
    def client(key=None):
        return service.client("s3", key, s3={"addressing_style": "path"}, signature_version="s3v4")

    s3 = client()
    writer = client(service.new_key("--role", "writer", "--name", "putter"))
    scoped = client(service.new_key("--role", "operator", "--account", A, "--name", "ofa"))
    s3.create_bucket(Bucket="audited")
    s3.list_buckets()
    s3.get_bucket_location(Bucket="audited")
    assert refused(s3.get_bucket_policy, Bucket="audited") == "NoSuchBucketPolicy"
    assert refused(writer.create_bucket, Bucket="denied") == "AccessDenied"
    assert refused(scoped.get_bucket_versioning, Bucket="audited") == "NoSuchBucket"
    assert refused(s3.delete_bucket, Bucket="audited") == "MethodNotAllowed"
    assert refused(s3.create_bucket, Bucket="xn--audited") == "InvalidBucketName"
    url = s3.generate_presigned_url("list_buckets")
    assert subprocess.run(["curl", "-sf", url], capture_output=True).returncode == 0
    # Of data planes.
    s3.list_objects_v2(Bucket="audited")
    s3.head_bucket(Bucket="audited")
    assert refused(s3.get_object, Bucket="audited", Key="x") == "NoSuchKey"
    assert refused(s3.put_object, Bucket="audited", Key="x") == "MethodNotAllowed"
    names = ["CreateBucket", "ListBuckets", "GetBucketLocation", "GetBucketPolicy", "CreateBucket", "GetBucketVersioning",
             "DeleteBucket", "CreateBucket", "ListBuckets"]
    found = wait_for("S3's events", lambda: (lambda got: got if len(got) >= len(names) else None)(
        events(service, "eventSource = 's3.amazonaws.com'")))
    assert sorted(one["eventName"] for one in found) == sorted(names), [one["eventName"] for one in found]

    def one(name, **like):
        got = [event for event in found if event["eventName"] == name and
               all(event.get(member) == value for member, value in like.items())]
        assert len(got) == 1, (name, like, got)
        return got[0]

    made = one("CreateBucket", errorCode=None)
    host = service.url.split("//")[1]
    assert made["requestParameters"] == {"bucketName": "audited", "Host": host}, made
    assert made["responseElements"] is None and made["readOnly"] is False and made["managementEvent"] is True, made
    assert made["eventCategory"] == "Management" and made["eventType"] == "AwsApiCall", made
    assert made["recipientAccountId"] == HOME and made["awsRegion"] == "us-east-1", made
    assert made["resources"] == [{"accountId": HOME, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::audited"}], made
    assert made["userIdentity"]["accessKeyId"] == service.key[0] and made["userAgent"].startswith("["), made
    added = made["additionalEventData"]
    assert added["AuthenticationMethod"] == "AuthHeader" and added["SignatureVersion"] == "SigV4", added
    denied = one("CreateBucket", errorCode="AccessDenied")
    assert denied["errorMessage"] == "Access Denied" and denied["userIdentity"]["userName"] == "putter", denied
    assert denied["requestParameters"]["bucketName"] == "denied", denied
    assert one("CreateBucket", errorCode="InvalidBucketName")
    assert one("DeleteBucket")["errorCode"] == "MethodNotAllowed"
    policy = one("GetBucketPolicy")
    assert policy["errorCode"] == "NoSuchBucketPolicy" and policy["readOnly"] is True, policy
    assert policy["requestParameters"] == {"bucketName": "audited", "Host": host, "policy": ""}, policy
    unseen = one("GetBucketVersioning")
    assert unseen["errorCode"] == "NoSuchBucket" and unseen["recipientAccountId"] == A, unseen
    presigned = [event for event in found if event["additionalEventData"]["AuthenticationMethod"] == "QueryString"]
    assert [event["eventName"] for event in presigned] == ["ListBuckets"], presigned
    assert presigned[0]["requestParameters"] == {"Host": host}, presigned


def keys(service, *arguments):
    done = subprocess.run([service.cairn, "keys", *arguments, "--home", str(service.home)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def made_key(service, *arguments):
    made = json.loads(keys(service, *arguments, "--json"))
    secrets.update(value for value in (made["SecretAccessKey"], made.get("SessionToken")) if value)
    return made["AccessKeyId"]


secrets = set()


def changes_of_keys(service, user):
    """Each command of `cairn keys` that changes something, and the events that are then to be there."""
    first = made_key(service, "create", "--role", "analyst", "--name", user, "--account", A)
    keys(service, "disable", first)
    keys(service, "enable", first)
    second = made_key(service, "rotate", first, "--grace", "1h")
    made_key(service, "session", second, "--for", "15m")
    keys(service, "delete", first)
    keys(service, "delete", second)
    return [("CreateUser", None), ("CreateAccessKey", first), ("UpdateAccessKey", first), ("UpdateAccessKey", first),
            ("CreateAccessKey", second), ("UpdateAccessKey", first), ("GetSessionToken", None), ("DeleteAccessKey", first),
            ("DeleteAccessKey", second), ("DeleteUser", None)]


def key_events(service, user):
    return events(service, "eventSource IN ('iam.amazonaws.com', 'sts.amazonaws.com') AND "
                           f"eventJson LIKE '%\"{user}\"%'")


def check_key_events(service, user, wanted):
    found = wait_for(f"the events of {user}", lambda: (lambda got: got if len(got) >= len(wanted) else None)(
        key_events(service, user)))
    shown = [(one["eventName"], (one["requestParameters"].get("accessKeyId")
                                 or (one["responseElements"] or {}).get("accessKey", {}).get("accessKeyId"))) for one in found]
    assert sorted(shown, key=str) == sorted(wanted, key=str), shown
    for one in found:
        assert one["recipientAccountId"] == A and one["userIdentity"]["type"] == "Unknown", one
        assert re.fullmatch(r"cairn/\S+ keys \w+", one["userAgent"]), one
        assert one["managementEvent"] is True and one["eventCategory"] == "Management", one
    made = [one for one in found if one["eventName"] == "CreateAccessKey"][0]
    assert made["additionalEventData"] == {"role": "analyst", "accounts": [A]}, made


def beside_the_service(service):
    check_key_events(service, "beside", changes_of_keys(service, "beside"))


def many_at_once(service):
    """Programs that change keys at the same time, and a service that takes their events: each is there once."""
    def work(number):
        return [made_key(service, "create", "--role", "writer", "--name", f"many{number}", "--account", A) for _ in range(6)]

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        made = [key for keys_of_one in pool.map(work, range(6)) for key in keys_of_one]
    rows = wait_for("all of them", lambda: (lambda got: got if len(got) >= len(made) else None)(
        events(service, "eventName = 'CreateAccessKey' AND eventJson LIKE '%\"many%'")))
    ids = [one["responseElements"]["accessKey"]["accessKeyId"] for one in rows]
    assert sorted(ids) == sorted(made), (len(ids), len(made))
    users = events(service, "eventName = 'CreateUser' AND eventJson LIKE '%\"many%'")
    assert len(users) == 6, users


def in_log_files(service, bucket):
    """A trail delivers them, each once."""
    found = []
    for path in sorted((service.home / "buckets" / bucket / "AWSLogs").glob("**/CloudTrail/**/*.json.gz")):
        found += json.loads(gzip.decompress(path.read_bytes()))["Records"]
    return found


def without_the_service(service):
    """What is changed while no service runs, or after one was killed, is reported by the next."""
    trail = service.client("cloudtrail", service.new_key("--role", "operator", "--account", A, "--name", "ofa"))
    service.client("s3", service.new_key("--role", "operator", "--account", A, "--name", "ofa"),
                   s3={"addressing_style": "path"}).create_bucket(Bucket="trail-of-a")
    trail.create_trail(Name="of-a", S3BucketName="trail-of-a", IsMultiRegionTrail=True)
    trail.start_logging(Name="of-a")
    for user, end in (("stopped", service.stop), ("killed", service.kill)):
        before = service.key
        end()
        wanted = changes_of_keys(service, user)
        service.start()
        service.key = before
        check_key_events(service, user, wanted)
        service.kill()
        service.start()
        service.key = before
        time.sleep(2)
        check_key_events(service, user, wanted)
    users = ("stopped", "killed")

    def of_users():
        return [one for one in in_log_files(service, "trail-of-a")
                if one["eventSource"] == "iam.amazonaws.com" and one["requestParameters"].get("userName") in users]

    delivered = wait_for("log files", lambda: (lambda got: got if len(got) >= 18 else None)(of_users()))
    assert len({one["eventID"] for one in delivered}) == 18, len(delivered)


def nothing_secret(service):
    looked = 0
    for path in pathlib.Path(service.home).rglob("*"):
        if not path.is_file() or path.name == "stdout.txt":
            continue
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        looked += 1
        for secret in secrets:
            assert secret.encode() not in data and json.dumps(secret)[1:-1].replace("/", "\\/").encode() not in data, path
    assert looked > 5 and len(secrets) > 20, (looked, len(secrets))


def the_first_key(service):
    made = wait_for("the first key", lambda: events(service, "eventName = 'CreateAccessKey'"))[0]
    assert made["responseElements"]["accessKey"]["accessKeyId"] == service.key[0], made
    assert made["additionalEventData"] == {"role": "admin", "accounts": []} and made["userAgent"].endswith(" serve"), made


def read_only_copy(service):
    """`keys list` writes nothing: a copy of the folder that may only be read is enough."""
    service.stop()
    with tempfile.TemporaryDirectory(dir=place_for_others()) as folder:
        programs, copy = pathlib.Path(folder) / "programs", pathlib.Path(folder) / "copy"
        programs.mkdir()
        copy.mkdir()
        command = [*with_ordinary_rights(service.cairn, programs), "keys"]
        for name in ("state.db", "master.key"):
            (copy / name).write_bytes((service.home / name).read_bytes())
            (copy / name).chmod(0o400)
        copy.chmod(0o500)
        listed = subprocess.run([*command, "list", "--json", "--home", str(copy)], capture_output=True, text=True)
        changed = subprocess.run([*command, "create", "--role", "admin", "--home", str(copy)], capture_output=True, text=True)
        left = sorted(path.name for path in copy.iterdir())
        copy.chmod(0o700)
    assert listed.returncode == 0, listed.stderr
    assert [one["AccessKeyId"] for one in json.loads(listed.stdout)][0] == service.key[0], listed.stdout
    assert changed.returncode == 1 and "hint:" in changed.stderr, changed
    assert left == ["master.key", "state.db"], left


with Service(cairn, "--delivery-interval", "1s") as service:
    for test in (the_first_key, s3_calls, beside_the_service, many_at_once, without_the_service, nothing_secret, read_only_copy):
        test(service)
        print("ok", test.__name__, flush=True)

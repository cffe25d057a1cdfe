#!/usr/bin/env python3
"""Keys, roles and signatures over the network, with boto3 and with requests signed by hand: access.py CAIRN VENV"""
import datetime
import gzip
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import service

service.in_venv(sys.argv[2])

import boto3  # noqa: E402
from botocore.auth import SigV4Auth  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
secrets = set()


def refusal(function, **arguments):
    """(code, message, status) of a call that must fail."""
    try:
        function(**arguments)
    except ClientError as error:
        told = error.response
        return told["Error"]["Code"], told["Error"]["Message"], told["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{function.__name__} was allowed")


def expect(what, got, wanted):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


def keys(running, *arguments, wanted=0):
    done = subprocess.run([running.cairn, "keys", *arguments, "--home", str(running.home)], capture_output=True, text=True)
    assert done.returncode == wanted, done.stderr
    return done.stdout


def new_key(running, *arguments):
    key = running.new_key(*arguments)
    secrets.add(key[1])
    return key


def signed(running, key, body="{}", operation="DescribeTrails", token=None, at=None, headers=None):
    """A request as the AWS CLI makes it, signed at any time."""
    class Signer(SigV4Auth):
        def _modify_request_before_signing(self, request):
            if at:
                request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
            super()._modify_request_before_signing(request)

    request = AWSRequest("POST", running.url + "/", data=body if isinstance(body, bytes) else body.encode(),
                         headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation,
                                  **(headers or {})})
    Signer(Credentials(*key, token), "cloudtrail", running.region).add_auth(request)
    return urllib.request.Request(request.url, request.body, dict(request.headers), method="POST")


def send(request):
    """(status, body) of the answer."""
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def told(request):
    """(code, message) of a refusal in JSON."""
    status, body = send(request)
    assert status >= 400, body
    answer = json.loads(body)
    return answer["__type"].split("#")[-1], answer.get("message", answer.get("Message"))


def keys_that_work_and_do_not(running):
    key = new_key(running, "--role", "auditor", "--name", "ann")
    trail = running.client("cloudtrail", key)
    expect("trails", trail.describe_trails()["trailList"], [])
    expect("unknown", refusal(running.client("cloudtrail", ("AKIAUNKNOWN234567ABC", key[1])).describe_trails),
           ("UnrecognizedClientException", "The security token included in the request is invalid.", 400))
    wrong = refusal(running.client("cloudtrail", (key[0], key[1][::-1])).describe_trails)
    expect("wrong secret", wrong[0], "InvalidSignatureException")
    keys(running, "disable", key[0])
    expect("disabled", refusal(trail.describe_trails)[0], "UnrecognizedClientException")
    keys(running, "enable", key[0])
    trail.describe_trails()
    keys(running, "delete", key[0])
    expect("deleted", refusal(trail.describe_trails)[0], "UnrecognizedClientException")
    short = new_key(running, "--role", "auditor", "--expires", "1s")
    time.sleep(1.1)
    expect("expired", refusal(running.client("cloudtrail", short).describe_trails)[0], "UnrecognizedClientException")


def temporary_keys(running):
    parent = new_key(running, "--role", "analyst", "--name", "bob")
    made = json.loads(keys(running, "session", parent[0], "--for", "15m", "--json"))
    secrets.update((made["SecretAccessKey"], made["SessionToken"]))
    key = made["AccessKeyId"], made["SecretAccessKey"]

    def client(token):
        return boto3.client("cloudtrail", endpoint_url=running.url, region_name=running.region,
                            aws_access_key_id=key[0], aws_secret_access_key=key[1], aws_session_token=token)

    client(made["SessionToken"]).describe_trails()
    expect("other token", refusal(client("x" + made["SessionToken"]).describe_trails)[0], "UnrecognizedClientException")
    expect("no token", refusal(client(None).describe_trails)[0], "UnrecognizedClientException")
    keys(running, "disable", parent[0])
    expect("parent disabled", refusal(client(made["SessionToken"]).describe_trails)[0], "UnrecognizedClientException")


def rotation(running):
    old = new_key(running, "--role", "auditor", "--name", "carl")
    text = keys(running, "rotate", old[0], "--grace", "2s")
    found = dict(re.findall(r"export (\w+)=(\S+)", text))
    secrets.add(found["AWS_SECRET_ACCESS_KEY"])
    new = found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]
    running.client("cloudtrail", new).describe_trails()
    running.client("cloudtrail", old).describe_trails()
    time.sleep(2.1)
    expect("after the grace", refusal(running.client("cloudtrail", old).describe_trails)[0], "UnrecognizedClientException")
    running.client("cloudtrail", new).describe_trails()


def roles(running):
    """What AWS says, in the words of AWS, and nothing else is allowed."""
    calls = {"describe_trails": {}, "lookup_events": {}, "create_trail": {"Name": "of-role", "S3BucketName": "cairn-logs"}}
    allowed = {"admin": set(calls), "operator": set(calls), "analyst": {"describe_trails", "lookup_events"},
               "auditor": {"describe_trails", "lookup_events"}, "writer": set()}
    names = {"describe_trails": "DescribeTrails", "lookup_events": "LookupEvents", "create_trail": "CreateTrail"}
    for role, may in allowed.items():
        client = running.client("cloudtrail", new_key(running, "--role", role))
        for call, arguments in calls.items():
            if call in may:
                getattr(client, call)(**arguments)
                if call == "create_trail":
                    client.delete_trail(Name="of-role")
                continue
            code, message, status = refusal(getattr(client, call), **arguments)
            expect(f"{role} {call}", (code, status), ("AccessDeniedException", 400))
            assert message.startswith(f"User: arn:aws:iam::{'0' * 12}:user/{role} is not authorized to perform: "
                                      f"cloudtrail:{names[call]}"), message
            assert message.endswith(f"because no identity-based policy allows the cloudtrail:{names[call]} action"), message


def clocks(running, key):
    now = datetime.datetime.now(datetime.timezone.utc)
    for late in (-290, 0, 290):
        expect(late, send(signed(running, key, at=now + datetime.timedelta(seconds=late)))[0], 200)
    code, message = told(signed(running, key, at=now - datetime.timedelta(seconds=330)))
    expect("old", code, "InvalidSignatureException")
    assert re.fullmatch(r"Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)", message)
    code, message = told(signed(running, key, at=now + datetime.timedelta(seconds=330)))
    assert message.startswith("Signature not yet current: "), message


def forgeries(running, key):
    good = signed(running, key)
    expect("as signed", send(good)[0], 200)
    for change in ("body", "header", "unsigned", "path"):
        bad = signed(running, key)
        if change == "body":
            bad.data = b'{"x":1}'
        elif change == "header":
            bad.headers["X-amz-target"] = TARGET + "ListTrails"
        elif change == "unsigned":
            bad.add_header("X-Amz-Meta-Added", "1")
        else:
            bad.full_url += "?x=1"
        expect(change, told(bad)[0], "InvalidSignatureException")
    bare = urllib.request.Request(running.url + "/", b"{}", {"Content-Type": "application/x-amz-json-1.1",
                                                             "X-Amz-Target": TARGET + "DescribeTrails"})
    expect("unsigned", told(bare), ("MissingAuthenticationTokenException", "Missing Authentication Token"))
    bare.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=x")
    expect("incomplete", told(bare)[0], "IncompleteSignatureException")


def replays(running, key):
    request = signed(running, key)
    expect("first", send(request)[0], 200)
    expect("at once again", send(request)[0], 200)
    time.sleep(3.2)
    expect("later", told(request)[0], "InvalidSignatureException")
    expect("signed anew", send(signed(running, key))[0], 200)


def replays_over_a_restart(running, key):
    """What was overheard is of no use after a kill either."""
    old, older = signed(running, key), signed(running, key, b'{"includeShadowTrails":true}')
    expect("first", send(old)[0], 200)
    expect("first", send(older)[0], 200)
    port = running.url.rsplit(":", 1)[1]
    for end in (running.kill, running.stop):
        end()
        running.start("--listen", f"127.0.0.1:{port}")
        running.key = key
        time.sleep(3.2)
        expect("after a restart", told(old)[0], "InvalidSignatureException")
        expect("after a restart", told(older)[0], "InvalidSignatureException")
        expect("signed anew", send(signed(running, key))[0], 200)


def bodies(running, key):
    packed = gzip.compress(b'{"includeShadowTrails": false}')
    expect("gzip", send(signed(running, key, packed, headers={"Content-Encoding": "gzip"}))[0], 200)
    bomb = gzip.compress(b" " * (200 << 20))
    status, _ = send(signed(running, key, bomb, headers={"Content-Encoding": "gzip"}))
    expect("bomb", status, 413)
    expect("no gzip", told(signed(running, key, b"{}", headers={"Content-Encoding": "gzip"}))[0],
           "MalformedHttpRequestException")


def buckets(running, key):
    """S3's own words."""
    s3 = running.client("s3", key, s3={"addressing_style": "path"}, signature_version="s3v4")
    s3.list_objects_v2(Bucket="cairn-logs")
    url = s3.generate_presigned_url("list_objects_v2", Params={"Bucket": "cairn-logs"}, ExpiresIn=60)
    expect("presigned", send(urllib.request.Request(url))[0], 200)
    expect("presigned again", send(urllib.request.Request(url))[0], 200)
    status, body = send(urllib.request.Request(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61")))
    assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in body and "<CanonicalRequest>GET" in body, body
    status, body = send(urllib.request.Request(running.url + "/cairn-logs?list-type=2"))
    assert status == 403 and "<Code>AccessDenied</Code>" in body, body
    stranger = running.client("s3", ("AKIAUNKNOWN234567ABC", key[1]), s3={"addressing_style": "path"})
    expect("unknown", refusal(stranger.list_objects_v2, Bucket="cairn-logs"),
           ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403))


def account_record(account, name):
    return {"eventVersion": "1.08", "userIdentity": {"type": "IAMUser", "accountId": account, "userName": name,
                                                     "arn": f"arn:aws:iam::{account}:user/{name}"},
            "eventTime": (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1))
            .strftime("%Y-%m-%dT%H:%M:%SZ"), "eventSource": "ec2.amazonaws.com", "eventName": f"Of{account}",
            "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.1", "userAgent": "x", "requestParameters": None,
            "responseElements": None, "eventID": str(uuid.uuid4()), "eventType": "AwsApiCall", "readOnly": True,
            "managementEvent": True, "recipientAccountId": account, "eventCategory": "Management"}


OWN, OTHER = "111122223333", "444455556666"


def fill_lake(home):
    home.mkdir(parents=True, exist_ok=True)
    log = home / "two_accounts.json"
    log.write_text(json.dumps({"Records": [account_record(OWN, "ann"), account_record(OTHER, "bob")]}))
    subprocess.run([sys.argv[1], "ingest", "--lake", str(home / "lake"), str(log)], check=True, capture_output=True)


def looked_up(running, key, **asked):
    """Names of events on all pages, or the code of the refusal."""
    names = set()
    while True:
        status, body = send(signed(running, key, json.dumps(asked), "LookupEvents"))
        answer = json.loads(body)
        if status != 200:
            return answer["__type"].split("#")[-1]
        names.update(event["EventName"] for event in answer["Events"] if event["EventName"].startswith("Of"))
        if "NextToken" not in answer:
            return sorted(names)
        asked = {**asked, "NextToken": answer["NextToken"]}


def accounts(running):
    """A key sees its accounts' events, whatever it asks."""
    everyone = new_key(running, "--role", "auditor")
    scoped = new_key(running, "--role", "analyst", "--account", OWN)
    expect("all", looked_up(running, everyone), ["Of" + OWN, "Of" + OTHER])
    expect("own", looked_up(running, scoped), ["Of" + OWN])
    expect("own by name", looked_up(running, scoped, AccountIds=[OWN]), ["Of" + OWN])
    for others in ([OTHER], [OWN, OTHER], [OTHER, ""], [""], [f"{OWN}' OR '1'='1"]):
        expect(others, looked_up(running, scoped, AccountIds=others), "AccessDeniedException")
    for value in ("bob", "' OR 1=1 --", "x' UNION SELECT * FROM cloudtrail --", "bob\\' OR \\'1\\'=\\'1", "%", "*"):
        expect(value, looked_up(running, scoped, LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": value}]),
               [])
    expect("other's event", looked_up(running, scoped, LookupAttributes=[
        {"AttributeKey": "EventName", "AttributeValue": "Of" + OTHER}]), [])
    status, body = send(signed(running, everyone, json.dumps({"MaxResults": 1}), "LookupEvents"))
    expect("page", status, 200)
    token = json.loads(body).get("NextToken")
    if token:  # another's place in the list is refused, or leads to nothing that is not one's own
        assert "Of" + OTHER not in looked_up(running, scoped, MaxResults=50, NextToken=token)


def accounts_with_limits(running):
    """With AWS's limits history is that of one's own account, if that may be seen."""
    scoped = new_key(running, "--role", "analyst", "--account", OTHER, "--home-account", OWN)
    expect("not the own", looked_up(running, scoped), "AccessDeniedException")
    expect("the own", looked_up(running, new_key(running, "--role", "analyst", "--home-account", OWN)), ["Of" + OWN])


def nothing_secret_is_kept(running):
    """In no file but master.key, which is no secret of a user's, and standard output, which told the first one."""
    looked = 0
    for path in running.home.rglob("*"):
        if not path.is_file() or path.name == "stdout.txt":
            continue
        data = path.read_bytes()
        looked += 1
        for secret in secrets:
            for spelling in (secret, urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1].replace("/", "\\/")):
                assert spelling.encode() not in data, f"a secret is in {path}"
    assert looked > 5 and len(secrets) > 5


def main():
    with service.Service(sys.argv[1]) as running:
        running.stop()
        fill_lake(running.home)
        first = running.key
        running.start()
        running.key = first
        secrets.add(running.key[1])
        for test, arguments in ((keys_that_work_and_do_not, ()), (temporary_keys, ()), (rotation, ()), (roles, ()),
                                (clocks, (running.key,)), (forgeries, (running.key,)), (replays, (running.key,)),
                                (replays_over_a_restart, (running.key,)),
                                (bodies, (running.key,)), (buckets, (running.key,)), (accounts, ()), (nothing_secret_is_kept, ())):
            begun = time.monotonic()
            test(running, *arguments)
            print(f"ok {test.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
        used = json.loads(keys(running, "list", "--json"))
        running.stop()
        assert any(key["LastUsed"] for key in json.loads(keys(running, "list", "--json"))), used
        print("ok last used")
        running.start("--aws-limits")
        accounts_with_limits(running)
        print("ok accounts_with_limits")


main()

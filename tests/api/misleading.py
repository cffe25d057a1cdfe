#!/usr/bin/env python3
"""Input that is to mislead: times of the future, names that hide or repeat, accounts and Regions that are none, altered page tokens.

usage: misleading.py CAIRN VENV
"""
import datetime
import http.client
import json
import string
import sys
import urllib.parse

from service import Service, in_venv, refused, wait_for

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)
import botocore.auth  # noqa: E402
import botocore.awsrequest  # noqa: E402
import botocore.credentials  # noqa: E402

TARGET = "CloudTrail_20131101."
NOW = datetime.datetime.now(datetime.timezone.utc)
TOKEN_LETTERS = "A/9=+z\x7f é"  # put in the place of each letter of a token, with its neighbour in the alphabet


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def record(event_id, **more):
    return {"eventVersion": "1.08", "userIdentity": {"type": "Root", "accountId": "000000000000"},
            "eventTime": stamp(NOW), "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
            "awsRegion": "us-east-1", "eventID": event_id, "eventType": "AwsApiCall",
            "recipientAccountId": "000000000000", "eventCategory": "Management", **more}


def put(service, text):
    """The error message of an event sent as text; None if it was taken."""
    answer = service.client("events").put_events(Entries=[
        {"Source": "aws.ec2", "DetailType": "AWS API Call via CloudTrail", "Detail": text}])["Entries"][0]
    assert "EventId" in answer or answer["ErrorCode"] == "MalformedDetail", answer
    return answer.get("ErrorMessage")


class Caller:
    """Signed calls over one connection: many are made."""

    def __init__(self, service, key, region="us-east-1"):
        self.url = urllib.parse.urlsplit(service.url)
        self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=60)
        self.credentials = botocore.credentials.Credentials(*key)
        self.region = region

    def send(self, name, method, target, body, headers, signer):
        url = f"http://{self.url.netloc}{target}"
        request = botocore.awsrequest.AWSRequest(method=method, url=url, data=body, headers=headers)
        signer(self.credentials, name, self.region).add_auth(request)
        self.connection.request(method, target, body=body, headers=dict(request.headers.items()))
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def call(self, operation, **members):
        body = json.dumps(members, ensure_ascii=False).encode("utf-8", "surrogatepass")
        status, text = self.send("cloudtrail", "POST", "/", body, {"Content-Type": "application/x-amz-json-1.1",
                                                                   "X-Amz-Target": TARGET + operation}, botocore.auth.SigV4Auth)
        return status, json.loads(text)

    def get(self, path, **query):
        target = path + "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        status, text = self.send("s3", "GET", target, b"", {}, botocore.auth.S3SigV4Auth)
        return status, text.decode()


def times_of_the_future(service, channel):
    trail = service.client("cloudtrail")
    soon, late = NOW + datetime.timedelta(minutes=10), NOW + datetime.timedelta(hours=1)
    assert put(service, json.dumps(record("t-now"))) is None
    assert put(service, json.dumps(record("t-soon", eventTime=stamp(soon)))) is None, "clocks may differ a little"
    for time in (stamp(late), "9999-12-31T23:59:59Z", "2126-01-01T00:00:00Z"):
        assert "in the future" in put(service, json.dumps(record("t-late", eventTime=time)))
    data = service.client("cloudtrail-data")
    event = {"version": "1.0", "userIdentity": {"type": "User", "principalId": "p-1"}, "eventSource": "app.example",
             "eventName": "Login", "eventTime": "9999-12-31T23:59:59Z", "UID": "1", "recipientAccountId": "000000000000"}
    answer = data.put_audit_events(channelArn=channel, auditEvents=[{"id": "1", "eventData": json.dumps(event)}])
    assert answer["failed"][0]["errorCode"] == "InvalidEventData", answer

    # Imported log files are kept whole. The history does not show their future unless it is asked for.
    import subprocess
    file = service.home / "imported.json"
    file.write_text(json.dumps({"Records": [record("t-9999", eventTime="9999-12-31T23:59:59Z")]}))
    done = subprocess.run([cairn, "ingest", "--lake", str(service.home / "lake"), str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = wait_for("the event of now", lambda: [one for one in trail.lookup_events()["Events"] if one["EventId"] == "t-now"])
    assert found
    ids = [one["EventId"] for page in trail.get_paginator("lookup_events").paginate() for one in page["Events"]]
    assert "t-9999" not in ids and "t-soon" not in ids and "t-now" in ids, ids[:5]
    assert service.sql("SELECT count(*) AS n FROM cloudtrail WHERE eventID = 't-9999'")[0]["n"] in (1, "1")
    asked = trail.lookup_events(EndTime=datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc))["Events"]
    assert asked[0]["EventId"] == "t-9999", asked[:1]


def names_that_hide_or_repeat(service, channel):
    hidden = json.dumps(record("n-1")).replace("recipientAccountId", "recipientAccount\\u0049d").replace("eventName", "\\u0065ventName")
    assert put(service, hidden) is None
    scoped = service.new_key("--role", "writer", "--name", "scoped", "--account", "444455556666")
    answer = service.client("events", key=scoped).put_events(Entries=[
        {"Source": "aws.ec2", "DetailType": "AWS API Call via CloudTrail", "Detail": hidden}])["Entries"][0]
    assert "may not write for" in answer["ErrorMessage"], answer
    rows = wait_for("the event", lambda: service.sql(
        "SELECT recipientAccountId AS account, eventName AS name, eventJson AS text FROM cloudtrail WHERE eventID = 'n-1'"))
    assert rows[0]["account"] == "000000000000" and rows[0]["name"] == "RunInstances", rows
    assert "\\u" not in json.dumps(rows[0]["text"]), rows
    text = json.dumps(record("n-2"))
    for twice in (text[:-1] + ', "eventName": "Other"}', text[:-1] + ', "event\\u004eame": "Other"}', text[:-1] + ', "x": 1, "x": 1}',
                  text.replace('"type": "Root"', '"accountId": "1", "type": "Root"'),
                  text[:-1] + ', "requestParameters": {"a": {"b": 1, "\\u0062": 2}}}'):
        assert "twice" in put(service, twice), twice
    event = {"version": "1.0", "userIdentity": {"type": "User", "principalId": "p-1"}, "eventSource": "app.example",
             "eventName": "Login", "eventTime": "2026-03-20T09:46:40Z", "UID": "1", "recipientAccountId": "000000000000"}
    data = service.client("cloudtrail-data")
    answer = data.put_audit_events(channelArn=channel, auditEvents=[
        {"id": "1", "eventData": json.dumps(event)[:-1] + ', "event\\u004eame": "Other"}'},
        {"id": "2", "eventData": json.dumps(event).replace("eventName", "event\\u004eame")}])
    assert answer["failed"][0]["errorCode"] == "InvalidEventData" and "twice" in answer["failed"][0]["errorMessage"], answer
    assert len(answer["successful"]) == 1, answer
    caller = Caller(service, service.key)
    status, text = caller.send("cloudtrail", "POST", "/", b'{"MaxResults":1,"Max\\u0052esults":50}', {
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + "LookupEvents"}, botocore.auth.SigV4Auth)
    assert status == 400 and b"SerializationException" in text, text

    # In files: refused, with the file, the record and the reason.
    import subprocess
    file = service.home / "names.json"
    file.write_text('{"Records":[' + ",".join((json.dumps(record("n-3")), text_of_twice("n-4"), json.dumps(record("n-5")))) + "]}")
    done = subprocess.run([cairn, "sql", "--from", str(file), "--coverage", "--format", "csv", "SELECT eventID FROM cloudtrail"],
                          capture_output=True, text=True)
    assert done.stdout.replace('"', '').split() == ["eventID", "n-3", "n-5"] and "twice" in done.stderr and "names.json" in done.stderr, done


def text_of_twice(event_id):
    return json.dumps(record(event_id))[:-1] + ', "event\\u004eame": "Other"}'


def accounts_and_regions_that_are_none(service):
    for more in ({"recipientAccountId": "1234"}, {"recipientAccountId": 1234}, {"recipientAccountId": "12345678901x"},
                 {"recipientAccountId": ["000000000000"]}):
        assert "recipientAccountId" in put(service, json.dumps(record("a-1", **more))), more
    for region in ("../../etc", "US-EAST-1", "us east 1", 7, {}):
        assert "awsRegion" in put(service, json.dumps(record("a-1", awsRegion=region))), region
    import subprocess
    file = service.home / "places.json"
    file.write_text(json.dumps({"Records": [record("a-2", recipientAccountId="1234"), record("a-3", awsRegion="../x"), record("a-4")]}))
    done = subprocess.run([cairn, "sql", "--from", str(file), "--coverage", "--format", "csv", "SELECT eventID FROM cloudtrail"],
                          capture_output=True, text=True)
    assert done.stdout.replace('"', '').split() == ["eventID", "a-2", "a-3", "a-4"], done
    assert "recipientAccountId" in done.stderr and "awsRegion" in done.stderr, done.stderr


def changes(token):
    """Every token that differs in one letter, for a few letters; without one; and with one more."""
    for at, letter in enumerate(token):
        alphabet = string.ascii_letters + string.digits + "+/"
        near = alphabet[(alphabet.find(letter) + 1) % len(alphabet)]
        for other in {*TOKEN_LETTERS, near, letter.swapcase()} - {letter}:
            yield token[:at] + other + token[at + 1:]
        yield token[:at] + token[at + 1:]
        yield token[:at] + "A" + token[at:]


JUNK = ("", " ", "x", "null", "A" * 900, "A" * 100_000, "\x00", "é" * 50, "=" * 40, "' OR 1=1 --", "../../etc/passwd", "%00", "\\u0000",
        "31003938", "MQ==")


def page_tokens(service):
    for i in range(60):
        assert put(service, json.dumps(record(f"p-{i}"))) is None
    trail = service.client("cloudtrail")
    arn = trail.create_event_data_store(Name="more", AdvancedEventSelectors=[
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}])["EventDataStoreArn"]
    for name in ("one", "two"):
        trail.create_channel(Name=name, Source="Custom", Destinations=[{"Type": "EVENT_DATA_STORE", "Location": arn}])
    caller = Caller(service, service.key)
    other = Caller(service, service.new_key("--role", "admin", "--name", "other"))
    wait_for("events", lambda: caller.call("LookupEvents", MaxResults=50)[1].get("NextToken"))
    tokens, tried = {}, 0
    for operation, members in (("LookupEvents", {"MaxResults": 50}), ("ListEventDataStores", {"MaxResults": 1}),
                               ("ListChannels", {"MaxResults": 1})):
        status, answer = caller.call(operation, **members)
        assert status == 200, answer
        token = tokens[operation] = answer["NextToken"]
        assert caller.call(operation, **members, NextToken=token)[0] == 200
        for changed in (*changes(token), *JUNK):
            status, answer = caller.call(operation, **members, NextToken=changed)
            assert (status, answer.get("__type")) == (400, "InvalidNextTokenException"), (operation, changed, status, answer)
            tried += 1
        status, answer = other.call(operation, **members, NextToken=token)
        assert (status, answer.get("__type")) == (400, "InvalidNextTokenException"), (operation, answer)
        for bad in (b'"\xff\xfe"', b'"\\ud800"', b"[]", b"{}", b"7", b"true"):
            status, text = caller.send("cloudtrail", "POST", "/", b'{"NextToken":' + bad + b"}", {
                "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation}, botocore.auth.SigV4Auth)
            assert status == 400, (operation, bad, text)
    for operation in tokens:
        for of, token in tokens.items():
            if of != operation:
                assert caller.call(operation, NextToken=token)[1]["__type"] == "InvalidNextTokenException", (operation, of)
    status, answer = caller.call("LookupEvents", MaxResults=50, NextToken=tokens["LookupEvents"],
                                 LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Other"}])
    assert (status, answer["__type"]) == (400, "InvalidNextTokenException"), answer
    # Operations whose answers are whole give no token, so there is none to take.
    for operation, members, code in (("ListTrails", {}, "InvalidNextTokenException"), ("ListPublicKeys", {}, "InvalidTokenException"),
                                     ("ListTags", {"ResourceIdList": [arn]}, "InvalidTokenException")):
        for token in (*tokens.values(), *JUNK):
            status, answer = caller.call(operation, **members, NextToken=token)
            assert (status, answer["__type"]) == (400, code), (operation, token, answer)

    for bucket in ("tokens", "tokens-2"):
        service.client("s3").create_bucket(Bucket=bucket)
        for i in range(3):
            (service.home / "buckets" / bucket / f"object-{i}").write_text("x")
    for path, query in (("/tokens", {"list-type": "2", "max-keys": "1"}), ("/", {"max-buckets": "1"})):
        status, text = caller.get(path, **query)
        assert status == 200, text
        name = "NextContinuationToken" if path != "/" else "ContinuationToken"
        token = text.split(f"<{name}>")[1].split("<")[0]
        assert caller.get(path, **query, **{"continuation-token": token})[0] == 200
        for changed in (*changes(token), *(one for one in JUNK if len(one) < 20_000)):
            status, text = caller.get(path, **query, **{"continuation-token": changed})
            assert status == 400 and "<Code>InvalidArgument</Code>" in text, (path, changed, status, text)
            tried += 1
        assert other.get(path, **query, **{"continuation-token": token})[0] == 400
        for elsewhere in ({"/tokens", "/tokens-2", "/"} - {path}):
            assert caller.get(elsewhere, **{"list-type": "2"} if elsewhere != "/" else {}, **{"continuation-token": token})[0] == 400
    print(f"{tried} altered page tokens: each is refused")


with Service(cairn, "--flush-interval", "1s") as service:
    trail = service.client("cloudtrail")
    store = trail.create_event_data_store(Name="activity", AdvancedEventSelectors=[
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}])["EventDataStoreArn"]
    channel = trail.create_channel(Name="app", Source="Custom", Destinations=[{"Type": "EVENT_DATA_STORE", "Location": store}])["ChannelArn"]
    for test in (times_of_the_future, names_that_hide_or_repeat):
        test(service, channel)
        print(f"ok {test.__name__}", flush=True)
    for test in (accounts_and_regions_that_are_none, page_tokens):
        test(service)
        print(f"ok {test.__name__}", flush=True)
    assert refused(trail.lookup_events, NextToken="x") == "InvalidNextTokenException"
    service.stop()
print("passed")

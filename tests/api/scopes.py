#!/usr/bin/env python3
"""Every operation by every role in every scope, on things of its own account, of others and of the organization.

usage: scopes.py CAIRN VENV

The answers that are expected are written down here, as tables of letters, and come from nothing of the program's own:
+ allowed, - as if the thing did not exist, x denied.
"""
import collections
import gzip
import json
import sys
import time

from service import Service, in_venv, wait_for
from shapes import sample

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)

import botocore.exceptions  # noqa: E402
import botocore.session  # noqa: E402

A, B, M = "111111111111", "222222222222", "000000000000"  # M: the organization's management account

# Keys: what `cairn keys create` is given.
SCOPES = {
    "own": ["--account", A],                                             # lives in A
    "lodger": ["--account", A, "--home-account", M],                     # sees A, lives in M, as earlier versions made them
    "two": ["--account", M, "--account", A],                             # lives in M
    "member": ["--home-account", A],                                     # sees all, lives in A
    "all": ["--home-account", M],                                        # sees all, lives in M
}
ROLES = ["admin", "operator", "analyst", "auditor", "writer"]
MAY = {"read": {"admin", "operator", "analyst", "auditor"}, "change": {"admin", "operator"},
       "put": {"admin", "operator", "writer"}, "any": set(ROLES)}

# For a role that may: the answer for things of A, B, M, and the organization's.
TRAILS = {
    "read": {"own": "+--+", "lodger": "---+", "two": "--++", "member": "+--+", "all": "--++"},
    "change": {"own": "+--x", "lodger": "---x", "two": "--+x", "member": "+--x", "all": "--++"},
}
STORES = {
    "read": {"own": "+---", "lodger": "---+", "two": "--++", "member": "+---", "all": "--++"},
    "change": {"own": "+---", "lodger": "---x", "two": "--+x", "member": "+---", "all": "--++"},
}
CHANNELS = {  # an organization has none
    "read": {"own": "+--", "lodger": "---", "two": "--+", "member": "+--", "all": "--+"},
    "change": {"own": "+--", "lodger": "---", "two": "--+", "member": "+--", "all": "--+"},
    "put": {"own": "+--", "lodger": "x--", "two": "x-+", "member": "+xx", "all": "xx+"},
}
# What is made: for the home account, and for the organization.
MADE = {"own": "+x", "lodger": "xx", "two": "+x", "member": "+x", "all": "++"}

NAME, TRAIL_NAME = "Name", "TrailName"
SELECTORS = [{"ReadWriteType": "All"}]
TAGS = [{"Key": "k", "Value": "v"}]
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
EVENT = json.dumps({"version": "1.0", "userIdentity": {"type": "User", "principalId": "p"}, "eventSource": "app.example",
                    "eventName": "Login", "eventTime": "2026-03-20T09:46:40Z", "UID": "1", "recipientAccountId": A})

# Operation: what it needs, the things that it is of, and its input for one of these.
ON_TRAILS = {
    "GetTrail": ("read", NAME, {}), "GetTrailStatus": ("read", NAME, {}),
    "GetEventSelectors": ("read", TRAIL_NAME, {}), "GetInsightSelectors": ("read", TRAIL_NAME, {}),
    "GetEventConfiguration": ("read", TRAIL_NAME, {}),
    "StopLogging": ("change", NAME, {}), "StartLogging": ("change", NAME, {}),
    "UpdateTrail": ("change", NAME, {"IncludeGlobalServiceEvents": True}),
    "PutEventSelectors": ("change", TRAIL_NAME, {"EventSelectors": SELECTORS}),
    "PutInsightSelectors": ("change", TRAIL_NAME, {"InsightSelectors": []}),
    "PutEventConfiguration": ("change", TRAIL_NAME, {"AggregationConfigurations": []}),
    "DeleteTrail": ("change", NAME, {}),
}
EDS = "EventDataStore"
ON_STORES = {
    "GetEventDataStore": ("read", EDS, {}), "GetResourcePolicy": ("read", "ResourceArn", {}),
    "UpdateEventDataStore": ("change", EDS, {"RetentionPeriod": 90}),
    "StopEventDataStoreIngestion": ("change", EDS, {}), "StartEventDataStoreIngestion": ("change", EDS, {}),
    "DeleteEventDataStore": ("change", EDS, {}),  # which termination protection refuses
    "RestoreEventDataStore": ("change", EDS, {}),
    "PutResourcePolicy": ("change", "ResourceArn", {"ResourcePolicy": POLICY}),
    "DeleteResourcePolicy": ("change", "ResourceArn", {}),
}
ON_CHANNELS = {
    "GetChannel": ("read", "Channel", {}), "GetResourcePolicy": ("read", "ResourceArn", {}),
    "UpdateChannel": ("change", "Channel", {}),
    "PutResourcePolicy": ("change", "ResourceArn", {"ResourcePolicy": POLICY}),
    "DeleteResourcePolicy": ("change", "ResourceArn", {}),
    "DeleteChannel": ("change", "Channel", {}),
}
TAGGED = {"ListTags": ("read", "ResourceIdList", {}), "AddTags": ("change", "ResourceId", {"TagsList": TAGS}),
          "RemoveTags": ("change", "ResourceId", {"TagsList": TAGS})}
LISTS = ["DescribeTrails", "ListTrails", "ListEventDataStores", "ListChannels", "ListPublicKeys", "LookupEvents"]
MAKES = ["CreateTrail", "CreateEventDataStore", "CreateChannel"]
NOT_THERE = {  # unsupported for every role that has the right
    "read": ["DescribeQuery", "GetDashboard", "GetImport", "GetQueryResults", "ListDashboards", "ListImportFailures", "ListImports",
             "ListInsightsData", "ListInsightsMetricData", "ListQueries", "SearchSampleQueries", "StartQuery", "CancelQuery",
             "GenerateQuery"],
    "change": ["CreateDashboard", "DeleteDashboard", "DeregisterOrganizationDelegatedAdmin", "DisableFederation", "EnableFederation",
               "RegisterOrganizationDelegatedAdmin", "StartDashboardRefresh", "StartImport", "StopImport", "UpdateDashboard"],
}

UNSEEN = {"TrailNotFoundException", "EventDataStoreNotFoundException", "ChannelNotFoundException", "ResourceNotFoundException",
          "ChannelNotFound", "NoSuchBucket", "404"}
DENIED = {"AccessDeniedException", "NotOrganizationMasterAccountException", "ChannelInsufficientPermission", "AccessDenied", "403"}
# Refusals that come after the rights to a thing were found good.
PASSED = {"InsightNotEnabledException", "EventDataStoreTerminationProtectedException", "InvalidEventDataStoreStatusException",
          "ResourcePolicyNotFoundException"}

surprises = []
checked = collections.Counter()


def answer(client, operation, arguments):
    """+, - or x, and the code that said so."""
    method = "".join("_" + c.lower() if c.isupper() else c for c in operation).lstrip("_")
    try:
        getattr(client, method)(**arguments)
    except botocore.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        if code in PASSED:
            return "+", code
        return ("-" if code in UNSEEN else "x" if code in DENIED else "?"), code
    return "+", ""


def check(what, got, wanted):
    checked[wanted] += 1
    if got[0] != wanted:
        surprises.append(f"{what}: {got[0]} {got[1]}, not {wanted}")
        print("SURPRISE", surprises[-1], flush=True)


def every_operation_is_in_a_table():
    model = botocore.session.get_session().get_service_model("cloudtrail")
    listed = {*ON_TRAILS, *ON_STORES, *ON_CHANNELS, *TAGGED, *LISTS, *MAKES, *NOT_THERE["read"], *NOT_THERE["change"]}
    assert set(model.operation_names) == listed, set(model.operation_names) ^ listed
    return model


class World:
    """Things of three accounts and of the organization, made by keys that may do all in theirs."""

    def __init__(self, service):
        self.service = service
        self.makers = {account: service.client("cloudtrail", service.new_key("--role", "admin", "--home-account", account))
                       for account in (A, B, M)}
        for bucket in (f"of-{A}", f"of-{B}", f"of-{M}", "neutral"):
            (service.home / "buckets" / bucket).mkdir(parents=True)
        self.trails = [self.trail(A), self.trail(B), self.trail(M), self.trail(M, True)]
        self.stores = [self.store(A), self.store(B), self.store(M), self.store(M, True)]
        self.activity = {account: self.activity_store(account) for account in (A, B, M)}
        self.channels = [self.channel(account) for account in (A, B, M)]

    def trail(self, account, organization=False):
        made = self.makers[account].create_trail(Name="org" if organization else "main", S3BucketName=f"of-{account}",
                                                 IsOrganizationTrail=organization, IsMultiRegionTrail=True)
        self.makers[account].start_logging(Name=made["TrailARN"])
        return made["TrailARN"]

    def store(self, account, organization=False):
        return self.makers[account].create_event_data_store(Name="org" if organization else "main",
                                                            OrganizationEnabled=organization)["EventDataStoreArn"]

    def activity_store(self, account):
        return self.makers[account].create_event_data_store(Name="activity", AdvancedEventSelectors=[
            {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}])["EventDataStoreArn"]

    def channel(self, account):
        return self.makers[account].create_channel(Name="main", Source="Custom", Destinations=[
            {"Type": "EVENT_DATA_STORE", "Location": self.activity[account]}])["ChannelArn"]

    def restore(self):
        """Creates again what an allowed call has deleted."""
        for i, (account, organization) in enumerate(((A, False), (B, False), (M, False), (M, True))):
            client = self.makers[account]
            if not client.describe_trails(trailNameList=[self.trails[i]])["trailList"]:
                self.trails[i] = self.trail(account, organization)
            if i < 3 and self.channels[i] not in [one["ChannelArn"] for one in client.list_channels()["Channels"]]:
                self.channels[i] = self.channel(account)

    def picture(self, account):
        """All that there is of an account, to see that nothing changed."""
        client = self.makers[account]
        shown = []
        for one in sorted(client.describe_trails()["trailList"], key=lambda trail: trail["TrailARN"]):
            arn = one["TrailARN"]
            shown.append((one, client.get_event_selectors(TrailName=arn).get("EventSelectors"),
                          client.get_trail_status(Name=arn)["IsLogging"]))
        arns = [one[0]["TrailARN"] for one in shown if account in one[0]["TrailARN"]]
        for one in client.list_event_data_stores()["EventDataStores"]:
            full = client.get_event_data_store(EventDataStore=one["EventDataStoreArn"])
            full.pop("ResponseMetadata")
            shown.append(full)
            arns.append(one["EventDataStoreArn"])
        for one in client.list_channels()["Channels"]:
            full = client.get_channel(Channel=one["ChannelArn"])
            shown.append((full["Name"], full["Destinations"]))
            arns.append(one["ChannelArn"])
        shown.append(client.list_tags(ResourceIdList=arns)["ResourceTagList"])
        return shown


def walk_things(world, role, scope, client, table, things, expected):
    for operation, (right, member, more) in table.items():
        for i, arn in enumerate(things):
            letter = expected[right][scope][i] if role in MAY[right] else "x"
            value = [arn] if member.endswith("List") else arn
            check(f"{role} {scope} {operation} of {arn}", answer(client, operation, {member: value, **more}), letter)
            if operation.startswith("Delete") and letter == "+":
                world.restore()
                things[i] = (world.trails if table is ON_TRAILS else world.channels if table is ON_CHANNELS else things)[i]


def tagged_letters(expected, account_of_scope):
    """Tags are asked for at home only: the organization's trail is a member's to see, and its tags are not."""
    return {right: {scope: "".join(letter if one == account_of_scope[scope] else "-" for letter, one in zip(letters, (A, B, M, M)))
                    for scope, letters in rows.items()} for right, rows in expected.items() if right != "put"}


HOME = {"own": A, "lodger": M, "two": M, "member": A, "all": M}
SEEN_TRAILS = {"own": {"A", "org"}, "lodger": {"org"}, "two": {"M", "org"}, "member": {"A", "org"}, "all": {"M", "org"}}
SEEN_STORES = {"own": {"A"}, "lodger": {"org"}, "two": {"M", "org"}, "member": {"A"}, "all": {"M", "org"}}
SEEN_CHANNELS = {"own": {"A"}, "lodger": set(), "two": {"M"}, "member": {"A"}, "all": {"M"}}
SEEN_EVENTS = {"own": {A}, "lodger": {A}, "two": {A, M}, "member": {A, B, M}, "all": {A, B, M}}


def walk_lists(world, role, scope, client):
    may = role in MAY["read"]
    for operation in LISTS:
        check(f"{role} {scope} {operation}", answer(client, operation, {}), "+" if may else "x")
    if not may:
        return
    names = dict(zip(world.trails, ("A", "B", "M", "org")))
    for got in ([one["TrailARN"] for one in client.describe_trails()["trailList"]],
                [one["TrailARN"] for one in client.list_trails()["Trails"]],
                [one["TrailARN"] for one in client.describe_trails(trailNameList=world.trails)["trailList"]]):
        assert {names[arn] for arn in got} == SEEN_TRAILS[scope], (role, scope, got)
    stores = dict(zip(world.stores, ("A", "B", "M", "org")))
    got = {stores.get(one["EventDataStoreArn"]) for one in client.list_event_data_stores()["EventDataStores"]} - {None}
    assert got == SEEN_STORES[scope], (role, scope, got)
    channels = dict(zip(world.channels, ("A", "B", "M")))
    got = {channels[one["ChannelArn"]] for one in client.list_channels()["Channels"]}
    assert got == SEEN_CHANNELS[scope], (role, scope, got)
    events = [json.loads(one["CloudTrailEvent"]) for page in client.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "OfAccount"}]) for one in page["Events"]]
    assert {one["recipientAccountId"] for one in events} == SEEN_EVENTS[scope], (role, scope, events)


def walk_makes(world, role, scope, client):
    may = role in MAY["change"]
    for organization in (False, True):
        letter = MADE[scope][organization] if may else "x"
        got = answer(client, "CreateTrail", {"Name": "made", "S3BucketName": "neutral", "IsOrganizationTrail": organization})
        check(f"{role} {scope} CreateTrail {organization}", got, letter)
        if got[0] == "+":
            client.delete_trail(Name="made")
        # The name is taken in the home account, which is said to none but those who may make one.
        got = answer(client, "CreateEventDataStore", {"Name": "org" if HOME[scope] == M and organization else "main",
                                                      "OrganizationEnabled": organization})
        check(f"{role} {scope} CreateEventDataStore {organization}",
              ("+", "") if got[1] == "EventDataStoreAlreadyExistsException" else got, letter)
        grown = answer(client, "UpdateTrail", {"Name": world.trails[0 if HOME[scope] == A else 2], "IsOrganizationTrail": True}) \
            if organization and letter == "x" else None
        if grown:
            assert grown[0] in "-x", (role, scope, grown)
    letters = {"own": "+---", "lodger": "----", "two": "--+x", "member": "+---", "all": "--++"}[scope]
    home_seen = scope != "lodger"
    for i, store in enumerate(world.stores):
        got = answer(client, "CreateChannel", {"Name": "made", "Source": "Custom", "Destinations": [
            {"Type": "EVENT_DATA_STORE", "Location": store}]})
        # Stores of management events feed no channel, which is said to those only who may use the store.
        got = ("+", "") if got[1] == "InvalidEventDataStoreCategoryException" else got
        check(f"{role} {scope} CreateChannel to {store}", got, letters[i] if may and home_seen else "x")
        if not may:
            continue
        for j, channel in enumerate(world.channels):
            if CHANNELS["change"][scope][j] == "+":
                got = answer(client, "UpdateChannel", {"Channel": channel, "Destinations": [
                    {"Type": "EVENT_DATA_STORE", "Location": store}]})
                got = ("+", "") if got[1] == "InvalidEventDataStoreCategoryException" else got
                check(f"{role} {scope} UpdateChannel to {store}", got, letters[i])


def walk_other_services(world, role, scope, key):
    service = world.service
    data = service.client("cloudtrail-data", key)
    for i, channel in enumerate(world.channels):
        letter = CHANNELS["put"][scope][i] if role in MAY["put"] else "x"
        check(f"{role} {scope} PutAuditEvents to {channel}", answer(data, "PutAuditEvents", {
            "channelArn": channel, "auditEvents": [{"id": "1", "eventData": EVENT}]}), letter)
    put = "+" if role in MAY["put"] else "x"
    firehose, bus = service.client("firehose", key), service.client("events", key)
    check(f"{role} {scope} ListDeliveryStreams", answer(firehose, "ListDeliveryStreams", {}), put)
    check(f"{role} {scope} DescribeDeliveryStream", answer(firehose, "DescribeDeliveryStream", {"DeliveryStreamName": "cairn"}), put)
    for account in (A, B, M):
        seen = account in SEEN_EVENTS[scope]
        record = json.dumps(event_of(account, f"{role}-{scope}-{account}"))
        got = answer(firehose, "PutRecord", {"DeliveryStreamName": "cairn", "Record": {"Data": record.encode()}})
        got = ("x", "") if got[1] == "InvalidArgumentException" else got
        check(f"{role} {scope} PutRecord of {account}", got, put if seen else "x")
        if put == "+":
            batch = firehose.put_record_batch(DeliveryStreamName="cairn", Records=[{"Data": record.encode()}])
            sent = bus.put_events(Entries=[{"Source": "aws.ec2", "DetailType": "AWS API Call via CloudTrail", "Detail": record}])
            check(f"{role} {scope} PutRecordBatch of {account}", ("x" if batch["FailedPutCount"] else "+", ""), "+" if seen else "x")
            check(f"{role} {scope} PutEvents of {account}", ("x" if sent["FailedEntryCount"] else "+", ""), "+" if seen else "x")
        else:
            check(f"{role} {scope} PutRecordBatch of {account}", answer(firehose, "PutRecordBatch", {
                "DeliveryStreamName": "cairn", "Records": [{"Data": record.encode()}]}), "x")
            check(f"{role} {scope} PutEvents of {account}", answer(bus, "PutEvents", {"Entries": [
                {"Source": "aws.ec2", "DetailType": "AWS API Call via CloudTrail", "Detail": record}]}), "x")
    assert service.client("sts", key).get_caller_identity()["Account"] == HOME[scope]
    check(f"{role} {scope} DescribeOrganization", answer(service.client("organizations", key), "DescribeOrganization", {}),
          "+" if role in MAY["read"] else "x")


# For a role that may: of-A with A's log files, of-B, shared with those of both, an empty one, and own-A, which a key of A made.
BUCKETS = ["logs-a", "logs-b", "shared", "empty", "own-a", "own-b"]
BUCKET_LETTERS = {"own": "+-+-+-", "lodger": "+-+-+-", "two": "+-+-+-", "member": "++++++", "all": "++++++"}
OBJECT_LETTERS = {  # an object of A's and one of B's: in shared; of B's in logs-b; one of none's in shared
    "own": "+x-x", "lodger": "+x-x", "two": "+x-x", "member": "++++", "all": "++++"}


def log_key(account):
    return f"AWSLogs/{account}/CloudTrail/us-east-1/2026/11/20/{account}_CloudTrail_us-east-1_20261120T0000Z_x.json.gz"


def fill_buckets(world):
    home = world.service.home / "buckets"
    for bucket, accounts in (("logs-a", [A]), ("logs-b", [B]), ("shared", [A, B]), ("empty", [])):
        (home / bucket).mkdir()
        for account in accounts:
            path = home / bucket / log_key(account)
            path.parent.mkdir(parents=True)
            path.write_bytes(gzip.compress(b'{"Records":[]}'))
    (home / "shared" / "readme.txt").write_text("for the operators")
    for bucket, account in (("own-a", A), ("own-b", B)):
        key = world.service.new_key("--role", "operator", "--account", account, "--name", "maker")
        world.service.client("s3", key, s3={"addressing_style": "path"}).create_bucket(Bucket=bucket)


def walk_buckets(world, role, scope, key):
    s3 = world.service.client("s3", key, s3={"addressing_style": "path"})
    may = role in MAY["read"]
    letters = BUCKET_LETTERS[scope]
    for i, bucket in enumerate(BUCKETS):
        wanted = letters[i] if may else "x"
        for operation in ("HeadBucket", "ListObjectsV2", "GetBucketLocation", "GetBucketVersioning", "GetBucketAcl"):
            check(f"{role} {scope} {operation} {bucket}", answer(s3, operation, {"Bucket": bucket}), wanted)
        got = answer(s3, "GetBucketPolicy", {"Bucket": bucket})
        check(f"{role} {scope} GetBucketPolicy {bucket}", ("+", "") if got[1] == "NoSuchBucketPolicy" else got, wanted)
        got = answer(s3, "CreateBucket", {"Bucket": bucket})  # it is there, for those who see it and for those who do not
        if role in MAY["change"] and scope != "lodger":
            code = "BucketAlreadyOwnedByYou" if letters[i] == "+" else "BucketAlreadyExists"
            assert got[1] == code, (role, scope, bucket, got)
        else:
            check(f"{role} {scope} CreateBucket {bucket}", got, "x")
    objects = (("shared", log_key(A)), ("shared", log_key(B)), ("logs-b", log_key(B)), ("shared", "readme.txt"))
    for i, (bucket, name) in enumerate(objects):
        wanted = OBJECT_LETTERS[scope][i] if may else "x"
        for operation in ("GetObject", "HeadObject"):
            check(f"{role} {scope} {operation} {bucket}/{name}", answer(s3, operation, {"Bucket": bucket, "Key": name}), wanted)
    got = answer(s3, "ListBuckets", {})
    check(f"{role} {scope} ListBuckets", got, "+" if may else "x")
    if may:
        listed = {one["Name"] for one in s3.list_buckets()["Buckets"]}
        assert {one for one in BUCKETS if one in listed} == {one for one, letter in zip(BUCKETS, letters) if letter == "+"}, listed
    for operation, more in (("PutObject", {"Key": "x"}), ("DeleteObject", {"Key": log_key(B)}), ("DeleteBucket", {})):
        got = answer(s3, operation, {"Bucket": "logs-b", **more})
        assert got[1] in ("MethodNotAllowed", "AccessDenied"), got


# A trail that an operator of A makes: to each bucket, to one that is not there, and with a prefix that holds AWSLogs.
DELIVERIES = {"logs-a": "", "logs-b": "S3BucketDoesNotExistException", "shared": "InsufficientS3BucketPolicyException", "empty": "",
              "own-a": "", "own-b": "S3BucketDoesNotExistException", f"of-{B}": "S3BucketDoesNotExistException",
              "not-there": "S3BucketDoesNotExistException"}


def walk_deliveries(world):
    client = world.service.client("cloudtrail", world.service.new_key("--role", "operator", "--account", A, "--name", "deliver"))

    def code(operation, **arguments):
        return answer(client, operation, arguments)[1]

    for bucket, wanted in DELIVERIES.items():
        got = code("CreateTrail", Name="walk", S3BucketName=bucket)
        assert got == wanted, (bucket, got)
        if not got:
            client.delete_trail(Name="walk")
    client.create_trail(Name="walk", S3BucketName="own-a")
    for bucket, wanted in DELIVERIES.items():
        got = code("UpdateTrail", Name="walk", S3BucketName=bucket)
        assert got == wanted, (bucket, got)
        client.update_trail(Name="walk", S3BucketName="own-a")
    for prefix in ("AWSLogs", f"AWSLogs/{B}", f"x/AWSLogs/{B}/CloudTrail", "xAWSLogs"):
        for arguments in ({"S3KeyPrefix": prefix}, {"S3KeyPrefix": prefix, "S3BucketName": "logs-b"}):
            assert code("UpdateTrail", Name="walk", **arguments) == "InvalidS3PrefixException", (prefix, arguments)
        assert code("CreateTrail", Name="walk2", S3BucketName="own-a", S3KeyPrefix=prefix) == "InvalidS3PrefixException"
    client.update_trail(Name="walk", S3KeyPrefix="x")
    client.delete_trail(Name="walk")
    # Where others' files come later, a trail goes on, and may be changed.
    client.create_trail(Name="walk", S3BucketName="empty")
    (world.service.home / "buckets" / "empty" / "AWSLogs" / B).mkdir(parents=True)
    (world.service.home / "buckets" / "empty" / "AWSLogs" / B / "x").write_text("x")
    assert code("UpdateTrail", Name="walk", S3BucketName="empty", S3KeyPrefix="y") == ""
    client.delete_trail(Name="walk")
    assert code("CreateTrail", Name="walk", S3BucketName="empty") == "S3BucketDoesNotExistException"


def event_of(account, event_id):
    return {"eventVersion": "1.08", "userIdentity": {"type": "Root", "accountId": account}, "eventTime": "2026-03-20T09:46:40Z",
            "eventSource": "ec2.amazonaws.com", "eventName": "OfAccount", "awsRegion": "us-east-1", "eventID": event_id,
            "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": account, "eventCategory": "Management"}


def main():
    model = every_operation_is_in_a_table()
    with Service(cairn, "--organization", "o-abcdefgh12", "--delivery-interval", "1h") as service:
        world = World(service)
        feed = service.client("firehose")
        for account in (A, B, M):
            record = dict(event_of(account, "first-" + account), eventTime=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
            feed.put_record(DeliveryStreamName="cairn", Record={"Data": json.dumps(record).encode()})
        tags = {table: tagged_letters(rows, HOME) for table, rows in (("t", TRAILS), ("s", STORES), ("c", CHANNELS))}
        before = world.picture(B)
        wait_for("the events", lambda: len(service.sql("SELECT eventID FROM cloudtrail WHERE eventName = 'OfAccount'")) == 3)
        for scope, given in SCOPES.items():
            for role in ROLES:
                key = service.new_key("--role", role, "--name", f"{role}-{scope}", *given)
                client = service.client("cloudtrail", key)
                walk_things(world, role, scope, client, ON_TRAILS, world.trails, TRAILS)
                walk_things(world, role, scope, client, ON_STORES, world.stores, STORES)
                walk_things(world, role, scope, client, ON_CHANNELS, world.channels, CHANNELS)
                for kind, things in (("t", world.trails), ("s", world.stores), ("c", world.channels)):
                    walk_things(world, role, scope, client, TAGGED, list(things), tags[kind])
                walk_lists(world, role, scope, client)
                walk_makes(world, role, scope, client)
                walk_other_services(world, role, scope, key)
                for right, operations in NOT_THERE.items():
                    for operation in operations:
                        got = answer(client, operation, sample(model.operation_model(operation).input_shape))
                        wanted = "?" if role in MAY[right] else "x"
                        check(f"{role} {scope} {operation}", got, wanted)
                        assert wanted == "x" or got[1] in ("UnsupportedOperationException", "ValidationException"), got
            print(f"ok {scope}", flush=True)
        assert world.picture(B) == before, "something of another account was changed"
        fill_buckets(world)
        for scope, given in SCOPES.items():
            for role in ROLES:
                walk_buckets(world, role, scope, service.new_key("--role", role, "--name", f"b-{role}-{scope}", *given))
        print("ok buckets", flush=True)
        walk_deliveries(world)
        print("ok deliveries", flush=True)
        service.stop()
    assert not surprises, "\n".join(surprises)
    print(f"{sum(checked.values())} answers as expected: {dict(checked)}")


main()

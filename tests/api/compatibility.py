#!/usr/bin/env python3
"""Every operation of the service models of CloudTrail, asked by real clients: what works, what is refused, and how.

usage: compatibility.py CAIRN VENV [--update]

Writes (or compares) docs/manual/aws-compatibility.md. An operation counts as working only when the client got an
answer to it, of a thing that it made or changed before; one that is refused must be refused as AWS does it.
"""
import concurrent.futures
import datetime
import json
import pathlib
import sys

from service import Service, in_venv, peers, wait_for
from shapes import UUID, sample

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients"))
from clients import CLI_2, Absent, Boto3, Cli1, Cli2, Go, JavaScript, Refused, Tools  # noqa: E402

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/manual/aws-compatibility.md"
ACCOUNT, REGION = "000000000000", "us-east-1"
REQUIRED_ONCE = {"DescribeQuery": {"QueryId": UUID}, "StartQuery": {"QueryStatement": "SELECT 1"}}

import botocore.exceptions  # noqa: E402


class Walk:
    """One client's way through the operations of CloudTrail, over things of its own."""

    def __init__(self, client):
        self.client, self.worked = client, {"cloudtrail": {}, "cloudtrail-data": {}}
        self.name = "compat-" + "".join(letter for letter in client.name.lower() if letter.isalnum())

    def call(self, operation, **input):
        return self.ask("cloudtrail", operation, input)

    def ask(self, service, operation, input):
        """The output, or None if the client does not know the operation."""
        try:
            output = self.client.call(service, operation, input)
        except Absent:
            self.worked[service][operation] = "unknown to it"
            return None
        self.worked[service][operation] = "works"
        return output

    def trails(self):
        call, name = self.call, self.name
        made = call("CreateTrail", Name=name, S3BucketName="cairn-logs", IsMultiRegionTrail=True, EnableLogFileValidation=True)
        assert made["IsMultiRegionTrail"] and made["LogFileValidationEnabled"], made
        call("StartLogging", Name=name)
        assert call("GetTrail", Name=name)["Trail"]["S3BucketName"] == "cairn-logs"
        assert [each["Name"] for each in call("DescribeTrails", trailNameList=[name])["trailList"]] == [name]
        assert name in [each["Name"] for each in call("ListTrails")["Trails"]]
        status = call("GetTrailStatus", Name=name)
        ago = datetime.datetime.now(datetime.timezone.utc) - status["StartLoggingTime"]
        assert status["IsLogging"] and abs(ago) < datetime.timedelta(minutes=10), status
        assert call("UpdateTrail", Name=name, S3KeyPrefix="p")["S3KeyPrefix"] == "p"
        call("PutEventSelectors", TrailName=name, EventSelectors=[{"ReadWriteType": "WriteOnly"}])
        assert call("GetEventSelectors", TrailName=name)["EventSelectors"][0]["ReadWriteType"] == "WriteOnly"
        call("PutInsightSelectors", TrailName=name, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
        assert call("GetInsightSelectors", TrailName=name)["InsightSelectors"][0]["InsightType"] == "ApiCallRateInsight"
        call("PutEventSelectors", TrailName=name, AdvancedEventSelectors=[{"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]}])
        if call("PutEventConfiguration", TrailName=name, AggregationConfigurations=[
                {"Templates": ["API_ACTIVITY"], "EventCategory": "Data"}]) is not None:
            assert call("GetEventConfiguration", TrailName=name)["AggregationConfigurations"]
        call("AddTags", ResourceId=made["TrailARN"], TagsList=[{"Key": "k", "Value": "v"}])
        assert call("ListTags", ResourceIdList=[made["TrailARN"]])["ResourceTagList"][0]["TagsList"] == [{"Key": "k", "Value": "v"}]
        call("RemoveTags", ResourceId=made["TrailARN"], TagsList=[{"Key": "k"}])
        assert call("ListPublicKeys")["PublicKeyList"]
        found = wait_for("an event", lambda: [each for each in call("LookupEvents", LookupAttributes=[
            {"AttributeKey": "EventName", "AttributeValue": "CreateTrail"}])["Events"] if f'"{name}"' in each["CloudTrailEvent"]])
        assert json.loads(found[0]["CloudTrailEvent"])["responseElements"]["trailARN"] == made["TrailARN"], found

    def stores(self):
        call, name = self.call, self.name
        made = call("CreateEventDataStore", Name=name, TerminationProtectionEnabled=False)["EventDataStoreArn"]
        assert call("GetEventDataStore", EventDataStore=made)["Name"] == name
        assert made in [each["EventDataStoreArn"] for each in call("ListEventDataStores")["EventDataStores"]]
        assert call("UpdateEventDataStore", EventDataStore=made, Name=name + "-2")["Name"] == name + "-2"
        call("StopEventDataStoreIngestion", EventDataStore=made)
        call("StartEventDataStoreIngestion", EventDataStore=made)
        call("DeleteEventDataStore", EventDataStore=made)
        assert call("RestoreEventDataStore", EventDataStore=made)["EventDataStoreArn"] == made

    def channels(self):
        call, name = self.call, self.name
        audit = call("CreateEventDataStore", Name=name + "-audit", AdvancedEventSelectors=[
            {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}])["EventDataStoreArn"]
        channel = call("CreateChannel", Name=name, Source="Custom", Destinations=[
            {"Type": "EVENT_DATA_STORE", "Location": audit}])
        if channel is None:  # old ones know how to get channels, not how to make them
            channel = Boto3(self.client.service).call("cloudtrail", "CreateChannel", {"Name": name, "Source": "Custom", "Destinations": [
                {"Type": "EVENT_DATA_STORE", "Location": audit}]})
        channel = channel["ChannelArn"]
        assert call("GetChannel", Channel=channel)["Name"] == name
        assert channel in [each["ChannelArn"] for each in call("ListChannels")["Channels"]]
        renamed = call("UpdateChannel", Channel=channel, Name=name + "-2")
        assert renamed is None or renamed["Name"] == name + "-2", renamed
        policy = json.dumps({"Version": "2012-10-17", "Statement": []})
        if call("PutResourcePolicy", ResourceArn=channel, ResourcePolicy=policy) is not None:
            assert json.loads(call("GetResourcePolicy", ResourceArn=channel)["ResourcePolicy"])["Statement"] == []
            call("DeleteResourcePolicy", ResourceArn=channel)
        if not isinstance(self.client, (Go, JavaScript)):  # their SDKs have a package of its own for it
            event = {"version": "1", "userIdentity": {"type": "t", "principalId": "p"}, "eventSource": "s", "eventName": "n",
                     "eventTime": "2026-01-01T00:00:00Z", "UID": "u", "recipientAccountId": ACCOUNT}
            put = self.ask("cloudtrail-data", "PutAuditEvents", {"channelArn": channel, "auditEvents": [
                {"id": "1", "eventData": json.dumps(event)}]})
            assert put is None or [each["id"] for each in put["successful"]] == ["1"], put
        call("DeleteChannel", Channel=channel)

    def through(self):
        """All operations: what came of each."""
        assert self.client.call("sts", "GetCallerIdentity")["Account"] == ACCOUNT
        for part in (self.trails, self.stores, self.channels):
            part()
        self.call("StopLogging", Name=self.name)
        self.call("DeleteTrail", Name=self.name)
        try:
            self.client.call("cloudtrail", "GetTrail", {"Name": self.name})
            raise AssertionError("a deleted trail is still there")
        except Refused as error:
            assert error.code == "TrailNotFoundException", error
        model = self.client.model("cloudtrail")
        for operation in model.operation_names:
            if operation not in self.worked["cloudtrail"]:
                self.worked["cloudtrail"][operation] = self.refusal(model.operation_model(operation).input_shape, operation)
        return self.worked

    def refusal(self, shape, operation):
        """How the least input that fits is refused; older models require more."""
        input = {**(sample(shape) if shape else {}), **REQUIRED_ONCE.get(operation, {})}
        try:
            self.client.call("cloudtrail", operation, input)
        except Absent:
            return "unknown to it"
        except Refused as error:
            assert error.code == "UnsupportedOperationException", (self.client.name, operation, error)
            return "refused"
        raise AssertionError(f"{self.client.name}: {operation} is not in the walk, and works")


def others(service):
    """Operations of other services that work, by service."""
    worked = {"sts": set(), "organizations": set(), "firehose": set(), "events": set(), "s3": set()}

    def client(name):
        made = service.client(name)
        made.meta.events.register("after-call.*", lambda http_response, model, **_: http_response.status_code < 300 and
                                  worked[name].add(model.name))
        return made

    assert client("sts").get_caller_identity()["Account"] == ACCOUNT
    assert client("organizations").describe_organization()["Organization"]["Id"] == "o-compat1234"
    stream, bus, buckets = client("firehose"), client("events"), client("s3")
    stream.list_delivery_streams()
    stream.describe_delivery_stream(DeliveryStreamName="cairn")
    record = {"eventVersion": "1.08", "eventTime": "2026-01-01T00:00:00Z", "eventSource": "s3.amazonaws.com",
              "eventName": "ListBuckets", "awsRegion": REGION, "eventID": "e", "recipientAccountId": ACCOUNT}
    stream.put_record(DeliveryStreamName="cairn", Record={"Data": json.dumps(record)})
    stream.put_record_batch(DeliveryStreamName="cairn", Records=[{"Data": json.dumps(record)}])
    bus.put_events(Entries=[{"Source": "aws.s3", "DetailType": "AWS API Call via CloudTrail",
                             "Detail": json.dumps(record)}])
    buckets.create_bucket(Bucket="compat-bucket")
    buckets.head_bucket(Bucket="compat-bucket")
    buckets.list_buckets()
    buckets.get_bucket_location(Bucket="cairn-logs")
    buckets.get_bucket_versioning(Bucket="cairn-logs")
    (service.home / "buckets/cairn-logs/x").write_bytes(b"hello")
    assert buckets.list_objects(Bucket="cairn-logs")["Contents"]
    assert buckets.list_objects_v2(Bucket="cairn-logs")["Contents"]
    assert buckets.get_object(Bucket="cairn-logs", Key="x")["Body"].read() == b"hello"
    assert buckets.head_object(Bucket="cairn-logs", Key="x")["ContentLength"] == 5
    return worked


def page(clients, rows, others):
    text = ["# What works of AWS's API", "",
            "`tests/api/compatibility.py` makes this page: real clients ask a running `cairn serve` for every operation of",
            "CloudTrail that botocore's service models name. *works*: the client got the answer that the test expects, of a",
            "thing that it had made before. *refused*: as AWS refuses what it does not have, with UnsupportedOperationException,",
            "and nothing is changed.", "",
            "| Client | Version |", "| --- | --- |"]
    text += [f"| {client} | {version} |" for client, version in clients.items()] + [""]
    for service, operations in rows.items():
        asked = [name for name in clients if any(name in results for results in operations.values())]
        working = sum("works" in results.values() for results in operations.values())
        text += [f"## {service}: {working} of {len(operations)}", "",
                 f"| Operation | {' | '.join(asked)} |", "| --- |" + " --- |" * len(asked)]
        text += [f"| {name} | {' | '.join(results[client] for client in asked)} |" for name, results in sorted(operations.items())]
        text.append("")
    text += ["*unknown to it*: this version of the client was made before the operation.", "",
             "## Of other services", "", "Only these operations are there, as far as clients of CloudTrail need them; boto3 asks for them.",
             "", "| Service | Operations |", "| --- | --- |"]
    text += [f"| {service} | {', '.join(sorted(names))} |" for service, names in sorted(others.items())]
    text += ["", "S3 is read-only but for new, empty buckets: see [s3.md](s3.md). Of Firehose there is one delivery",
             "stream, `cairn`, and of EventBridge the default bus, both for CloudTrail's records only: see",
             "[recording.md](recording.md).", ""]
    return "\n".join(text)


def pinned():
    """The clients in the order of the page, with the versions that the project's files name."""
    python = dict(line.split("==") for line in peers.REQUIREMENTS.read_text().splitlines() if "==" in line)
    folder = pathlib.Path(__file__).resolve().parent / "clients"
    go = dict(line.split()[:2] for line in (folder / "go/go.mod").read_text().splitlines() if line.startswith("\tgithub.com"))
    node = json.loads((folder / "js/package.json").read_text())["dependencies"]
    return {Boto3.name: python["boto3"], Cli1.name: python["awscli"], Cli2.name: "2.9, of Debian 12",
            Go.name: "aws-sdk-go-v2/service/cloudtrail " + go["github.com/aws/aws-sdk-go-v2/service/cloudtrail"],
            JavaScript.name: "@aws-sdk/client-cloudtrail " + node["@aws-sdk/client-cloudtrail"]}


def walk_through(make):
    client = make()
    try:
        return client.name, Walk(client).through()
    finally:
        client.close()


if not CLI_2.exists():
    peers.skip("Debian's awscli is not installed")
tools = Tools(pathlib.Path(venv).parent / "clients")
with Service(cairn, "--organization", "o-compat1234", "--delivery-interval", "2s") as service:
    rows = {"cloudtrail": {}, "cloudtrail-data": {}}
    makers = [lambda: Boto3(service), lambda: Cli1(service), lambda: Cli2(service), lambda: Go(service, tools),
              lambda: JavaScript(service, tools)]
    with concurrent.futures.ThreadPoolExecutor(len(makers)) as pool:
        for client, worked in pool.map(walk_through, makers):
            for name, operations in worked.items():
                for operation, result in operations.items():
                    rows[name].setdefault(operation, {})[client] = result
    assert len(rows["cloudtrail"]) == 60, len(rows["cloudtrail"])
    for name, operations in rows.items():
        for operation, results in operations.items():
            told = set(results.values()) - {"unknown to it"}
            assert len(told) == 1, f"clients got different answers from {name}.{operation}: {results}"
    # What no service here has is refused too, in its client's own protocol.
    for name, operation in (("athena", "list_work_groups"), ("logs", "describe_log_groups"),
                            ("cloudwatch", "list_metrics"), ("iam", "list_users"), ("sns", "list_topics")):
        try:
            getattr(service.client(name), operation)()
            raise AssertionError(f"{name}.{operation} gave an answer")
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] in ("UnknownOperationException", "InvalidAction"), error
    made = page(pinned(), rows, others(service))
    service.stop()

if "--update" in sys.argv:
    PAGE.write_text(made)
elif not PAGE.exists() or PAGE.read_text() != made:
    sys.exit(f"{PAGE.name} is not what this run found; --update writes it")
print(f"{sum('works' in results.values() for results in rows['cloudtrail'].values())} of 60 operations of cloudtrail work")

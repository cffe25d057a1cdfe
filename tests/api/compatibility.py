#!/usr/bin/env python3
"""Every operation of the service models of CloudTrail, asked by boto3: what works, what is refused, and how.

usage: compatibility.py CAIRN VENV [--update]

Writes (or compares) docs/manual/aws-compatibility.md. An operation counts as working only when this program got an
answer to it, of a thing that it made or changed before; one that is refused must be refused as AWS does it.
"""
import json
import pathlib
import sys

from service import Service, in_venv, wait_for
from shapes import sample

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/manual/aws-compatibility.md"
ACCOUNT, REGION = "000000000000", "us-east-1"

import botocore.exceptions  # noqa: E402
import botocore.session  # noqa: E402


def scenario(service):
    """Calls that work, in an order in which they can; the operations that gave an answer."""
    worked = {"cloudtrail": set(), "cloudtrail-data": set(), "sts": set(), "organizations": set(), "firehose": set(),
              "events": set(), "s3": set()}

    def client(name):
        made = service.client(name)
        made.meta.events.register("after-call.*", lambda http_response, model, **_: http_response.status_code < 300 and
                                  worked[name].add(model.name))
        return made

    trail, data = client("cloudtrail"), client("cloudtrail-data")
    name = "compat"
    trail.create_trail(Name=name, S3BucketName="cairn-logs", IsMultiRegionTrail=True, EnableLogFileValidation=True)
    trail.start_logging(Name=name)
    assert trail.get_trail(Name=name)["Trail"]["S3BucketName"] == "cairn-logs"
    assert trail.describe_trails()["trailList"][0]["Name"] == name
    assert trail.list_trails()["Trails"][0]["Name"] == name
    assert trail.get_trail_status(Name=name)["IsLogging"]
    trail.update_trail(Name=name, S3KeyPrefix="p")
    trail.put_event_selectors(TrailName=name, EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    assert trail.get_event_selectors(TrailName=name)["EventSelectors"][0]["ReadWriteType"] == "WriteOnly"
    trail.put_insight_selectors(TrailName=name, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    assert trail.get_insight_selectors(TrailName=name)["InsightSelectors"]
    trail.put_event_selectors(TrailName=name, AdvancedEventSelectors=[{"FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]}])
    trail.put_event_configuration(TrailName=name, AggregationConfigurations=[
        {"Templates": ["API_ACTIVITY"], "EventCategory": "Data"}])
    assert trail.get_event_configuration(TrailName=name)["AggregationConfigurations"]
    arn = trail.get_trail(Name=name)["Trail"]["TrailARN"]
    trail.add_tags(ResourceId=arn, TagsList=[{"Key": "k", "Value": "v"}])
    assert trail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"]
    trail.remove_tags(ResourceId=arn, TagsList=[{"Key": "k"}])
    assert trail.list_public_keys()["PublicKeyList"]
    assert wait_for("an event", lambda: trail.lookup_events(LookupAttributes=[
        {"AttributeKey": "EventName", "AttributeValue": "CreateTrail"}])["Events"])
    store = trail.create_event_data_store(Name="store", TerminationProtectionEnabled=False)["EventDataStoreArn"]
    assert trail.get_event_data_store(EventDataStore=store)["Name"] == "store"
    assert trail.list_event_data_stores()["EventDataStores"]
    trail.update_event_data_store(EventDataStore=store, Name="stored")
    trail.stop_event_data_store_ingestion(EventDataStore=store)
    trail.start_event_data_store_ingestion(EventDataStore=store)
    trail.delete_event_data_store(EventDataStore=store)
    trail.restore_event_data_store(EventDataStore=store)
    audit = trail.create_event_data_store(Name="audit", AdvancedEventSelectors=[
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}])["EventDataStoreArn"]
    channel = trail.create_channel(Name="channel", Source="Custom", Destinations=[
        {"Type": "EVENT_DATA_STORE", "Location": audit}])["ChannelArn"]
    assert trail.get_channel(Channel=channel)["Name"] == "channel"
    assert trail.list_channels()["Channels"]
    trail.update_channel(Channel=channel, Name="renamed")
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    trail.put_resource_policy(ResourceArn=channel, ResourcePolicy=policy)
    trail.get_resource_policy(ResourceArn=channel)
    trail.delete_resource_policy(ResourceArn=channel)
    event = {"version": "1", "userIdentity": {"type": "t", "principalId": "p"}, "eventSource": "s", "eventName": "n",
             "eventTime": "2026-01-01T00:00:00Z", "UID": "u", "recipientAccountId": ACCOUNT}
    assert data.put_audit_events(channelArn=channel, auditEvents=[
        {"id": "1", "eventData": json.dumps(event)}])["successful"]
    trail.delete_channel(Channel=channel)
    trail.stop_logging(Name=name)
    trail.delete_trail(Name=name)

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


def refusal(client, model, operation):
    """The code that an operation is refused with, given the least input that fits."""
    shape = model.operation_model(operation).input_shape
    try:
        client._make_api_call(operation, sample(shape) if shape else {})  # noqa: SLF001 - whatever its Python name
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None


def page(rows, others):
    text = ["# What works of AWS's API", "",
            "`tests/api/compatibility.py` makes this page: it asks a running `cairn serve` for every operation of the",
            "service models in botocore, with boto3. *works*: it gave the answer that the test expects, of a thing made",
            "before. Everything else is refused with the error that is named, and nothing is changed.", ""]
    for service, operations in rows.items():
        working = sum(result == "works" for result in operations.values())
        text += [f"## {service}: {working} of {len(operations)}", "", "| Operation | |", "| --- | --- |"]
        text += [f"| {name} | {result} |" for name, result in sorted(operations.items())] + [""]
    text += ["## Of other services", "", "Only these operations are there, as far as clients of CloudTrail need them.",
             "", "| Service | Operations |", "| --- | --- |"]
    text += [f"| {service} | {', '.join(sorted(names))} |" for service, names in sorted(others.items())]
    text += ["", "S3 is read-only but for new, empty buckets: see [s3.md](s3.md). Of Firehose there is one delivery",
             "stream, `cairn`, and of EventBridge the default bus, both for CloudTrail's records only: see",
             "[recording.md](recording.md).", ""]
    return "\n".join(text)


with Service(cairn, "--organization", "o-compat1234", "--delivery-interval", "2s") as service:
    worked = scenario(service)
    rows = {}
    for name in ("cloudtrail", "cloudtrail-data"):
        client = service.client(name)
        model = client.meta.service_model
        rows[name] = {}
        for operation in model.operation_names:
            if operation in worked[name]:
                rows[name][operation] = "works"
                continue
            code = refusal(client, model, operation)
            assert code == "UnsupportedOperationException", (operation, code)
            rows[name][operation] = f"refused: {code}"
    assert len(rows["cloudtrail"]) == 60, len(rows["cloudtrail"])
    # What no service here has is refused too, in its client's own protocol.
    for name, operation in (("athena", "list_work_groups"), ("logs", "describe_log_groups"),
                            ("cloudwatch", "list_metrics"), ("iam", "list_users"), ("sns", "list_topics")):
        try:
            getattr(service.client(name), operation)()
            raise AssertionError(f"{name}.{operation} gave an answer")
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] in ("UnknownOperationException", "InvalidAction"), error
    made = page(rows, {name: names for name, names in worked.items() if name not in rows})
    service.stop()

if "--update" in sys.argv:
    PAGE.write_text(made)
elif not PAGE.exists() or PAGE.read_text() != made:
    sys.exit(f"{PAGE.name} is not what this run found; --update writes it")
print(f"{sum(r == 'works' for r in rows['cloudtrail'].values())} of 60 operations of cloudtrail work")

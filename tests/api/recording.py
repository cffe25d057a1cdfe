#!/usr/bin/env python3
"""Ways for events to come in, by boto3 and plain HTTP, found again in the lake: recording.py CAIRN VENV"""
import base64
import gzip
import hashlib
import json
import sys
import threading
import urllib.error
import urllib.request

from service import Service, in_venv, refused, wait_for

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)


def audit_event(name, uid="1"):
    return json.dumps({"version": "1.0", "userIdentity": {"type": "User", "principalId": "p-1"},
                       "eventSource": "app.example", "eventName": name, "eventTime": "2026-03-20T09:46:40Z",
                       "UID": uid, "recipientAccountId": "000000000000", "requestParameters": {"n": 1}})


def record(event_id, account="000000000000", name="RunInstances"):
    return {"eventVersion": "1.08", "userIdentity": {"type": "Root", "accountId": account},
            "eventTime": "2026-03-20T09:46:40Z", "eventSource": "ec2.amazonaws.com", "eventName": name,
            "awsRegion": "eu-west-1", "eventID": event_id, "eventType": "AwsApiCall",
            "recipientAccountId": account, "eventCategory": "Management"}


def post(url, body, headers):
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def stores_and_channels(service):
    trail = service.client("cloudtrail")
    made = trail.create_event_data_store(Name="calls")
    assert made["Status"] == "ENABLED" and made["RetentionPeriod"] == 366, made
    assert made["AdvancedEventSelectors"][0]["FieldSelectors"][0]["Equals"] == ["Management"], made
    arn = made["EventDataStoreArn"]
    assert trail.get_event_data_store(EventDataStore=arn.split("/")[1])["Name"] == "calls"
    assert refused(trail.create_event_data_store, Name="calls") == "EventDataStoreAlreadyExistsException"
    assert refused(trail.create_event_data_store, Name="x y") == "ValidationException"
    assert refused(trail.delete_event_data_store,
                   EventDataStore=arn) == "EventDataStoreTerminationProtectedException"
    assert refused(trail.get_event_data_store,
                   EventDataStore="00000000-0000-4000-8000-000000000000") == "EventDataStoreNotFoundException"
    trail.stop_event_data_store_ingestion(EventDataStore=arn)
    assert trail.get_event_data_store(EventDataStore=arn)["Status"] == "STOPPED_INGESTION"
    trail.start_event_data_store_ingestion(EventDataStore=arn)
    trail.update_event_data_store(EventDataStore=arn, TerminationProtectionEnabled=False, RetentionPeriod=90)
    trail.delete_event_data_store(EventDataStore=arn)
    assert trail.get_event_data_store(EventDataStore=arn)["Status"] == "PENDING_DELETION"
    assert trail.restore_event_data_store(EventDataStore=arn)["Status"] == "ENABLED"
    activity = trail.create_event_data_store(
        Name="activity", TagsList=[{"Key": "team", "Value": "audit"}],
        AdvancedEventSelectors=[{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}])
    channel = trail.create_channel(Name="app", Source="Custom", Destinations=[
        {"Type": "EVENT_DATA_STORE", "Location": activity["EventDataStoreArn"]}])["ChannelArn"]
    assert refused(trail.create_channel, Name="bad", Source="Custom", Destinations=[
        {"Type": "EVENT_DATA_STORE", "Location": arn}]) == "InvalidEventDataStoreCategoryException"
    first = trail.list_event_data_stores(MaxResults=1)
    second = trail.list_event_data_stores(MaxResults=1, NextToken=first["NextToken"])
    assert [one["Name"] for one in first["EventDataStores"] + second["EventDataStores"]] == ["calls", "activity"]
    assert "NextToken" not in second
    assert [one["ChannelArn"] for one in trail.list_channels()["Channels"]] == [channel]
    trail.add_tags(ResourceId=channel, TagsList=[{"Key": "a", "Value": "b"}])
    tags = trail.list_tags(ResourceIdList=[channel, activity["EventDataStoreArn"]])["ResourceTagList"]
    assert [one["TagsList"] for one in tags] == [[{"Key": "a", "Value": "b"}], [{"Key": "team", "Value": "audit"}]]
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    trail.put_resource_policy(ResourceArn=channel, ResourcePolicy=policy)
    assert trail.get_resource_policy(ResourceArn=channel)["ResourcePolicy"] == policy
    trail.delete_resource_policy(ResourceArn=channel)
    assert refused(trail.get_resource_policy, ResourceArn=channel) == "ResourcePolicyNotFoundException"
    return channel, activity["EventDataStoreArn"]


def audit_events(service, channel, store):
    writer = service.new_key("--role", "writer", "--name", "app")
    data = service.client("cloudtrail-data", key=writer)
    event = audit_event("Login")
    checksum = base64.b64encode(hashlib.sha256(event.encode()).digest()).decode()
    answer = data.put_audit_events(channelArn=channel, auditEvents=[
        {"id": "1", "eventData": event, "eventDataChecksum": checksum},
        {"id": "2", "eventData": event, "eventDataChecksum": "AAAA"},
        {"id": "3", "eventData": json.dumps({"version": "1.0"})}])
    assert [one["id"] for one in answer["successful"]] == ["1"], answer
    assert [(one["id"], one["errorCode"]) for one in answer["failed"]] == [
        ("2", "InvalidChecksum"), ("3", "FieldNotFound")], answer
    event_id = answer["successful"][0]["eventID"]
    again = data.put_audit_events(channelArn=channel, auditEvents=[{"id": "1", "eventData": event}])
    assert again["successful"][0]["eventID"] == event_id
    assert refused(data.put_audit_events, channelArn="arn:none",
                   auditEvents=[{"id": "1", "eventData": event}]) == "InvalidChannelARN"
    assert refused(data.put_audit_events, channelArn=channel, auditEvents=[
        {"id": "1", "eventData": event}, {"id": "1", "eventData": event}]) == "DuplicatedAuditEventId"
    assert refused(service.client("cloudtrail", key=writer).list_trails) == "AccessDeniedException"
    rows = wait_for("the event in the lake", lambda: service.sql(
        f"SELECT eventCategory, recipientAccountId, eventData, eventJson FROM cloudtrail WHERE eventID = '{event_id}'"),
        seconds=5)
    assert len(rows) == 1 and rows[0]["eventCategory"] == "ActivityAuditLog", rows
    text = rows[0]["eventJson"]
    whole = json.loads(text) if isinstance(text, str) else text
    assert whole["metadata"]["channelARN"] == channel and whole["metadata"]["eventDataStores"] == [store], whole
    assert whole["eventData"]["eventName"] == "Login"
    status = service.client("cloudtrail").get_channel(Channel=channel)["IngestionStatus"]
    assert status["LatestIngestionSuccessEventID"] == event_id, status
    return writer


def count(service, condition):
    rows = service.sql(f"SELECT count(*) AS n FROM cloudtrail WHERE {condition}")
    return int(rows[0]["n"])


def firehose(service, writer):
    stream = service.client("firehose", key=writer)
    assert stream.list_delivery_streams()["DeliveryStreamNames"] == ["cairn"]
    assert stream.describe_delivery_stream(
        DeliveryStreamName="cairn")["DeliveryStreamDescription"]["DeliveryStreamStatus"] == "ACTIVE"
    stream.put_record(DeliveryStreamName="cairn", Record={"Data": json.dumps(record("f-1")).encode()})
    answer = stream.put_record_batch(DeliveryStreamName="cairn", Records=[
        {"Data": json.dumps(record("f-2")).encode()}, {"Data": b"nonsense"},
        {"Data": gzip.compress(json.dumps({"Records": [record("f-3"), record("f-4")]}).encode())}])
    assert answer["FailedPutCount"] == 1 and "ErrorCode" in answer["RequestResponses"][1], answer
    assert refused(stream.put_record, DeliveryStreamName="other",
                   Record={"Data": b"x"}) == "ResourceNotFoundException"
    # What Amazon Data Firehose itself posts to an HTTP endpoint: CloudWatch Logs' subscription records.
    logs = {"messageType": "DATA_MESSAGE", "owner": "000000000000", "logGroup": "g", "logStream": "s",
            "subscriptionFilters": ["f"],
            "logEvents": [{"id": "1", "timestamp": 1, "message": json.dumps(record("f-5"))}]}
    body = {"requestId": "r-1", "timestamp": 1,
            "records": [{"data": base64.b64encode(gzip.compress(json.dumps(logs).encode())).decode()}]}
    headers = {"X-Amz-Firehose-Request-Id": "r-1", "Content-Type": "application/json",
               "X-Amz-Firehose-Access-Key": ":".join(writer)}
    url = service.url + "/firehose"
    code, answer = post(url, json.dumps(body).encode(), headers)
    assert code == 200 and answer["requestId"] == "r-1" and "errorMessage" not in answer, answer
    packed = gzip.compress(json.dumps(body).encode())
    assert post(url, packed, {**headers, "Content-Encoding": "gzip"})[0] == 200
    assert post(url, b"{}", headers)[0] == 400
    assert post(url, json.dumps(body).encode(), {**headers, "X-Amz-Firehose-Access-Key": "AKIA:x"})[0] == 401
    wait_for("Firehose's events", lambda: count(service, "eventID LIKE 'f-%'") == 5)


def event_bridge(service, writer):
    bus = service.client("events", key=writer)
    answer = bus.put_events(Entries=[
        {"Source": "aws.ec2", "DetailType": "AWS API Call via CloudTrail", "Detail": json.dumps(record("b-1"))},
        {"Source": "my.app", "DetailType": "Order", "Detail": "{}"}])
    assert answer["FailedEntryCount"] == 1 and answer["Entries"][1]["ErrorCode"] == "InvalidArgument", answer
    envelope = {"version": "0", "id": "x", "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2",
                "account": "000000000000", "time": "2026-03-20T09:46:40Z", "region": "eu-west-1", "resources": [],
                "detail": record("b-2")}
    url = service.url + "/eventbridge"
    assert post(url, json.dumps(envelope).encode(), {"X-Api-Key": ":".join(writer)})[0] == 200
    basic = base64.b64encode(":".join(writer).encode()).decode()
    both = [dict(envelope, detail=record("b-3")), dict(envelope, detail=record("b-4"))]
    assert post(url, json.dumps(both).encode(), {"Authorization": "Basic " + basic})[0] == 200
    assert post(url, b"{}", {})[0] == 401
    auditor = service.new_key("--role", "auditor", "--name", "eyes")
    assert post(url, json.dumps(envelope).encode(), {"X-Api-Key": ":".join(auditor)})[0] == 403
    # A key for one account does not write for another.
    other = service.new_key("--role", "writer", "--name", "other", "--account", "444455556666")
    assert post(url, json.dumps(envelope).encode(), {"X-Api-Key": ":".join(other)})[0] == 400
    wait_for("EventBridge's events", lambda: count(service, "eventID LIKE 'b-%'") == 4)


def killed_under_load(service, channel, writer):
    """Acknowledged events are all there, once, though the service is killed again and again."""
    acknowledged, lock, done = set(), threading.Lock(), threading.Event()

    def write(number):
        client = service.client("cloudtrail-data", key=writer, read_timeout=5)
        batch = 0
        while not done.is_set():
            batch += 1
            events = [{"id": f"{number}-{batch}-{i}", "eventData": audit_event("Load", f"{number}-{batch}-{i}")}
                      for i in range(20)]
            for _ in range(200):  # the same until it is taken, as a client that lost an answer does
                try:
                    answer = client.put_audit_events(channelArn=channel, auditEvents=events)
                except Exception:  # noqa: BLE001 - the service is gone for a moment
                    if done.wait(0.05):
                        return
                    client = service.client("cloudtrail-data", key=writer, read_timeout=5)
                    continue
                with lock:
                    acknowledged.update(one["eventID"] for one in answer["successful"])
                break

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for round_number in range(5):
        done.wait(1.5)
        service.kill()
        service.start()
    done.wait(1.0)
    done.set()
    for thread in threads:
        thread.join()
    service.kill()
    service.start()
    assert len(acknowledged) > 100, len(acknowledged)

    def found():
        rows = service.sql("SELECT eventID, count(*) AS n FROM cloudtrail WHERE eventCategory = 'ActivityAuditLog' "
                           "GROUP BY eventID")
        return {row["eventID"]: int(row["n"]) for row in rows}

    wait_for("all acknowledged events", lambda: acknowledged <= set(found()), seconds=60)
    doubled = [event for event, n in found().items() if n != 1]
    assert not doubled, doubled
    print(f"{len(acknowledged)} events acknowledged around 6 kills: each is there once")


with Service(cairn) as service:
    channel, store = stores_and_channels(service)
    writer = audit_events(service, channel, store)
    firehose(service, writer)
    event_bridge(service, writer)
    port = service.url.rsplit(":", 1)[1]
    ingestion = service.client("cloudtrail").get_channel(Channel=channel)["IngestionStatus"]
    service.stop()
    service.options = (*service.options, "--listen", f"127.0.0.1:{port}")
    service.start()
    assert service.client("cloudtrail").get_channel(Channel=channel)["IngestionStatus"] == ingestion
    killed_under_load(service, channel, writer)
    service.stop()
print("passed")

#!/usr/bin/env python3
"""Events that are sent again, by every way in and around kills, are delivered and stored once: resend.py CAIRN VENV"""
import gzip
import json
import sys
import urllib.request

from service import Service, in_venv, wait_for

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)


def record(event_id, **more):
    return {"eventVersion": "1.08", "userIdentity": {"type": "Root", "accountId": "000000000000"},
            "eventTime": "2026-03-20T09:46:40Z", "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
            "awsRegion": "us-east-1", "eventID": event_id, "eventType": "AwsApiCall", "managementEvent": True, "readOnly": False,
            "recipientAccountId": "000000000000", "eventCategory": "Management", **more}


def put_events(service, event):
    answer = service.client("events").put_events(Entries=[
        {"Source": "aws.ec2", "DetailType": "AWS API Call via CloudTrail", "Detail": json.dumps(event)}])
    assert answer["FailedEntryCount"] == 0, answer


def put_record(service, event):
    service.client("firehose").put_record(DeliveryStreamName="cairn", Record={"Data": json.dumps(event).encode()})


def bridge(service, event):
    envelope = {"detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2", "detail": event}
    request = urllib.request.Request(service.url + "/eventbridge", data=json.dumps(envelope).encode(), method="POST",
                                     headers={"X-Api-Key": ":".join(service.key)})
    assert urllib.request.urlopen(request, timeout=30).status == 200


WAYS = (put_events, put_record, bridge)


def delivered(service, prefix):
    ids = []
    for path in (service.home / "buckets").rglob("*_CloudTrail_*.json.gz"):
        ids += [one["eventID"] for one in json.loads(gzip.decompress(path.read_bytes()))["Records"]]
    return sorted(one for one in ids if one.startswith(prefix))


def files_are_quiet(service):
    """Waits until an event that was sent last is delivered: what came before it is, too."""
    files_are_quiet.count += 1
    marker = f"marker-{files_are_quiet.count}"
    put_events(service, record(marker))
    wait_for("the marker", lambda: marker in delivered(service, "marker-"), seconds=60)


files_are_quiet.count = 0

with Service(cairn, "--flush-interval", "1s", "--delivery-interval", "1s") as service:
    trail = service.client("cloudtrail")
    trail.create_trail(Name="main", S3BucketName="cairn-logs", IsMultiRegionTrail=True)
    trail.start_logging(Name="main")
    for way in WAYS:
        put_events(service, record("e-1"))
        way(service, record("e-1"))
    files_are_quiet(service)
    assert delivered(service, "e-") == ["e-1"], delivered(service, "e-")

    # Again after its delivery, after kills, and with the rest of the record changed.
    for round_number, way in enumerate(WAYS):
        service.kill()
        service.start()
        way(service, record("e-1", requestParameters={"round": round_number}))
        way(service, record(f"e-{round_number + 2}"))
        service.kill()
        service.start()
        way(service, record(f"e-{round_number + 2}"))
        files_are_quiet(service)
    assert delivered(service, "e-") == ["e-1", "e-2", "e-3", "e-4"], delivered(service, "e-")

    # The same id in another account or Region is another event.
    put_events(service, record("e-1", awsRegion="eu-west-1"))
    files_are_quiet(service)
    assert delivered(service, "e-") == ["e-1", "e-1", "e-2", "e-3", "e-4"], delivered(service, "e-")
    rows = service.sql("SELECT eventID, awsRegion, count(*) AS n FROM cloudtrail WHERE eventID LIKE 'e-%' GROUP BY 1, 2")
    wait_for("the lake", lambda: len(service.sql("SELECT DISTINCT eventID, awsRegion FROM cloudtrail WHERE eventID LIKE 'e-%'")) == 5)
    assert all(int(row["n"]) == 1 for row in rows), rows

    # A trail that is set up later has delivered none of them.
    trail = service.client("cloudtrail")
    trail.create_trail(Name="late", S3BucketName="cairn-logs", S3KeyPrefix="late", IsMultiRegionTrail=True)
    trail.start_logging(Name="late")
    put_events(service, record("e-1"))
    files_are_quiet(service)
    late = wait_for("the late trail", lambda: list((service.home / "buckets" / "cairn-logs" / "late").rglob("*_CloudTrail_*.json.gz")))
    assert any(one["eventID"] == "e-1" for path in late for one in json.loads(gzip.decompress(path.read_bytes()))["Records"])
    service.stop()
print("passed")

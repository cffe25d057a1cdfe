#!/usr/bin/env python3
"""A disk that becomes full under a running service: calls are recorded or refused, nothing is lost, and it goes on by itself.

usage: full_disk.py CAIRN VENV. Mounts a small file system in memory, which only root can do; others are told so, and it passes.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from service import Service, in_venv, wait_for

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)
import botocore.exceptions  # noqa: E402

DISK_MB = 96
MIN_FREE_MB = 16


def record(event_id):
    return {"eventVersion": "1.08", "userIdentity": {"type": "Root", "accountId": "000000000000"},
            "eventTime": "2026-03-20T09:46:40Z", "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
            "awsRegion": "us-east-1", "eventID": event_id, "eventType": "AwsApiCall", "managementEvent": True, "readOnly": False,
            "recipientAccountId": "000000000000", "eventCategory": "Management"}


def send(service, event_id):
    """Posts one event as Firehose does; the status."""
    body = {"requestId": event_id, "timestamp": 1, "records": [{"data": base64.b64encode(json.dumps(record(event_id)).encode()).decode()}]}
    request = urllib.request.Request(service.url + "/firehose", data=json.dumps(body).encode(), method="POST", headers={
        "X-Amz-Firehose-Request-Id": event_id, "Content-Type": "application/json", "X-Amz-Firehose-Access-Key": ":".join(service.key)})
    try:
        return urllib.request.urlopen(request, timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code


def ready(service):
    try:
        answer = urllib.request.urlopen(service.url + "/readyz", timeout=30)
        return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metric(service, name):
    text = urllib.request.urlopen(service.url + "/metrics", timeout=30).read().decode()
    return float(next(line for line in text.splitlines() if line.startswith(name + " ")).split()[1])


def free_bytes(folder):
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize


class Filler:
    """Takes the free space of a file system, and gives it back."""

    def __init__(self, folder):
        self.folder, self.path = folder, folder / "filler"

    def leave(self, bytes_left):
        with open(self.path, "ab") as file:
            while (more := free_bytes(self.folder) - bytes_left) > 0:
                try:
                    file.write(bytes(min(more, 1 << 20)))
                    file.flush()
                except OSError:
                    break

    def remove(self):
        self.path.unlink()


def call(client, calls):
    """Makes calls until one is refused; the ids of the requests that were answered with 200, and the refusal's codes."""
    answered, codes = [], []
    for _ in range(calls):
        if codes:
            break
        try:
            answered.append(client.list_trails()["ResponseMetadata"]["RequestId"])
        except botocore.exceptions.ClientError as error:
            codes.append((error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]))
            assert "hint" not in str(error) and "/" not in error.response["Error"]["Message"], error
    return answered, codes


def delivered(service):
    """eventIDs and requestIDs of all log files of the trail, as often as they are there."""
    import gzip
    events, requests = [], []
    for path in (service.home / "buckets").rglob("*_CloudTrail_*.json.gz"):
        for one in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            events.append(one["eventID"])
            if "requestID" in one:
                requests.append(one["requestID"])
    return events, requests


def all_are_whole_lines(path):
    text = path.read_bytes()
    for line in text.splitlines():
        if line.strip(b"\0"):
            json.loads(line)
    assert text == b"" or text.endswith(b"\n"), text[-200:]


def fill_and_recover(service, disk, round_number, restarts):
    client = service.client("cloudtrail")
    filler = Filler(disk)
    sent = [f"before-{round_number}-{i}" for i in range(20)]
    assert all(send(service, one) == 200 for one in sent)
    assert ready(service)[0] == 200, ready(service)

    # Below the mark: events from outside are refused, calls go on.
    filler.leave((MIN_FREE_MB << 20) - (1 << 20))
    assert send(service, "refused") == 503
    code, why = ready(service)
    assert code == 503 and "disk space" in why and str(service.home) not in why, why
    answered, codes = call(client, 5)
    assert len(answered) == 5 and not codes, codes

    # Full: calls are recorded in the reserve.
    filler.leave(0)
    end = time.monotonic() + 60
    while metric(service, "cairn_spool_reserve_used_bytes") == 0:
        filler.leave(0)
        more, codes = call(client, 1)
        assert not codes, codes
        answered += more
        assert time.monotonic() < end, "the disk does not become full"
    more, codes = call(client, 200)
    assert not codes, codes
    answered += more
    assert ready(service)[0] == 503
    assert send(service, "refused") == 503

    # The reserve is full at last: calls are refused before they are carried out.
    refusals = metric(service, "cairn_calls_refused_without_space_total")
    end = time.monotonic() + 120
    while True:
        more, codes = call(client, 500)
        answered += more
        if codes:
            break
        assert time.monotonic() < end, "the reserve does not become full"
    assert set(codes) == {(503, "ServiceUnavailable")}, set(codes)
    try:
        client.create_trail(Name="too-late", S3BucketName="cairn-logs")
        raise AssertionError("a call that cannot be recorded was carried out")
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "ServiceUnavailable", error
    assert metric(service, "cairn_calls_refused_without_space_total") > refusals
    assert metric(service, "cairn_calls_unrecorded_total") == 0
    assert metric(service, "cairn_access_log_lines_dropped_total") > 0
    all_are_whole_lines(service.home / "access.jsonl")

    if restarts:
        service.kill()
    filler.remove()
    if restarts:
        service.start()
    wait_for("readiness", lambda: ready(service)[0] == 200, seconds=60)
    assert send(service, f"after-{round_number}") == 200
    sent.append(f"after-{round_number}")
    return sent, answered


def test(disk):
    with Service(cairn, "--min-free", f"{(MIN_FREE_MB << 20)}", "--flush-interval", "1s", "--delivery-interval", "2s",
                 home=disk / "home") as service:
        client = service.client("cloudtrail")
        client.create_trail(Name="main", S3BucketName="cairn-logs", IsMultiRegionTrail=True)
        client.start_logging(Name="main")
        sent, answered = [], []
        for round_number, restarts in enumerate((False, True)):
            more_sent, more_answered = fill_and_recover(service, disk, round_number, restarts)
            sent += more_sent
            answered += more_answered
        assert "too-late" not in [one["Name"] for one in service.client("cloudtrail").list_trails()["Trails"]]

        def in_lake(column, wanted):
            rows = service.sql(f"SELECT {column} AS id, count(*) AS n FROM cloudtrail WHERE {column} IS NOT NULL GROUP BY {column}")
            found = {row["id"]: int(row["n"]) for row in rows}
            return set(wanted) <= set(found) and found

        found = wait_for("all calls in the lake", lambda: in_lake("requestID", answered), seconds=90)
        assert all(found[one] == 1 for one in answered)
        found = wait_for("all events in the lake", lambda: in_lake("eventID", sent), seconds=90)
        assert all(found[one] == 1 for one in sent) and "refused" not in found
        wait_for("their delivery", lambda: set(sent) <= set(delivered(service)[0]) and set(answered) <= set(delivered(service)[1]),
                 seconds=90)
        events, requests = delivered(service)
        assert len(events) == len(set(events)), "an event was delivered twice"
        assert len(requests) == len(set(requests)), "a call was delivered twice"
        all_are_whole_lines(service.home / "access.jsonl")
        service.stop()
        for line in (service.home / "stderr.txt").read_text().splitlines():
            if line.strip("\0").startswith("{"):
                json.loads(line.strip("\0"))
        print(f"{len(answered)} calls answered and {len(sent)} events taken around two full disks: each is there once")


with tempfile.TemporaryDirectory() as name:
    disk = pathlib.Path(name) / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", disk], capture_output=True).returncode != 0:
        print("nothing to check: no small file system can be mounted here, which takes root")
        sys.exit(0)
    try:
        test(disk)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
print("passed")

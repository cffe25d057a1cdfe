#!/usr/bin/env python3
"""`cairn backup` of a service at work, and a service that goes on from the copy: nothing that was acknowledged before is missing,
nothing is there twice, and the digests prove it.

usage: backup.py CAIRN VENV
"""
import collections
import datetime
import gzip
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

from service import Service, in_venv, peers, wait_for

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from cairn import memory_folder  # noqa: E402

ACCOUNT = "000000000000"
OPTIONS = ("--delivery-interval", "1s", "--digest-interval", "2s", "--flush-interval", "1s")


def record(number):
    return {"eventVersion": "1.08", "eventTime": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "awsRegion": "us-east-1", "eventID": f"sent-{number}",
            "recipientAccountId": ACCOUNT, "eventType": "AwsApiCall", "eventCategory": "Management", "readOnly": True,
            "managementEvent": True, "userIdentity": {"type": "Root", "accountId": ACCOUNT}}


class Sender:
    """Sends events until it is stopped; `acknowledged` is how many are."""

    def __init__(self, service, first=0):
        self.stream, self.acknowledged, self.going = service.client("firehose"), first, True
        self.thread = threading.Thread(target=self.send)
        self.thread.start()

    def send(self):
        while self.going:
            batch = [{"Data": json.dumps(record(self.acknowledged + i))} for i in range(5)]
            answer = self.stream.put_record_batch(DeliveryStreamName="cairn", Records=batch)
            assert answer["FailedPutCount"] == 0, answer
            self.acknowledged += len(batch)
            time.sleep(0.005)

    def stop(self):
        self.going = False
        self.thread.join()


def backup(home, target, *options, code=0):
    done = subprocess.run([cairn, "backup", "--home", str(home), str(target), *options], capture_output=True, text=True, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stderr


def in_lake(service):
    """How often each event is in the lake."""
    rows = service.sql("SELECT eventID AS id, count(*) AS n FROM cloudtrail WHERE eventID LIKE 'sent-%' GROUP BY 1")
    return {row["id"]: int(row["n"]) for row in rows}


def in_log_files(home):
    found = collections.Counter()
    for path in (home / "buckets/cairn-logs/AWSLogs").glob("*/CloudTrail/**/*.json.gz"):
        found.update(event["eventID"] for event in json.loads(gzip.decompress(path.read_bytes()))["Records"]
                     if event["eventID"].startswith("sent-"))
    return found


def check_copy(copy, least, keys):
    """Starts a service on a copy that was begun when `least` events were acknowledged."""
    with Service(cairn, *OPTIONS, home=copy) as restored:
        restored.key = keys
        wanted = {f"sent-{number}" for number in range(least)}
        status = restored.client("cloudtrail").get_trail_status(Name="trail")
        assert status["IsLogging"], status
        found = wait_for("all events in the lake", lambda: (lake := in_lake(restored)) and wanted <= lake.keys() and lake)
        assert set(found.values()) == {1}, {name: n for name, n in found.items() if n != 1}
        delivered = wait_for("all events in log files", lambda: (files := in_log_files(copy)) and wanted <= files.keys() and files)
        twice = {name: n for name, n in delivered.items() if n != 1}
        assert not twice, f"{len(twice)} events are delivered twice: {sorted(twice)[:5]}"
        # It goes on: new events arrive where the old ones are.
        sender = Sender(restored, first=100_000)
        time.sleep(1)
        sender.stop()
        wait_for("new events in the lake", lambda: in_lake(restored).get(f"sent-{sender.acknowledged - 1}") == 1)
        wait_for("new events in log files", lambda: in_log_files(copy)[f"sent-{sender.acknowledged - 1}"] == 1)
        restored.client("cloudtrail").stop_logging(Name="trail")
        wait_for("the last digest", lambda: "LatestDigestDeliveryTime" in restored.client("cloudtrail").get_trail_status(Name="trail"))
        done = restored.aws("cloudtrail", "validate-logs", "--trail-arn", f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/trail",
                            "--start-time", "2026-01-01T00:00:00Z")
        assert done.returncode == 0 and "INVALID" not in done.stdout, done.stdout + done.stderr
        restored.stop()
    done = subprocess.run([cairn, "lake", "check", "--lake", str(copy / "lake")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def restored_while_at_work(place):
    with Service(cairn, *OPTIONS, home=place / "home") as service:
        trail = service.client("cloudtrail")
        trail.create_trail(Name="trail", S3BucketName="cairn-logs", IsMultiRegionTrail=True, EnableLogFileValidation=True)
        trail.start_logging(Name="trail")
        sender = Sender(service)
        wait_for("a first delivery", lambda: in_log_files(service.home))
        copies = []
        for number in range(4):
            time.sleep(0.7)
            least = sender.acknowledged
            backup(service.home, place / f"copy{number}", "--json")
            copies.append((place / f"copy{number}", least))
        assert not (service.home / ".backup").exists()
        sender.stop()
        keys = service.key
        service.stop()
    for copy, least in copies:
        assert least > 0
        check_copy(copy, least, keys)
    print(f"ok a service goes on from {len(copies)} copies that were made while it took {sender.acknowledged} events")


def refused_targets(place):
    home = place / "home"
    assert "already exists" in backup(home, home, code=1)
    assert "is inside the folder" in backup(home, home / "copy", code=2)
    assert "not a service folder" in backup(place / "none", place / "new", code=1)
    assert "No such file" in backup(home, place / "none/new", code=1)
    assert "TARGET" in backup(home, "--json", code=2)
    left = {path.name for path in place.iterdir()}
    assert not {"new", "none"} & left and not any(name.endswith(".part") for name in left), left
    print("ok targets that cannot be are refused, and leave nothing")


def killed(place):
    """A backup that is killed leaves the service's folder as it was but for `.backup`, and the next one works."""
    home = place / "home"
    for delay in (0.002, 0.01, 0.03):
        process = subprocess.Popen([cairn, "backup", "--home", str(home), str(place / "killed")], stdout=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (place / "killed").exists():  # it was faster
            subprocess.run(["rm", "-r", str(place / "killed")], check=True)
    backup(home, place / "after")
    assert not (home / ".backup").exists() and not (place / "after.part").exists()
    print("ok a backup that is killed harms nothing")


def full_disk(place):
    """Without room there is no copy and no part of one. Needs root, for a small file system."""
    if os.geteuid() != 0:
        print("not root: a full disk is not tried")
        return
    small = place / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=True)
    try:
        text = backup(place / "home", small / "copy", code=1)
        assert "No space left" in text, text
        assert not list(small.iterdir()), list(small.iterdir())
    finally:
        subprocess.run(["umount", small], check=True)
    print("ok a full disk leaves nothing")


with tempfile.TemporaryDirectory(prefix="cairn-backup-", dir=memory_folder()) as name:
    place = pathlib.Path(name)
    for test in (restored_while_at_work, refused_targets, killed, full_disk):
        test(place)

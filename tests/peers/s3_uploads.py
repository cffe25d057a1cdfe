#!/usr/bin/env python3
"""Files of a lake that are large enough to go to S3 (moto's server) in parts: s3_uploads.py CAIRN VENV
Parts are refused and lost, uploads are given up, the program is killed at each request of one."""
import base64
import gzip
import hashlib
import json
import pathlib
import random
import signal
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "lib"))
from peers import check, in_venv, run_test  # noqa: E402
from s3_world import open_world  # noqa: E402

EVENTS = 20_000  # of one day
EVENT_BYTES = 1100  # that do not compress, so the day's data file has about 22 MB
IN_ONE_BATCH = ["--batch-size", 1000]  # megabytes of JSON
PART_BYTES = 16 << 20  # S3Options::part_bytes, which commands leave as it is


def write_logs(folder):
    """Writes log files of EVENTS events. A few large events take a fifth of the time of the many small ones that
    `cairn generate` would need for a file of this size."""
    chance = random.Random(5)
    for hour in range(20):
        records = [{"eventVersion": "1.08", "eventTime": f"2026-10-01T{hour:02}:{number % 60:02}:00Z", "eventName": "PutObject",
                    "eventID": f"{hour}-{number}", "eventSource": "s3.amazonaws.com", "awsRegion": "us-east-1",
                    "recipientAccountId": "111122223333", "requestParameters":
                    {"key": base64.b64encode(chance.randbytes(EVENT_BYTES)).decode()}} for number in range(EVENTS // 20)]
        name = f"111122223333_CloudTrail_us-east-1_20261001T{hour:02}00Z_{hour:016}.json.gz"
        path = folder / "AWSLogs/111122223333/CloudTrail/us-east-1/2026/10/01" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode(), 1))


def is_upload(path):
    return ".parquet?" in path and "upload" in path


def data_files(world, name):
    return world.objects(f"{name}/cairn/cloudtrail/data/")


def unfinished(world):
    return [upload["Key"] for upload in world.s3.list_multipart_uploads(Bucket="lake").get("Uploads", [])]


def is_whole(world, name):
    """Every event once; the objects are what the table and this machine's copies say they are."""
    lake = world.lake(name)
    check("each once", world.counts(lake), [str(EVENTS)] * 2)
    files = data_files(world, name)
    copies = {file.stat().st_size: file for file in (world.folder / "home/cache/files").iterdir()}
    for key, size in files.items():
        head = world.s3.head_object(Bucket="lake", Key=key)
        check("size", head["ContentLength"], size)
        check("parts", head["ETag"].strip('"').endswith(f"-{-(-size // PART_BYTES)}"), size > PART_BYTES)
        body = world.s3.get_object(Bucket="lake", Key=key)["Body"].read()
        check("bytes", hashlib.sha256(body).hexdigest(), hashlib.sha256(copies[size].read_bytes()).hexdigest())
    world.run("lake", "check", *lake)  # reads all from the bucket
    check("larger than a part", max(files.values()) > PART_BYTES, True)


def parts_are_sent_again(world):
    """Each request of an upload is refused once, and its answer is lost once."""
    seen = {}

    def fail_twice(method, path):
        if not is_upload(path):
            return None
        seen[method, path] = seen.get((method, path), 0) + 1
        return {1: (503, "SlowDown"), 2: "lost"}.get(seen[method, path])

    world.proxy.fault = fail_twice
    world.run("ingest", world.folder / "logs", *world.lake("again"), *IN_ONE_BATCH)
    world.proxy.fault = None
    is_whole(world, "again")
    check("two parts at least", sum("partNumber" in path for _, path in seen) >= 2, True)
    # The one whose beginning was lost: nobody knows its id.
    check("as many uploads as beginnings were lost", len(unfinished(world)),
          sum(path.endswith("?uploads=") for _, path in seen))
    world.run("lake", "check", *world.lake("again"), "--remove-orphans", "--orphans-older-than", "0s")
    check("found and removed", unfinished(world), [])


def uploads_given_up_leave_nothing(world):
    lake = world.lake("refused")
    world.proxy.fault = lambda method, path: (403, "AccessDenied") if "partNumber=2" in path else None
    message = world.run("ingest", world.folder / "logs", *lake, *IN_ONE_BATCH, code=1).stderr
    check(f"says so: {message}", "cannot write s3://lake/refused/" in message and "AccessDenied" in message, True)
    world.proxy.fault = None
    check("no part is left", unfinished(world), [])
    check("no file is left", data_files(world, "refused"), {})
    world.run("ingest", world.folder / "logs", *lake, *IN_ONE_BATCH)
    is_whole(world, "refused")


def interrupted_uploads_leave_nothing(world):
    """Ctrl-C while a part is on its way."""
    lake = world.lake("interrupted")
    begun = threading.Event()

    def slow(_, path):
        if "partNumber" in path:
            begun.set()
            time.sleep(1)

    world.proxy.fault = slow
    writer = world.start("ingest", world.folder / "logs", *lake, *IN_ONE_BATCH)
    check("an upload begins", begun.wait(120), True)
    writer.send_signal(signal.SIGINT)
    writer.communicate(timeout=120)
    world.proxy.fault = None
    check("no part is left", unfinished(world), [])
    world.run("ingest", world.folder / "logs", *lake, *IN_ONE_BATCH)
    is_whole(world, "interrupted")


def killed_at_every_request_of_an_upload(world):
    """Before S3 has it, and after. What is left is listed by `lake check`, disturbs nobody, and can be removed."""
    number, left = 0, 0
    while True:
        number += 1
        ended = []
        for when in ("before", "after"):
            name = f"killed-{number}-{when}"
            lake = world.lake(name)
            ended.append(ingest_killed_at(world, lake, number, when))
            world.run("ingest", world.folder / "logs", *lake, *IN_ONE_BATCH)
            check("each once", world.counts(lake), [str(EVENTS)] * 2)
            pieces = unfinished(world)  # not earlier: S3 may still be joining what it was told to
            # A file that was joined, but not named by a commit, is an orphan too.
            report = json.loads(world.run("lake", "check", *lake, "--json", "--remove-orphans", "--orphans-older-than",
                                          "0s").stdout)
            check("pieces are found", len([key for key in report["orphans"] if "unfinished upload" in key]), len(pieces))
            left += len(report["orphans"])
            check("nothing is left", (unfinished(world), len(data_files(world, name))), ([], 1))
        if all(ended):
            break
    check("requests of an upload", number > 4, True)  # beginning, two parts, end
    check("some were left", left > 0, True)
    print(f"   killed before and after each of {number - 1} requests, {left} orphans removed")


def ingest_killed_at(world, lake, number, when):
    """Whether it ended before there were so many requests."""
    seen = []

    def kill(_, path):
        if not is_upload(path):
            return None
        seen.append(path)
        if len(seen) != number:
            return None
        if when == "before":
            writer.kill()
            return (503, "SlowDown")
        threading.Timer(0.05, writer.kill).start()
        return "lost"

    world.proxy.fault = kill
    writer = world.start("ingest", world.folder / "logs", *lake, *IN_ONE_BATCH, "--lake-cache",
                         world.folder / "other-cache")
    writer.communicate()
    world.proxy.fault = None
    check("ended", writer.returncode in (0, -signal.SIGKILL), True)
    return writer.returncode == 0


def main():
    in_venv(sys.argv[2])
    only = sys.argv[3:]
    with open_world(sys.argv[1]) as world:
        write_logs(world.folder / "logs")
        for test in (parts_are_sent_again, uploads_given_up_leave_nothing, interrupted_uploads_leave_nothing,
                     killed_at_every_request_of_an_upload):
            if only and test.__name__ not in only:
                continue
            run_test(test, world)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""A lake on S3 (moto's server), with its catalog in a real PostgreSQL or in SQLite: s3_lake.py CAIRN VENV
pyiceberg reads it from the bucket and sees what cairn sees. Between cairn and S3 is a proxy that counts, and fails."""
import contextlib
import csv
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "api"))
sys.path.insert(0, str(HERE.parent / "lib"))
from peers import check, in_venv, rows_of, run_test  # noqa: E402
from postgres_catalog import Postgres  # noqa: E402
from rights import place_for_others  # noqa: E402
from s3_world import open_world  # noqa: E402
from service import Service  # noqa: E402

COLUMNS = ["eventID", "eventTime", "eventName", "errorCode", "readOnly", "userIdentity.arn",
           "userIdentity.sessionContext.attributes.mfaAuthenticated", "requestParameters", "recordNumber"]


def asks_for_a_catalog(world):
    message = world.run("ingest", world.folder / "logs", "--lake", "s3://lake/none", code=2).stderr
    check("a catalog must be named", "--catalog postgresql://" in message and "sqlite:///" in message, True)


def ingest_once(world):
    lake = world.lake("main")
    first = json.loads(world.run("ingest", world.folder / "logs", *lake, "--json", "--lake-sse", "AES256").stdout)
    check("all are new", first["events"]["new"], world.events)
    again = json.loads(world.run("ingest", world.folder / "logs", *lake, "--json").stdout)
    check("known", (again["objects"]["known"], again["events"]["new"]), (again["objects"]["listed"], 0))
    shutil.copytree(world.folder / "logs", world.folder / "copy", dirs_exist_ok=True)
    copies = json.loads(world.run("ingest", world.folder / "copy", *lake, "--json").stdout)
    check("duplicates", (copies["events"]["new"], copies["events"]["duplicate"]), (0, world.events))
    check("each once", world.counts(lake), [str(world.events)] * 2)
    data = [key for key in world.objects("main/cairn/cloudtrail/data/")]
    check("a file for each day", len(data), world.days)
    check("encrypted", world.s3.head_object(Bucket="lake", Key=data[0])["ServerSideEncryption"], "AES256")


def commands_answer_as_on_a_disk(world):
    lake, disk = world.lake("main"), ["--lake", world.folder / "disk"]
    world.run("ingest", world.folder / "logs", *disk)
    who = world.rows(lake, 'SELECT userIdentity.arn FROM cloudtrail WHERE userIdentity.arn IS NOT NULL '
                           'GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1')[0][0]
    for question in (["lookup", "--attribute", "EventName=AssumeRole", "--max-items", 20], ["summary", "--json"],
                     ["diagnose", "throttling", "--json"], ["diagnose", "access-denied", "--json"],
                     ["timeline", "--identity", who, "--format", "jsonl"],
                     ["sql", "--format", "csv", "SELECT eventName, errorCode, count(*) FROM cloudtrail "
                                                "GROUP BY 1, 2 ORDER BY 1, 2"]):
        answers = [world.run(question[0], *question[1:2], *where, *question[2:], code=None)
                   if question[0] == "diagnose" else world.run(*question, *where) for where in (lake, disk)]
        texts = [[line for line in done.stdout.splitlines() if "lake" not in line and "enerated" not in line]
                 for done in answers]
        check(f"{question}", (answers[0].returncode, texts[0]), (answers[1].returncode, texts[1]))
        check(f"{question} says something", bool(texts[0]), True)
    for where, name in ((lake, "from-s3"), (disk, "from-disk")):
        world.run("export", *where, "--output", world.folder / name, "--format", "log-files")
    for one in (world.folder / "from-disk").rglob("*.gz"):
        other = world.folder / "from-s3" / one.relative_to(world.folder / "from-disk")
        check("exported", hashlib.md5(one.read_bytes()).digest() == hashlib.md5(other.read_bytes()).digest(), True)


def needles_fetch_what_matches(world):
    lake = world.lake("main")
    event = world.rows(lake, "SELECT eventID FROM cloudtrail ORDER BY eventTime, eventID LIMIT 1")[0][0]
    needle = f"SELECT eventName FROM cloudtrail WHERE eventID = '{event}'"
    world.cold()
    check("found", len(world.rows(lake, needle)), 1)
    whole = max(world.objects("main/cairn/cloudtrail/data/").values())
    fetched = world.proxy.asked()
    data = world.objects("main/cairn/cloudtrail/data/")
    keys = {request[1].split("?")[0].removeprefix("/lake/") for request in fetched if request[3] >= min(data.values())}
    check("whole files fetched", len(keys), 1)
    print(f"   needle, cold: {len(world.proxy.requests)} requests, {sum(r[3] for r in world.proxy.requests):,} bytes of "
          f"{sum(data.values()):,}; the largest file has {whole:,}")
    world.proxy.requests.clear()
    check("found again", len(world.rows(lake, needle)), 1)
    check("small ranges only", [r for r in world.proxy.requests if r[3] > 32], [])
    print(f"   needle, warm: {len(world.proxy.requests)} requests, {sum(r[3] for r in world.proxy.requests):,} bytes")
    world.cold()
    day = world.rows(lake, "SELECT count(*) FROM cloudtrail WHERE eventTime >= TIMESTAMP '2026-10-02 01:00:00' AND "
                           "eventTime < TIMESTAMP '2026-10-02 23:00:00'")
    check("a day", int(day[0][0]) > 0, True)
    keys = {request[1].split("?")[0] for request in world.proxy.asked()}
    check("is one file", len(keys), 1)


def small_caches_do(world):
    lake = [*world.lake("main"), "--lake-cache", world.folder / "small", "--lake-cache-size", "100KB"]
    everything = "SELECT eventName, count(*) FROM cloudtrail GROUP BY 1 ORDER BY 1"
    want = world.rows(world.lake("main"), everything)
    for _ in range(2):
        check("all is read", world.rows(lake, everything), want)
        kept = sum(file.stat().st_size for file in (world.folder / "small/files").iterdir())
        check("and not kept", kept <= 100_000, True)
    check("nothing is in use", list((world.folder / "small/use").iterdir()), [])
    queries = [world.start("sql", *lake, "--format", "csv", everything) for _ in range(6)]
    for query in queries:
        out, err = query.communicate()
        check("at once", (query.returncode, err, list(csv.reader(out.splitlines()))[1:]), (0, "", want))


def torn_copies_are_mended(world):
    lake = world.lake("main")
    want = world.counts(lake)
    chance = random.Random(3)
    for damage in ("cut", "zero", "end"):
        for copy in (world.folder / "home/cache/files").iterdir():
            size = copy.stat().st_size
            with open(copy, "r+b") as file:
                if damage == "cut":
                    file.truncate(chance.randrange(size))
                elif damage == "zero":
                    file.write(b"\0" * 8)
                else:
                    file.seek(size - 4)
                    file.write(b"\0" * 4)
        check(damage, world.counts(lake), want)


def others_read_it(world):
    """pyiceberg, straight from the bucket and PostgreSQL's catalog."""
    from pyiceberg.catalog import load_catalog
    lake = world.lake("open", world.postgres.url)
    world.run("ingest", world.folder / "logs", *lake)
    catalog = load_catalog("cairn", type="sql", uri=f"postgresql+psycopg2://cairn@/postgres?host={world.postgres.home}",
                           **{"s3.endpoint": world.proxy.url, "s3.access-key-id": "AKIAEXAMPLE",
                              "s3.secret-access-key": "secret", "s3.region": "us-east-1"})
    table = catalog.load_table("cairn.cloudtrail")
    check("location", table.location(), "s3://lake/open/cairn/cloudtrail")
    check("all names are of S3", [file.file.file_path for file in table.scan().plan_files()
                                  if not file.file.file_path.startswith("s3://lake/open/")], [])
    got = rows_of(table.scan().to_arrow(), COLUMNS)
    check("rows", got == sorted(world.rows(lake, f"SELECT {', '.join(COLUMNS)} FROM cloudtrail")), True)
    one_day = table.scan(row_filter="eventTime >= '2026-10-02T00:00:00' and eventTime < '2026-10-03T00:00:00'")
    check("a day is one file", len(list(one_day.plan_files())), 1)
    print(f"   pyiceberg: {len(got)} rows, the same values")
    world.run("lake", "compact", *lake)
    world.run("lake", "expire", *lake, "--snapshots-older-than", "0s")
    table.refresh()
    check("after upkeep", table.scan().to_arrow().num_rows, world.events)


def lost_catalogs_are_made_anew(world):
    """By pyiceberg, as the manual says; the next ingest fills the ledger again."""
    from pyiceberg.catalog.sql import SqlCatalog
    catalog = SqlCatalog("cairn", uri=f"sqlite:///{world.folder}/anew.db",
                         **{"s3.endpoint": world.proxy.url, "s3.access-key-id": "AKIAEXAMPLE",
                            "s3.secret-access-key": "secret", "s3.region": "us-east-1"})
    catalog.create_namespace("cairn")
    newest = max(key for key in world.objects("main/cairn/cloudtrail/metadata/") if key.endswith(".metadata.json"))
    catalog.register_table("cairn.cloudtrail", f"s3://lake/{newest}")
    lake = ["--lake", "s3://lake/main", "--catalog", f"sqlite:///{world.folder}/anew.db"]
    report = json.loads(world.run("ingest", world.folder / "logs", *lake, "--json").stdout)
    check("none twice", (report["events"]["new"], report["events"]["duplicate"]), (0, world.events))
    check("each once", world.counts(lake), [str(world.events)] * 2)


def two_machines_write(world):
    """Each with a cache of its own; what both bring is there once."""
    world.postgres.psql("DROP TABLE iceberg_tables; DROP TABLE iceberg_namespace_properties; DROP TABLE cairn_objects")
    lake = world.lake("both", world.postgres.url)
    files = sorted((world.folder / "logs").rglob("*.json.gz"))
    third = len(files) // 3
    halves = [files[:2 * third], files[third:]]
    writers = []
    for number, half in enumerate(halves):
        folder = world.folder / f"half{number}"
        for file in half:
            target = folder / file.relative_to(world.folder / "logs")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        writers.append(world.start("ingest", folder, *lake, "--lake-cache", world.folder / f"cache{number}", "--batch-size", "16",
                                   "--json"))
    reports = []
    for writer in writers:
        out, err = writer.communicate()
        check("exit", (writer.returncode, err), (0, ""))
        reports.append(json.loads(out))
    check("new events", sum(report["events"]["new"] for report in reports), world.events)
    check("duplicates", sum(report["events"]["duplicate"] for report in reports) > 0, True)
    check("each once", world.counts(lake), [str(world.events)] * 2)
    world.run("lake", "check", *lake)
    print(f"   {[report['commits'] for report in reports]} commits, files {len(world.objects('both/cairn/cloudtrail/data/'))}")


def upkeep(world):
    lake = world.lake("both", world.postgres.url)
    snapshots = json.loads(world.run("lake", "snapshots", *lake, "--json").stdout)
    before = world.objects("both/cairn/cloudtrail/data/")
    merged = json.loads(world.run("lake", "compact", *lake, "--json").stdout)
    check("merged", merged["filesBefore"] > merged["filesAfter"], True)
    check("each once", world.counts(lake), [str(world.events)] * 2)
    first = json.loads(world.run("lake", "status", *lake, "--json").stdout)
    check("status", (first["events"], first["location"]), (world.events, "s3://lake/both"))
    early = snapshots[0]["id"]
    asked = int(world.rows([*lake, "--as-of", str(early)], "SELECT count(*) FROM cloudtrail")[0][0])
    check("as it was", asked, int(snapshots[0]["summary"]["total-records"]))
    world.run("lake", "rollback", *lake, early)
    check("rolled back", world.counts(lake)[0], str(asked))
    world.run("lake", "rollback", *lake, first["snapshotId"])
    check("and forth", world.counts(lake), [str(world.events)] * 2)
    expired = json.loads(world.run("lake", "expire", *lake, "--snapshots-older-than", "0s", "--json").stdout)
    after = world.objects("both/cairn/cloudtrail/data/")
    check("old files are gone", len(after) < len(before), True)
    world.run("lake", "expire", *lake, "--older-than", "2026-10-02T12:00:00Z", "--snapshots-older-than", "0s")
    check("retention", world.rows(lake, "SELECT min(eventTime) >= TIMESTAMP '2026-10-02 12:00:00' FROM cloudtrail"), [["true"]])
    world.run("lake", "check", *lake)
    return expired


def check_sees_what_lies_there(world):
    """Though this machine has whole copies of everything."""
    lake = world.lake("main")
    world.counts(lake)
    keys = sorted(world.objects("main/cairn/cloudtrail/data/"))
    originals = {key: world.s3.get_object(Bucket="lake", Key=key)["Body"].read() for key in keys[:2]}
    altered = bytearray(originals[keys[0]])
    for at in range(len(altered) // 3, len(altered) // 3 + 64):
        altered[at] ^= 0xFF
    world.s3.put_object(Bucket="lake", Key=keys[0], Body=bytes(altered))
    world.s3.delete_object(Bucket="lake", Key=keys[1])
    world.s3.put_object(Bucket="lake", Key=keys[2].replace(".parquet", "-stray.parquet"), Body=b"PAR1")
    report = json.loads(world.run("lake", "check", *lake, "--json", "--orphans-older-than", "0s", code=3).stdout)
    check("faults", sorted(fault["key"] for fault in report["faults"]),
          [key.removeprefix("main/") for key in keys[:2]])
    check("orphans", [name.endswith("-stray.parquet") for name in report["orphans"]], [True])
    check("copies do", world.counts(lake), [str(world.events)] * 2)
    world.cold()
    message = world.run("sql", *lake, "SELECT count(eventName) FROM cloudtrail", code=1).stderr
    check("says what is missing", "NoSuchKey" in message and "cairn lake check" in message, True)
    for key, body in originals.items():
        world.s3.put_object(Bucket="lake", Key=key, Body=body)
    world.run("lake", "check", *lake, "--remove-orphans", "--orphans-older-than", "0s")
    check("removed", [key for key in world.objects("main/") if "stray" in key], [])


def errors_say_what_to_do(world):
    lake = world.lake("main")
    everything = "SELECT count(eventName) FROM cloudtrail"

    def refused(*words, lake=lake, fault=None, **settings):
        world.cold()
        world.proxy.fault = fault and (lambda method, path: fault)
        message = world.run("sql", *lake, everything, code=1, **settings).stderr
        world.proxy.fault = None
        for word in words:
            check(f"{word!r} in {message!r}", word in message, True)

    refused("InvalidAccessKeyId", "hint: ", fault=(403, "InvalidAccessKeyId"))
    refused("SignatureDoesNotMatch", "hint: check the secret key", fault=(403, "SignatureDoesNotMatch"))
    refused("AccessDenied", "hint: check the permissions", fault=(403, "AccessDenied"))
    world.proxy.fault = lambda method, path: (403, "AccessDenied") if method == "PUT" else None
    message = world.run("ingest", world.folder / "logs", *world.lake("denied"), code=1).stderr
    check("may not write", "cannot write s3://lake/denied/" in message and "AccessDenied" in message, True)
    world.proxy.fault = None
    nowhere = ["--lake", "s3://no-such-bucket/x", "--catalog", f"sqlite:///{world.folder}/nowhere.db"]
    message = world.run("ingest", world.folder / "logs", *nowhere, code=1).stderr
    check("no bucket", "NoSuchBucket" in message and "hint: check the bucket's name" in message, True)
    gone = [*lake[:1], "s3://no-such-bucket/main", *lake[2:]]
    message = world.run("sql", *gone, everything, code=1).stderr
    check(f"a bucket that went: {message}", "NoSuchBucket" in message, True)
    message = world.run("sql", *world.lake("never"), everything, code=1).stderr
    check(f"no such lake: {message}", "there is no catalog" in message, True)
    message = world.run("ingest", world.folder / "logs", "--lake", "s3://lake/main", "--catalog",
                        f"sqlite:///{world.folder}/other.db", code=1).stderr
    check("the place of another catalog", "that this catalog does not know" in message, True)
    message = world.run("sql", *lake, everything, code=1, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="",
                        AWS_EC2_METADATA_DISABLED="true").stderr
    check("no credentials", "hint: set AWS_ACCESS_KEY_ID" in message, True)
    check("a profile that is not there", "no-such" in
          world.run("sql", *lake, "--lake-profile", "no-such", everything, code=1).stderr, True)
    message = world.run("sql", *lake, "--lake-cache", "/proc/cairn", everything, code=1).stderr
    check(f"no folder for copies: {message}", "/proc/cairn" in message, True)
    elsewhere = world.run("sql", *lake, "--format", "csv", everything, "--lake-endpoint-url", world.proxy.url,
                          AWS_ENDPOINT_URL="http://127.0.0.1:9").stdout.splitlines()[1].strip("\"")
    check("endpoint", elsewhere, str(world.events))


def lost_answers(world):
    """A put whose answer was lost is put again; one that cannot be put leaves all as it was."""
    lake = world.lake("lost")
    lost = set()

    def lose_first(method, path):
        if method == "PUT" and path not in lost:
            lost.add(path)
            return "lost"
        return None

    world.proxy.fault = lose_first
    world.run("ingest", world.folder / "logs", *lake, "--batch-size", "16")
    world.proxy.fault = None
    check("lost some", len(lost) > 5, True)
    check("each once", world.counts(lake), [str(world.events)] * 2)
    report = json.loads(world.run("lake", "check", *lake, "--json", "--orphans-older-than", "0s").stdout)
    check("no orphans", report["orphans"], [])


def killed_at_every_request(world):
    """Before S3 has it, and after; then once more to the end: each event is there once."""
    few = world.folder / "few"
    world.run("generate", "--events", 2_000, "--days", 2, "--seed", 9, "--output", few)
    name, number, orphans = "", 0, 0
    while True:
        number += 1
        ends = 0
        for when in ("before", "after"):
            name = f"killed-{number}-{when}"
            lake = world.lake(name)
            ends += ingest_killed_at(world, few, lake, number, when)
            world.proxy.fault = None
            world.run("ingest", few, *lake)
            check(f"each once, killed {when} request {number}", world.counts(lake), ["2000", "2000"])
            report = json.loads(world.run("lake", "check", *lake, "--json", "--remove-orphans", "--orphans-older-than",
                                          "0s").stdout)
            orphans += len(report["orphans"])
            named = len(world.objects(f"{name}/cairn/cloudtrail/data/"))
            check("files", json.loads(world.run("lake", "status", *lake, "--json").stdout)["files"], named)
        if ends == 2:
            break
    check("so many requests", number > 10, True)
    print(f"   killed before and after each of {number - 1} requests, {orphans} orphans removed")


def ingest_killed_at(world, logs, lake, number, when):
    """1 if it ended before there were so many requests."""
    seen = []

    def kill(method, path):
        seen.append(path)
        if len(seen) != number:
            return None
        if when == "before":
            writer.send_signal(signal.SIGKILL)
            return (503, "SlowDown")
        threading.Timer(0.05, lambda: writer.send_signal(signal.SIGKILL)).start()
        return "lost"

    world.proxy.fault = kill
    writer = world.start("ingest", logs, *lake, "--batch-size", "1", "--lake-cache", world.folder / "other-cache")
    writer.communicate()
    check("ended", writer.returncode in (0, -signal.SIGKILL), True)
    return writer.returncode == 0


def orphans_are_removed(world):
    """Files and uploads that nothing names."""
    lake = world.lake("main")
    key = "main/cairn/cloudtrail/data/eventTime_day=2026-10-01/x.parquet"
    world.s3.put_object(Bucket="lake", Key=key, Body=b"PAR1")
    young = json.loads(world.run("lake", "check", *lake, "--json", "--remove-orphans").stdout)
    check("young ones may be of a writer at work", young["orphans"], [])
    upload = world.s3.create_multipart_upload(Bucket="lake", Key=key)
    report = json.loads(world.run("lake", "check", *lake, "--json", "--orphans-older-than", "0s").stdout)
    check("both", report["orphans"], [key.removeprefix("main/"),
                                      f"{key.removeprefix('main/')} (unfinished upload {upload['UploadId']})"])
    world.run("lake", "check", *lake, "--remove-orphans", "--orphans-older-than", "0s")
    check("no file is left", key in world.objects("main/"), False)
    check("no upload is left", "Uploads" in world.s3.list_multipart_uploads(Bucket="lake"), False)
    check("each once still", world.counts(lake), [str(world.events)] * 2)


def rejected_objects(world):
    lake = world.lake("rejected")
    bad = world.folder / "bad"
    bad.mkdir()
    good = next(iter(sorted((world.folder / "logs").rglob("*.json.gz"))))
    whole = good.read_bytes()
    (bad / good.name).write_bytes(whole[:len(whole) // 2])
    world.run("ingest", bad, *lake, code=1)
    kept = [key for key in world.objects("rejected/rejected/") if not key.endswith(".json")]
    check("kept as it came", [world.s3.get_object(Bucket="lake", Key=key)["Body"].read() for key in kept],
          [whole[:len(whole) // 2]])
    (bad / good.name).write_bytes(whole)
    world.run("ingest", "--retry-rejected", *lake)
    check("taken", int(world.counts(lake)[0]) > 0, True)
    check("no copy is left", world.objects("rejected/rejected/"), {})


def the_service_uses_it(world):
    """`cairn serve` puts what it is told into the lake, answers from it, and merges its files."""
    import boto3
    lake = world.lake("served")
    os.environ.update(world.environment)
    with Service(world.program, *lake, "--flush-interval", "1s", home=world.folder / "service") as service:
        client = boto3.client("cloudtrail", endpoint_url=service.url, region_name=service.region,
                              aws_access_key_id=service.key[0], aws_secret_access_key=service.key[1])
        client.create_trail(Name="audit", S3BucketName="cairn-logs")
        end = time.monotonic() + 30
        while True:
            wanted = [{"AttributeKey": "EventName", "AttributeValue": "CreateTrail"}]
            events = client.lookup_events(LookupAttributes=wanted)["Events"]
            if events or time.monotonic() > end:
                break
            time.sleep(0.5)
        check("found", [event["EventName"] for event in events], ["CreateTrail"])
        service.process.send_signal(signal.SIGTERM)
        check("ended", service.process.wait(60), 0)
    check("in the bucket", len(world.objects("served/cairn/cloudtrail/data/")) > 0, True)
    check("each once", len(set(world.counts(lake))), 1)
    world.run("lake", "check", *lake)


def main():
    program, venv = sys.argv[1], pathlib.Path(sys.argv[2])
    in_venv(venv)
    only = sys.argv[3:]
    with tempfile.TemporaryDirectory(dir=place_for_others()) as home:
        server = Postgres(pathlib.Path(home))
        with contextlib.ExitStack() as stack:
            stack.callback(server.stop)
            server.start()
            world = stack.enter_context(open_world(program, server))
            world.events, world.days = 60_000, 4
            world.run("generate", "--events", world.events, "--days", world.days, "--seed", 5, "--output", world.folder / "logs")
            for test in (asks_for_a_catalog, ingest_once, commands_answer_as_on_a_disk, needles_fetch_what_matches,
                         small_caches_do, torn_copies_are_mended, others_read_it, two_machines_write, upkeep,
                         check_sees_what_lies_there, errors_say_what_to_do, lost_answers, killed_at_every_request,
                         orphans_are_removed, lost_catalogs_are_made_anew, rejected_objects,
                         the_service_uses_it):
                if only and test.__name__ not in only:
                    continue
                run_test(test, world)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""MinIO's own server as the S3 of the sources and of the lake: minio.py CAIRN VENV FOLDER
The server is built from its Go module, once, in FOLDER."""
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "peers"))
from lakes import Cairn  # noqa: E402
from peers import check, difference, free_port, in_venv, openssl_certificate, run_test, skip, wait_for_port  # noqa: E402
from postgres_catalog import Postgres  # noqa: E402
from rights import place_for_others  # noqa: E402
from s3_record import BUCKET, KEYS, record_s3  # noqa: E402

MODULE = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"
EVERYTHING = ("SELECT eventID, eventTime, eventName, userIdentity.arn, errorCode, requestParameters, otherFields FROM cloudtrail "
              "ORDER BY eventID, eventTime")


def built(folder):
    """The server's program."""
    program = folder / "minio"
    if program.exists():
        return program
    if shutil.which("go") is None:
        skip("there is no Go, which MinIO is built with (Debian: apt-get install golang, 1.24 or newer)")
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    shutil.copy(HERE / "minio_main.go", source / "main.go")
    print(f"building MinIO in {folder}, which takes some minutes", flush=True)
    environment = {**os.environ, "GOFLAGS": "-buildvcs=false -mod=mod"}
    for command in (["go", "mod", "init", "minio"], ["go", "get", MODULE], ["go", "mod", "tidy"],
                    ["nice", "go", "build", "-o", "minio", "."]):
        done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            skip(f"MinIO cannot be built: {' '.join(command)}: {done.stderr[-500:]}")
    (source / "minio").rename(program)
    return program


class MinIO:
    """A server on this machine; `tls` are its certificate and key."""

    def __init__(self, program, folder, tls=None):
        self.port = free_port()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.ca = tls and tls[0]
        certificates = folder / "certificates"
        certificates.mkdir(parents=True)
        if tls:
            shutil.copy(tls[0], certificates / "public.crt")
            shutil.copy(tls[1], certificates / "private.key")
        self.log = open(folder / "log", "w+", encoding="utf-8")
        master = "key-1:" + "A" * 43 + "="  # a KMS of MinIO's own, with this key
        self.process = subprocess.Popen(
            [program, "server", "--address", f"127.0.0.1:{self.port}", "--console-address", f"127.0.0.1:{free_port()}",
             "--certs-dir", certificates, folder / "data"], stdout=self.log, stderr=self.log,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "MINIO_ROOT_USER": KEYS[0], "MINIO_ROOT_PASSWORD": KEYS[1],
                 "MINIO_DOMAIN": "localhost", "MINIO_KMS_SECRET_KEY": master, "MINIO_BROWSER": "off",
                 "MINIO_CI_CD": "on"})
        if not wait_for_port(self.port, self.process):
            self.log.seek(0)
            sys.exit(f"MinIO does not start:\n{self.log.read()[-3000:]}")

    def client(self, keys=KEYS):
        import boto3
        from botocore.config import Config
        return boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=keys[0],
                            aws_secret_access_key=keys[1], verify=str(self.ca) if self.ca else None,
                            config=Config(s3={"addressing_style": "path"}))

    def ready(self):
        end = time.monotonic() + 60
        while True:
            try:
                return self.client().list_buckets()
            except Exception:  # noqa: BLE001  its drives are not there yet
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)

    def stop(self):
        self.process.kill()
        self.process.wait()


class World:
    def __init__(self, program, home, server, s3, postgres):
        self.program, self.home, self.server, self.s3, self.postgres = program, home, server, s3, postgres

    def settings(self, **more):
        return {"AWS_ENDPOINT_URL": self.server.url, "AWS_ACCESS_KEY_ID": KEYS[0], "AWS_SECRET_ACCESS_KEY": KEYS[1],
                "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(self.home),
                "CAIRN_HOME": str(self.home / "home"), **more}

    def on_disk(self, name, **more):
        return Cairn(self.program, self.home / name, **self.settings(**more))

    def in_bucket(self, name, *options, catalog=None, **more):
        catalog = catalog or f"sqlite:///{self.home}/{name}.db"
        return Cairn(self.program, f"s3://lake/{name}", "--catalog", catalog, *options, **self.settings(**more))

    def objects(self, bucket, prefix=""):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def same(self, what, one, other):
        got, want = one.rows(EVERYTHING), other.rows(EVERYTHING)
        if got != want:
            sys.exit(f"{what}: {difference(got, want)}")


def recorded(program, server, s3):
    """Renews recorded/minio.json."""
    probe = pathlib.Path(program).parent / "tests/peers/s3_probe"
    if not probe.exists():
        print(f"{probe} is not built, so MinIO's answers are not recorded")
        return
    s3.create_bucket(Bucket=BUCKET)
    record_s3(probe, {"engine": "MinIO", "version": MODULE.partition("@")[2]}, "127.0.0.1", server.port)


def upload(world):
    files = [path for path in sorted((world.home / "logs").rglob("*")) if path.is_file()]
    for path in files:
        world.s3.upload_file(str(path), "logs", f"trail/{path.relative_to(world.home / 'logs')}")
    return len(files)


def sources(world):
    """A trail's bucket, by path and by host; a second run lists and takes nothing."""
    direct = world.on_disk("direct")
    direct("ingest", world.home / "logs")
    for addressing in ("path", "virtual"):
        endpoint = world.server.url.replace("127.0.0.1", "localhost")
        lake = world.on_disk(f"by-{addressing}", AWS_ENDPOINT_URL=endpoint)
        report = lake("ingest", "s3://logs/trail", "--addressing", addressing, "--json")
        check(f"{addressing}: objects", report["objects"]["new"], world.logs)
        world.same(addressing, direct, lake)
        report = lake("collect", "s3://logs/trail/", "--addressing", addressing, "--json")
        check(f"{addressing}: known", (report["objects"]["new"], report["events"]["new"]), (0, 0))
        check("the files that files gave", lake.rows("SELECT count(DISTINCT sourceFile) FROM cloudtrail"),
              direct.rows("SELECT count(DISTINCT sourceFile) FROM cloudtrail"))


def encrypted_sources(world):
    """SSE-S3, and in parts that MinIO's ETags tell of."""
    first = sorted((world.home / "logs").rglob("*.json.gz"))[0]
    relative = first.relative_to(world.home / "logs")
    world.s3.put_object(Bucket="encrypted", Key=f"trail/{relative}", Body=first.read_bytes(), ServerSideEncryption="AES256")
    facts = world.s3.head_object(Bucket="encrypted", Key=f"trail/{relative}")
    check("encrypted", facts["ServerSideEncryption"], "AES256")
    lake = world.on_disk("encrypted")
    report = lake("ingest", "s3://encrypted/trail/", "--json")
    check("read", (report["objects"]["new"], report["events"]["new"] > 0), (1, True))
    report = lake("ingest", "s3://encrypted/trail/", "--json", "--full-listing")
    check("known", report["objects"]["known"], 1)


def large_objects(world):
    """Log files far above what one request reads."""
    events = [json.loads(line) for line in world.on_disk("direct").run(
        "sql", "--lake", world.home / "direct", "--format", "jsonl", "SELECT eventJson FROM cloudtrail LIMIT 2000").stdout.splitlines()]
    events = [event["eventJson"] if isinstance(event["eventJson"], dict) else json.loads(event["eventJson"]) for event in events]
    chance = random.Random(4)
    records = [{**event, "eventID": f"{chance.getrandbits(128):032x}", "additionalEventData": {"noise": chance.randbytes(8_000).hex()}}
               for event in events]
    name = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/10/01/111122223333_CloudTrail_us-east-1_20261001T0000Z_aaaaaaaaaaaaaaaa.json"
    large = world.home / "large" / name
    large.parent.mkdir(parents=True)
    large.write_text(json.dumps({"Records": records}))
    world.s3.upload_file(str(large), "encrypted", f"large/{name}")  # in parts
    etag = world.s3.head_object(Bucket="encrypted", Key=f"large/{name}")["ETag"]
    check("in parts", "-" in etag, True)
    lake, direct = world.on_disk("large-lake"), world.on_disk("large-direct")
    report = lake("ingest", "s3://encrypted/large/", "--json")
    check("all of it", report["events"]["new"], len(records))
    direct("ingest", world.home / "large")
    world.same("large", lake, direct)
    print(f"   {large.stat().st_size / 1e6:.0f} MB in one object")


def refusals(world):
    """What MinIO says to wrong keys, and names."""
    for settings, words in (({"AWS_SECRET_ACCESS_KEY": "wrong"}, ["SignatureDoesNotMatch", "hint: check the secret key"]),
                            ({"AWS_ACCESS_KEY_ID": "nobody"}, ["InvalidAccessKeyId", "hint: "])):
        for refused in (world.on_disk("refused", **settings)("ingest", "s3://logs/trail/", code=1).stderr,
                        world.in_bucket("refused", **settings)("ingest", world.home / "logs", code=1).stderr):
            for word in words:
                check(f"{word!r} in {refused!r}", word in refused, True)
    message = world.on_disk("refused")("ingest", "s3://no-such-bucket/x/", code=1).stderr
    check(f"no bucket: {message}", "NoSuchBucket" in message, True)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]},
              "Action": ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"],
              "Resource": ["arn:aws:s3:::public", "arn:aws:s3:::public/*"]}]}
    world.s3.put_bucket_policy(Bucket="public", Policy=json.dumps(policy))
    first = sorted((world.home / "logs").rglob("*.json.gz"))[0]
    world.s3.upload_file(str(first), "public", f"trail/{first.relative_to(world.home / 'logs')}")
    lake = world.on_disk("public", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    check("without keys", lake("ingest", "s3://public/trail/", "--no-sign-request", "--json")["objects"]["new"], 1)
    message = lake("ingest", "s3://logs/trail/", "--no-sign-request", code=1).stderr
    check(f"not public: {message}", "AccessDenied" in message, True)


def lake_in_a_bucket(world):
    """The same as on a disk, through everything that changes it."""
    disk, far = world.on_disk("disk"), world.in_bucket("main", "--lake-sse", "AES256")
    for lake in (disk, far):
        lake("ingest", world.home / "logs", "--batch-size", "8")
    plain = world.in_bucket("main")
    world.same("ingested", disk, plain)
    data = [key for key in world.objects("lake", "main/cairn/cloudtrail/data/")]
    check("encrypted", world.s3.head_object(Bucket="lake", Key=data[0])["ServerSideEncryption"], "AES256")
    for lake in (disk, plain):
        lake("lake compact")
        lake("lake expire", "--older-than", "2026-10-02T12:00:00Z", "--snapshots-older-than", "0s")
    world.same("after upkeep", disk, plain)
    check("old files are gone", len(world.objects("lake", "main/cairn/cloudtrail/data/")) < len(data), True)
    plain("lake check")
    shutil.rmtree(world.home / "home/cache")
    world.same("without copies", disk, plain)
    check("nothing unfinished", "Uploads" in world.s3.list_multipart_uploads(Bucket="lake", Prefix="main/"), False)


def others_read_it(world):
    """pyiceberg, from MinIO itself."""
    from pyiceberg.catalog import load_catalog
    table = load_catalog("cairn", type="sql", uri=f"sqlite:///{world.home}/main.db", **{
        "s3.endpoint": world.server.url, "s3.access-key-id": KEYS[0], "s3.secret-access-key": KEYS[1],
        "s3.region": "us-east-1"}).load_table("cairn.cloudtrail")
    check("rows", table.scan().count(), world.in_bucket("main").count("true"))
    check("values", table.scan(row_filter="errorCode == 'AccessDenied'").to_arrow().num_rows,
          world.in_bucket("main").count("errorCode = 'AccessDenied'"))


def files_in_parts(world):
    """A file of the lake above the size of a part: it is put in parts, read by ranges, and is what the disk has."""
    noisy = world.home / "large"
    for number in range(2):
        name = next(noisy.rglob("*.json"))
        copy = name.with_name(name.name.replace("aaaaaaaaaaaaaaaa", f"bbbbbbbbbbbbbbb{number}"))
        records = json.loads(name.read_text())["Records"]
        for record in records:
            record["eventID"] = hashlib.md5(f"{number}{record['eventID']}".encode()).hexdigest()
        copy.write_text(json.dumps({"Records": records}))
    lake, direct = world.in_bucket("parts"), world.on_disk("parts-direct")
    for one in (lake, direct):
        one("ingest", noisy)
    world.same("large files", lake, direct)
    sizes = world.objects("lake", "parts/cairn/cloudtrail/data/")
    key = max(sizes, key=sizes.get)
    check("in parts", "-" in world.s3.head_object(Bucket="lake", Key=key)["ETag"], True)
    shutil.rmtree(world.home / "home/cache")
    world.same("fetched anew", lake, direct)
    lake("lake check")
    print(f"   {sizes[key] / 1e6:.0f} MB in one file of the lake")


def killed_and_resumed(world):
    """Killed at random instants; then once to the end: each event is there once, and nothing is left over."""
    chance = random.Random(11)
    lake = world.in_bucket("killed")
    environment = {**os.environ, **world.settings()}
    killed = 0
    for _ in range(25):
        writer = subprocess.Popen([world.program, "ingest", str(world.home / "logs"), *lake.options, "--batch-size", "1"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        time.sleep(chance.uniform(0.01, 0.25))
        writer.send_signal(signal.SIGKILL)
        killed += writer.wait() == -signal.SIGKILL
    lake("ingest", world.home / "logs")
    world.same("killed", lake, world.on_disk("direct"))
    report = lake("lake check", "--json", "--remove-orphans", "--orphans-older-than", "0s")
    named = len(world.objects("lake", "killed/cairn/cloudtrail/data/"))
    check("files", lake("lake status", "--json")["files"], named)
    print(f"   killed {killed} times, {len(report['orphans'])} orphans removed")
    check("some were", killed > 2, True)  # how many depends on the machine


def two_writers(world):
    """At once, with a catalog in PostgreSQL, each with copies of its own."""
    files = sorted((world.home / "logs").rglob("*.json.gz"))
    third = len(files) // 3
    writers = []
    for number, half in enumerate((files[:2 * third], files[third:])):
        folder = world.home / f"half{number}"
        for file in half:
            target = folder / file.relative_to(world.home / "logs")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        lake = world.in_bucket("both", catalog=world.postgres.url)
        writers.append(subprocess.Popen([world.program, "ingest", str(folder), *lake.options, "--lake-cache",
                                         str(world.home / f"cache{number}"), "--batch-size", "8", "--json"], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **world.settings()}))
    new = 0
    for writer in writers:
        out, err = writer.communicate()
        check(f"exit: {err}", writer.returncode, 0)
        new += json.loads(out)["events"]["new"]
    lake = world.in_bucket("both", catalog=world.postgres.url)
    check("each once", lake.rows("SELECT count(*), count(DISTINCT eventID) FROM cloudtrail"), [[str(new), str(new)]])
    world.same("two writers", lake, world.on_disk("direct"))
    lake("lake check")


def own_authority(world, program):
    """TLS with a certificate that only the bundle knows, for sources and for the lake."""
    tls = openssl_certificate(world.home, "IP:127.0.0.1,DNS:localhost,DNS:logs.localhost")
    server = MinIO(program, world.home / "tls", tls)
    try:
        server.ready()
        s3 = server.client()
        for bucket in ("lake", "logs"):
            s3.create_bucket(Bucket=bucket)
        first = sorted((world.home / "logs").rglob("*.json.gz"))[0]
        s3.upload_file(str(first), "logs", f"trail/{first.relative_to(world.home / 'logs')}")
        lake = world.in_bucket("tls", AWS_ENDPOINT_URL=server.url.replace("127.0.0.1", "localhost"))
        message = lake("ingest", "s3://logs/trail/", code=2).stderr
        check(f"unknown authority: {message}", "hint: give the authority" in message, True)
        for addressing in ("path", "virtual"):
            options = ["--ca-bundle", tls[0], "--addressing", addressing]
            lake("ingest", "s3://logs/trail/", *options)
        by_host = [*lake.options, "--lake-addressing", "virtual", "--lake-ca-bundle", tls[0]]
        message = lake.run("lake", "check", *by_host, code=None).stderr
        check(f"a certificate for other names: {message}", "hint: the server's certificate is for other names" in message, True)
        reached = [*lake.options, "--lake-ca-bundle", str(tls[0])]
        lake.run("lake", "check", *reached)
        lake.run("sql", *reached, "SELECT count(*) FROM cloudtrail")
    finally:
        server.stop()


def main():
    program, venv, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    in_venv(venv, HERE / "minio_requirements.txt")
    server_program = built(folder.resolve())
    only = sys.argv[4:]
    with tempfile.TemporaryDirectory(prefix="cairn-minio-") as home, \
            tempfile.TemporaryDirectory(dir=place_for_others()) as database_home:
        home = pathlib.Path(home)
        server, postgres = MinIO(server_program, home / "server"), Postgres(pathlib.Path(database_home))
        try:
            postgres.start()
            server.ready()
            s3 = server.client()
            run_test(recorded, program, server, s3)
            if only == [recorded.__name__]:
                return
            for bucket in ("lake", "logs", "encrypted", "public"):
                s3.create_bucket(Bucket=bucket)
            world = World(program, home, server, s3, postgres)
            made = world.on_disk("direct")
            made.run("generate", "--events", 20_000, "--days", 3, "--seed", 5, "--batch", 30, "--output", home / "logs")
            world.logs = upload(world)
            for test in (sources, encrypted_sources, large_objects, refusals, lake_in_a_bucket, others_read_it, files_in_parts,
                         killed_and_resumed, two_writers):
                if only and test.__name__ not in only and test is not sources:
                    continue
                run_test(test, world)
            own_authority(world, server_program)
            print("ok own_authority", flush=True)
        finally:
            server.stop()
            postgres.stop()


if __name__ == "__main__":
    main()

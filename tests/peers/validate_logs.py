#!/usr/bin/env python3
"""`cairn validate-logs` against `aws cloudtrail validate-logs`, byte for byte, on a bucket to which all kinds of harm
are done: validate_logs.py CAIRN VENV [--time DAYS]"""
import base64
import copy
import datetime
import gzip
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from aws_cli import AwsCli  # noqa: E402
from peers import in_venv  # noqa: E402

UTC = datetime.timezone.utc
NOON = datetime.datetime(2025, 3, 14, 12, 11, 22, tzinfo=UTC)
HOUR = datetime.timedelta(hours=1)
ARN = "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class World:
    """Buckets, and what CloudTrail answers."""

    def __init__(self, keys):
        self.keys = keys  # name: rsa.PrivateKey
        self.buckets = {"b": {}, "b2": {}}  # bucket: key: (bytes, metadata)
        self.listed = {name: self.public(name) for name in keys}
        self.denied = set()
        self.last = None

    def public(self, name):
        return base64.b64encode(rsa_public(self.keys[name]).save_pkcs1("DER")).decode()

    def fingerprint(self, name):
        return hashlib.md5(base64.b64decode(self.public(name))).hexdigest()

    def get(self, bucket, key):
        return self.buckets[bucket][key]

    def add(self, end, logs=2, *, start=None, region="us-east-1", trail="t", prefix="", bucket="b", starting=False,
            key="one", backfill=False, change=None, text=None):
        """A digest of the hour before `end` and its log files; its key."""
        import rsa

        folder = f"{prefix}AWSLogs/111122223333/%s/{region}/{end:%Y/%m/%d}/111122223333_%s_{region}_"
        name = (folder % ("CloudTrail-Digest", "CloudTrail-Digest")
                + f"{trail}_us-east-1_{end:%Y%m%dT%H%M%SZ}{'_backfill' if backfill else ''}.json.gz")
        files = []
        for number in range(logs):
            at = end - HOUR + (number + 1) * HOUR / (logs + 1)
            place = (folder % ("CloudTrail", "CloudTrail")) + f"{at:%Y%m%dT%H%MZ}_{trail[:1]}{int(backfill)}{number:014}.json.gz"
            content = text or json.dumps({"Records": [{"eventID": f"{end:%H}-{number}", "eventTime": stamp(at)}]}).encode()
            self.buckets[bucket][place] = (gzip.compress(content, 6), {})
            files.append({"s3Bucket": bucket, "s3Object": place, "hashValue": hashlib.sha256(content).hexdigest(),
                          "hashAlgorithm": "SHA-256", "newestEventTime": stamp(at), "oldestEventTime": stamp(at)})
        before = self.last if not starting and self.last else [None] * 4
        digest = {"awsAccountId": "111122223333", "digestStartTime": stamp(start or end - HOUR), "digestEndTime": stamp(end),
                  "digestS3Bucket": bucket, "digestS3Object": name, "digestPublicKeyFingerprint": self.fingerprint(key),
                  "digestSignatureAlgorithm": "SHA256withRSA", "newestEventTime": None, "oldestEventTime": None,
                  "previousDigestS3Bucket": before[0], "previousDigestS3Object": before[1],
                  "previousDigestHashValue": before[2], "previousDigestHashAlgorithm": before[0] and "SHA-256",
                  "previousDigestSignature": before[3], "logFiles": files}
        if change:
            change(digest)
        body = json.dumps(digest, separators=(",", ":")).encode()
        hashed = hashlib.sha256(body).hexdigest()
        signed = "\n".join([digest.get("digestEndTime", ""), f"{bucket}/{name}", hashed,
                            digest.get("previousDigestSignature") or "null"])
        signature = rsa.sign(signed.encode(), self.keys[key], "SHA-256").hex()
        metadata = {"signature": signature, "signature-algorithm": "SHA256withRSA"}
        if backfill:
            metadata["backfill-generation-timestamp"] = stamp(end + 48 * HOUR)
        self.buckets[bucket][name] = (gzip.compress(body), metadata)
        self.last = [bucket, name, hashed, signature]
        return name

    def save(self, folder, bucket="b"):
        for key, (body, metadata) in self.buckets[bucket].items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            if metadata:
                pathlib.Path(f"{path}.metadata.json").write_text(json.dumps(metadata))


def rsa_public(private):
    import rsa

    return rsa.PublicKey(private.n, private.e)


class Handler(http.server.BaseHTTPRequestHandler):
    """As much of S3 and CloudTrail as a validation asks."""
    protocol_version = "HTTP/1.1"
    world = None
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        if operation == "ListPublicKeys":
            found = [{"Value": value, "Fingerprint": self.world.fingerprint(name) if name in self.world.keys else name,
                      "ValidityStartTime": 1740787200.0, "ValidityEndTime": 1743465600.0}
                     for name, value in self.world.listed.items()]
            body = {"PublicKeyList": found}
        else:
            body = {"trailList": [{"TrailARN": ARN, "S3BucketName": "b", "Name": "t"}]}
        self.answer(200, json.dumps(body).encode(), {"Content-Type": "application/x-amz-json-1.1"})

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path, _, query = self.path.partition("?")
        bucket, _, key = urllib.parse.unquote(path[1:]).partition("/")
        asked = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        if bucket not in self.world.buckets:
            return self.refuse(404, "NoSuchBucket")
        if not key:
            return self.list(bucket, asked)
        if key in self.world.denied:
            return self.refuse(403, "AccessDenied")
        if key not in self.world.buckets[bucket]:
            return self.refuse(404, "NoSuchKey")
        body, metadata = self.world.get(bucket, key)
        headers = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
        headers["ETag"] = f'"{hashlib.md5(body).hexdigest()}"'
        headers["Last-Modified"] = "Fri, 14 Mar 2025 12:00:00 GMT"
        return self.answer(200, body, headers)

    def list(self, bucket, asked):
        if "location" in asked:
            return self.answer(200, b"<LocationConstraint/>")
        prefix, most = asked.get("prefix", ""), int(asked.get("max-keys", 1000))
        after = asked.get("continuation-token") or asked.get("start-after") or asked.get("marker", "")
        delimiter = asked.get("delimiter")
        lines, folders, last, count = [], [], "", 0
        more = False
        for key in sorted(self.world.buckets[bucket]):
            if not key.startswith(prefix) or key <= after:
                continue
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            shown = key[:cut + 1] if cut >= 0 else key
            if cut >= 0 and (shown in folders or shown <= after):
                continue
            if count == most:
                more = True
                break
            count, last = count + 1, shown
            name = urllib.parse.quote(shown) if asked.get("encoding-type") else escape(shown)
            if cut >= 0:
                folders.append(shown)
                lines.append(f"<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>")
            else:
                lines.append(f"<Contents><Key>{name}</Key><LastModified>2025-03-14T12:00:00.000Z</LastModified>"
                             f"<ETag>&quot;{hashlib.md5(self.world.get(bucket, key)[0]).hexdigest()}&quot;</ETag><Size>{len(self.world.get(bucket, key)[0])}</Size></Contents>")
        end = f"<NextContinuationToken>{escape(last)}</NextContinuationToken><NextMarker>{escape(last)}</NextMarker>" if more else ""
        coding = "<EncodingType>url</EncodingType>" if asked.get("encoding-type") else ""
        body = (f"<ListBucketResult><Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix>{coding}"
                f"<IsTruncated>{str(more).lower()}</IsTruncated>{end}{''.join(lines)}</ListBucketResult>")
        return self.answer(200, body.encode())


class Bench:
    def __init__(self, program, home, keys):
        self.program, self.home, self.keys, self.cli = program, home, keys, AwsCli()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server.server_port}", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1", "HOME": home, "PATH": os.environ["PATH"],
            "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}

    def run(self, *command):
        return subprocess.run(command, capture_output=True, env=self.environment, timeout=600, cwd=self.home)

    def aws(self, *arguments):
        return self.cli.run(["cloudtrail", *arguments], self.environment, self.home)

    def cairn(self, *options):
        return self.run(self.program, "validate-logs", *options)

    def compare(self, name, world, *options, trail=ARN, ours=(), extra_errors=False):
        """Both tools see the same; cairn also from a folder."""
        Handler.world = world
        options = ("--trail-arn", trail, *options)
        if "--start-time" not in options:
            options += ("--start-time", "2025-03-14T08:00:00Z", "--end-time", "2025-03-14T20:00:00Z")
        theirs = self.aws("validate-logs", *options, "--region", "us-east-1")
        got = self.cairn(*options, "--region", "us-east-1", *ours)
        assert got.returncode == theirs.returncode, (name, got, theirs)
        if theirs.returncode == 255:  # could not look; each says so in its own words
            return got
        assert got.stdout == theirs.stdout, (name, got.stdout.decode(), theirs.stdout.decode())
        if extra_errors:
            assert got.stderr.startswith(theirs.stderr), (name, got.stderr.decode(), theirs.stderr.decode())
        else:
            assert got.stderr == theirs.stderr, (name, got.stderr.decode(), theirs.stderr.decode())
        return got


def whole(bench):
    """Six hours, starting at 07:11; the last two are signed with another key."""
    world = World(bench.keys)
    ends = [NOON - HOUR * i for i in range(6)][::-1]
    names = [world.add(end, logs=0 if i == 2 else 2, key="two" if i > 3 else "one") for i, end in enumerate(ends)]
    return world, names


def logs_of(world, name):
    return [file["s3Object"] for file in json.loads(gzip.decompress(world.get("b", name)[0]))["logFiles"]]


def put(world, key, body=None, metadata=None):
    old = world.get("b", key)
    world.buckets["b"][key] = (old[0] if body is None else body, old[1] if metadata is None else metadata)


def check_harm(bench):
    made, names = whole(bench)
    log = logs_of(made, names[1])[0]
    digest, signed = made.get("b", names[3])
    text = gzip.decompress(digest)
    body = made.get("b", log)[0]
    cases = {
        "nothing": lambda w: None,
        "log altered": lambda w: put(w, log, gzip.compress(b'{"Records":[]}')),
        "log removed": lambda w: w.buckets["b"].pop(log),
        "log added": lambda w: w.buckets["b"].update({log.replace("_t0", "_x0"): (body, {})}),
        "log compressed anew": lambda w: put(w, log, gzip.compress(gzip.decompress(body), 1)),
        "log cut off": lambda w: put(w, log, body[:-9]),
        "log empty": lambda w: put(w, log, b""),
        "log with something behind": lambda w: put(w, log, body + b"x"),
        "log with zeros behind": lambda w: put(w, log, body + bytes(20)),
        "log twice": lambda w: put(w, log, body + body),
        "log not compressed": lambda w: put(w, log, gzip.decompress(body)),
        "log damaged": lambda w: put(w, log, body[:20] + bytes([body[20] ^ 255]) + body[21:]),
        "log with a wrong checksum": lambda w: put(w, log, body[:-8] + bytes([body[-8] ^ 1]) + body[-7:]),
        "digest removed": lambda w: w.buckets["b"].pop(names[3]),
        "newest digest removed": lambda w: w.buckets["b"].pop(names[5]),
        "oldest digest removed": lambda w: w.buckets["b"].pop(names[0]),
        "all digests removed": lambda w: [w.buckets["b"].pop(name) for name in names],
        "digest altered": lambda w: put(w, names[3], gzip.compress(text + b" ")),
        "digest not JSON": lambda w: put(w, names[3], gzip.compress(b"{")),
        "digest not compressed": lambda w: put(w, names[3], text),
        "digest cut off": lambda w: put(w, names[3], digest[:-5]),
        "digest with something behind": lambda w: put(w, names[3], digest + b"xyz"),
        "digest empty": lambda w: put(w, names[3], b""),
        "digest lacks a field": lambda w: put(w, names[3], gzip.compress(text.replace(b"digestEndTime", b"digestEndtime"))),
        "digest moved": lambda w: put(w, names[3], w.get("b", names[2])[0], w.get("b", names[2])[1]),
        "no signature": lambda w: put(w, names[3], None, {}),
        "no algorithm": lambda w: put(w, names[3], None, {"signature": signed["signature"]}),
        "no signature and not JSON": lambda w: put(w, names[3], gzip.compress(b"["), {}),
        "no signature and no field": lambda w: put(w, names[3], gzip.compress(b"{}"), {}),
        "signature of another": lambda w: put(w, names[3], None, w.get("b", names[2])[1]),
        "signature in capitals": lambda w: put(w, names[3], None, {**signed, "signature": signed["signature"].upper()}),
        "signature no hex": lambda w: put(w, names[3], None, {**signed, "signature": "zz" * 256}),
        "signature of odd length": lambda w: put(w, names[3], None, {**signed, "signature": signed["signature"][:-1]}),
        "signature cut off": lambda w: put(w, names[3], None, {**signed, "signature": signed["signature"][:-2]}),
        "key unknown": lambda w: w.listed.pop("one"),
        "key of another form": lambda w: w.listed.update(one="MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAA=="),
        "no keys": lambda w: w.listed.clear(),
    }
    for name, harm in cases.items():
        world = copy.deepcopy(made)
        harm(world)
        for verbose in ((), ("--verbose",)):
            bench.compare(name, world, *verbose)
    print(f"{len(cases)} kinds of harm: the same from both")


def check_shapes(bench):
    """Chains of other shapes, and other questions to them."""
    world, names = whole(bench)
    for when in (("2025-03-14T09:30:00Z", "2025-03-14T10:30:00Z"), ("2025-03-14T08:11:22Z", "2025-03-14T09:11:22Z"),
                 ("2025-03-14T13:00:00Z", "2025-03-14T20:00:00Z"), ("2025-03-13T00:00:00Z", "2025-03-13T01:00:00Z"),
                 ("2025-03-14T12:11:22Z", "2025-03-14T12:11:22Z"), ("2025-03-14", "2025-03-15"),
                 ("2025-03-14T12:11:23Z", "2025-03-15T00:00:00Z")):
        bench.compare(when, world, "--verbose", "--start-time", when[0], "--end-time", when[1])
    bench.compare("bucket named", world, "--verbose", "--s3-bucket", "b")
    world.denied.add(logs_of(world, names[1])[0])
    got = bench.compare("access denied", world)
    assert b"AccessDenied" in got.stderr, got
    world, names = whole(bench)
    bench.compare("no such bucket", world, "--s3-bucket", "absent")
    world.add(NOON + 3 * HOUR, starting=True)
    world.add(NOON + 4 * HOUR)
    bench.compare("gap", world, "--verbose")
    world.add(NOON + 5 * HOUR, bucket="b2")
    world.add(NOON + 6 * HOUR, bucket="b2")
    bench.compare("another bucket", world, "--verbose", "--s3-bucket", "b2")
    world, names = whole(bench)
    for name in names[2:4]:
        world.buckets["b"].pop(name)
    got = bench.compare("two digests removed", world, "--verbose", extra_errors=True)
    for name in names[2:4]:
        assert name.encode() in got.stderr, got.stderr
    world, names = whole(bench)
    world.last = None
    for i in range(3):
        world.add(NOON - i * HOUR, trail="t_us-east-1_x")
        world.last = None
    bench.compare("another trail in the folder", world, "--verbose", trail=ARN + "_us-east-1_x")
    world = World(bench.keys)
    for i in range(5)[::-1]:
        world.add(NOON - i * HOUR, prefix="my/prefix/")
    bench.compare("prefix", world, "--verbose", "--s3-bucket", "b", "--s3-prefix", "my/prefix")
    world.last = None
    backfill = [world.add(NOON - i * HOUR, backfill=True, key="two", prefix="my/prefix/") for i in range(4)[::-1]]
    bench.compare("backfill", world, "--verbose", "--s3-bucket", "b", "--s3-prefix", "my/prefix")
    put(world, backfill[1], None, {k: v for k, v in world.get("b", backfill[1])[1].items() if "backfill" not in k})
    world.listed.pop("one")
    bench.compare("backfill without its time", world, "--verbose", "--s3-bucket", "b", "--s3-prefix", "my/prefix")
    world = World(bench.keys)
    world.add(NOON - 2 * HOUR, change=lambda digest: digest.update(logFiles=None), logs=0)
    world.add(NOON - HOUR)
    bench.compare("null instead of log files", world, "--verbose")
    print("other shapes: the same from both")


def check_copies(bench):
    """From a folder cairn says what it says of the bucket; offline, wherever the folder is."""
    world, names = whole(bench)
    log = logs_of(world, names[1])[0]
    put(world, log, gzip.compress(b"{}"))
    world.buckets["b"][log.replace("_t0", "_x0")] = (b"", {})
    Handler.world = world
    when = ("--start-time", "2025-03-14T08:00:00Z", "--end-time", "2025-03-14T20:00:00Z")
    want = bench.cairn("--trail-arn", ARN, *when, "--verbose")
    keys = pathlib.Path(bench.home) / "keys.json"
    listed = bench.aws("list-public-keys")
    keys.write_bytes(listed.stdout)
    for place in ("b", "copies/b", "elsewhere/AWSLogs/below"):
        folder = pathlib.Path(bench.home) / "copy"
        world.save(folder / place)
        for source in (folder, folder / place, folder / place / "AWSLogs/111122223333/CloudTrail-Digest/us-east-1"):
            if "AWSLogs" in place and source != folder / place:
                continue
            got = bench.cairn(str(source), "--public-keys", str(keys), *when, "--verbose")
            assert (got.stdout, got.stderr, got.returncode) == (want.stdout, want.stderr, want.returncode), (source, got, want)
        got = bench.cairn(str(folder / place), "--public-keys", str(keys), *when, "--deep")
        assert got.returncode == 1 and b"_x0" in got.stderr and b"UNPROVEN: no digest names it" in got.stderr, got
        shutil.rmtree(folder)
    got = bench.cairn("s3://b/", *when, "--deep", "--output", "json")
    told = json.loads(got.stdout)
    assert not told["valid"] and told["chains"][0]["logs"] == {"valid": 7, "invalid": 1}, told
    assert [f["kind"] for f in told["chains"][0]["findings"]] == ["log_unnamed"], told
    # Another bucket with the same objects: AWS calls them moved, and with --moved they may be.
    world.buckets["b2"] = world.buckets["b"]
    got = bench.cairn("s3://b2/", *when)
    assert got.returncode == 1 and b"has been moved" in got.stderr, got
    got = bench.cairn("s3://b2/", *when, "--moved", "--verbose")
    assert (got.stdout, got.returncode) == (want.stdout, want.returncode), (got, want)
    # A single event.
    got = bench.cairn("s3://b/", "--event", "11-1")
    assert got.returncode == 0 and got.stdout.endswith(b"PROVEN\n") and b"with the same hash value" in got.stdout, got
    got = bench.cairn("s3://b/", "--event", "99-1")
    assert got.returncode == 1 and got.stdout.endswith(b"NOT FOUND in 11 log files\n"), got
    # What a lake took from the bucket; then a log file there is exchanged for one of the same text.
    lake = bench.home + "/lake"
    world, names = whole(bench)
    Handler.world = world
    log = logs_of(world, names[1])[0]
    done = bench.run(bench.program, "ingest", "s3://b/", "--lake", lake)
    assert done.returncode == 0, done
    got = bench.cairn("--lake", lake)
    assert got.returncode == 0 and b"\n10/10 log files proven that the lake " in got.stdout, got
    put(world, log, gzip.compress(gzip.decompress(world.get("b", log)[0]), 1) + b"")
    world.buckets["b"].pop(logs_of(world, names[0])[0])
    got = bench.cairn("--lake", lake)
    assert got.returncode == 1 and b"\n8/10 log files proven that the lake " in got.stdout, got
    assert f"{log}\tUNPROVEN: it has changed since the lake took it\n".encode() in got.stderr, got
    print("copies: the same as from the bucket")


def measure(bench, days):
    """A month of made-up logs, in a folder and behind a server, one run each."""
    world = World(bench.keys)
    record = {"eventVersion": "1.09", "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/r/s"},
              "eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "awsRegion": "us-east-1"}
    events = [{**record, "eventID": hashlib.md5(str(i).encode()).hexdigest(), "requestID": hashlib.sha1(str(i).encode()).hexdigest()}
              for i in range(900)]
    text = json.dumps({"Records": events}).encode()
    begin = NOON - HOUR * 24 * days
    for hour in range(24 * days):
        world.add(begin + HOUR * (hour + 1), logs=12, text=text)
    when = ("--trail-arn", ARN, "--start-time", stamp(begin), "--end-time", stamp(NOON))
    Handler.world = world
    logs = 24 * days * 12
    print(f"{logs} log files, {logs * len(text) / 1e6:.0f} MB of JSON")
    folder = pathlib.Path(bench.home) / "month"
    world.save(folder / "b")
    keys = pathlib.Path(bench.home) / "keys.json"
    keys.write_text(json.dumps({"PublicKeyList": [{"Value": value, "Fingerprint": world.fingerprint(name)}
                                                  for name, value in world.listed.items()]}))
    runs = {"cairn, folder": lambda: bench.cairn(str(folder / "b"), "--public-keys", str(keys), *when),
            "cairn, server": lambda: bench.cairn(*when), "aws, server": lambda: bench.aws("validate-logs", *when)}
    wanted = None
    for name, run in runs.items():
        began, used = time.monotonic(), os.times()
        done = run()
        seconds, now = time.monotonic() - began, os.times()
        assert done.returncode == 0 and wanted in (None, done.stdout), (done, wanted)
        wanted = done.stdout
        work = now.children_user + now.children_system - used.children_user - used.children_system
        print(f"{name:15} {seconds:7.2f} s, {work:6.2f} s of CPU, {logs * len(text) / seconds / 1e6:6.0f} MB/s")


def new_key():
    """Returns an RSA key of 2048 bits. The package rsa searches ten seconds for one."""
    import rsa

    made = subprocess.run(["openssl", "genrsa", "-traditional", "2048"], capture_output=True, check=True)
    return rsa.PrivateKey.load_pkcs1(made.stdout)


def main():
    program, venv = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    in_venv(venv)
    keys = {name: new_key() for name in ("one", "two")}
    with tempfile.TemporaryDirectory() as home:
        bench = Bench(program, home, keys)
        if "--time" in sys.argv:
            return measure(bench, int(sys.argv[sys.argv.index("--time") + 1]))
        check_harm(bench)
        check_shapes(bench)
        check_copies(bench)


if __name__ == "__main__":
    main()

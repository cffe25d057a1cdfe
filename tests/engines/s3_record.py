"""The record of an S3 service: requests of cairn's S3 client, each with MinIO's answer.

minio.py runs STEPS by s3_probe, with Proxy between it and MinIO, and stores the exchanges in recorded/minio.json. s3_recorded.py,
a part of `./test`, runs STEPS against Replay, which returns a stored answer only to a request that equals the stored request.
So it fails if the client sends something that MinIO has not accepted, or reads an answer differently. Signatures are not
compared, as they depend on the time. Uses the standard library only."""
import http.client
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse

from record import FOLDER, differences, renew

BUCKET = "recorded"
KEYS = ("cairn-test", "cairn-test-secret")
DIGITS = b"0123456789"
LARGE = bytes(range(256)) * 20_480 + DIGITS  # 5 MiB, the least size of a part, and ten bytes
AT = f"s3://{BUCKET}/in"

# Name: arguments of s3_probe, its standard input, its settings. The order matters: later steps read what earlier ones put.
STEPS = {
    "01 put an object": (["put", AT, "a.txt"], DIGITS, {}),
    "02 put an empty object": (["put", AT, "empty"], b"", {}),
    "03 put an encrypted object": (["put", AT, "sub/encrypted"], DIGITS, {"PROBE_ENCRYPTION": "AES256"}),
    "04 put an object with an odd key": (["put", AT, "sub/ü/漢 b+c%2F&=.json"], DIGITS, {}),
    "05 put an object in two parts": (["put", AT, "parts"], LARGE, {"PROBE_PART_BYTES": "1"}),
    "06 put into a bucket that does not exist": (["put", "s3://no-such-bucket", "a.txt"], DIGITS, {}),
    "10 head": (["head", AT, "a.txt"], b"", {}),
    "11 head of an encrypted object": (["head", AT, "sub/encrypted"], b"", {}),
    "12 head of an object in parts": (["head", AT, "parts"], b"", {}),
    "13 head of a missing object": (["head", AT, "missing"], b"", {}),
    "20 get": (["get", AT, "a.txt"], b"", {}),
    "21 get an empty object": (["get", AT, "empty"], b"", {}),
    "22 get by parts, with a condition": (["get", AT, "sub/encrypted"], b"", {"PROBE_PART_BYTES": "4"}),
    "23 get an odd key": (["get", AT, "sub/ü/漢 b+c%2F&=.json"], b"", {}),
    "24 get above the limit": (["get", AT, "a.txt"], b"", {"PROBE_BYTES_MAX": "5", "PROBE_PART_BYTES": "5"}),
    "25 get a missing object": (["get", AT, "missing"], b"", {}),
    "26 get from a bucket that does not exist": (["get", "s3://no-such-bucket", "a.txt"], b"", {}),
    "30 a range": (["range", AT, "a.txt", "2", "3"], b"", {}),
    "31 a range that ends behind the end": (["range", AT, "a.txt", "8", "100"], b"", {}),
    "32 a range behind the end": (["range", AT, "a.txt", "10", "1"], b"", {}),
    "33 a range of an object in parts": (["range", AT, "parts", str(len(LARGE) - 10), "10"], b"", {}),
    "40 list": (["list", AT, "", ""], b"", {}),
    "41 list below a prefix": (["list", AT, "sub/", ""], b"", {}),
    "42 list after a key": (["list", AT, "", "empty"], b"", {}),
    "43 list nothing": (["list", AT, "none/", ""], b"", {}),
    "44 list common prefixes": (["prefixes", AT, ""], b"", {}),
    "45 list a bucket that does not exist": (["list", "s3://no-such-bucket", "", ""], b"", {}),
    "50 a wrong secret key": (["get", AT, "a.txt"], b"", {"AWS_SECRET_ACCESS_KEY": "wrong"}),
    "51 an unknown access key": (["list", AT, "", ""], b"", {"AWS_ACCESS_KEY_ID": "unknown"}),
    "60 remove": (["remove", AT, "a.txt"], b"", {}),
    "61 remove a missing object": (["remove", AT, "a.txt"], b"", {}),
    "62 remove from a bucket that does not exist": (["remove", "s3://no-such-bucket", "a.txt"], b"", {}),
    "63 get a removed object": (["get", AT, "a.txt"], b"", {}),
}

# Headers that differ between runs, that HTTP clients add, or that repeat others (the checksum is the content's hash, too).
REQUEST_NOISE = {"host", "authorization", "x-amz-date", "user-agent", "accept", "accept-encoding", "connection", "expect",
                 "x-amz-content-sha256"}
ANSWER_NOISE = {"date", "server", "connection", "keep-alive", "x-amz-request-id", "x-amz-id-2", "transfer-encoding", "content-length",
                "strict-transport-security", "x-content-type-options", "x-xss-protection", "vary", "x-ratelimit-limit",
                "x-ratelimit-remaining", "content-security-policy"}
TIME, HTTP_TIME, MICROSECONDS = "2026-10-01T12:00:00.000Z", "Thu, 01 Oct 2026 12:00:00 GMT", "1790856000000000"


def steady(text, upload_ids):
    """Returns the string with fixed values for what differs between runs: times, ids, and the host of a completed upload."""
    for number, one in enumerate(upload_ids, 1):
        for form in (one, urllib.parse.quote(one, safe="-._~")):
            text = text.replace(form, f"upload-{number}")
    text = re.sub(r"<(RequestId|HostId)>[^<]*<", r"<\1>\1<", text)
    text = re.sub(r"<Location>http://[^/]*/", "<Location>http://HOST/", text)
    return re.sub(r"<(LastModified|Initiated)>[^<]*<", rf"<\1>{TIME}<", text)


def run_step(probe, endpoint, name):
    """Runs s3_probe and returns its exit status and output, with fixed values for what differs between runs."""
    words, stdin, settings = STEPS[name]
    environment = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": KEYS[0], "AWS_SECRET_ACCESS_KEY": KEYS[1], "AWS_REGION": "us-east-1",
                   "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent", **settings}
    done = subprocess.run([probe, *words], input=stdin, capture_output=True, env=environment, timeout=60, check=False)
    out = re.sub(r"\t\d{16}$", f"\t{MICROSECONDS}", done.stdout.decode(), flags=re.MULTILINE)
    return {"exit": done.returncode, "stdout": out, "stderr": done.stderr.decode().replace(endpoint, "ENDPOINT")}


class Server:
    """An HTTP server on this machine. `answer(handler, body)` returns (status, headers, body)."""

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body in one write; else each answer waits for a delayed acknowledgement

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, headers, content = answer(self, body)
                self.send_response_only(status)
                for header, value in headers.items():
                    self.send_header(header, value)
                if "content-length" not in {header.lower() for header in headers}:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def request_of(handler, target):
    headers = {name.lower(): value for name, value in handler.headers.items() if name.lower() not in REQUEST_NOISE}
    return {"method": handler.command, "target": target, "headers": headers}


class Proxy(Server):
    """Forwards requests to a service and keeps each with its answer. The Host header is kept, as signatures cover it."""

    def __init__(self, host, port):
        super().__init__(self.forward)
        self.host, self.port = host, port
        self.exchanges, self.upload_ids, self.lock = [], [], threading.Lock()

    def forward(self, handler, body):
        there = http.client.HTTPConnection(self.host, self.port, timeout=60)
        there.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
        for name, value in handler.headers.items():
            if name.lower() not in ("connection", "expect"):
                there.putheader(name, value)
        there.endheaders(body)
        answer = there.getresponse()
        content = answer.read()
        there.close()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in ("connection", "transfer-encoding")}
        with self.lock:
            found = re.findall(r"<UploadId>([^<]*)<", content.decode(errors="replace"))
            self.upload_ids += [one for one in found if one not in self.upload_ids]
            self.exchanges.append((request_of(handler, handler.path), answer.status, headers, content))
        return answer.status, headers, content

    def taken(self):
        """Returns the exchanges since the last call in the form that records have."""
        with self.lock:
            exchanges, self.exchanges = self.exchanges, []
        found = []
        for request, status, headers, content in exchanges:
            kept = {name.lower(): value for name, value in headers.items() if name.lower() not in ANSWER_NOISE}
            if "last-modified" in kept:
                kept["last-modified"] = HTTP_TIME
            if request["method"] == "HEAD" and "Content-Length" in headers:
                kept["content-length"] = headers["Content-Length"]
            request = {**request, "target": steady(request["target"], self.upload_ids)}
            body = steady(content.decode(), self.upload_ids)
            found.append({"request": request, "answer": {"status": status, "headers": kept, "body": body}})
        return sorted(found, key=lambda one: json.dumps(one["request"], sort_keys=True))


class Replay(Server):
    """Returns stored answers. A request that equals none of `left` gets status 501 and is added to `unknown`."""

    def __init__(self):
        super().__init__(self.recall)
        self.left, self.unknown, self.lock = [], [], threading.Lock()

    def recall(self, handler, body):
        request = request_of(handler, handler.path)
        with self.lock:
            for exchange in self.left:
                if exchange["request"] == request:
                    self.left.remove(exchange)
                    answer = exchange["answer"]
                    return answer["status"], answer["headers"], answer["body"].encode()
            self.unknown.append(request)
        return 501, {}, b"<Error><Code>NotRecorded</Code></Error>"


def replayed(probe, steps):
    """Replays stored answers to s3_probe and returns a message for each difference."""
    wrong = []
    with Replay() as replay:
        for name, stored in steps.items():
            replay.left, replay.unknown = list(stored["exchanges"]), []
            result = run_step(probe, replay.endpoint, name)
            wrong += [f"{name}: unexpected request {json.dumps(one, ensure_ascii=False)}" for one in replay.unknown]
            wrong += [f"{name}: missing request {json.dumps(one['request'], ensure_ascii=False)}" for one in replay.left]
            wrong += [f"{name}: {': '.join(at)}: recorded {was!r:.300}, now {now!r:.300}"
                      for at, was, now in differences(stored["result"], result)]
    return wrong


def record_s3(probe, about, host, port):
    """Renews the record of a service. Fails if s3_probe reports something else when the new record is replayed."""
    steps = {}
    with Proxy(host, port) as proxy:
        for name in STEPS:
            result = run_step(probe, proxy.endpoint, name)
            steps[name] = {"result": result, "exchanges": proxy.taken()}
    wrong = replayed(probe, steps)
    if wrong:
        sys.exit("the replay differs from the service:\n" + "\n".join(wrong))
    renew("minio", {"about": about, "steps": steps})


def stored_record():
    path = FOLDER / "minio.json"
    return json.loads(path.read_text()) if path.exists() else None

#!/usr/bin/env python3
"""Bodies and heads that come slowly, in crowds, or from clients without a key: others are served as ever.

usage: floods.py CAIRN VENV
"""
import base64
import json
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from raw import Peer, metrics, status_of
from service import Service, in_venv, wait_for

TARGET = b"X-Amz-Target: CloudTrail_20131101.ListTrails\r\n"
MIB = 1 << 20


def authorization(key_id, date=None, service="cloudtrail", region="us-east-1"):
    """A signature that only a look at the body can refuse, if the key is known."""
    now = date or time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return (f"X-Amz-Date: {now}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={key_id}/{now[:8]}/{region}/{service}/aws4_request, "
            f"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={'0' * 64}\r\n"
            "Content-Type: application/x-amz-json-1.1\r\n").encode()


def head(path, *headers, length=None, method="POST"):
    size = f"Content-Length: {length}\r\n".encode() if length is not None else b"Transfer-Encoding: chunked\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: a\r\n".encode() + size + b"".join(headers) + b"\r\n"


def refused(service, reason):
    return metrics(service).get(f'cairn_http_refused_total{{reason="{reason}"}}', 0)


def watched(service, seconds=5):
    """A client's calls that carry a body, none of which may take long."""
    client = service.client("cloudtrail", read_timeout=60)

    def call():
        began = time.monotonic()
        for _ in range(5):
            client.list_trails()
        assert time.monotonic() - began < seconds, "others wait"
    return call


def strangers(service, others):
    """Announced bodies of every path and form without a key that could be right: answered before the body comes, and their
    connections closed."""
    key_id = service.key[0]
    unknown = authorization("AKIA" + "7" * 16)
    cases = {
        "no key": (head("/", TARGET, length=MIB), 400, b"MissingAuthenticationToken"),
        "no key, in chunks": (head("/", TARGET), 400, b"MissingAuthenticationToken"),
        "no key, for S3": (head("/cairn-logs/key", length=MIB, method="PUT"), 403, b"AccessDenied"),
        "no key, for a query": (head("/", b"Content-Type: application/x-www-form-urlencoded\r\n", length=MIB), 403, b"MissingAuthenticationToken"),
        "no key, PutAuditEvents": (head("/PutAuditEvents?channelArn=a", length=8 * MIB), 400, b"MissingAuthenticationToken"),
        "no key, Firehose": (head("/firehose", b"X-Amz-Firehose-Request-Id: i\r\n", length=64 * MIB), 401, b'"requestId":"i"'),
        "a wrong key, Firehose": (head("/firehose", b"X-Amz-Firehose-Access-Key: AKIAX:y\r\n", length=64 * MIB), 401, b"invalid access key"),
        "no key, EventBridge": (head("/eventbridge", length=64 * MIB), 401, b"no access key"),
        "an unknown key": (head("/", TARGET, unknown, length=MIB), 400, b"UnrecognizedClientException"),
        "an old date": (head("/", TARGET, authorization(key_id, "20200101T000000Z"), length=MIB), 400, b"InvalidSignatureException"),
        "no date": (head("/", TARGET, authorization(key_id, "yesterday"), length=MIB), 400, b"IncompleteSignatureException"),
        "another service": (head("/", TARGET, authorization(key_id, service="sts"), length=MIB), 400, b"InvalidSignatureException"),
        "a Region that is none": (head("/", TARGET, authorization(key_id, region="Mars_1"), length=MIB), 400, b"InvalidSignatureException"),
        "a hash that is signed otherwise": (head("/", TARGET, authorization(key_id), b"X-Amz-Content-Sha256: " + b"0" * 64 + b"\r\n",
                                                 length=MIB), 400, b"InvalidSignatureException"),
        "another scheme": (head("/", TARGET, b"Authorization: Bearer x\r\n", length=MIB), 400, b""),
    }
    for name, (request, status, text) in cases.items():
        for extra in (b"", b"Expect: 100-continue\r\n"):
            peer = Peer(service, 10).send(request[:-2] + extra + b"\r\n")
            answer = peer.answer()
            assert status_of(answer) == status and text in answer, (name, extra, answer)
            assert b"Connection: close" in answer, (name, answer)
            peer.close()
    # A crowd of them, and each sends some bytes of what it announced.
    before = refused(service, "head_check")
    crowd = [Peer(service, 30).send(head("/firehose", length=64 * MIB) + b"x") for _ in range(64)]
    others()
    assert {peer.status() for peer in crowd} == {401}
    assert refused(service, "head_check") - before == 64
    assert metrics(service)["cairn_http_bodies_bytes"] < MIB, "what the slow but honest client has sent"


def idle_bodies(service, others):
    """The same with a known key's id: only the body could tell that the signature is wrong. They hold what they sent, and go
    when they are too slow."""
    requests = [head("/", TARGET, authorization(service.key[0]), length=MIB), head("/", TARGET, authorization(service.key[0]))]
    began = time.monotonic()
    idle = [Peer(service, 60).send(requests[i % 2] + b"x" * (i % 3)) for i in range(200)]
    others()
    held = metrics(service)["cairn_http_bodies_bytes"]
    assert held <= 200 * 64 * 1024 + MIB, held
    with urllib.request.urlopen(service.url + "/readyz", timeout=10) as answer:
        assert answer.status == 200
    assert {peer.status() for peer in idle} == {408}
    took = time.monotonic() - began
    assert 8 < took < 25, took
    assert refused(service, "slow_body") >= 200
    assert metrics(service)["cairn_http_bodies_bytes"] < MIB


def drips(service, others):
    """A byte now and then is not a rate."""
    ended = []

    def drip(first, seconds_between):
        peer = Peer(service, 60).send(first)
        began = time.monotonic()
        try:
            for _ in range(60):
                peer.socket.sendall(b"a")
                peer.socket.settimeout(seconds_between)
                try:
                    if peer.socket.recv(1 << 16):
                        break
                except TimeoutError:
                    continue
        except OSError:
            pass
        ended.append(time.monotonic() - began)

    body = head("/", TARGET, authorization(service.key[0]), length=MIB)
    threads = [threading.Thread(target=drip, args=(first, 0.5)) for first in
               [b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: "] * 20 + [body] * 20]
    for thread in threads:
        thread.start()
    others()
    for thread in threads:
        thread.join()
    assert max(ended) < 25 and len(ended) == 40, ended
    assert refused(service, "slow_head") >= 20


def firehose_request(key, size):
    """A delivery of `size` bytes."""
    record = {"eventVersion": "1.08", "eventID": "4d3f5c1e-0000-4000-8000-000000000001", "eventTime": "2026-01-01T00:00:00Z",
              "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "awsRegion": "us-east-1", "eventType": "AwsApiCall",
              "recipientAccountId": "000000000000", "userIdentity": {"type": "AWSService", "invokedBy": "s3.amazonaws.com"}}
    data = base64.b64encode(json.dumps(record).encode()).decode()
    body = json.dumps({"requestId": "i", "timestamp": 1, "records": [{"data": data}]}).encode()
    body += b" " * (size - len(body))
    return head("/firehose", b"X-Amz-Firehose-Request-Id: i\r\nX-Amz-Firehose-Access-Key: " + ":".join(key).encode() + b"\r\nConnection: close\r\n",
                length=len(body)), body


def honest_but_slow(service):
    """A client above the least rate is served however long it takes."""
    request, body = firehose_request(service.key, 500_000)
    peer = Peer(service, 60).send(request)
    began = time.monotonic()
    for at in range(0, len(body), 25_000):
        peer.socket.sendall(body[at:at + 25_000])
        time.sleep(0.7)
    answer = peer.answer()
    assert status_of(answer) == 200, answer
    assert time.monotonic() - began > 12


def full(cairn):
    """With all memory for bodies taken, requests with larger bodies wait a little and are then asked to come again; small ones
    go on, and so do others once there is room."""
    with Service(cairn, "--body-memory", "64", "--trusted-proxy", "127.0.0.1") as service:
        call = watched(service)
        request, body = firehose_request(service.key, 64 * MIB - 100_000)
        # One that keeps its rate, but does not end.
        ending = threading.Event()
        large = Peer(service, 60).send(request).send(body[:-MIB])

        def keep_on():
            at = len(body) - MIB
            while not ending.wait(0.5) and at < len(body) - 20_000:
                large.send(body[at:at + 20_000])
                at += 20_000
            large.send(body[at:])

        keeping = threading.Thread(target=keep_on)
        keeping.start()
        wait_for("the memory to be taken", lambda: metrics(service)["cairn_http_bodies_bytes"] > 58 * MIB)
        assert metrics(service)["cairn_http_bodies_limit_bytes"] == 64 * MIB
        try:
            urllib.request.urlopen(service.url + "/readyz", timeout=10)
            raise AssertionError("ready without memory")
        except urllib.error.HTTPError as error:
            assert error.code == 503 and b"bodies of requests" in error.read()
        call()  # small bodies
        proxied = b"X-Forwarded-For: 198.51.100.7\r\n"
        for name, refused_request, text in (
                ("JSON", head("/", TARGET, authorization(service.key[0]), proxied, length=MIB), b'"__type":"ServiceUnavailable"'),
                ("Firehose", firehose_request(service.key, 10 * MIB)[0], b'"requestId":"i"')):
            began = time.monotonic()
            peer = Peer(service, 60).send(refused_request)
            sender = threading.Thread(target=peer.send, args=(b" " * MIB * 10,))
            sender.start()
            answer = peer.answer()
            sender.join()
            assert status_of(answer) == 503 and text in answer and b"Retry-After: 2\r\n" in answer, (name, answer)
            assert 1 < time.monotonic() - began < 20
        assert refused(service, "bodies") + refused(service, "address_bodies") == 2
        # Once there is room, one that comes again is served.
        ending.set()
        keeping.join()
        assert large.status() == 200
        request, body = firehose_request(service.key, 8 * MIB)

        def come_again():
            peer = Peer(service, 60).send(request)
            sender = threading.Thread(target=peer.send, args=(body,))
            sender.start()
            answer = peer.status()
            sender.join()
            return answer == 200

        wait_for("the next one to be served", come_again)
        wait_for("the memory to come back", lambda: metrics(service)["cairn_http_bodies_bytes"] == 0)
        service.wait_ready()


def shares(cairn):
    """One address, and one IPv6 network, has a share of the memory and of the connections; a trusted proxy has none."""
    ipv6 = ("--listen", "[::1]:0") if has_ipv6() else ()
    with Service(cairn, "--connections-per-address", "10", "--body-memory", "256", "--body-memory-per-address", "64", *ipv6) as service:
        peers = [Peer(service, 10) for _ in range(10)]
        for peer in peers:
            peer.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b"200 OK" in peer.read_until(b"ok\n")
        answer = Peer(service, 10).answer()
        assert status_of(answer) == 503 and b"Retry-After" in answer, answer
        for address in service.addresses[1:]:
            with urllib.request.urlopen(address + "/healthz", timeout=10) as other:
                assert other.status == 200
        for peer in peers:
            peer.close()
        wait_for("the connections to end", lambda: ready(service))
        request, body = firehose_request(service.key, 60 * MIB)
        large = Peer(service, 60).send(request).send(body[:-1000])
        wait_for("the share to be taken", lambda: metrics(service)["cairn_http_bodies_bytes"] > 50 * MIB)
        other = Peer(service, 60).send(firehose_request(service.key, 20 * MIB)[0])
        other.send(b" " * 20 * MIB)
        assert other.status() == 503
        assert refused(service, "address_bodies") == 1
        with urllib.request.urlopen(service.url + "/readyz", timeout=10) as answer:
            assert answer.status == 200, "one address cannot take all"
        large.send(body[-1000:])
        assert large.status() == 200
        service.stop()


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        print("this machine has no IPv6: its share is left out")
        return False


def ready(service):
    try:
        return urllib.request.urlopen(service.url + "/readyz", timeout=5).status == 200
    except OSError:
        return False


def over_tls(cairn, folder):
    """A client that is refused by its head gets the answer although it is still sending."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    folder / "a.key", "-out", folder / "a.pem", "-subj", "/CN=localhost", "-days", "1"], check=True, capture_output=True)

    class TlsService(Service):
        def wait_ready(self):
            pass

    with TlsService(cairn, "--tls-certificate", str(folder / "a.pem"), "--tls-key", str(folder / "a.key")) as service:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for size in (100, 100_000, 4 * MIB):
            peer = Peer(service, 20)
            peer.socket = context.wrap_socket(peer.socket)
            peer.send(head("/firehose", length=8 * MIB))
            sender = threading.Thread(target=peer.send, args=(b"x" * size,))
            sender.start()
            answer = peer.answer()
            sender.join()
            assert status_of(answer) == 401, (size, answer)
        service.stop()


def main():
    cairn, venv = sys.argv[1:3]
    in_venv(venv)
    with Service(cairn) as service:
        others = watched(service)
        slow = threading.Thread(target=lambda: results.append(honest_but_slow(service)))
        results = []
        slow.start()
        for test in (strangers, idle_bodies, drips):
            test(service, others)
            others()
            print(f"ok {test.__name__}", flush=True)
        slow.join()
        assert results == [None], "the slow client was not served"
        service.stop()
    full(cairn)
    print("ok full", flush=True)
    shares(cairn)
    print("ok shares", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        over_tls(cairn, pathlib.Path(folder))
    print("ok over_tls", flush=True)


if __name__ == "__main__":
    main()

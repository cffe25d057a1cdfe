#!/usr/bin/env python3
"""Clients that mean harm, or are broken: each gets its answer or its end, and others are served meanwhile.

usage: hostile.py CAIRN VENV
"""
import gzip
import json
import re
import sys
import threading
import time
import urllib.error
import urllib.request

from raw import Peer, metrics
from service import Service, in_venv, wait_for

TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."


def status(service, data):
    return Peer(service).send(data).status()


def keyed(service, header):
    """The head of a request whose body is read, because its key is right."""
    return b"POST /firehose HTTP/1.1\r\nHost: a\r\nX-Amz-Firehose-Access-Key: " + ":".join(service.key).encode() + b"\r\n" + header + b"\r\n"


def malformed(service):
    head = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
    close = b"Connection: close\r\n\r\n"
    assert status(service, head + close) == 200
    chunks = keyed(service, b"Transfer-Encoding: chunked\r\n")
    for name, data, wanted in (
            ("two lengths", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
            ("length and chunks", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("chunks and length", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
            ("chunks twice", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", None),
            ("another coding", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
            ("a wrong chunk", chunks + b"zz\r\n\r\n", 400),
            ("an endless chunk", chunks + b"ffffffffffffffffff\r\n\r\n", 400),
            ("a negative length", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
            ("a length of 2^64", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n", 400),
            ("NUL in the target", b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("NUL in a header", head + b"X-A: b\0c\r\n\r\n", 400),
            ("NUL in a name", head + b"X\0A: b\r\n\r\n", 400),
            ("a folded header", head + b"X-A: b\r\n c\r\n\r\n", 400),
            ("a bare CR", head + b"X-A: b\rX-B: c\r\n\r\n", 400),
            ("a bare LF", b"GET /healthz HTTP/1.1\nHost: a\n\r\n\r\n", 400),
            ("a blank before the colon", head + b"X-A : b\r\n\r\n", 400),
            ("no version", b"GET /healthz\r\n\r\n", 400),
            ("HTTP/3.0", b"GET /healthz HTTP/3.0\r\nHost: a\r\n\r\n", None),
            ("TLS on a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n", 400),
            ("noise", bytes(range(256)) * 8 + b"\r\n\r\n", 400)):
        got = status(service, data)
        assert got == wanted if wanted else got is not None and got >= 400, (name, got)


def odd_but_right(service):
    close = b"Connection: close\r\n\r\n"
    for name, data in (("HTTP/1.0", b"GET /healthz HTTP/1.0\r\n\r\n"),
                       ("absolute form", b"GET http://a.example/healthz HTTP/1.1\r\nHost: a.example\r\n" + close),
                       ("empty lines before", b"\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n" + close)):
        assert status(service, data) == 200, name
    one = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    answers = Peer(service).send(one * 199 + one[:-2] + close).answer()
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 200, "two hundred at once"
    peer = Peer(service)
    for byte in one[:-2] + close:  # one by one
        peer.send(bytes([byte]))
    assert peer.status() == 200


def floods(service):
    assert status(service, b"GET /" + b"a" * (70 << 10) + b" HTTP/1.1\r\nHost: a\r\n\r\n") == 431
    assert status(service, b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * (70 << 10) + b"\r\n\r\n") == 431
    assert status(service, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: a\r\n" % i for i in range(5000)) + b"\r\n") == 431
    # 1 GiB: refused before it is read. An unsigned request is refused whatever its length.
    began = time.monotonic()
    assert status(service, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n") == 413
    assert status(service, b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n") == 413
    peer, piece = Peer(service), b"10000\r\n" + b"a" * 65536 + b"\r\n"
    peer.send(keyed(service, b"Transfer-Encoding: chunked\r\n"))
    for _ in range(1 << 14):
        try:
            peer.socket.sendall(piece)
        except OSError:
            break
    else:
        raise AssertionError("a GiB was taken")
    assert time.monotonic() - began < 20


def signed_bodies(service):
    """What only a client with a key can send."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def post(body, operation="ListTrails", headers=()):
        request = AWSRequest("POST", service.url + "/", data=body, headers={
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation, **dict(headers)})
        SigV4Auth(Credentials(*service.key), "cloudtrail", service.region).add_auth(request)
        try:
            with urllib.request.urlopen(urllib.request.Request(request.url, body, dict(request.headers)), timeout=60) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read()).get("__type", "")

    assert post(b"{}") == (200, "")
    wrong = (400, "SerializationException")
    for name, body in (("brackets", b"[" * 100_000), ("braces", b'{"a":' * 100_000), ("brackets in a member", b'{"NextToken":' + b"[" * 500_000),
                       ("closed brackets", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
                       ("invalid UTF-8", b'{"NextToken":"\xff\xfe"}'), ("cut UTF-8", b'{"NextToken":"\xe2\x82"}'),
                       ("a surrogate", b'{"NextToken":"\xed\xa0\x80"}'), ("NUL", b'{"NextToken":"\0"}'), ("no JSON", b"\0" * 100),
                       ("two documents", b"{}{}"), ("no object", b"[]"), ("a number", b"1e999999")):
        assert post(body) == wrong, (name, post(body))
    number = post(b'{"MaxResults":' + b"9" * 100_000 + b"}", "LookupEvents")
    assert number[0] == 400, number
    assert post(b'{"NextToken":"' + b"a" * 900_000 + b'"}')[0] in (200, 400)
    bomb = gzip.compress(gzip.compress(b"[" * (300 << 20), 9), 9)
    assert post(bomb, headers={"Content-Encoding": "gzip"}.items())[0] in (400, 413)
    assert post(gzip.compress(b"[" * (300 << 20), 9), headers={"Content-Encoding": "gzip"}.items())[0] == 413
    assert post(b"{}", headers={"Content-Encoding": "br"}.items())[0] == 400


def slow_ones(service, others):
    """Slowloris, readers that do not read, connections that say nothing; `others` are served as ever."""
    peers = [Peer(service, 90) for _ in range(300)]
    began = time.monotonic()
    for peer in peers[:200]:
        peer.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: ")
    for peer in peers[200:250]:
        peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\na")
    assert {peer.status() for peer in peers[200:250]} == {403}, "unsigned bodies are not waited for"
    others()
    drip = threading.Thread(target=lambda: [([peer.send(b"a") for peer in peers[:10]], time.sleep(1)) for _ in range(25)])
    drip.start()
    ended = [peer.status() for peer in peers[:200]]
    took = time.monotonic() - began
    drip.join()
    assert set(ended) <= {408, None} and 8 < took < 30, (set(ended), took)
    others()
    for peer in peers:
        peer.socket.close()


def gone_again(service):
    """Connections that are closed at every moment leave nothing behind."""
    request = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n" + b"a" * 20
    for length in range(len(request) + 1):
        Peer(service).send(request[:length]).socket.close()
    wait_for("connections to end", lambda: metrics(service)["cairn_http_connections"] <= 2)
    wait_for("requests to end", lambda: metrics(service)["cairn_http_requests_in_flight"] <= 1)
    assert metrics(service)["cairn_http_bodies_bytes"] == 0


def main():
    cairn, venv = sys.argv[1:3]
    in_venv(venv)
    with Service(cairn) as service:
        trails = service.client("cloudtrail")

        def others():
            began = time.monotonic()
            for _ in range(20):
                trails.list_trails()
            assert time.monotonic() - began < 10

        for test in (lambda: malformed(service), lambda: odd_but_right(service), lambda: floods(service),
                     lambda: signed_bodies(service), lambda: slow_ones(service, others), lambda: gone_again(service)):
            test()
            others()
        resident = int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{service.process.pid}/status").read())[1]) // 1024
        print(f"never more than {resident} MB")
        assert resident < 600, resident
        service.stop()
    print("ok")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes tests/data/sigv4.json: random requests as botocore signs them. Needs botocore; the file is kept, so the tests do not."""
import hashlib
import json
import pathlib
import random
import urllib.parse

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.compat import HTTPHeaders

ALPHABET = "abcXYZ019 -_.~!*'()+/=&?#%:;,@$ü漢\\\"<>[]{}|^`"
rng = random.Random(2013)


def text(low, high):
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(low, high)))


def date_frozen_at(stamp, auth_class):
    """botocore takes the time in add_auth(); set it after, as add_auth() itself goes on."""

    class Frozen(auth_class):
        def _modify_request_before_signing(self, request):
            request.context["timestamp"] = stamp
            super()._modify_request_before_signing(request)

    return Frozen


def vector():
    service = rng.choice(["s3", "s3", "sqs", "sts", "cloudtrail", "execute-api"])
    region = rng.choice(["us-east-1", "cn-north-1", "us-gov-west-1"])
    stamp = f"20{rng.randint(10, 30)}0{rng.randint(1, 9)}1{rng.randint(0, 9)}T0{rng.randint(0, 9)}1530Z"
    credentials = Credentials("AKIAEXAMPLE", "".join(rng.choices("abcDEF/+01", k=40)),
                              rng.choice([None, "token/with+signs=="]))
    method = rng.choice(["GET", "PUT", "POST", "HEAD", "DELETE"])
    path = "/" + urllib.parse.quote(text(0, 30), safe="/~")
    query = "&".join(urllib.parse.quote(text(1, 6), safe="~") + "=" + urllib.parse.quote(text(0, 8), safe="~")
                     for _ in range(rng.randint(0, 4)))
    host = rng.choice(["example.com", "b.s3.amazonaws.com", "127.0.0.1:9000"])
    body = text(0, 40).encode() if method in ("PUT", "POST") else b""
    request = AWSRequest(method=method, url=f"https://{host}{path}" + (f"?{query}" if query else ""), data=body)
    request.headers = HTTPHeaders()
    headers = [["Host", host]]
    for name in rng.sample(["Content-Type", "x-amz-meta-a", "X-Amz-Target", "Range", "User-Agent", "If-Match"],
                           rng.randint(0, 4)):
        headers.append([name, rng.choice(["a", "  a  b ", "bytes=0-9", "x/y; z=\"1\"", "a\tb"])])
    for name, value in headers:
        request.headers[name] = value
    unsigned = service == "s3" and rng.random() < 0.5
    request.context = {"payload_signing_enabled": not unsigned}
    signer = date_frozen_at(stamp, S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, region)
    if unsigned:
        request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
        headers.append(["X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"])
        signer._should_sha256_sign_payload = lambda _: False
    signer.add_auth(request)
    assert request.context["timestamp"] == stamp
    payload_hash = "UNSIGNED-PAYLOAD" if unsigned else hashlib.sha256(body).hexdigest()
    return {"service": service, "region": region, "date_time": stamp, "access_key": credentials.access_key,
            "secret_key": credentials.secret_key, "token": credentials.token or "", "method": method, "path": path,
            "query": query, "headers": headers, "payload_hash": payload_hash,
            "authorization": request.headers["Authorization"]}


out = pathlib.Path(__file__).resolve().parent.parent / "data" / "sigv4.json"
out.write_text("[\n" + ",\n".join(json.dumps(vector()) for _ in range(400)) + "\n]\n")

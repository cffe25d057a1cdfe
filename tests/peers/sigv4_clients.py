#!/usr/bin/env python3
"""Requests that boto3's clients really send, and random ones that botocore signs, before our verifier:
sigv4_clients.py SIGV4_PROBE VENV"""
import base64
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from peers import in_venv  # noqa: E402

STYLES = {"s3": "s3", "sns": "query", "sts": "query", "iam": "query"}
rng = random.Random(4)


class Probe:
    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        keys = json.loads(self.process.stdout.readline())
        self.lasting, self.session = keys["lasting"], keys["session"]
        self.asked = 0

    def ask(self, request, service):
        self.asked += 1
        line = json.dumps({**request, "service": service, "style": STYLES.get(service, "json"),
                           "now_us": int(datetime.datetime.now().timestamp() * 1e6)})
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def as_sent(method, url, headers, body):
    """What a server sees of it."""
    parts = urllib.parse.urlsplit(url)
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    shown = [[name, value.decode() if isinstance(value, bytes) else str(value)] for name, value in headers.items()]
    if not any(name.lower() == "host" for name, _ in shown):
        shown.insert(0, ["Host", parts.netloc])
    return {"method": method, "target": (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            "headers": shown, "body": base64.b64encode(body or b"").decode()}


def expect(answer, what, **wanted):
    for name, value in wanted.items():
        if answer.get(name) != value:
            raise SystemExit(f"{what}: {name} is {answer.get(name)!r}, not {value!r}: {answer}")


def changed(request):
    """The same with something else signed: refused, whatever it is."""
    other = json.loads(json.dumps(request))
    choice = rng.choice(["method", "target", "header"])
    if choice == "method":
        other["method"] = "PATCH"
    elif choice == "target":
        other["target"] += "&added=1" if "?" in other["target"] else "?added=1"
    else:
        other["headers"].append(["x-amz-added", "1"])
    return other


class Captured(Exception):
    pass


def real_calls(probe, key):
    """Each call of a client, caught before it leaves."""
    import boto3
    from botocore.config import Config
    sent = []

    def client(service, scheme="http", **config):
        made = boto3.client(service, endpoint_url=f"{scheme}://127.0.0.1:8099", region_name="eu-west-1",
                            aws_access_key_id=key["id"], aws_secret_access_key=key["secret"],
                            aws_session_token=key["token"] or None,
                            config=Config(retries={"total_max_attempts": 1}, **config))

        def catch(request, **_):
            sent.append((service, as_sent(request.method, request.url, request.headers, request.body)))
            raise Captured

        made.meta.events.register("before-send", catch)
        return made

    def call(function, **arguments):
        try:
            function(**arguments)
        except Captured:
            return
        raise SystemExit(f"{function.__name__} was not caught")

    trail = client("cloudtrail")
    call(trail.describe_trails)
    call(trail.lookup_events, LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "ü x"}], MaxResults=5)
    call(trail.create_trail, Name="t", S3BucketName="b", TagsList=[{"Key": "a", "Value": "b"}])
    data = client("cloudtrail-data")
    call(data.put_audit_events, auditEvents=[{"id": "1", "eventData": "{}"}],
         channelArn="arn:aws:cloudtrail:eu-west-1:000000000000:channel/x")
    call(client("athena").start_query_execution, QueryString="SELECT 1")
    call(client("logs").describe_log_groups)
    call(client("events").put_rule, Name="r", EventPattern="{}")
    call(client("sns").publish, TopicArn="arn:aws:sns:eu-west-1:000000000000:t", Message="a=b&c d+e\n")
    call(client("sqs").list_queues)
    call(client("sts").get_caller_identity)
    call(client("cloudwatch").put_metric_data, Namespace="N",
         MetricData=[{"MetricName": f"m{i}", "Value": i} for i in range(500)])
    for scheme in ("http", "https"):
        for style in ("path", "virtual"):
            s3 = client("s3", scheme, s3={"addressing_style": style})
            call(s3.get_object, Bucket="bucket", Key="a b/ü+c//d.gz", Range="bytes=0-9")
            call(s3.head_object, Bucket="bucket", Key="../x")
            call(s3.list_objects_v2, Bucket="bucket", Prefix="AWSLogs/a b/+", StartAfter="~*'()")
            call(s3.get_bucket_location, Bucket="bucket")
            for algorithm in ("CRC32", "SHA1", "SHA256"):
                call(s3.put_object, Bucket="bucket", Key="k", Body=b"x" * 200_000, ChecksumAlgorithm=algorithm,
                     Metadata={"of": "me  and   you"}, ContentType="text/plain")
    service_of = {"cloudtrail-data": "cloudtrail-data", "cloudwatch": "monitoring"}
    chunked = 0
    for name, request in sent:
        service = service_of.get(name, name)
        answer = probe.ask(request, service)
        expect(answer, f"{name} {request['target']}", ok=True, key=key["id"], region="eu-west-1", service=service)
        hashes = [value for header, value in request["headers"] if header.lower() == "x-amz-content-sha256"]
        if hashes and hashes[0].startswith("STREAMING-"):
            chunked += 1
            expect(answer, "aws-chunked", body=base64.b64encode(b"x" * 200_000).decode())
        expect(probe.ask(changed(request), service), f"changed {name} {request['target']}", ok=False)
    if chunked == 0:
        raise SystemExit("no upload came in chunks")
    return len(sent)


def presigned_urls(probe, key):
    import boto3
    from botocore.config import Config
    count = 0
    for service, operation, arguments in (
            ("s3", "get_object", {"Bucket": "bucket", "Key": "a b/ü+c.gz"}),
            ("s3", "head_object", {"Bucket": "bucket", "Key": "k", "VersionId": "1/2"}),
            ("s3", "list_objects_v2", {"Bucket": "bucket", "Prefix": "a/b c"}),
            ("sts", "get_caller_identity", {})):
        client = boto3.client(service, endpoint_url="http://127.0.0.1:8099", region_name="eu-west-1",
                              aws_access_key_id=key["id"], aws_secret_access_key=key["secret"],
                              aws_session_token=key["token"] or None,
                              config=Config(signature_version="s3v4" if service == "s3" else None))
        method = "HEAD" if operation == "head_object" else "GET"
        url = client.generate_presigned_url(operation, Params=arguments, ExpiresIn=60, HttpMethod=method)
        request = as_sent(method, url, {}, b"")
        answer = probe.ask(request, service)
        expect(answer, url, ok=True, presigned=True, key=key["id"])
        expect(probe.ask(changed(request), service), f"changed {url}", ok=False)
        count += 1
    return count


def random_requests(probe, key, rounds):
    """Odd paths, queries, headers and bodies, in the header and in the query."""
    from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    alphabet = "abcXYZ019 -_.~!*'()+/=&?#%:;,@$ü漢\\\"<>[]{}|^`"

    def text(low, high):
        return "".join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))

    credentials = Credentials(key["id"], key["secret"], key["token"] or None)
    for _ in range(rounds):
        service = rng.choice(["s3", "sqs", "cloudtrail", "sns"])
        path = "/" + urllib.parse.quote(text(0, 30), safe="/~")
        query = "&".join(urllib.parse.quote(text(1, 6), safe="~") + "=" + urllib.parse.quote(text(0, 8), safe="~")
                         for _ in range(rng.randint(0, 4)))
        presigned = rng.random() < 0.4
        body = text(0, 60).encode() if not presigned and rng.random() < 0.7 else b""
        headers = {"Content-Type": "x/y; z=\"1\""} if rng.random() < 0.5 and not presigned else {}
        if rng.random() < 0.5 and not presigned:
            headers["x-amz-meta-a"] = rng.choice(["a", "  a  b ", "a\tb", "ä"])
        request = AWSRequest(method=rng.choice(["GET", "PUT", "POST", "DELETE"]),
                             url=f"https://127.0.0.1:8099{path}" + (f"?{query}" if query else ""), data=body,
                             headers=headers)
        request.context = {"payload_signing_enabled": True}
        if presigned:
            signer = S3SigV4QueryAuth if service == "s3" else SigV4QueryAuth
            signer(credentials, service, "us-gov-west-1", expires=30).add_auth(request)
        else:
            (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, "us-gov-west-1").add_auth(request)
        sent = as_sent(request.method, request.url, request.headers, body)
        expect(probe.ask(sent, service), json.dumps(sent), ok=True, region="us-gov-west-1", presigned=presigned)
        expect(probe.ask(changed(sent), service), "changed " + json.dumps(sent), ok=False)
    return rounds


def main():
    program, venv = sys.argv[1], pathlib.Path(sys.argv[2])
    in_venv(venv)
    os.environ.update(AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true")
    with tempfile.TemporaryDirectory() as folder:
        probe = Probe(program, folder)
        for name, key in (("lasting", probe.lasting), ("session", probe.session)):
            print(f"ok real calls, {name} key: {real_calls(probe, key)}", flush=True)
            print(f"ok presigned URLs, {name} key: {presigned_urls(probe, key)}", flush=True)
            print(f"ok random requests, {name} key: {random_requests(probe, key, 400)}", flush=True)
        wrong = {**probe.lasting, "secret": probe.session["secret"]}
        try:
            random_requests(probe, wrong, 1)
        except SystemExit:
            print(f"ok another secret is refused; {probe.asked} requests in all")
        else:
            raise SystemExit("a wrong secret was taken")


main()

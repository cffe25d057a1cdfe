#!/usr/bin/env python3
"""`cairn serve --config FILE` and what stands in front of the service: every key, mistakes in the file, trusted proxies.

usage: config.py CAIRN VENV
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

from service import Service, in_venv, wait_for

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "manual" / "serve.toml"
LINE = re.compile(r"^(?:# )?([a-z][a-z-]*) = (.+?)(?: +# .*)?$")


def example():
    """Key → value of the manual's example, also of those that are commented out."""
    return dict(match.groups() for line in EXAMPLE.read_text().splitlines() if (match := LINE.match(line)))


def options(cairn):
    text = subprocess.run([cairn, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    return {name: value for name, value in re.findall(r"^ +(?:-h, )?--([a-z-]+)(?: ([A-Za-z-]\S*))?", text, re.M)
            if name not in ("help", "config")}


def refused(cairn, folder, text, *more, says):
    path = folder / "serve.toml"
    path.write_text(text)
    done = subprocess.run([cairn, "serve", "--config", path, *more], capture_output=True, text=True, timeout=30,
                          env={**os.environ, "CAIRN_HOME": str(folder / "home")})
    lines = done.stderr.splitlines()
    assert done.returncode == 2 and done.stdout == "", (text, done)
    assert says in lines[0] and lines[-1].startswith("hint: "), (text, lines)
    assert not (folder / "home").exists(), text


def every_key_is_in_the_example(cairn, folder):
    known = options(cairn)
    assert set(example()) == set(known), set(example()) ^ set(known)
    assert len(known) > 40, known


def taken(cairn, folder, text):
    """The file itself is valid: the start fails later, because of the address."""
    path = folder / "serve.toml"
    path.write_text(text + 'listen = "127.0.0.1:0:0"\n')
    done = subprocess.run([cairn, "serve", "--config", path], capture_output=True, text=True, timeout=30,
                          env={**os.environ, "CAIRN_HOME": str(folder / "home")})
    assert done.returncode in (1, 2) and done.stdout == "" and "serve.toml" not in done.stderr, (text, done)
    assert not (folder / "home").exists(), text
    return done.stderr


def every_key_takes_its_values(cairn, folder):
    """The example's value is taken, and one of another type is refused with file and line."""
    assert "invalid address '127.0.0.1:0:0'" in taken(cairn, folder, "threads = 3\n")
    for key, value in example().items():
        if key != "listen":
            taken(cairn, folder, f"{key} = {value}\n")
        wrong = "1" if value in ("true", "false") else '["a", "b"]' if not value.startswith("[") else "true false"
        refused(cairn, folder, f"# a line before\n{key} = {wrong}\n", says="serve.toml:2: ")
    taken(cairn, folder, "".join(f"{key} = {value}\n" for key, value in example().items() if key != "listen"))


def mistakes_say_where_they_are(cairn, folder):
    refused(cairn, folder, 'listen = "127.0.0.1:0"\nlissten = "x"\n', says="serve.toml:2: unknown option 'lissten'; did you mean 'listen'?")
    refused(cairn, folder, "nonsense = 1\n", says="serve.toml:1: unknown option 'nonsense'")
    refused(cairn, folder, "threads = 0\n", says="serve.toml:1: ")
    refused(cairn, folder, "[limits]\nthreads = 3\n", says="serve.toml:1: tables")
    refused(cairn, folder, 'config = "x"\n', says="unknown option 'config'")
    refused(cairn, folder, 'trusted-proxy = ["10.0.0.1/8"]\n', says="--trusted-proxy: '10.0.0.1/8' is not a range of addresses")
    refused(cairn, folder, "body-memory = 1\n", says="serve.toml:1: ")
    done = subprocess.run([cairn, "serve", "--config", folder / "none.toml"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "No such file" in done.stderr, done
    done = subprocess.run([cairn, "collect", "--config", folder / "none.toml"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "No such file" in done.stderr, done


def a_service_runs_from_a_file(cairn, folder):
    access_log, bucket = folder / "access.jsonl", folder / "archive"
    bucket.mkdir()
    path = folder / "service.toml"
    path.write_text(f'account = "111122223333"\naccess-log = "{access_log}"\nbucket = ["archive={bucket}"]\nthreads = 3\n'
                    'delivery-interval = "1s"\ngrace = "5s"\nconnections = 50\ntrusted-proxy = ["127.0.0.0/8"]\naws-limits = true\n')
    with Service(cairn, "--config", str(path)) as service:
        assert service.client("sts").get_caller_identity()["Account"] == "111122223333"
        trails = service.client("cloudtrail")
        trails.create_trail(Name="one", S3BucketName="archive")
        trails.start_logging(Name="one")
        trails.list_trails()
        wait_for("the delivery", lambda: list(bucket.rglob("*.json.gz")))
        service.stop()
        assert any(json.loads(line).get("operation") == "ListTrails" for line in access_log.read_text().splitlines())


def only_trusted_proxies_speak_for_others(cairn, folder):
    """In the record of the call and in the access log."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def call(service, forwarded, proto):
        request = AWSRequest("POST", service.url + "/", data=b"{}", headers={
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "CloudTrail_20131101.ListChannels"})
        SigV4Auth(Credentials(*service.key), "cloudtrail", service.region).add_auth(request)
        headers = {**dict(request.headers), "X-Forwarded-For": forwarded, "X-Forwarded-Proto": proto}
        with urllib.request.urlopen(urllib.request.Request(request.url, b"{}", headers), timeout=60) as answer:
            assert answer.status == 200

    for options_, forwarded, wanted, proxy, scheme in (
            ((), "203.0.113.9", "127.0.0.1", None, "http"),
            (("--trusted-proxy", "10.0.0.0/8"), "203.0.113.9", "127.0.0.1", None, "http"),
            (("--trusted-proxy", "127.0.0.1"), "198.51.100.1, 203.0.113.9", "203.0.113.9", "127.0.0.1", "https"),
            (("--trusted-proxy", "127.0.0.1", "--trusted-proxy", "203.0.113.0/24"), "198.51.100.1, 203.0.113.9", "198.51.100.1", "127.0.0.1", "https"),
            (("--trusted-proxy", "127.0.0.1"), "2001:db8::7", "2001:db8::7", "127.0.0.1", "https"),
            (("--trusted-proxy", "127.0.0.1"), "not an address", "127.0.0.1", None, "https")):
        with Service(cairn, *options_) as service:
            call(service, forwarded, "https")
            trails = service.client("cloudtrail")
            events = wait_for("the event", lambda: trails.lookup_events(
                LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ListChannels"}])["Events"])
            address = json.loads(events[0]["CloudTrailEvent"])["sourceIPAddress"]
            assert address == wanted, (options_, forwarded, address)
            service.stop()
            lines = [json.loads(line) for line in (service.home / "access.jsonl").read_text().splitlines()]
            line = next(line for line in lines if line.get("operation") == "ListChannels")
            assert (line["remote"], line.get("proxy"), line["scheme"]) == (wanted, proxy, scheme), line


def main():
    cairn, venv = sys.argv[1:3]
    in_venv(venv)
    for test in (every_key_is_in_the_example, every_key_takes_its_values, mistakes_say_where_they_are, a_service_runs_from_a_file,
                 only_trusted_proxies_speak_for_others):
        with tempfile.TemporaryDirectory() as folder:
            test(cairn, pathlib.Path(folder))
        print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""TLS: the AWS CLI over https, what the record says of it, a certificate read again: tls.py CAIRN VENV"""
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile

from service import Service, in_venv, wait_for

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)


def make_certificate(folder, serial):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-set_serial", str(serial),
                    "-keyout", folder / "server.key", "-out", folder / "server.pem"], check=True, capture_output=True)


class TlsService(Service):
    def wait_ready(self):
        host, port = self.url.removeprefix("https://").split(":")
        wait_for("the port", lambda: socket.create_connection((host, int(port)), timeout=5).close() is None)


def serial_of(service):
    host, port = service.url.removeprefix("https://").split(":")
    text = ssl.get_server_certificate((host, int(port)))
    done = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=text, capture_output=True, text=True, check=True)
    return int(done.stdout.strip().split("=")[1], 16)


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    make_certificate(folder, 7)
    with TlsService(cairn, "--tls-certificate", str(folder / "server.pem"), "--tls-key", str(folder / "server.key")) as service:
        assert service.url.startswith("https://"), service.url
        trusted = ("--ca-bundle", str(folder / "server.pem"))
        assert service.aws_json("sts", "get-caller-identity", *trusted)["Account"] == "000000000000"
        refused = service.aws("sts", "get-caller-identity")
        assert refused.returncode != 0 and "SSL" in refused.stderr, refused.stderr
        service.aws_json("cloudtrail", "list-trails", *trusted)
        events = wait_for("the call", lambda: service.aws_json(
            "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=ListTrails",
            *trusted)["Events"])
        details = json.loads(events[0]["CloudTrailEvent"])["tlsDetails"]
        assert details["tlsVersion"] == "TLSv1.3" and details["cipherSuite"].startswith("TLS_"), details
        assert details["clientProvidedHostHeader"].startswith("127.0.0.1"), details
        # Old versions of TLS are refused, and plain HTTP on this port is.
        host, port = service.url.removeprefix("https://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = plain.recv(100)
            assert b"200" not in answer, answer
        assert serial_of(service) == 7
        make_certificate(folder, 8)
        service.process.send_signal(signal.SIGHUP)
        wait_for("the new certificate", lambda: serial_of(service) == 8)
        service.stop()
print("passed")

"""What tests of a lake on S3 share: moto's server, a proxy before it that counts and fails, and cairn."""
import contextlib
import csv
import http.client
import http.server
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from cairn import memory_folder  # noqa: E402
from peers import Moto  # noqa: E402

REFUSAL = "<Error><Code>{}</Code><Message>refused by the test</Message></Error>"


class Proxy:
    """Hands requests on to moto, and notes them: (method, key, status, bytes of the answer's body)."""

    def __init__(self, target):
        self.target = target.split("//")[1]
        self.requests = []
        self.fault = None  # fault(method, path) → None, or (status, code): refused; "lost": done, but not answered
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path
                fault = proxy.fault and proxy.fault(self.command, path)
                if isinstance(fault, tuple):
                    proxy.requests.append((self.command, path, fault[0], 0))
                    return self.answer(fault[0], {}, REFUSAL.format(fault[1]).encode())
                upstream = http.client.HTTPConnection(proxy.target, timeout=60)
                upstream.request(self.command, path, body, dict(self.headers))
                got = upstream.getresponse()
                content = got.read()
                upstream.close()
                proxy.requests.append((self.command, path, got.status, len(content)))
                if fault == "lost":
                    self.close_connection = True
                    return None
                return self.answer(got.status, dict(got.getheaders()), content)

            def answer(self, status, headers, content):
                self.send_response_only(status)
                for name, value in headers.items():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                length = headers.get("Content-Length") if self.command == "HEAD" else None
                self.send_header("Content-Length", length or str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):  # cairn was killed in the middle
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def asked(self, method="GET", part=".parquet"):
        return [request for request in self.requests if request[0] == method and part in request[1]]


class World:
    """What the tests share: cairn, the bucket, the logs."""

    def __init__(self, program, folder, proxy, s3, postgres):
        self.program, self.folder, self.proxy, self.s3, self.postgres = program, folder, proxy, s3, postgres
        self.environment = {"AWS_ENDPOINT_URL": proxy.url, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "HOME": str(folder),
                            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1", "PATH": os.environ["PATH"],
                            "CAIRN_HOME": str(folder / "home")}

    def run(self, *arguments, code=0, **settings):
        done = subprocess.run([self.program, *map(str, arguments)], text=True, capture_output=True, check=False,
                              timeout=300, env={**self.environment, **settings})
        if code is not None and done.returncode != code:
            sys.exit(f"cairn {' '.join(map(str, arguments))} ended with {done.returncode}, not {code}:\n"
                     f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done

    def start(self, *arguments):
        return subprocess.Popen([self.program, *map(str, arguments)], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=self.environment)

    def rows(self, lake, query, **settings):
        out = self.run("sql", *lake, "--format", "csv", query, **settings).stdout
        return list(csv.reader(out.splitlines()))[1:]

    def counts(self, lake):
        return self.rows(lake, "SELECT count(*), count(DISTINCT eventID) FROM cloudtrail")[0]

    def objects(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket="lake", Prefix=prefix)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def cache(self):
        files = self.folder / "home/cache/files"
        return {file.name: file.stat().st_size for file in files.iterdir()} if files.exists() else {}

    def cold(self):
        shutil.rmtree(self.folder / "home/cache", ignore_errors=True)
        self.proxy.requests.clear()

    def lake(self, name, catalog="sqlite"):
        if catalog == "sqlite":
            catalog = f"sqlite:///{self.folder}/{name}.db"
        return ["--lake", f"s3://lake/{name}", "--catalog", catalog]


@contextlib.contextmanager
def open_world(program, postgres=None):
    """A World with an empty bucket `lake`; needs the virtual environment."""
    import boto3
    from botocore.config import Config
    with Moto() as moto, tempfile.TemporaryDirectory(prefix="cairn-s3-", dir=memory_folder(4 << 30)) as folder:
        s3 = boto3.client("s3", endpoint_url=moto.url, region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE",
                          aws_secret_access_key="secret", config=Config(s3={"addressing_style": "path"}))
        s3.create_bucket(Bucket="lake")
        yield World(program, pathlib.Path(folder), Proxy(moto.url), s3, postgres)

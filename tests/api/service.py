"""`cairn serve` for tests: started on a free port with a folder of its own, and real AWS clients that point at it."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import peers  # noqa: E402
from aws_cli import AwsCli  # noqa: E402
from cairn import memory_folder  # noqa: E402

aws_cli = AwsCli()


def in_venv(venv):
    """Continues in a virtual environment that has the clients."""
    peers.in_venv(venv)


class Service:
    """A running service, with `settings` in its environment; killed and removed at the end."""

    def __init__(self, cairn, *options, home=None, **settings):
        self.cairn, self.options, self.settings = str(cairn), options, settings
        self.own_home = home is None
        self.home = pathlib.Path(home or tempfile.mkdtemp(prefix="cairn-serve-", dir=memory_folder()))
        self.process = None
        self.key = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if kind is not None:
            log = self.home / "stderr.txt"
            if log.exists():
                sys.stderr.write("---- the service's log ends ----\n" + log.read_text()[-4000:])
        if self.own_home:
            shutil.rmtree(self.home, ignore_errors=True)

    def start(self, *more):
        self.home.mkdir(parents=True, exist_ok=True)
        self.log = open(self.home / "stderr.txt", "ab")
        out = open(self.home / "stdout.txt", "wb")
        self.process = subprocess.Popen([self.cairn, "serve", "--home", str(self.home), "--listen", "127.0.0.1:0",
                                         *self.options, *more], stdout=out, stderr=self.log,
                                        env={**os.environ, "HOME": str(self.home), **self.settings})
        end = time.monotonic() + 60
        while True:
            text = (self.home / "stdout.txt").read_text()
            exports = dict(re.findall(r"^ *export (\w+)=(\S+)$", text, re.M))
            if "AWS_DEFAULT_REGION" in exports:
                break
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit("the service does not start:\n" + text + (self.home / "stderr.txt").read_text())
            time.sleep(0.02)
        self.url = exports["AWS_ENDPOINT_URL"]
        self.addresses = re.findall(r"https?://[^\s,;]+", text.splitlines()[0])
        self.region = exports["AWS_DEFAULT_REGION"]
        if "AWS_SECRET_ACCESS_KEY" in exports:
            self.key = (exports["AWS_ACCESS_KEY_ID"], exports["AWS_SECRET_ACCESS_KEY"])
        self.wait_ready()

    def wait_ready(self):
        end = time.monotonic() + 60
        while True:
            try:
                if urllib.request.urlopen(self.url + "/readyz", timeout=5).status == 200:
                    return
            except OSError:
                pass
            if time.monotonic() > end:
                raise SystemExit("the service does not become ready")
            time.sleep(0.02)

    def stop(self, wanted=0):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        assert code == wanted, (code, (self.home / "stderr.txt").read_text()[-2000:])

    def log_lines(self):
        """The service's own log."""
        return [json.loads(line) for line in (self.home / "stderr.txt").read_text().splitlines()]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def new_key(self, *arguments):
        done = subprocess.run([self.cairn, "keys", "create", "--home", str(self.home), *arguments],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        exports = dict(re.findall(r"^ *export (\w+)=(\S+)$", done.stdout, re.M))
        return exports["AWS_ACCESS_KEY_ID"], exports["AWS_SECRET_ACCESS_KEY"]

    def client(self, service, key=None, region=None, **config):
        import boto3
        import botocore.config
        key = key or self.key
        return boto3.client(service, endpoint_url=self.url, region_name=region or self.region,
                            aws_access_key_id=key[0], aws_secret_access_key=key[1],
                            config=botocore.config.Config(retries={"max_attempts": 1}, **config))

    def environment(self, key=None, region=None):
        key = key or self.key
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "AWS_ENDPOINT_URL": self.url, "AWS_PAGER": "",
                "AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1],
                "AWS_DEFAULT_REGION": region or self.region}

    def aws(self, *arguments, key=None, region=None, program=None):
        """The AWS CLI's run; version 1 of the virtual environment when no other is named."""
        if program is None:
            done = aws_cli.run(arguments, self.environment(key, region))
            return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
        return subprocess.run([program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env=self.environment(key, region))

    def aws_json(self, *arguments, **named):
        done = self.aws(*arguments, **named)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def sql(self, query):
        done = subprocess.run([self.cairn, "sql", "--lake", str(self.home / "lake"), "--format", "json", query],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else []


def wait_for(what, condition, seconds=30):
    """The condition's value, once it is true."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.1)


def refused(call, **arguments):
    """The error code that a boto3 call is refused with."""
    import botocore.exceptions
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None

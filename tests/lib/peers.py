"""Other people's programs for the tests: their packages in a virtual environment, and moto's server."""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77  # a test that ends with it counts as skipped
START_SECONDS = 60


def in_venv(venv, requirements):
    """Goes on in a virtual environment that has these packages; where they cannot be fetched the test says so and is
    skipped."""
    venv = pathlib.Path(venv)
    stamp, wanted = venv / "requirements.txt", requirements.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"putting the packages of {requirements.name} into {venv}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        if subprocess.run([venv / "bin/pip", "install", "-q", "-r", requirements], check=False).returncode != 0:
            print("skipped: the packages cannot be fetched")
            sys.exit(SKIPPED)
        stamp.write_text(wanted)
    if pathlib.Path(sys.prefix).resolve() != venv.resolve():
        os.execv(venv / "bin/python", [str(venv / "bin/python"), *sys.argv])


class Moto:
    """moto's server, on a free port of this machine; its interpreter is that of the test."""

    def __init__(self, *options, scheme="http"):
        self.options, self.scheme = options, scheme

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"{self.scheme}://127.0.0.1:{port}"
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port), *self.options],
                                        stdout=self.log, stderr=self.log)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.1)
        self.__exit__()
        self.log.seek(0)
        raise SystemExit(f"moto's server does not start: {self.log.read()[-2000:].decode(errors='replace')}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

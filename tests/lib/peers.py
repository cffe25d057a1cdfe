"""Other people's programs for the tests: their packages in a virtual environment, their servers, what they say."""
import datetime
import fcntl
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77  # a test that ends with it counts as skipped
START_SECONDS = 60
REQUIREMENTS = pathlib.Path(__file__).resolve().parent / "requirements.txt"  # of all tests but those of tests/engines

# Servers of this machine are not reached through a proxy.
for name in ("no_proxy", "NO_PROXY"):
    os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1,localhost"]))


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def check(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {got!r:.2000}, want {want!r:.2000}")


def run_test(test, *arguments, where=""):
    """Calls it, and tells its name and its time when it is through."""
    begun = time.monotonic()
    test(*arguments)
    print(f"ok {test.__name__}{where} ({time.monotonic() - begun:.1f} s)", flush=True)


def in_venv(venv, requirements=REQUIREMENTS):
    """Continues in a virtual environment that has these packages. Makes it if there is none; tests that share one may
    start at once, and a lock lets one of them make it. Skips the test if the packages cannot be fetched."""
    venv = pathlib.Path(venv)
    venv.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{venv}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv(venv, requirements)
    if pathlib.Path(sys.prefix).resolve() != venv.resolve():
        os.execv(venv / "bin/python", [str(venv / "bin/python"), *sys.argv])


def make_venv(venv, requirements):
    stamp, wanted = venv / "requirements.txt", requirements.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"putting the packages of {requirements.name} into {venv}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    if subprocess.run([venv / "bin/python", "-m", "pip", "install", "-q", "-r", requirements], check=False).returncode != 0:
        skip("the packages cannot be fetched")
    stamp.write_text(wanted)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for_port(port, process, seconds=START_SECONDS):
    """Whether the process listens before it ends, or time does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


class Moto:
    """moto's server, on a free port of this machine; its interpreter is that of the test."""

    def __init__(self, *options, scheme="http"):
        self.options, self.scheme = options, scheme

    def __enter__(self):
        port = free_port()
        self.url = f"{self.scheme}://127.0.0.1:{port}"
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port), *self.options],
                                        stdout=self.log, stderr=self.log)
        if wait_for_port(port, self.process):
            return self
        self.__exit__()
        self.log.seek(0)
        raise SystemExit(f"moto's server does not start: {self.log.read()[-2000:].decode(errors='replace')}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def openssl_certificate(folder, names="IP:127.0.0.1"):
    """(certificate, key) that no authority but itself vouches for."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=test", "-addext", f"subjectAltName={names}"],
                   capture_output=True, check=True)
    return certificate, key


def leaf(row, path):
    """The member of a row of structs: `userIdentity.arn`."""
    for name in path.split("."):
        row = None if row is None else row[name]
    return row


def text(value):
    """As `cairn sql --format csv` writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return str(value)


def leaves(schema, prefix=""):
    """Paths of an Arrow schema's values, without lists."""
    import pyarrow
    for field in schema:
        if pyarrow.types.is_struct(field.type):
            yield from leaves(field.type, f"{prefix}{field.name}.")
        elif not pyarrow.types.is_list(field.type) and not pyarrow.types.is_large_list(field.type):
            yield prefix + field.name


def rows_of(table, columns):
    """An Arrow table as sorted rows of texts, to be compared with those of `cairn sql --format csv`."""
    return sorted([text(leaf(row, column)) for column in columns] for row in table.to_pylist())


def difference(got, want):
    """The first one, or None."""
    if got == want:
        return None
    if len(got) != len(want):
        return f"{len(got)} rows, not {len(want)}"
    for one, other in zip(got, want):
        if one != other:
            return next((f"{a!r:.300}, not {b!r:.300}" for a, b in zip(one, other) if a != b), f"{one!r:.300}, not {other!r:.300}")
    return "another order"

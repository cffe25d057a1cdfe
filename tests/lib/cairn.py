"""Runs the program for the tests that are written in Python."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field


@dataclass
class Run:
    code: int  # negative: killed by that signal
    out: str
    err: str
    peak_bytes: int
    coverage: dict = field(default_factory=dict)

    def rows(self):
        return json.loads(self.out) if self.out.strip() else []


def run(program, *arguments, timeout=120):
    """Runs `program` and measures its peak memory."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen([program, *arguments], stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        try:
            _, status, usage = wait(child, timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return Run(-99, "", f"no end after {timeout} s", 0)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
        return Run(os.waitstatus_to_exitcode(status), *texts, usage.ru_maxrss * 1024)


def memory_folder(bytes_min=1 << 30):
    """Returns a folder in memory, or None if this machine has none with so much room; None stands for the usual temporary
    folder. Most of the time of a test that commits to lakes goes into syncing a disk, of which it checks nothing."""
    folder = "/dev/shm"
    if not os.path.ismount(folder) or not os.access(folder, os.W_OK | os.X_OK):
        return None
    known = dict(line.split(":") for line in pathlib.Path("/proc/meminfo").read_text().splitlines())
    memory = int(known["MemAvailable"].split()[0]) * 1024
    room = os.statvfs(folder)
    return folder if min(room.f_bavail * room.f_frsize, memory // 2) >= bytes_min else None


def wait(child, timeout):
    import time

    end = time.monotonic() + timeout
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return pid, status, usage
        if time.monotonic() > end:
            raise subprocess.TimeoutExpired(child.args, timeout)
        time.sleep(0.002)


def sql(program, query, paths, *options, timeout=120):
    """`cairn sql` over `paths`; rows as JSON on `out`, the coverage report parsed."""
    sources = [word for path in paths for word in ("--from", str(path))]
    done = run(program, "sql", *sources, "--format", "json", "--coverage=json", *options, query, timeout=timeout)
    for line in reversed(done.err.splitlines()):
        if line.startswith('{"files_read"'):
            done.coverage = json.loads(line)
            break
    return done


def data_folder(name):
    """The folder of real logs, or an end of the test that says why it could not look."""
    folder = pathlib.Path(os.environ.get("CAIRN_TEST_DATA", ""))
    if not os.environ.get("CAIRN_TEST_DATA") or not (folder / name).exists():
        print(f"nothing to check: CAIRN_TEST_DATA names no folder with {name}")
        sys.exit(0)
    return folder

#!/usr/bin/env python3
"""The catalog in a real PostgreSQL, started here: postgres_catalog.py STORE_PROBE"""
import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from cairn import memory_folder  # noqa: E402
from peers import check, run_test, skip  # noqa: E402
from rights import place_for_others  # noqa: E402


class Postgres:
    """A server with its data and its socket in `home`, which must be below place_for_others(); its user is not root.
    With a `port` it also listens on 127.0.0.1."""

    def __init__(self, home, port=None):
        found = shutil.which("postgres") or next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))[::-1]), None)
        if found is None:
            skip("there is no PostgreSQL (Debian: apt-get install postgresql)")
        self.bin = pathlib.Path(found).resolve().parent
        self.home = home
        self.user = {}
        if os.geteuid() == 0:
            nobody = next((u for u in ("postgres", "nobody") if any(u == p.pw_name for p in pwd.getpwall())))
            entry = pwd.getpwnam(nobody)
            self.user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(home, entry.pw_uid, entry.pw_gid)
        self.run("initdb", "-D", home / "data", "-U", "cairn", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        self.server = None
        self.port = port or 5432
        self.listen = ["-c", f"listen_addresses={'127.0.0.1' if port else ''}", "-p", str(self.port)]
        self.url = f"postgresql://cairn@/postgres?host={urllib.parse.quote(str(home))}&port={self.port}"

    def run(self, program, *arguments):
        done = subprocess.run([self.bin / program, *map(str, arguments)], capture_output=True, text=True, cwd=self.home, **self.user)
        if done.returncode != 0:
            sys.exit(f"{program}: {done.stdout}{done.stderr}")

    def start(self):
        log = open(self.home / "log", "ab")
        self.server = subprocess.Popen(
            [self.bin / "postgres", "-D", self.home / "data", "-k", self.home, *self.listen, "-c", "fsync=off"],
            stdout=log, stderr=log, cwd=self.home, **self.user)
        for _ in range(300):
            if subprocess.run([self.bin / "pg_isready", "-h", self.home, "-p", str(self.port), "-q"]).returncode == 0:
                return
            time.sleep(0.1)
        sys.exit((self.home / "log").read_text())

    def stop(self):
        if self.server is not None:
            self.server.send_signal(signal.SIGQUIT)  # at once, as a machine that fails
            self.server.wait()
            self.server = None

    def psql(self, sql):
        done = subprocess.run([self.bin / "psql", "-h", self.home, "-p", str(self.port), "-U", "cairn", "-d", "postgres", "-XAtc", sql],
                              capture_output=True, text=True, check=True)
        return done.stdout.splitlines()


class Lake:
    def __init__(self, program, folder, url):
        self.command = [program, str(folder), url]

    def begin(self, *arguments, **options):
        return subprocess.Popen([*self.command, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, errors="replace", **options)

    def __call__(self, *arguments):
        process = self.begin(*arguments)
        out, err = process.communicate()
        if process.returncode != 0:
            sys.exit(f"store_probe {arguments}: {err}")
        return out.splitlines()


def two_writers(lake, server):
    """Both make the tables, both commit; each change is there once."""
    commits = 40
    writers = [lake.begin("hammer", name, commits) for name in ("one", "two")]
    acknowledged = 0
    for writer in writers:
        out, err = writer.communicate()
        check("exit", (writer.returncode, err), (0, ""))
        acknowledged += len(out.splitlines())
    check("acknowledged", acknowledged, 2 * commits)
    check("files", len(set(lake("files"))), 2 * commits)
    check("ledger", len(lake("ledger")), 2 * commits)
    check("snapshots", [int(line.split()[1]) for line in lake("snapshots")], list(range(1, 2 * commits + 1)))
    check("orphans", lake("orphans"), [])
    check("pointer", server.psql("SELECT count(*) FROM iceberg_tables WHERE catalog_name = 'cairn'"), ["1"])
    check("type", server.psql("SELECT iceberg_type FROM iceberg_tables"), ["TABLE"])


def ledger(lake, server):
    begun = time.monotonic()
    lake("record", 100_000)
    written = time.monotonic()
    check("entries", len(lake("ledger", "many/")), 100_000)
    print(f"   100,000 entries: written in {written - begun:.2f} s, read in {time.monotonic() - written:.2f} s")
    lake("record", 10)
    check("replaced", len(lake("ledger", "many/")), 100_000)
    check("others", len(lake("ledger", "one-1")), 11)
    check("of all sources", len(lake("ledger", "many/", "")), 100_000)
    check("all", len(lake("ledger", "", "")), 100_080)


def locks(lake, server):
    first = lake.begin("lock", 5, stdin=subprocess.PIPE)
    check("first", first.stdout.readline(), "locked\n")
    second = lake.begin("lock", 0, stdin=subprocess.PIPE)
    check("second", "another process writes" in second.communicate()[1], True)
    first.kill()  # the lock goes with the process
    first.communicate()
    third = lake.begin("lock", 10, stdin=subprocess.PIPE)
    check("third", third.communicate("")[0], "locked\n")


def the_server_dies(lake, server):
    """Whatever was acknowledged is there, whatever is there is whole; then all goes on."""
    for _ in range(3):
        before = len(lake("files"))
        writer = lake.begin("hammer", f"die{before}", 100_000)
        for _ in range(5):
            writer.stdout.readline()
        server.stop()
        out, err = writer.stdout.read(), writer.stderr.read()
        check("says so", (writer.wait(), "PostgreSQL" in err), (1, True))
        acknowledged = 5 + len(out.splitlines())
        server.start()
        after = len(lake("files"))
        check("nothing is lost", before + acknowledged <= after <= before + acknowledged + 1, True)
        check("ledger goes with it", len(lake("ledger", f"die{before}-")), after - before)


def main():
    with tempfile.TemporaryDirectory(dir=memory_folder()) as lake_home, tempfile.TemporaryDirectory(dir=place_for_others()) as home:
        server = Postgres(pathlib.Path(home))
        try:
            server.start()
            lake = Lake(sys.argv[1], pathlib.Path(lake_home) / "lake", server.url)
            for test in (two_writers, ledger, locks, the_server_dies):
                run_test(test, lake, server)
        finally:
            server.stop()


if __name__ == "__main__":
    main()

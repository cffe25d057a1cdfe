"""Nothing acknowledged is lost and nothing is doubled, wherever an ingest or a compaction ends.
crash_test.py CAIRN FAULT_LIBRARY [SECONDS]

First the n-th call that changes the lake's files ends the process, tears a write, or fails, for every n; then real
processes are killed at random moments. After each, the same command must finish the work with no repair."""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CAIRN, FAULTS = sys.argv[1:3]
KILLS = int(os.environ.get("CAIRN_CRASH_KILLS", "40"))
EVENTS = 400
problems = []


def run(arguments, **environment):
    return subprocess.run([CAIRN, *map(str, arguments)], env={**os.environ, **environment}, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, check=False)


def faulty(arguments, root, at, kind, log):
    return run(arguments, LD_PRELOAD=FAULTS, CAIRN_FAULT_ROOT=str(root), CAIRN_FAULT_AT=str(at), CAIRN_FAULT_KIND=kind,
               CAIRN_FAULT_LOG=str(log))


def require(condition, what):
    if not condition:
        problems.append(what)
        print("FAILED", what, flush=True)


def every_call(name, prepare, arguments, wanted, kind, step):
    """`arguments` on a copy of the prepared lake, ended at each call; afterwards it runs to its end."""
    with tempfile.TemporaryDirectory(prefix="cairn-crash-") as folder:
        folder = pathlib.Path(folder)
        prepare(folder / "start")
        log = folder / "calls"
        at = 1
        tried = 0
        while True:
            lake = folder / "lake"
            shutil.rmtree(lake, ignore_errors=True)
            shutil.copytree(folder / "start", lake)
            before = events(lake)
            done = faulty(arguments(lake), lake, at, kind, log)
            calls = int(log.read_text()) if log.exists() else None
            log.unlink(missing_ok=True)
            what = f"{name}, {kind} at call {at}"
            if kind in ("EIO", "ENOSPC") and done.returncode != 0:
                require(done.stderr.startswith("cairn:"), f"{what}: no clear error: {done.stderr[:300]!r}")
            between = events(lake)
            require(between in (before, wanted) or before is None and between == 0,
                    f"{what}: {between} events right after it")
            again = run(arguments(lake))
            require(again.returncode == 0, f"{what}: the next run fails: {again.stderr[:500]}")
            require(events(lake) == wanted, f"{what}: {events(lake)} events instead of {wanted}")
            check = run(["lake", "check", "--lake", lake, "--json"])
            require(check.returncode == 0, f"{what}: check: {check.stdout[:500]} {check.stderr[:300]}")
            tried += 1
            if calls is not None and calls < at or len(problems) > 5:
                break
            at += step
        print(f"ok    {name}: {kind} at each of {at - 1} calls ({tried} tried)", flush=True)


def events(lake):
    """None when there is no lake, or no table in it yet."""
    done = run(["sql", "--lake", lake, "--format", "csv", "SELECT count(*), count(DISTINCT eventID) FROM cloudtrail"])
    if done.returncode != 0:
        require("there is no" in done.stderr or "is no catalog of a lake" in done.stderr,
                f"the lake cannot be read: {done.stderr[:500]}")
        return None
    count, distinct = (int(number) for number in done.stdout.splitlines()[1].replace('"', "").split(","))
    require(count == distinct, f"{count} events, {distinct} of them distinct")
    return count


def random_kills(logs, wanted):
    rng = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="cairn-kill-") as folder:
        lake = pathlib.Path(folder) / "lake"
        began = time.monotonic()
        run(["ingest", logs, "--lake", pathlib.Path(folder) / "whole", "--batch-size", 1])
        whole = time.monotonic() - began
        kills = 0
        finished = 0
        for _ in range(KILLS):
            child = subprocess.Popen([CAIRN, "ingest", str(logs), "--lake", str(lake), "--batch-size", "1"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            time.sleep(rng.uniform(0, whole * 1.05))
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
                kills += 1
            child.wait()
            events(lake)
            if events(lake) == wanted:
                finished += 1
                shutil.rmtree(lake)
        run(["ingest", logs, "--lake", lake, "--batch-size", "1"])
        require(events(lake) == wanted, f"after {kills} kills: {events(lake)} events instead of {wanted}")
        check = run(["lake", "check", "--lake", lake])
        require(check.returncode == 0, f"after {kills} kills: {check.stdout}")
        print(f"ok    killed {kills} times at random; the work was finished {finished} times on the way", flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix="cairn-logs-") as folder:
        folder = pathlib.Path(folder)
        run(["generate", "--events", EVENTS, "--days", 2, "--batch", 240, "--output", folder / "a"])
        run(["generate", "--events", EVENTS, "--days", 2, "--batch", 240, "--seed", 2, "--output", folder / "b"])
        run(["generate", "--events", 20000, "--days", 2, "--batch", 30, "--output", folder / "many"])

        def with_a(lake):
            run(["ingest", folder / "a", "--lake", lake])

        def with_both(lake):
            for name in "ab":
                run(["ingest", folder / name, "--lake", lake])

        def ingest(lake):
            return ["ingest", folder / "b", "--lake", lake]

        def fresh(lake):
            lake.mkdir()

        for kind, step in (("kill", 1), ("torn", 3), ("EIO", 2), ("ENOSPC", 3)):
            every_call("ingest", with_a, ingest, 2 * EVENTS, kind, step)
        every_call("first ingest", fresh, ingest, EVENTS, "kill", 2)
        every_call("compact", with_both, lambda lake: ["lake", "compact", "--lake", lake], 2 * EVENTS, "kill", 2)
        every_call("compact", with_both, lambda lake: ["lake", "compact", "--lake", lake], 2 * EVENTS, "ENOSPC", 4)
        random_kills(folder / "many", 20000)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())

"""Nothing acknowledged is lost and nothing is doubled, wherever an ingest or a compaction ends.
crash_test.py CAIRN FAULT_LIBRARY [SECONDS]

First the n-th call that changes the lake's files ends the process, tears a write, or fails, for every n; then real
processes are killed at random moments. After each, the same command must finish the work with no repair."""
import concurrent.futures
import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from cairn import memory_folder  # noqa: E402

CAIRN, FAULTS = sys.argv[1:3]
KILLS = int(os.environ.get("CAIRN_CRASH_KILLS", "200"))
EVENTS = 400
WORKERS = min(8, max(2, os.cpu_count() or 2))
FOLDER = memory_folder()  # FAULTS makes the faults, so no disk is needed
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


def every_call(name, prepare, arguments, wanted, kind):
    """`arguments` on a copy of the prepared lake, ended at each call; afterwards it runs to its end."""
    with tempfile.TemporaryDirectory(prefix="cairn-crash-", dir=FOLDER) as folder:
        folder = pathlib.Path(folder)
        prepare(folder / "start")
        before = events(folder / "start")
        numbers, ended, tried = itertools.count(1), threading.Event(), []

        def work(worker):
            while not ended.is_set():
                at = next(numbers)
                calls = one_call(name, folder, worker, before, arguments, wanted, kind, at)
                tried.append(at)
                if calls is not None and calls < at or len(problems) > 5:
                    ended.set()

        together(work)
        print(f"ok    {name}: {kind} at each of {max(tried) - 1} calls", flush=True)


def one_call(name, folder, worker, before, arguments, wanted, kind, at):
    """How many calls there were, if the run told."""
    lake, log = folder / f"lake{worker}", folder / f"calls{worker}"
    shutil.rmtree(lake, ignore_errors=True)
    shutil.copytree(folder / "start", lake)
    done = faulty(arguments(lake), lake, at, kind, log)
    calls = int(log.read_text()) if log.exists() else None
    log.unlink(missing_ok=True)
    what = f"{name}, {kind} at call {at}"
    if kind in ("EIO", "ENOSPC") and done.returncode != 0:
        require(done.stderr.startswith("cairn:"), f"{what}: no clear error: {done.stderr[:300]!r}")
    between = events(lake)
    require(between in (before, wanted) or before is None and between == 0, f"{what}: {between} events right after it")
    again = run(arguments(lake))
    require(again.returncode == 0, f"{what}: the next run fails: {again.stderr[:500]}")
    check_whole(lake, wanted, what)
    return calls


def check_whole(lake, wanted, what):
    """Reads every file of the lake; it holds each wanted event once."""
    check = run(["lake", "check", "--lake", lake, "--json"])
    require(check.returncode == 0, f"{what}: check: {check.stdout[:500]} {check.stderr[:300]}")
    if check.returncode == 0:
        report = json.loads(check.stdout)
        got = report["events"], report["duplicates"]
        require(got == (wanted, 0), f"{what}: {got[0]} events, {got[1]} of them twice, instead of {wanted}")


def together(work):
    """Runs `work(0)`, `work(1)`… at once. Raises what one of them raises."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work, worker) for worker in range(WORKERS)]:
            done.result()


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
    with tempfile.TemporaryDirectory(prefix="cairn-kill-", dir=FOLDER) as folder:
        folder = pathlib.Path(folder)
        began = time.monotonic()
        run(["ingest", logs, "--lake", folder / "whole", "--batch-size", 1])
        whole = time.monotonic() - began
        killed, finished = [0] * WORKERS, [0] * WORKERS

        def work(worker):
            rng, lake = random.Random(7 + worker), folder / f"lake{worker}"
            for _ in range(2 * KILLS):
                if killed[worker] >= -(-KILLS // WORKERS):
                    break
                child = subprocess.Popen([CAIRN, "ingest", str(logs), "--lake", str(lake), "--batch-size", "1"],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
                time.sleep(rng.uniform(0, whole * 1.5))  # several run at once
                if child.poll() is None:
                    child.send_signal(signal.SIGKILL)
                    killed[worker] += 1
                child.wait()
                if events(lake) == wanted:
                    finished[worker] += 1
                    shutil.rmtree(lake)
            run(["ingest", logs, "--lake", lake, "--batch-size", "1"])
            after = events(lake)
            require(after == wanted, f"after {killed[worker]} kills: {after} events instead of {wanted}")
            check_whole(lake, wanted, f"after {killed[worker]} kills")

        together(work)
        print(f"ok    killed {sum(killed)} times at random; the work was finished {sum(finished)} times on the way",
              flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix="cairn-logs-", dir=FOLDER) as folder:
        folder = pathlib.Path(folder)
        run(["generate", "--events", EVENTS, "--days", 2, "--batch", 240, "--output", folder / "a"])
        run(["generate", "--events", EVENTS, "--days", 2, "--batch", 240, "--seed", 2, "--output", folder / "b"])
        run(["generate", "--events", 8000, "--days", 2, "--batch", 30, "--output", folder / "many"])

        def with_a(lake):
            run(["ingest", folder / "a", "--lake", lake])

        def with_both(lake):
            for name in "ab":
                run(["ingest", folder / name, "--lake", lake])

        def ingest(lake):
            return ["ingest", folder / "b", "--lake", lake]

        def fresh(lake):
            lake.mkdir()

        def compact(lake):
            return ["lake", "compact", "--lake", lake]

        for kind in ("kill", "torn", "EIO", "ENOSPC"):
            every_call("ingest", with_a, ingest, 2 * EVENTS, kind)
            every_call("compact", with_both, compact, 2 * EVENTS, kind)
        every_call("first ingest", fresh, ingest, EVENTS, "kill")
        random_kills(folder / "many", 8000)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())

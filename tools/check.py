"""All checks, for ./test: check.py ROOT [STEP…]. Prints one line per step with its time, details only of what failed, and
at the end the slowest tests and steps.

Builds run one after the other, and the tests of a preset run while the next preset is built: a build keeps the cores busy
when tests wait. Of each preset the tests labelled `fast` come first, so that most faults show early."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree

from build import configure, ninja_command

root = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(root / "tests/lib"))
from cairn import memory_folder  # noqa: E402

jobs = os.cpu_count() or 2
DETAIL_LINES = 60  # of one failure; the whole text is in build/<preset>/
SLOWEST = 10
HANG_SECONDS = 3600  # a test that takes longer is taken for hung, also on a busy machine
MEMORY_BYTES_MIN = 4 << 30  # of a folder in memory that serves all tests
SANITIZER_STACK_BYTES = 64 << 20  # a sanitizer makes frames several times larger, and batches inline more into one


class Tally:
    """What passed and failed, and how long each test and step took. Thread-safe."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.durations = []  # (seconds, name)
        self.lock = threading.Lock()

    def add(self, name, ok, seconds, note="", detail=""):
        """Counts one check that is not a ctest test."""
        with self.lock:
            self.passed += ok
            self.failed += not ok
            self.durations.append((seconds, name))
            self.line(name, ok, seconds, note)
            if not ok:
                show(detail)

    @staticmethod
    def line(name, ok, seconds, note):
        print(f"{'ok    ' if ok else 'FAILED'}  {name:<34} {seconds:6.1f} s  {note}".rstrip(), flush=True)

    def show_slowest(self):
        print(f"the {SLOWEST} slowest tests and steps:")
        for seconds, name in sorted(self.durations, reverse=True)[:SLOWEST]:
            print(f"        {name:<34} {seconds:6.1f} s")


def show(text):
    lines = text.rstrip().splitlines()
    if len(lines) > DETAIL_LINES:
        print(f"        … {len(lines) - DETAIL_LINES} lines before these")
    for line in lines[-DETAIL_LINES:]:
        print(f"        {line}")


class Done:
    """A command that has ended. `cpu_seconds` are its own and those of the programs that it waited for."""

    def __init__(self, command, **options):
        started = time.monotonic()
        with subprocess.Popen(command, cwd=root, text=True, errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **options) as process:
            self.out = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.ok = process.returncode == 0
        self.seconds = time.monotonic() - started
        self.cpu_seconds = usage.ru_utime + usage.ru_stime


def sources():
    """Tracked C++ files, and in a tree without git all of them."""
    listed = Done(["git", "ls-files", "-co", "--exclude-standard", "*.cc", "*.h"])
    if listed.ok:
        return [name for name in listed.out.splitlines() if (root / name).exists()]
    folders = ("src", "tests", "tools", "bench")
    return [str(p.relative_to(root)) for f in folders for p in (root / f).rglob("*") if p.suffix in (".cc", ".h")]


def check_format(tally, _):
    files = sources()
    done = Done(["clang-format", "--dry-run", "--Werror", *files])
    bad = sorted({line.split(":")[0] for line in done.out.splitlines() if "clang-format-violations" in line})
    detail = "\n".join(bad) + f"\nhint: clang-format -i {' '.join(bad)}" if bad else done.out
    tally.add("format", done.ok, done.seconds, f"{len(files)} files", detail)


def build(tally, preset, *targets):
    """Configures and builds; returns false if its tests cannot run."""
    fault = configure(root, preset)
    if fault is not None:
        tally.add(f"build {preset}", False, 0, "", fault)
        return False
    done = Done(ninja_command(root, preset, "-k", "0", *targets))
    failures = "\n".join(line for line in done.out.splitlines() if not re.match(r"\[\d+/\d+\] ", line))
    tally.add(f"build {preset}", done.ok, done.seconds, f"{done.cpu_seconds:.0f} s of processor time", failures)
    return done.ok


def ctest(tally, preset, what, *selection, **environment):
    """Runs tests of a built preset and counts each. `what` names the selection."""
    folder = root / "build" / preset
    report = folder / f"junit-{what}.xml"
    report.unlink(missing_ok=True)
    stack = [] if preset == "dev" else ["prlimit", f"--stack={SANITIZER_STACK_BYTES}:"]
    with tempfile.TemporaryDirectory(prefix="cairn-tests-", dir=memory_folder(MEMORY_BYTES_MIN)) as temporary:
        done = Done([*stack, "ctest", "--test-dir", str(folder), "-j", str(jobs), "--timeout", str(HANG_SECONDS),
                     "--output-junit", str(report), *selection], env={**os.environ, "TMPDIR": temporary, **environment})
    name = f"ctest {preset} {what}"
    if not report.exists():
        tally.add(name, False, done.seconds, "", done.out)
        return
    cases = xml.etree.ElementTree.parse(report).getroot().findall("testcase")
    skipped = [case for case in cases if case.find("skipped") is not None]
    failed = [case for case in cases if case.get("status") != "run" and case not in skipped]
    note = f"{len(cases)} tests" + (f", {len(failed)} failed" if failed else "")
    note += f", skipped: {' '.join(case.get('name') for case in skipped)}" if skipped else ""
    with tally.lock:
        tally.passed += len(cases) - len(failed) - len(skipped)
        tally.failed += len(failed) + (not cases)
        tally.durations += [(float(case.get("time")), f"{case.get('name')} ({preset})") for case in cases]
        tally.line(name, not failed and bool(cases), done.seconds, note)
        for case in failed:
            print(f"        --- {case.get('name')} ({preset})")
            show(case.findtext("system-out") or done.out)


def check_fast(tally, tests):
    if build(tally, "dev"):
        tests.submit(ctest, tally, "dev", "fast", "-L", "^fast$")


def check_dev(tally, tests):
    if build(tally, "dev"):
        tests.submit(ctest, tally, "dev", "fast", "-L", "^fast$")
        tests.submit(ctest, tally, "dev", "slow", "-LE", "^fast$")


def check_asan(tally, tests):
    """Memory and undefined behaviour, where outside bytes are decoded: unit tests and fuzz corpora."""
    if build(tally, "asan", "unit_tests", "fuzz_replays"):
        tests.submit(ctest, tally, "asan", "all", "-L", "^(unit|fuzz)$")


def check_tsan(tally, tests):
    """Data races, in the modules that start threads."""
    modules = ("io", "source", "spool", "engine", "store", "query", "access", "ingest", "generate", "trails", "server")
    threaded = [name for name in modules if (root / "src" / name / "CMakeLists.txt").exists()]
    if threaded and build(tally, "tsan", *[f"{name}_test" for name in threaded]):
        # DuckDB's library is not instrumented, so its locks are not seen.
        tests.submit(ctest, tally, "tsan", "all", "-R", f"^({'|'.join(threaded)})$",
                     TSAN_OPTIONS="ignore_noninstrumented_modules=1")


def clang_tidy(tally, preset, *options):
    """Needs a configured build only."""
    fault = configure(root, preset)
    if fault is not None:
        tally.add(preset, False, 0, "", fault)
        return
    done = Done(["python3", "tools/clang_tidy.py", *options, f"build/{preset}"])
    note = next((line for line in reversed(done.out.splitlines()) if line.startswith("clang_tidy: ")), "")
    tally.add(preset, done.ok, done.seconds, note.removeprefix("clang_tidy: "), done.out)


def check_tidy(tally, _):
    clang_tidy(tally, "tidy")


def check_analyze(tally, _):
    clang_tidy(tally, "analyze", "--analyzer")


def check_engines(tally, _):
    """Other engines on lakes, and MinIO as S3; what they need is fetched and built once, below build/engines.
    Each renews the record of its answers in tests/engines/recorded."""
    if not build(tally, "dev", "cairn", "s3_probe"):
        return
    folder = root / "build/engines"
    for name in ("spark", "trino", "minio"):
        done = Done(["python3", f"tests/engines/{name}.py", str(root / "build/dev/cairn"), str(folder / f"{name}_venv"),
                     str(folder / name)])
        lines = done.out.rstrip().splitlines()
        if lines and lines[-1].startswith("skipped: "):
            tally.line(f"engines {name}", True, done.seconds, lines[-1])
        else:
            tally.add(f"engines {name}", done.ok, done.seconds, f"{sum(line.startswith('ok ') for line in lines)} tests", done.out)
        for line in lines:
            if line.startswith("record: "):
                print(f"        {line}")


class TestQueue:
    """Runs of ctest, one after the other, beside the builds."""

    def __init__(self, pool):
        self.pool, self.runs = pool, []

    def submit(self, work, *arguments, **named):
        self.runs.append(self.pool.submit(work, *arguments, **named))

    def wait(self):
        for one in self.runs:
            one.result()


STEPS = {"format": check_format, "fast": check_fast, "dev": check_dev, "asan": check_asan, "tsan": check_tsan,
         "tidy": check_tidy, "analyze": check_analyze, "engines": check_engines}
# `fast` is a part of `dev`; the others take half an hour on two cores each, or two gigabytes of downloads.
ASKED_FOR_BY_NAME = {"fast", "tidy", "analyze", "engines"}


def main():
    wanted = sys.argv[2:] or [name for name in STEPS if name not in ASKED_FOR_BY_NAME]
    unknown = [name for name in wanted if name not in STEPS]
    if unknown:
        print(f"test: unknown step '{unknown[0]}'\nhint: the steps are {', '.join(STEPS)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    tally = Tally()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        tests = TestQueue(pool)
        for name in wanted:
            STEPS[name](tally, tests)
        tests.wait()
    tally.show_slowest()
    print(f"{(time.monotonic() - started) / 60:.1f} minutes")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


sys.exit(main())

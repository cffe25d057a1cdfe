"""All checks, for ./test: check.py ROOT [STEP…]. One line per step with its time; details only of what failed."""
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree

root = pathlib.Path(sys.argv[1]).resolve()
jobs = os.cpu_count() or 2
DETAIL_LINES = 60  # of one failure; the whole text is in build/<preset>/


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def add(self, name, ok, seconds, note="", detail=""):
        """One check that is not a ctest test."""
        self.passed += ok
        self.failed += not ok
        self.line(name, ok, seconds, note)
        if not ok:
            show(detail)

    @staticmethod
    def line(name, ok, seconds, note):
        print(f"{'ok    ' if ok else 'FAILED'}  {name:<34} {seconds:6.1f} s  {note}".rstrip(), flush=True)


def show(text):
    lines = text.rstrip().splitlines()
    if len(lines) > DETAIL_LINES:
        print(f"        … {len(lines) - DETAIL_LINES} lines before these")
    for line in lines[-DETAIL_LINES:]:
        print(f"        {line}")


def run(command, **options):
    started = time.monotonic()
    done = subprocess.run(command, cwd=root, text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **options)
    return done.returncode == 0, done.stdout, time.monotonic() - started


def sources():
    """Tracked C++ files, and in a tree without git all of them."""
    ok, out, _ = run(["git", "ls-files", "-co", "--exclude-standard", "*.cc", "*.h"])
    if ok:
        return [name for name in out.splitlines() if (root / name).exists()]
    folders = ("src", "tests", "tools", "bench")
    return [str(p.relative_to(root)) for f in folders for p in (root / f).rglob("*") if p.suffix in (".cc", ".h")]


def check_format(tally):
    files = sources()
    ok, out, seconds = run(["clang-format", "--dry-run", "--Werror", *files])
    bad = sorted({line.split(":")[0] for line in out.splitlines() if "clang-format-violations" in line})
    detail = "\n".join(bad) + f"\nhint: clang-format -i {' '.join(bad)}" if bad else out
    tally.add("format", ok, seconds, f"{len(files)} files", detail)


def build(tally, preset, *targets):
    """Configures and builds; false when tests cannot run."""
    folder = root / "build" / preset
    ok, out, seconds = True, "", 0.0
    presets = root / "CMakePresets.json"
    ninja = folder / "build.ninja"
    if not ninja.exists() or presets.stat().st_mtime > ninja.stat().st_mtime:
        ok, out, seconds = run(["cmake", "--preset", preset])
        if ok:
            ninja.touch()
    if ok:
        ok, out, more = run(["ninja", "-C", str(folder), "-k", "0", *targets])
        seconds += more
    failures = "\n".join(line for line in out.splitlines() if not re.match(r"\[\d+/\d+\] ", line))
    tally.add(f"build {preset}", ok, seconds, "warnings are errors" if preset == "dev" else "", failures)
    return ok


def ctest(tally, preset, *selection):
    """Runs tests of a built preset and counts each."""
    folder = root / "build" / preset
    report = folder / "junit.xml"
    report.unlink(missing_ok=True)
    _, out, seconds = run(["ctest", "--test-dir", str(folder), "-j", str(jobs), "--timeout", "900",
                           "--output-junit", str(report), *selection])
    if not report.exists():
        tally.add(f"ctest {preset}", False, seconds, "", out)
        return
    cases = xml.etree.ElementTree.parse(report).getroot().findall("testcase")
    skipped = [case for case in cases if case.find("skipped") is not None]
    failed = [case for case in cases if case.get("status") != "run" and case not in skipped]
    tally.passed += len(cases) - len(failed) - len(skipped)
    tally.failed += len(failed)
    if not cases:
        tally.failed += 1
    note = f"{len(cases)} tests" + (f", {len(failed)} failed" if failed else "")
    note += f", skipped: {' '.join(case.get('name') for case in skipped)}" if skipped else ""
    tally.line(f"ctest {preset}", not failed and bool(cases), seconds, note)
    for case in failed:
        print(f"        --- {case.get('name')} ({preset})")
        show(case.findtext("system-out") or out)


def check_dev(tally):
    if build(tally, "dev"):
        ctest(tally, "dev")


def check_asan(tally):
    """Memory and undefined behaviour, where outside bytes are decoded: unit tests and fuzz corpora."""
    if build(tally, "asan", "unit_tests", "fuzz_replays"):
        ctest(tally, "asan", "-L", "^(unit|fuzz)$")


def check_tsan(tally):
    """Data races, in the modules that start threads."""
    # DuckDB's library is not instrumented, so its locks are not seen.
    os.environ["TSAN_OPTIONS"] = "ignore_noninstrumented_modules=1"
    modules = ("io", "source", "spool", "engine", "store", "query", "access", "ingest", "generate", "trails", "server")
    threaded = [name for name in modules if (root / "src" / name / "CMakeLists.txt").exists()]
    if threaded and build(tally, "tsan", *[f"{name}_test" for name in threaded]):
        ctest(tally, "tsan", "-R", f"^({'|'.join(threaded)})$")


def check_tidy(tally):
    """clang-tidy needs the compile commands and header lists that the dev build leaves."""
    ok, out, seconds = run(["python3", "tools/clang_tidy.py", "build/dev"])
    note = next((line for line in reversed(out.splitlines()) if line.startswith("clang_tidy: ")), "")
    tally.add("clang-tidy", ok, seconds, note.removeprefix("clang_tidy: "), out)


def check_engines(tally):
    """Other engines on lakes, and MinIO as S3; what they need is fetched and built once, below build/engines.
    Each renews the record of its answers in tests/engines/recorded."""
    if not build(tally, "dev", "cairn", "s3_probe"):
        return
    folder = root / "build/engines"
    for name in ("spark", "trino", "minio"):
        ok, out, seconds = run(["python3", f"tests/engines/{name}.py", str(root / "build/dev/cairn"), str(folder / f"{name}_venv"),
                                str(folder / name)])
        lines = out.rstrip().splitlines()
        if lines and lines[-1].startswith("skipped: "):
            tally.line(f"engines {name}", True, seconds, lines[-1])
        else:
            tally.add(f"engines {name}", ok, seconds, f"{sum(line.startswith('ok ') for line in lines)} tests", out)
        for line in lines:
            if line.startswith("record: "):
                print(f"        {line}")


STEPS = {"format": check_format, "dev": check_dev, "asan": check_asan, "tsan": check_tsan, "tidy": check_tidy,
         "engines": check_engines}
# Half an hour on two cores the first time; two gigabytes to fetch.
ASKED_FOR_BY_NAME = {"tidy", "engines"}


def main():
    wanted = sys.argv[2:] or [name for name in STEPS if name not in ASKED_FOR_BY_NAME]
    unknown = [name for name in wanted if name not in STEPS]
    if unknown:
        print(f"test: no step is called {unknown[0]}\nhint: the steps are {', '.join(STEPS)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    tally = Tally()
    for name in wanted:
        STEPS[name](tally)
    print(f"{(time.monotonic() - started) / 60:.1f} minutes")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


sys.exit(main())

"""clang-tidy over the sources of a configured build: clang_tidy.py [--analyzer] BUILD [PATH…]

By default all checks but those of clang's analyzer, over sources in the batches in which they are compiled: most of the
time goes into headers, which a batch reads once. With --analyzer the analyzer's alone, over each source by itself (in a
batch it would take the sources for headers); not over tests, where it spends its time in macros. PATHs limit both to
files below them. What was clean before, with its headers, flags and settings, is not looked at again; that is kept in
BUILD/clang-tidy/."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

analyzer = "--analyzer" in sys.argv
build, *chosen = (pathlib.Path(name).resolve() for name in sys.argv[1:] if name != "--analyzer")
root = pathlib.Path(__file__).resolve().parent.parent
stamps = build / "clang-tidy"
FOLDERS = ("src", "bench", "tests", "tools")


def output_of(*command):
    return subprocess.run(command, text=True, errors="replace", capture_output=True, check=False).stdout


INCLUDE = re.compile(rb'^#include "([^"]+)"', re.MULTILINE)


def included_by(path, found):
    """Adds the project's files that `path` includes, and what these include."""
    for name in INCLUDE.findall(path.read_bytes()):
        for folder in (root / "src", path.parent):
            file = folder / name.decode()
            if file.exists():
                if file not in found:
                    found.add(file)
                    included_by(file, found)
                break
    return found


digests = {}


def digest_of(path):
    if path not in digests:
        try:
            digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            digests[path] = "absent"
    return digests[path]


def jobs_of():
    common = output_of("clang-tidy", "--version") + digest_of(root / ".clang-tidy") + digest_of(pathlib.Path(__file__))
    jobs, seen = [], set()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if source in seen or not any(source.is_relative_to(folder) for folder in (*(root / name for name in FOLDERS), build)):
            continue
        seen.add(source)
        if analyzer and source.stem.endswith(("_test", "_fuzz", "_bench")):
            continue
        files = sorted(included_by(source, set()))
        if chosen and not any(file.is_relative_to(path) for file in (source, *files) if file.suffix == ".cc" for path in chosen):
            continue
        key = hashlib.sha256((common + entry["command"] + digest_of(source)).encode())
        for file in files:
            key.update(digest_of(file).encode())
        weight = sum(file.stat().st_size for file in files if file.suffix == ".cc") + source.stat().st_size
        jobs.append((source, stamps / key.hexdigest(), weight))
    return jobs


def look_at(job):
    source, stamp, _ = job
    checks = ["-*", "clang-analyzer-*"] if analyzer else ["-clang-analyzer-*"]
    if source.stem.endswith("_test") or source.stem.startswith("tests_"):
        checks += ["-performance-*", "-cppcoreguidelines-virtual-class-destructor"]  # fixtures have protected destructors
    elif source.stem.endswith("_fuzz"):
        checks.append("-google-build-using-namespace")
    if source.is_relative_to(build):
        checks.append("-bugprone-suspicious-include")  # a batch includes sources
    command = ["clang-tidy", "-p", str(build), "--quiet", f"--checks={','.join(checks)}", "--extra-arg=-Wno-unknown-warning-option"]
    done = subprocess.run([*command, str(source)], text=True, errors="replace", capture_output=True, check=False)
    if done.returncode == 0:
        stamp.write_text(str(source))
        return ""
    return done.stdout or done.stderr


def main():
    stamps.mkdir(exist_ok=True)
    jobs = jobs_of()
    if not chosen:
        kept = {stamp.name for _, stamp, _ in jobs}
        for old in stamps.iterdir():
            if old.name not in kept:
                old.unlink()
    # The largest first, so that no core waits for one batch at the end.
    new = sorted((job for job in jobs if not job[1].exists()), key=lambda job: -job[2])
    faults, began = [], time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for count, text in enumerate(pool.map(look_at, new), 1):
            if text:
                faults.append(text)
            print(f"clang_tidy: {count} of {len(new)} files, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    seen = set()
    for text in faults:
        for line in text.replace(f"{root}/", "").splitlines():
            if line not in seen or " error: " not in line:
                print(line)
            seen.add(line)
    print(f"clang_tidy: {len(jobs)} files, {len(new)} looked at, {len(faults)} with findings")
    return 1 if faults else 0


sys.exit(main())

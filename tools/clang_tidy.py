"""clang-tidy over the sources of a build: clang_tidy.py BUILD. A source whose text, headers, flags and settings
were clean before is not looked at again; what was clean is kept in BUILD/clang-tidy/."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

build = pathlib.Path(sys.argv[1]).resolve()
root = pathlib.Path(__file__).resolve().parent.parent
stamps = build / "clang-tidy"
FOLDERS = ("src", "bench", "tests", "tools")


def output_of(*command):
    return subprocess.run(command, text=True, errors="replace", capture_output=True, check=False).stdout


def headers_by_object():
    """What each object was compiled from, as ninja learned it from the compiler."""
    found, current = {}, None
    for line in output_of("ninja", "-C", str(build), "-t", "deps").splitlines():
        if line.startswith("    "):
            current.append(line.strip())
        elif line and ":" in line:
            current = found.setdefault(line.split(":")[0], [])
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
    headers = headers_by_object()
    common = output_of("clang-tidy", "--version") + digest_of(root / ".clang-tidy")
    jobs, seen = [], set()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if source in seen or not any(source.is_relative_to(root / folder) for folder in FOLDERS):
            continue
        seen.add(source)
        words = shlex.split(entry["command"])
        key = hashlib.sha256((common + entry["command"] + digest_of(source)).encode())
        for header in headers.get(words[words.index("-o") + 1], []):
            path = (build / header).resolve()
            if path.is_relative_to(root) and not path.is_relative_to(root / "build"):
                key.update(digest_of(path).encode())
        jobs.append((source, stamps / key.hexdigest()))
    return jobs


def look_at(job):
    source, stamp = job
    command = ["clang-tidy", "-p", str(build), "--quiet", "--extra-arg=-Wno-unknown-warning-option"]
    if source.stem.endswith("_test"):
        # The analyzer spends most of its time in the test macros; fixtures have protected destructors.
        command.append("--checks=-clang-analyzer-*,-performance-*,-cppcoreguidelines-virtual-class-destructor")
    elif source.stem.endswith("_fuzz"):
        command.append("--checks=-google-build-using-namespace")
    done = subprocess.run([*command, str(source)], text=True, errors="replace", capture_output=True, check=False)
    if done.returncode == 0:
        stamp.write_text(str(source.relative_to(root)))
        return ""
    return done.stdout or done.stderr


def main():
    stamps.mkdir(exist_ok=True)
    jobs = jobs_of()
    kept = {stamp.name for _, stamp in jobs}
    for old in stamps.iterdir():
        if old.name not in kept:
            old.unlink()
    # The longest first, so that no core waits for one big file at the end.
    new = sorted((job for job in jobs if not job[1].exists()), key=lambda job: -job[0].stat().st_size)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = [text for text in pool.map(look_at, new) if text]
    seen = set()
    for text in faults:
        for line in text.replace(f"{root}/", "").splitlines():
            if line not in seen or " error: " not in line:
                print(line)
            seen.add(line)
    print(f"clang_tidy: {len(jobs)} files, {len(new)} looked at, {len(faults)} with findings")
    return 1 if faults else 0


sys.exit(main())

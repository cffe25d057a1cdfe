#!/usr/bin/env python3
"""Runs the end-to-end benchmarks in bench/workloads/ and prints both sides of each.

  bench/run.py [--size smoke|full] [--runs N] [--report FILE] [WORKLOAD…]

A workload is a .bench file: how its data is made (by `cairn generate`, so that it is the same everywhere), the command,
and peers that answer the same question. Answers are compared before any time is shown; a wrong one shows no time.
Every side gets one run to warm up, then the sides take turns, and the median counts. The peers need the packages of
bench/requirements.txt, which are put into build/bench/venv on the first full run."""
import argparse
import configparser
import csv
import datetime
import hashlib
import io
import os
import pathlib
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True


class Wrong(Exception):
    """An answer that is not the one expected, or a side that did not answer."""


def arguments():
    parser = argparse.ArgumentParser(description="End-to-end benchmarks", add_help=True)
    parser.add_argument("workloads", nargs="*", help="names; all if none is given")
    parser.add_argument("--size", default="smoke", choices=["smoke", "full"])
    parser.add_argument("--runs", type=int, help="of each side; the workload says how many if this does not")
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of events, e.g. 0.1")
    parser.add_argument("--cairn", default=root / "build/release/cairn", type=pathlib.Path)
    parser.add_argument("--limit", default=root / "build/release/bench/inflate_parse", type=pathlib.Path)
    parser.add_argument("--data", default=root / "build/bench", type=pathlib.Path)
    parser.add_argument("--report", type=pathlib.Path, help="also write the results there, as Markdown")
    return parser.parse_args()


def peer_python(options):
    """A Python with the peers' packages, or None at the smoke size if there is none yet."""
    venv = root / "build/bench/venv"
    stamp = venv / "requirements.txt"
    wanted = (root / "bench/requirements.txt").read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return venv / "bin/python"
    if options.size == "smoke":
        return None
    print("putting the peers' packages into build/bench/venv", flush=True)
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([venv / "bin/python", "-m", "pip", "install", "-q", "-r", root / "bench/requirements.txt"], check=True)
    stamp.write_text(wanted)
    return venv / "bin/python"


class Workload:
    def __init__(self, path, options, python):
        self.name = path.stem
        self.options = options
        self.text = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
        self.text.read(path, encoding="utf-8")
        self.about = self.text["workload"]
        self.measure = self.about.get("measure", "seconds")
        self.runs = options.runs or int(self.about.get("runs", "5")) if options.size == "full" else 1
        events = int(self.text["data"][options.size].replace("_", ""))
        self.events = events if options.size == "smoke" else int(events * options.scale)
        self.words = {"cairn": options.cairn, "limit": options.limit, "python": python, "bench": root / "bench",
                      "threads": os.cpu_count(), "events": self.events}

    def make_data(self):
        """Generates the logs once; the recipe's hash names the folder."""
        recipe = self.text["data"]["recipe"].format_map(self.words)
        version = subprocess.run([self.options.cairn, "--version"], capture_output=True, text=True, check=True).stdout
        folder = self.options.data / hashlib.sha256((recipe + version).encode()).hexdigest()[:12]
        self.words["data"] = folder
        if folder.exists():
            return
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.parent.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        subprocess.run([self.options.cairn, *shlex.split(recipe), "--output", part], check=True, stdout=subprocess.DEVNULL)
        part.rename(folder)
        print(f"  made {recipe} in {time.monotonic() - started:.1f} s", flush=True)

    def sides(self):
        """(name, command, section) of cairn and of the peers that can run here."""
        for section in self.text.sections():
            if section in ("workload", "data"):
                continue
            command = self.text[section]["command"]
            if "{python}" in command and self.words["python"] is None:
                continue
            yield section, [word.format_map(self.words) for word in shlex.split(command)], self.text[section]


def once(command):
    """Runs a command: seconds, peak bytes, standard output."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        child = subprocess.Popen([str(word) for word in command], stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode != 0:
            raise Wrong(f"exit code {child.returncode}: {err.read().decode(errors='replace')[-300:].strip()}")
        return seconds, usage.ru_maxrss * 1024, out.read().decode(errors="replace")


def answer(kind, text, events):
    """What the sides must agree on."""
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if kind == "groups":  # name, error, count; a header may stand before
        rows = sorted((name, error, int(n)) for name, error, n in rows if n.isdigit())
        if sum(row[2] for row in rows) != events:
            raise Wrong(f"{sum(row[2] for row in rows)} events in the groups, not {events}")
        return rows
    if kind == "events":  # the first number is how many events there are
        numbers = [int(cell) for row in rows for cell in row if cell.isdigit()]
        if not numbers or numbers[0] != events:
            raise Wrong(f"{numbers[:1]} events, not {events}")
        return numbers[0]
    if kind == "needle":  # of the last row, times in one spelling
        return [re.sub(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.000)?Z?$", r"\1 \2", cell) for cell in rows[-1]]
    return text  # anything, but each time the same


def spread(values):
    return f"{min(values):.3f}–{max(values):.3f}"


def shown(measure, value):
    return f"{value / (1 << 20):.0f} MiB" if measure == "memory" else f"{value:.3f} s" if value >= 1 else f"{value * 1000:.1f} ms"


def run_sides(work):
    """All sides in turns; {name: [(seconds, bytes)…]} once all answers agree."""
    sides = list(work.sides())
    expected, figures = {}, {name: [] for name, _, _ in sides}
    for turn in range(work.runs + 1):
        for name, command, section in sides:
            limit = int(section.get("runs", work.runs + 1))
            if turn >= limit and figures[name]:
                continue
            try:
                seconds, peak, text = once(command)
                kind = section.get("answer", "any")
                got = answer(kind, text, work.events)
                if expected.setdefault(kind, got) != got:
                    raise Wrong("another answer than the side before it")
            except Wrong as wrong:
                raise Wrong(f"{name}: {wrong}") from None
            # The first turn warms the page cache up; a side that runs once has no other.
            if turn > 0 or limit == 1 or work.runs == 1:
                figures[name].append((seconds, peak))
    return sides, figures


def report_lines(work, sides, figures):
    """One line per side; False where the workload demands more."""
    column = 1 if work.measure == "memory" else 0
    ours = statistics.median(f[column] for f in figures["cairn"])
    ok = True
    for name, _, section in sides:
        values = [f[column] for f in figures[name]]
        median = statistics.median(values)
        peak = statistics.median(f[1] for f in figures[name])
        verdict = ""
        if name != "cairn":
            verdict = f"cairn is {median / ours:.2f}x as fast" if median >= ours else f"cairn takes {ours / median:.2f}x as long"
            if "at_least" in section:
                met = median / ours >= float(section["at_least"])
                verdict += f" (wanted: at least {section['at_least']}x){'' if met else ' MISSED'}"
                ok &= met
            if "within" in section:
                met = ours / median <= float(section["within"])
                verdict += f" (wanted: within {section['within']}x){'' if met else ' MISSED'}"
                ok &= met
        elif "at_most" in section:
            met = ours <= float(section["at_most"])
            verdict = f"wanted: at most {shown(work.measure, float(section['at_most']))}{'' if met else ' MISSED'}"
            ok &= met
        extra = f"peak {peak / (1 << 20):.0f} MiB" if work.measure != "memory" else f"in {figures[name][0][0]:.1f} s"
        yield name, shown(work.measure, median), spread(values) if column == 0 else "", extra, verdict
    yield ok


def run_workload(path, options, python, report):
    work = Workload(path, options, python)
    print(f"{work.name}: {work.about['what']}", flush=True)
    work.make_data()
    data = work.words["data"]
    packed = sum(p.stat().st_size for p in data.rglob("*.gz"))
    files = sum(1 for _ in data.rglob("*.gz"))
    _, _, text = once([options.limit, data])
    events, plain = (int(n) for n in text.strip().split(","))
    size = f"{events:,} events, {plain / 1e6:,.0f} MB of JSON in {packed / 1e6:,.0f} MB of gzip, {files:,} files"
    print(f"  {size}", flush=True)
    sides, figures = run_sides(work)
    *lines, ok = report_lines(work, sides, figures)
    report.append(f"\n## {work.name}\n\n{work.about['what']}. {size}.\n\n| side | median | spread (s) | | |\n|---|---|---|---|---|")
    for line in lines:
        if options.size == "full":
            print(f"  {line[0]:<22} {line[1]:>10}  {line[2]:<15} {line[3]:<14} {line[4]}", flush=True)
        report.append("| " + " | ".join(line) + " |")
    if options.size == "smoke":
        print(f"  {', '.join(name for name, _, _ in sides)}: the same answer", flush=True)
    return ok or options.size == "smoke"


def machine():
    model = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores ({model}), Linux {platform.release()}"


def main():
    options = arguments()
    for program in (options.cairn, options.limit):
        if not program.exists():
            print(f"bench: {program} is not built\nhint: cmake --preset release && ninja -C build/release", file=sys.stderr)
            return 2
    paths = sorted((root / "bench/workloads").glob("*.bench"))
    unknown = set(options.workloads) - {path.stem for path in paths}
    if unknown:
        names = ", ".join(path.stem for path in paths)
        print(f"bench: no workload is called {unknown.pop()}\nhint: there are {names}", file=sys.stderr)
        return 2
    version = subprocess.run([options.cairn, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    report = [f"# Benchmarks, {datetime.date.today()}", f"\n{version}; {machine()}; " +
              (root / "bench/requirements.txt").read_text().strip().replace("\n", ", ")]
    python = peer_python(options)
    failed = 0
    for path in paths:
        if options.workloads and path.stem not in options.workloads:
            continue
        try:
            failed += not run_workload(path, options, python, report)
        except Wrong as wrong:
            failed += 1
            print(f"  no time is shown: {wrong}", flush=True)
    if options.report:
        options.report.write_text("\n".join(report) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Holds `cairn sql` to a contract of hard and bad inputs, file by file: contract.py CAIRN.

The contract is edge/expect.jsonl under CAIRN_TEST_DATA: for each file the number of events that must be
readable and what must be said about the rest. DEVIATIONS lists where cairn decides otherwise, and why."""
import json
import pathlib
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import cairn  # noqa: E402

MEMORY_MAX = 1 << 30
COUNTS = "SELECT count(*) AS events, count(DISTINCT eventID) AS ids FROM cloudtrail"

# file: (events, status, why). Only where the contract leaves the choice.
DEVIATIONS = {
    # The elements of a lower-case "records" are events in full, so they are read.
    "a-container/16f-lowercase-records.json": (2, "ok"),
    # Four forms are no time at all, and "Mar 14, 2025 9:00:00 AM" would be a guess: refused with the reason.
    "b-record/29b-event-time-forms.json": (11, "partial"),
    # Two readers could see two event names in one record, so it is misleading: refused with the reason.
    "b-record/30b-duplicate-keys.json": (0, "refused"),
}

# These are read together with the file before them, or count unique ids.
TOGETHER = {"b-record/22-dup-b.json": ["b-record/22-dup-a.json"]}
UNIQUE = {"b-record/22-dup-b.json", "b-record/22c-dup-inside-one-file.json"}


def whole_records(path):
    """How many whole records stand before the damage: what --salvage has to find."""
    text = path.read_bytes()
    if text[:2] == b"\x1f\x8b":
        stream = zlib.decompressobj(31)
        try:
            text = stream.decompress(text)
        except zlib.error:
            return None  # the decoder may or may not have given out bytes before it saw the damage
    text = text.decode("utf-8", "replace")
    at = text.find("[") + 1
    found = 0
    decoder = json.JSONDecoder(parse_constant=lambda name: 1 / 0)
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, ZeroDivisionError, RecursionError):
            return found
        found += isinstance(value, dict)


def faults_of(row, done, events):
    """What of the contract `done` breaks."""
    report, status = done.coverage, row["status"]
    if done.code < 0:
        return [f"ended by signal {-done.code}" if done.code != -99 else done.err]
    if done.code not in (0, 1) or not report:
        return [f"exit code {done.code}: {done.err.strip()[:300]}"]
    faults = []
    if events != row["events"]:
        faults.append(f"{events} events, not {row['events']}")
    if done.peak_bytes > MEMORY_MAX:
        faults.append(f"{done.peak_bytes >> 20} MiB of memory")
    failed = report["files_refused"] + report["files_partial"] + report["records_refused"]
    reasons = [p["reason"] for p in report["problems"]] + [f["reason"] for f in report["files"] if f.get("reason")]
    if status in ("ok", "ok-with-warning") and (failed or done.code):
        faults.append(f"exit code {done.code}, refused: {reasons}")
    if status == "ok-with-warning" and not report["warnings"]:
        faults.append("no warning")
    if status == "rejected" and (report["files_refused"] != 1 or done.code != 1 or not all(reasons) or not reasons):
        faults.append(f"not refused with a reason: exit code {done.code}, {report['files']}")
    if status == "partial" and not report["records_refused"] + report["records_skipped"]:
        faults.append("no record was counted as refused")
    if status == "partial" and report["records_refused"] and done.code != 1:
        faults.append(f"exit code {done.code} although records are missing")
    if status == "ignored" and (report["files_left_out"] != 1 or done.code != 0):
        faults.append(f"not left out: exit code {done.code}, {report['files']}")
    return faults


def check_files(program, edge, rows):
    broken = 0
    for row in rows:
        name = row["file"]
        if name in DEVIATIONS:
            row = dict(row, events=DEVIATIONS[name][0], status=DEVIATIONS[name][1])
        done = cairn.sql(program, COUNTS, [edge / f for f in TOGETHER.get(name, []) + [name]])
        counted = (done.rows() or [{}])[0] if done.code >= 0 else {}
        faults = faults_of(row, done, counted.get("ids" if name in UNIQUE else "events"))
        broken += bool(faults)
        for fault in faults:
            print(f"{name} ({row['status']}): {fault}")
    return broken


def check_salvage(program, edge, rows):
    """--salvage gives the whole records of a refused file, and never fewer than none."""
    broken = 0
    for row in rows:
        path = edge / row["file"]
        if row["status"] != "rejected" or not row["file"].startswith("a-container/"):
            continue
        done = cairn.sql(program, COUNTS, [path], "--salvage")
        if done.code not in (0, 1):
            print(f"{row['file']} --salvage: exit code {done.code}: {done.err.strip()[:300]}")
            broken += 1
            continue
        want, got = whole_records(path), done.rows()[0]["events"]
        salvageable = row["form"].startswith("Records") or row["file"].startswith("a-container/18")
        if salvageable and want is not None and got != want:
            print(f"{row['file']} --salvage: {got} events, not {want}")
            broken += 1
        if done.code != 1 and want != 0:
            print(f"{row['file']} --salvage: exit code {done.code} although the file is damaged")
            broken += 1
    return broken


def check_folder(program, edge, rows):
    """All at once: bad files do not hinder the others, and every file is accounted for."""
    done = cairn.sql(program, COUNTS, [edge / "a-container", edge / "b-record", edge / "c-transport", edge / "d-trees"])
    if done.code != 1 or not done.coverage:
        print(f"all files: exit code {done.code}: {done.err.strip()[:300]}")
        return 1
    report = done.coverage
    listed = {pathlib.Path(f["path"]).resolve() for f in report["files"]}
    missing = [row["file"] for row in rows if (edge / row["file"]).resolve() not in listed]
    total = sum(report[key] for key in report if key.startswith("files_"))
    on_disk = sum(path.is_file() for folder in "abcd" for path in next(edge.glob(f"{folder}-*")).rglob("*"))
    faults = []
    if missing:
        faults.append(f"not accounted for: {missing}")
    if total != on_disk:
        faults.append(f"{total} files in the report, {on_disk} on disk")
    if done.rows()[0]["events"] != report["events"]:
        faults.append("the rows are not the events of the report")
    if done.peak_bytes > MEMORY_MAX:
        faults.append(f"{done.peak_bytes >> 20} MiB of memory")
    for fault in faults:
        print(f"all files: {fault}")
    return bool(faults)


def check_strict(program, edge):
    """--strict stops at the first refused file and names it."""
    done = cairn.sql(program, COUNTS, [edge / "a-container"], "--strict")
    if done.code == 1 and "a-container/" in done.err and not done.out.strip():
        return 0
    print(f"--strict: exit code {done.code}, {done.err.strip()[:300]!r}, printed {done.out[:100]!r}")
    return 1


def main():
    program = sys.argv[1]
    edge = cairn.data_folder("edge/expect.jsonl") / "edge"
    rows = [json.loads(line) for line in (edge / "expect.jsonl").read_text().splitlines()]
    broken = check_files(program, edge, rows) + check_salvage(program, edge, rows)
    broken += check_folder(program, edge, rows) + check_strict(program, edge)
    print(f"{len(rows)} files, {broken} broken promises, {len(DEVIATIONS)} decided otherwise")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

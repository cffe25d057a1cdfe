"""All real logs, source by source: cairn and an independent reader must agree on the number of events, on a GROUP BY,
and, event by event, on every member of every record: counts.py CAIRN."""
import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import cairn  # noqa: E402
import reader  # noqa: E402

# Not logs: rules, licences, expectations; edge/ has a test of its own.
OTHER = {"LICENSES", "edge", "eni-original", "expected", "profile", "sigma"}
# No logs, or no JSON: cairn refuses the second one whole.
LEFT_OUT = {"lookup-events.rst", "samples-large.json"}
GROUPS = "SELECT eventSource, eventName, errorCode, count(*) AS n FROM cloudtrail GROUP BY ALL"


def text(value):
    return value if isinstance(value, str) else None


def differences(name, want, got):
    """Prints what two Counters do not share; how many."""
    wrong = 0
    for key in sorted(set(want) | set(got), key=str):
        if want[key] != got[key]:
            wrong += 1
            if wrong <= 5:
                print(f"{name}: {str(key)[:300]}: reader {want[key]}, cairn {got[key]}")
    if wrong > 5:
        print(f"{name}: … and {wrong - 5} more")
    return wrong


def check_source(program, folder):
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in LEFT_OUT]
    events = [event for path in paths for event in reader.events_of(path)]
    want = collections.Counter((text(e.get("eventSource")), text(e.get("eventName")), text(e.get("errorCode"))) for e in events)
    done = cairn.sql(program, GROUPS, paths, timeout=300)
    if done.code not in (0, 1) or not done.coverage:
        print(f"{folder.name}: exit code {done.code}: {done.err.strip()[:300]}")
        return 0, 1
    got = collections.Counter()
    for row in done.rows():
        got[row["eventSource"], row["eventName"], row["errorCode"]] += row["n"]
    wrong = differences(folder.name, want, got)

    # Parsed by the reader, which keeps the digits of numbers.
    whole = cairn.sql(program, "SELECT eventJson FROM cloudtrail", paths, timeout=300)
    rows = next(reader.parse(whole.out), [])
    back = collections.Counter(reader.canonical(row["eventJson"]) for row in rows)
    wrong += differences(f"{folder.name}, whole record", collections.Counter(map(reader.canonical, events)), back)
    return len(events), wrong


def main():
    program = sys.argv[1]
    data = cairn.data_folder("invictus")
    total = broken = 0
    for folder in sorted(path for path in data.iterdir() if path.is_dir() and path.name not in OTHER):
        events, wrong = check_source(program, folder)
        total += events
        broken += bool(wrong)
        print(f"{folder.name}: {events} events, {wrong} differences")
    print(f"{total} events, {broken} sources that differ")
    return 1 if broken or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

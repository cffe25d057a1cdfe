#!/usr/bin/env python3
"""A lake that the program made, read by others as it lies there: lake_open.py CAIRN VENV
pyiceberg reads the table and prunes by day; DuckDB and pyarrow read the files; all see what cairn sees."""
import csv
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from cairn import memory_folder  # noqa: E402
from older_lake import older_lake  # noqa: E402
from peers import difference, in_venv, rows_of  # noqa: E402

COLUMNS = ["eventID", "eventTime", "eventName", "errorCode", "readOnly", "userIdentity.arn",
           "userIdentity.sessionContext.attributes.mfaAuthenticated", "requestParameters", "recordNumber"]


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], text=True, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"cairn {arguments}: {done.stderr}")
    return done.stdout


def columns_were_added(program, logs, newer, want, query):
    """A lake that lacks columns of today's: its files stay as they are, and are read with those that have them."""
    lake = newer.parent / "older"
    old = older_lake(newer, lake, "eventTime < '2026-10-02T00:00:00'")
    run(program, "ingest", logs, "--lake", lake)
    got = sorted(list(csv.reader(run(program, "sql", "--lake", lake, "--format", "csv", query).splitlines()))[1:])
    if not 0 < old < len(got) or got != want:
        sys.exit(f"a lake to which columns were added has other rows: {difference(got, want)}")
    added = "SELECT count(eventContext), count(tlsDetails.keyExchange), count(userIdentity.inScopeOf.sourceArn) FROM cloudtrail"
    run(program, "sql", "--lake", lake, added)
    for command in (["summary"], ["lookup", "--attribute", "EventName=AssumeRole"], ["timeline", "--ip", "203.0.113.9"],
                    ["lake", "check"], ["lake", "compact"], ["lake", "check"]):
        if run(program, *command, "--lake", lake) != run(program, *command, "--lake", newer) and command[0] in ("summary", "lookup"):
            sys.exit(f"cairn {command[0]} answers in another way once columns were added")
    print(f"cairn: {old} events of an older lake, {len(got) - old} new ones, all read")


def main(program):
    import duckdb
    import pyarrow.dataset
    from pyiceberg.catalog import load_catalog
    with tempfile.TemporaryDirectory(prefix="cairn-open-", dir=memory_folder()) as folder:
        lake = pathlib.Path(folder) / "lake"
        logs = pathlib.Path(folder) / "logs"
        run(program, "generate", "--events", 5000, "--days", 3, "--output", logs)
        run(program, "ingest", logs, "--lake", lake)
        query = f"SELECT {', '.join(COLUMNS)} FROM cloudtrail"
        want = sorted(list(csv.reader(run(program, "sql", "--lake", lake, "--format", "csv", query).splitlines()))[1:])
        table = load_catalog("cairn", type="sql", uri=f"sqlite:///{lake}/catalog.db").load_table("cairn.cloudtrail")
        files = sorted((lake / "cairn").rglob("*.parquet"))
        sides = {"pyiceberg": table.scan().to_arrow(), "pyarrow": pyarrow.dataset.dataset(files).to_table(),
                 "duckdb": duckdb.sql(f"FROM read_parquet({[str(file) for file in files]})").to_arrow_table()}
        for name, arrow in sides.items():
            got = rows_of(arrow, COLUMNS)
            if got != want:
                sys.exit(f"{name} sees other rows than cairn: {difference(got, want)}")
            print(f"{name}: {len(got)} rows, the same values")
        one_day = table.scan(row_filter="eventTime >= '2026-10-02T00:00:00' and eventTime < '2026-10-03T00:00:00'")
        planned = list(one_day.plan_files())
        if len(files) != 3 or len(planned) != 1:
            sys.exit(f"pyiceberg plans {len(planned)} of {len(files)} files for one of three days")
        count = run(program, "sql", "--lake", lake, "--format", "csv",
                    "SELECT count(*) FROM cloudtrail WHERE CAST(eventTime AS date) = DATE '2026-10-02'").splitlines()[1]
        if one_day.to_arrow().num_rows != int(count.strip('"')):
            sys.exit("pyiceberg counts another number of events on that day")
        print("pyiceberg: a day is one file of three")
        columns_were_added(program, logs, lake, want, query)


in_venv(sys.argv[2])
main(sys.argv[1])

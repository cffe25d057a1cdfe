#!/usr/bin/env python3
"""The lake's table as pyiceberg sees it, and what pyiceberg wrote as cairn sees it: iceberg_table.py STORE_PROBE VENV"""
import datetime
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from cairn import memory_folder  # noqa: E402
from peers import check, in_venv  # noqa: E402

EPOCH = datetime.datetime(1970, 1, 1)


class Lake:
    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.url = f"sqlite:///{folder}/catalog.db"

    def __call__(self, *arguments):
        done = subprocess.run([self.program, self.folder, self.url, *map(str, arguments)], text=True, capture_output=True)
        if done.returncode != 0:
            sys.exit(f"store_probe {arguments}: {done.stderr}")
        return done.stdout.splitlines()

    def table(self):
        from pyiceberg.catalog import load_catalog
        return load_catalog("cairn", type="sql", uri=self.url).load_table("cairn.cloudtrail")

    def write(self, name, day, count):
        """A data file with some of the columns, and the schema's field ids."""
        import pyarrow
        import pyarrow.parquet

        def field(name, kind, number):
            return pyarrow.field(name, kind, metadata={b"PARQUET:field_id": str(number).encode()})
        ids = {field.name: field for field in self.table().schema().fields}
        who = ids["userIdentity"].field_type.field_by_name("arn")
        schema = pyarrow.schema([
            field("eventTime", pyarrow.timestamp("us"), ids["eventTime"].field_id),
            field("eventName", pyarrow.string(), ids["eventName"].field_id),
            field("userIdentity", pyarrow.struct([field("arn", pyarrow.string(), who.field_id)]), ids["userIdentity"].field_id)])
        rows = [{"eventTime": EPOCH + datetime.timedelta(days=day, seconds=i), "eventName": f"{name}-{i}",
                 "userIdentity": {"arn": f"arn:{name}"}} for i in range(count)]
        key = f"cairn/cloudtrail/data/event_day={(EPOCH + datetime.timedelta(days=day)).date()}/{name}.parquet"
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema), path)
        return key, day, count, path.stat().st_size


def names(scan):
    return sorted({name.rsplit("-", 1)[0] for name in scan.to_arrow()["eventName"].to_pylist()})


def planned(table, condition):
    return sorted(pathlib.Path(task.file.file_path).stem for task in table.scan(row_filter=condition).plan_files())


def cairns_table_to_pyiceberg(lake):
    lake("files")  # makes the table
    table = lake.table()
    check("format", table.metadata.format_version, 2)
    check("spec", [(f.name, str(f.transform)) for f in table.spec().fields], [("eventTime_day", "day")])
    check("sort", [str(f.transform) for f in table.sort_order().fields], ["identity"])
    check("rows of nothing", table.scan().to_arrow().num_rows, 0)
    schema = table.schema()
    check("time", str(schema.find_type("eventTime")), "timestamp")
    check("in a struct", str(schema.find_type("userIdentity.sessionContext.sessionIssuer.arn")), "string")
    check("list", str(schema.find_type("resourceARNs.element")), "string")

    first = lake("append", *lake.write("a", 20000, 10))[0]
    lake("append", *lake.write("b", 20001, 20))
    lake("append", *lake.write("c", 20002, 30))
    table = lake.table()
    check("snapshots", [(str(s.snapshot_id), s.sequence_number) for s in table.snapshots()][0], (first, 1))
    check("all", names(table.scan()), ["a", "b", "c"])
    check("count", table.scan().count(), 60)
    check("values", table.scan(row_filter="eventName == 'b-3'").to_arrow().to_pylist()[0]["userIdentity"]["arn"], "arn:b")
    check("by day", planned(table, "eventTime >= '2024-10-05T00:00:00'"), ["b", "c"])
    check("one day", planned(table, "eventTime >= '2024-10-05T00:00:00' and eventTime < '2024-10-06T00:00:00'"), ["b"])
    check("as of", names(table.scan(snapshot_id=int(first))), ["a"])
    check("summary", table.current_snapshot().summary["total-records"], "60")
    check("files", sorted(r["record_count"] for r in table.inspect.files().to_pylist()), [10, 20, 30])
    check("partitions", sorted(str(r["partition"]["eventTime_day"]) for r in table.inspect.partitions().to_pylist()),
          ["2024-10-04", "2024-10-05", "2024-10-06"])
    check("manifests", len(table.inspect.manifests()), 3)

    removed = [key.split()[0] for key in lake("files", 20000, 20001)]
    check("removed", len(removed), 2)
    both = lake.write("both", 20000, 30)
    lake("replace", *both, *removed)
    table = lake.table()
    check("replaced", names(table.scan()), ["both", "c"])
    check("before", names(table.scan(snapshot_id=table.snapshots()[2].snapshot_id)), ["a", "b", "c"])
    lake("rollback", first)
    check("rolled back", names(lake.table().scan()), ["a"])
    lake("rollback", table.current_snapshot().snapshot_id)
    check("and back", names(lake.table().scan()), ["both", "c"])


def pyicebergs_table_to_cairn(lake):
    import pyarrow
    table = lake.table()
    before = set(lake("files"))
    rows = pyarrow.Table.from_pylist(
        [{"eventTime": EPOCH + datetime.timedelta(days=day), "eventName": "theirs-0"} for day in (20002, 20010)],
        pyarrow.schema([("eventTime", pyarrow.timestamp("us")), ("eventName", pyarrow.string())]))
    table.append(rows)
    after = set(lake("files"))
    check("their files", len(after - before), 2)
    check("ours stay", before <= after, True)
    check("their days", len(lake("files", 20010, 20010)), 1)
    check("their snapshot", lake("snapshots")[-1].split()[2], "append")
    for codec in ("null", "deflate"):  # of manifests
        with table.transaction() as change:
            change.set_properties({"write.avro.compression-codec": codec})
        table.append(rows)
    check("all codecs", len(lake("files")), len(after) + 4)
    table.delete("eventTime >= '2024-10-14T00:00:00'")  # whole files
    check("their removal", len(lake("files", 20010, 20010)), 0)

    # On top of theirs: manifests of both are rewritten and merged.
    mine = lake.write("mine", 20002, 5)
    lake("replace", *mine, *[line.split()[0] for line in lake("files", 20002, 20002)])
    table = lake.table()
    check("replaced theirs", names(table.scan()), ["both", "mine"])
    with table.transaction() as change:
        change.set_properties({"commit.manifest.min-count-to-merge": "2"})
    for number in range(4):
        lake("append", *lake.write(f"m{number}", 20020 + number, 1))
    table = lake.table()
    check("merged", len(table.inspect.manifests()) <= 4, True)
    check("merged rows", names(table.scan()), ["both", "m0", "m1", "m2", "m3", "mine"])
    check("still pruned", planned(table, "eventTime >= '2024-10-27T00:00:00'"), ["m3"])

    # A column of theirs.
    with table.update_schema() as change:
        from pyiceberg.types import DoubleType
        change.add_column("theirs", DoubleType())
    lake("append", *lake.write("last", 20030, 1))
    check("their column", str(lake.table().schema().find_type("theirs")), "double")

    check("orphans", [key for key in lake("orphans") if not key.endswith(".metadata.json")], [])
    lake("expire_all")
    table = lake.table()
    check("one snapshot", len(table.snapshots()), 1)
    check("after expiry", names(table.scan()), ["both", "last", "m0", "m1", "m2", "m3", "mine"])


def files_to_duckdb(lake):
    import duckdb
    files = [str(lake.folder / line.split()[0]) for line in lake("files")]
    check("rows", duckdb.sql(f"SELECT count(*) FROM read_parquet({files}, union_by_name=true)").fetchall()[0][0],
          lake.table().scan().count())


def a_moved_lake(lake):
    """cairn goes on; others see it again where cairn wrote last."""
    to = lake.folder.parent / "moved"
    shutil.move(lake.folder, to)
    moved = Lake(lake.program, to)
    check("moved", len(moved("files")), 7)


def main():
    program, venv = sys.argv[1], pathlib.Path(sys.argv[2])
    in_venv(venv)
    with tempfile.TemporaryDirectory(dir=memory_folder()) as home:
        lake = Lake(program, pathlib.Path(home) / "lake")
        for test in (cairns_table_to_pyiceberg, pyicebergs_table_to_cairn, files_to_duckdb, a_moved_lake):
            test(lake)
            print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()

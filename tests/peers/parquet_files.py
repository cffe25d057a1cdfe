#!/usr/bin/env python3
"""Our Parquet files as pyarrow and DuckDB read them, their statistics and bloom filters: parquet_files.py PARQUET_PROBE VENV"""
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from peers import in_venv  # noqa: E402

EPOCH = datetime.datetime(1970, 1, 1)
COLUMNS = ["time", "id", "few", "narrow", "wide", "flag", "nothing", "who", "arns", "text"]
NEEDLES = {"id", "few", "who.arn", "arns.list.element"}
SALT = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31]


def check_rows(what, got, want):
    if len(got) != len(want):
        sys.exit(f"{what}: {len(got)} rows, want {len(want)}")
    for number, (row, wanted) in enumerate(zip(got, want)):
        row["time"] = (row["time"] - EPOCH) // datetime.timedelta(microseconds=1)
        if row != wanted:
            differing = {name: (row[name], wanted[name]) for name in COLUMNS if row[name] != wanted[name]}
            sys.exit(f"{what}: row {number} (got, want): {differing}")


def values_of(rows, path):
    """The values of a leaf by its Parquet path, with a None for each null."""
    for row in rows:
        value, names = row, path.split(".")
        for name in names:
            if name == "list":
                yield from value or [None]
                break
            value = value[name] if value is not None else None
        else:
            yield value


def check_statistics(what, chunk, values):
    present = [value for value in values if value is not None]
    statistics = chunk.statistics
    if (chunk.num_values, statistics.null_count) != (len(values), len(values) - len(present)):
        sys.exit(f"{what}: {chunk.num_values} values and {statistics.null_count} nulls, want {len(values)} and "
                 f"{len(values) - len(present)}")
    if not present:
        return
    low, high = statistics.min, statistics.max
    if isinstance(low, datetime.datetime):
        low, high = ((bound - EPOCH) // datetime.timedelta(microseconds=1) for bound in (low, high))
    if isinstance(low, str):  # cut bounds may lie outside of the values; bytes decide
        low, high, present = low.encode(), high.encode(), [value.encode() for value in present]
        good = low <= min(present) and high >= max(present)
    else:
        good = (low, high) == (min(present), max(present))
    if not good:
        sys.exit(f"{what}: bounds {low!r} to {high!r}, values {min(present)!r} to {max(present)!r}")


class BloomFilter:
    """Reads a filter as BloomFilter.md describes it, its header by hand: pyarrow does not read filters, and DuckDB's
    parquet_bloom_probe does not know nested columns."""

    def __init__(self, part):
        size, shift, at = 0, 0, 1  # behind the first field's header: a zigzag varint
        while True:
            size |= (part[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if part[at - 1] < 0x80:
                break
        self.bits = part[-(size >> 1):]

    def may_hold(self, value):
        import xxhash
        number = xxhash.xxh64_intdigest(value.encode(), seed=0)
        block = ((number >> 32) * (len(self.bits) // 32) >> 32) * 32
        masks = [(number & 0xFFFFFFFF) * salt % 2**32 >> 27 for salt in SALT]
        words = [int.from_bytes(self.bits[block + 4 * i:block + 4 * i + 4], "little") for i in range(8)]
        return all(word >> mask & 1 for word, mask in zip(words, masks))


def check_filter(what, part, values):
    bloom = BloomFilter(part)
    lost = [value for value in values if value is not None and not bloom.may_hold(value)]
    if lost:
        sys.exit(f"{what}: the bloom filter excludes {lost[0]!r} and {len(lost) - 1} more, which are there")
    passed = sum(bloom.may_hold(f"absent{i}") for i in range(2000))
    if passed > 2000 * 0.1:
        sys.exit(f"{what}: the bloom filter passes {passed} of 2000 absent values")


def check_duckdb_filter(path, rows_of_group):
    import duckdb
    ask = "SELECT row_group_id, bloom_filter_excludes FROM parquet_bloom_probe(?, 'id', ?)"
    for group, rows in enumerate(rows_of_group):
        for row in rows[:: max(1, len(rows) // 20)]:
            if dict(duckdb.execute(ask, [str(path), row["id"]]).fetchall())[group]:
                sys.exit(f"{path.name}: DuckDB's probe excludes {row['id']}, which is in row group {group}")
    excluded = [duckdb.execute(ask, [str(path), f"absent{i}"]).fetchall() for i in range(50)]
    if not any(out for answer in excluded for _, out in answer):
        sys.exit(f"{path.name}: DuckDB's probe excludes nothing")


def check_file(program, path, rows, groups):
    import duckdb
    import pyarrow.parquet
    subprocess.run([program, path, str(rows), str(groups)], check=True)
    want = [json.loads(line) for line in open(f"{path}.jsonl", encoding="utf-8")]
    want = [{name: row.get(name) for name in COLUMNS} for row in want]
    check_rows(f"{path.name}, pyarrow", pyarrow.parquet.read_table(path).to_pylist(), want)
    found = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)])
    names = [column[0] for column in found.description]
    check_rows(f"{path.name}, DuckDB", [dict(zip(names, row)) for row in found.fetchall()], want)
    if rows == 0:
        return
    data, metadata = path.read_bytes(), pyarrow.parquet.ParquetFile(path).metadata
    rows_of_group = [want[i * rows:(i + 1) * rows] for i in range(groups)]
    for group, part in enumerate(rows_of_group):
        for i in range(metadata.row_group(group).num_columns):
            chunk = metadata.row_group(group).column(i)
            what = f"{path.name}, row group {group}, {chunk.path_in_schema}"
            values = list(values_of(part, chunk.path_in_schema))
            check_statistics(what, chunk, values)
            if chunk.path_in_schema in NEEDLES and any(value is not None for value in values):
                if chunk.bloom_filter_offset is None:
                    sys.exit(f"{what}: no bloom filter")
                check_filter(what, data[chunk.bloom_filter_offset:][:chunk.bloom_filter_length], values)
    check_duckdb_filter(path, rows_of_group)


def main():
    program, venv = sys.argv[1], pathlib.Path(sys.argv[2])
    in_venv(venv)
    with tempfile.TemporaryDirectory() as folder:
        for rows, groups in [(0, 0), (0, 1), (1, 1), (129, 2), (5000, 3), (30000, 2)]:
            check_file(program, pathlib.Path(folder) / f"{rows}x{groups}.parquet", rows, groups)
    print("pyarrow and DuckDB read what was written; statistics and bloom filters hold")


main()

#!/usr/bin/env python3
"""A lake as Spark reads it, and what Spark made of it as cairn reads it: spark.py CAIRN VENV FOLDER
Spark reaches the table through the JDBC catalog in the lake's own catalog.db."""
import json
import os
import pathlib
import re
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "peers"))
from lakes import CONDITIONS, Cairn, home_of, same_rows, shared_columns  # noqa: E402
from older_lake import older_lake  # noqa: E402
from peers import Moto, check, free_port, in_venv, leaves, rows_of, run_test, skip  # noqa: E402
from postgres_catalog import Postgres  # noqa: E402
from record import EngineAnswers, lake_of_recipe, plain, record  # noqa: E402
from rights import place_for_others  # noqa: E402

PACKAGES = ["org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0", "org.apache.iceberg:iceberg-aws-bundle:1.12.0",
            "org.xerial:sqlite-jdbc:3.54.1.0", "org.postgresql:postgresql:42.7.7"]
TABLE = "cairn.cairn.cloudtrail"
TYPES = {"string": "string", "boolean": "boolean", "long": "bigint", "timestamp": "timestamp_ntz", "list<string>": "array<string>"}
DAY = "eventTime >= TIMESTAMP_NTZ '2026-10-02 00:00:00' AND eventTime < TIMESTAMP_NTZ '2026-10-03 00:00:00'"


def spark_session(folder):
    """Its packages are fetched once, into the folder."""
    from pyspark.sql import SparkSession
    fetched = len(list(folder.glob("jars/*.jar"))) >= len(PACKAGES)
    try:
        session = (SparkSession.builder.master("local[2]").appName("cairn")
                   .config("spark.jars.packages", ",".join(PACKAGES)).config("spark.jars.ivy", str(folder))
                   .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
                   .config("spark.driver.memory", "1g").config("spark.driver.bindAddress", "127.0.0.1")
                   .config("spark.driver.host", "127.0.0.1").config("spark.ui.enabled", "false")
                   .config("spark.ui.showConsoleProgress", "false").config("spark.sql.session.timeZone", "America/New_York")
                   .config("spark.sql.shuffle.partitions", "4").getOrCreate())
    except Exception as failure:  # noqa: BLE001  of the gateway, which says no more
        if fetched:
            raise
        skip(f"Spark's packages cannot be fetched: {failure}")
    session.sparkContext.setLogLevel("ERROR")
    return session


class Lake:
    """A lake by both names: to cairn, and as a catalog of Spark's, whose name is always the same."""

    def __init__(self, spark, folder, cairn, catalog, settings):
        self.spark, self.folder, self.cairn, self.catalog = spark.newSession(), folder, cairn, catalog
        for key, value in {"": "org.apache.iceberg.spark.SparkCatalog", ".type": "jdbc", ".cache-enabled": "false", **settings}.items():
            self.spark.conf.set(f"spark.sql.catalog.cairn{key}", value)

    def sql(self, query):
        return self.spark.sql(re.sub(r"\bcloudtrail\b", TABLE, query))

    def one(self, query):
        return self.sql(query).collect()[0][0]

    def call(self, procedure, arguments=""):
        return self.spark.sql(f"CALL cairn.system.{procedure}(table => '{TABLE}'{arguments})").collect()

    def meta(self, name, columns="*"):
        return self.spark.sql(f"SELECT {columns} FROM {TABLE}.{name}").collect()

    def pyiceberg(self):
        from pyiceberg.catalog import load_catalog
        return load_catalog("cairn", type="sql", **self.catalog).load_table("cairn.cloudtrail")


class SparkAnswers(EngineAnswers):
    """The answers of Spark; CairnAnswers documents the members."""

    def __init__(self, lake):
        self.lake = lake

    def rows(self, query):
        query = re.sub(r"\bFROM cloudtrail\b", f"FROM {TABLE}", query.replace("TIMESTAMP '", "TIMESTAMP_NTZ '"))
        return [[plain(value) for value in row] for row in self.lake.spark.sql(query).collect()]

    def types_of(self, paths):
        return [self.lake.spark.table(TABLE).select(path).dtypes[0][1] for path in paths]

    def snapshots(self):
        return [self.rows(f"SELECT count(*) FROM cloudtrail VERSION AS OF {row.snapshot_id}")[0][0] for row in self.lake.meta("snapshots")]

    def files(self):
        return len(self.lake.meta("files", "file_path"))

    def days(self):
        return [(plain(row[0]), row[1]) for row in self.lake.meta("partitions", "partition.eventTime_day, record_count")]

    def resource_arns(self):
        return [row[0] for row in self.rows("SELECT explode(resourceARNs) FROM cloudtrail")]


def recorded(spark, program, home):
    """Renews recorded/spark.json."""
    cairn = lake_of_recipe(program, home / "recorded")
    lake = Lake(spark, cairn.lake, cairn, {}, {".uri": f"jdbc:sqlite:{cairn.lake}/catalog.db", ".warehouse": cairn.lake.as_uri()})
    record("spark", {"engine": "Spark", "version": spark.version, "packages": PACKAGES[:1]}, SparkAnswers(lake), cairn, TYPES)


def on_disk(spark, program, folder):
    return Lake(spark, folder, Cairn(program, folder), {"uri": f"sqlite:///{folder}/catalog.db"},
                {".uri": f"jdbc:sqlite:{folder}/catalog.db", ".warehouse": folder.as_uri()})


def in_a_bucket(spark, program, folder, moto, postgres):
    """On moto's S3, with its catalog in PostgreSQL."""
    keys = {"s3.endpoint": moto.url, "s3.access-key-id": "AKIAEXAMPLE", "s3.secret-access-key": "secret"}
    cairn = Cairn(program, "s3://lake/prefix", "--catalog", f"postgresql://cairn@127.0.0.1:{postgres.port}/postgres",
                  AWS_ENDPOINT_URL=moto.url, AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="secret",
                  AWS_REGION="us-east-1", CAIRN_HOME=str(folder))
    return Lake(spark, folder, cairn,
                {"uri": f"postgresql+psycopg2://cairn@127.0.0.1:{postgres.port}/postgres", "s3.region": "us-east-1", **keys},
                {".uri": f"jdbc:postgresql://127.0.0.1:{postgres.port}/postgres", ".jdbc.user": "cairn", ".jdbc.password": "none",
                 ".warehouse": "s3://lake/prefix", ".io-impl": "org.apache.iceberg.aws.s3.S3FileIO", ".client.region": "us-east-1",
                 ".s3.path-style-access": "true", **{f".{key}": value for key, value in keys.items()}})


def agree(lake, what):
    """Spark, pyiceberg and cairn see the same: every column, every row, types too."""
    def by_place(row):
        return (row["sourceFile"] or "", row["recordNumber"] or 0, row["eventID"] or "")
    theirs = lake.spark.table(TABLE).toArrow()
    columns = shared_columns(lake.cairn, theirs.schema)
    said = same_rows(f"Spark ({what})", rows_of(theirs, columns), columns, lake.cairn)
    iceberg = lake.pyiceberg().scan().to_arrow()
    check(f"{what}: columns", theirs.schema.names, iceberg.schema.names)
    check(f"{what}: leaves", list(leaves(theirs.schema)), list(leaves(iceberg.schema)))
    one, other = (sorted(table.to_pylist(), key=by_place) for table in (theirs, iceberg))
    if one != other:
        sys.exit(f"{what}: Spark and pyiceberg differ: {next(pair for pair in zip(one, other) if pair[0] != pair[1])}")
    print(f"   {what}: {said}, the same values", flush=True)


def conditions_agree(lake):
    for condition in CONDITIONS:
        check(condition, lake.one(f"SELECT count(*) FROM cloudtrail WHERE {condition}"), lake.cairn.count(condition))
        bounded = f"({condition}) AND eventTime >= TIMESTAMP{{}} '2026-10-02 06:00:00'"
        check(bounded, lake.one(f"SELECT count(*) FROM cloudtrail WHERE {bounded.format('_NTZ')}"),
              lake.cairn.count(bounded.format("")))


def ingested(lake, logs):
    """Two runs, compaction, retention; what Spark says after each."""
    lake.cairn("ingest", logs["first"])
    agree(lake, "ingested")
    lake.cairn("ingest", logs["second"])
    agree(lake, "ingested again")
    files = lake.one("SELECT count(*) FROM cloudtrail.files")
    before = lake.cairn.count("true")
    lake.cairn("lake compact")
    agree(lake, "compacted")
    check("fewer files", lake.one("SELECT count(*) FROM cloudtrail.files") < files, True)
    lake.cairn("lake expire", "--older-than", "2026-10-01T09:30:00Z", "--snapshots-older-than", "30d")
    agree(lake, "after retention")
    check("what is gone", 0 < before - lake.cairn.count("true") < before / 2, True)
    check("first event", str(lake.one("SELECT min(eventTime) FROM cloudtrail")) >= "2026-10-01 09:30:00", True)


def types_are_iceberg_s(lake, logs):
    kinds = dict(lake.spark.table(TABLE).dtypes)
    check("eventTime", kinds["eventTime"], "timestamp_ntz")
    check("readOnly", kinds["readOnly"], "boolean")
    check("recordNumber", kinds["recordNumber"], "bigint")
    check("resourceARNs", kinds["resourceARNs"], "array<string>")
    check("a struct in a struct", "sessionIssuer:struct<type:string,principalId:string,arn:string" in kinds["userIdentity"], True)


def conditions(lake, logs):
    conditions_agree(lake)
    arns = "SELECT count(*) FROM (SELECT explode(resourceARNs) FROM cloudtrail)"
    check("elements of lists", lake.one(arns) > 1000, True)
    name, value = lake.sql("SELECT eventName, count(*) AS n FROM cloudtrail GROUP BY 1 ORDER BY n DESC, 1 LIMIT 1").collect()[0]
    check("the most frequent", lake.cairn.rows("SELECT eventName, count(*) AS n FROM cloudtrail GROUP BY 1 ORDER BY n DESC, 1 "
                                               "LIMIT 1")[0], [name, str(value)])


def metadata_answers(lake, logs):
    """Counts and extremes that Spark takes from manifests only."""
    for column in leaves(lake.pyiceberg().schema().as_arrow()):
        if column.split(".")[0] in ("recordPatch", "resources"):
            continue
        check(f"count({column})", str(lake.one(f"SELECT count({column}) FROM cloudtrail")),
              lake.cairn.rows(f"SELECT count({column}) FROM cloudtrail")[0][0])
    for column in ("eventTime", "recordNumber"):
        for edge in ("min", "max"):
            query = f"SELECT {edge}({column}) FROM cloudtrail"
            plan = lake.one(f"EXPLAIN {query}")
            check(f"{query} reads no data file", "LocalTableScan" in plan, True)
            check(query, lake.cairn.rows(f"SELECT CAST({edge}({column}) AS varchar) FROM cloudtrail")[0][0][:19],
                  str(lake.one(query))[:19])


def days_are_pruned(lake, logs):
    data = sorted(set(row[0] for row in lake.sql(f"SELECT input_file_name() FROM cloudtrail WHERE {DAY}").collect()))
    check("files of one day", {re.search(r"eventTime_day=([^/]*)", name)[1] for name in data}, {"2026-10-02"})
    plan = lake.one(f"EXPLAIN SELECT eventName FROM cloudtrail WHERE {DAY} AND NOT readOnly")
    filters = re.search(r"filters=(.*?), (groupedBy|runtimeFilters)", plan)
    check(f"pushed down: {plan}", filters is not None and "eventTime" in filters[1], True)
    check(f"a whole day needs no second look: {plan}", re.search(r"Filter .*eventTime", plan), None)


def time_travel(lake, logs):
    snapshots = [(row.snapshot_id, row.committed_at) for row in lake.meta("snapshots")]
    check("so many states", len(snapshots) >= 4, True)
    check("as cairn lists them", [str(number) for number, _ in snapshots],
          [str(one["id"]) for one in lake.cairn("lake snapshots", "--json")])
    for number, _ in snapshots:
        check(f"snapshot {number}", lake.one(f"SELECT count(eventID) FROM cloudtrail VERSION AS OF {number}"),
              lake.cairn.count("eventID IS NOT NULL", "--as-of", number))
    check("history", len(lake.meta("history")), len(snapshots))


def metadata_tables(lake, logs):
    files = lake.meta("files", "file_path, record_count, file_size_in_bytes, split_offsets, sort_order_id, "
                               "readable_metrics.eventTime.lower_bound")
    check("rows", sum(row.record_count for row in files), lake.cairn.count("true"))
    for row in files:
        path = pathlib.Path(row.file_path.removeprefix("file://"))
        check("size", path.stat().st_size, row.file_size_in_bytes)
        check("split offsets", row.split_offsets[0], 4)
        check("day of the first event", str(row.lower_bound)[:10] in row.file_path, True)
    partitions = lake.meta("partitions", "partition.eventTime_day, record_count")
    counted = lake.cairn.rows("SELECT CAST(CAST(eventTime AS date) AS varchar), count(*) FROM cloudtrail GROUP BY 1 ORDER BY 1")
    check("partitions", sorted([str(row[0]), str(row[1])] for row in partitions), counted)
    manifests = lake.meta("manifests", "added_data_files_count, existing_data_files_count")
    check("manifests", sum(row[0] + row[1] for row in manifests), len(files))
    for name in ("entries", "refs", "metadata_log_entries", "all_data_files", "all_manifests", "all_entries", "all_files"):
        check(name, len(lake.meta(name)) > 0, True)
    check("files of deleted rows", len(lake.meta("delete_files")), 0)


def nothing_is_an_orphan(lake, logs):
    """Spark's own reckoning of what no snapshot needs. It wants to see files a day old."""
    for path in (lake.folder / "cairn").rglob("*"):
        os.utime(path, (time.time() - 10 * 86400,) * 2)
    found = [row[0] for row in lake.call("remove_orphan_files", ", dry_run => true")]
    check("orphans by Spark", [name for name in found if not name.endswith(".metadata.json")], [])
    report = lake.cairn("lake check", "--json", "--orphans-older-than", "0s")
    check("orphans by cairn", report["orphans"], [])


def spark_looks_after_it(lake, logs):
    """Spark's maintenance on top of cairn's files; cairn goes on after each."""
    wanted = lake.cairn.rows("SELECT count(*), count(DISTINCT eventID), min(eventTime), max(eventTime) FROM cloudtrail")

    def still(what):
        check(what, lake.cairn.rows("SELECT count(*), count(DISTINCT eventID), min(eventTime), max(eventTime) FROM cloudtrail"),
              wanted)
        lake.cairn("lake check")

    lake.call("rewrite_manifests")
    still("manifests rewritten")
    rewritten = lake.call("rewrite_data_files", ", strategy => 'sort', options => map('rewrite-all', 'true')")[0]
    check("files rewritten", rewritten.rewritten_data_files_count > 1, True)
    still("data files rewritten")
    conditions_agree(lake)
    agree(lake, "rewritten by Spark")
    events = int(lake.cairn("ingest", logs["first"], "--take-changed", "--json", code=None)["events"]["new"])
    check("known still", events, 0)
    lake.call("expire_snapshots", ", older_than => TIMESTAMP '2100-01-01 00:00:00', retain_last => 1")
    still("snapshots expired")
    check("one snapshot", len(lake.cairn("lake snapshots", "--json")), 1)
    lake.cairn("lake compact")
    still("compacted by cairn again")


def spark_writes(lake, logs):
    """Rows of Spark's: a copy of an event with another id, and a column that cairn does not know."""
    before = lake.cairn.count("true")
    lake.sql("ALTER TABLE cloudtrail ADD COLUMNS (reviewedBy string, score double)")
    lake.sql("ALTER TABLE cloudtrail ADD COLUMN userIdentity.nickname string")
    columns = [field.name for field in lake.spark.table(TABLE).schema]
    chosen = ", ".join({"eventID": "concat('spark-', eventID) AS eventID", "reviewedBy": "'eve' AS reviewedBy",
                        "score": "0.5D AS score"}.get(name, name) for name in columns)
    lake.sql(f"INSERT INTO cloudtrail SELECT {chosen} FROM cloudtrail WHERE eventName = 'AssumeRole' AND {DAY}")
    added = lake.one("SELECT count(*) FROM cloudtrail WHERE reviewedBy = 'eve'")
    check("some", added > 0, True)
    check("theirs too", lake.cairn.count("true"), before + added)
    check("by their ids", lake.cairn.count("eventID LIKE 'spark-%'"), added)
    needle = lake.one("SELECT min(eventID) FROM cloudtrail WHERE eventID LIKE 'spark-%'")
    check("a needle", lake.cairn.count(f"eventID = '{needle}'"), 1)
    agree(lake, "Spark appended")
    lake.cairn("ingest", logs["third"])
    agree(lake, "cairn appended to that")
    conditions_agree(lake)
    lake.cairn("lake check")
    # Whole files that go are no trouble.
    lake.sql("DELETE FROM cloudtrail WHERE reviewedBy = 'eve'")
    check("theirs are gone", lake.cairn.count("eventID LIKE 'spark-%'"), 0)
    agree(lake, "Spark deleted")
    lake.cairn("lake check")


def deletes_beside_the_files(lake, logs):
    """What merge-on-read leaves is refused with a reason, and read again once Spark has rewritten it."""
    lake.sql("ALTER TABLE cloudtrail SET TBLPROPERTIES ('write.delete.mode' = 'merge-on-read')")
    lake.sql(f"DELETE FROM cloudtrail WHERE eventName = 'AssumeRole' AND {DAY}")
    message = lake.cairn("sql", "SELECT count(*) FROM cloudtrail", code=1).stderr
    check(f"says why: {message}", "deleted single rows" in message and "hint: " in message, True)
    lake.call("rewrite_data_files", ", options => map('delete-file-threshold', '1')")
    lake.call("rewrite_position_delete_files", ", options => map('rewrite-all', 'true')")
    left = lake.one("SELECT count(*) FROM cloudtrail.delete_files")
    print(f"   {left} files of deleted rows are left after Spark's rewriting")
    if left == 0:
        check("rows again", lake.cairn.count("true"), lake.one("SELECT count(eventVersion) FROM cloudtrail"))
        agree(lake, "deleted rows rewritten")


def empty_table(lake, logs):
    nothing = lake.folder.parent / "nothing"
    nothing.mkdir()
    (nothing / "111122223333_CloudTrail_us-east-1_20261001T0000Z_aaaaaaaaaaaaaaaa.json").write_text('{"Records":[]}')
    lake.cairn("ingest", nothing)
    check("rows of nothing", lake.one("SELECT count(*) FROM cloudtrail"), 0)
    check("columns of nothing", "userIdentity" in lake.spark.table(TABLE).columns, True)


def columns_were_added(lake, logs):
    """An older lake to which cairn adds columns: old files lack them, and all of both is read."""
    whole = on_disk(lake.spark, lake.cairn.program, lake.folder.parent / "newer")
    whole.cairn("ingest", logs["first"])
    old = older_lake(whole.folder, lake.folder, "eventTime < '2026-10-02T00:00:00'")
    check("some are old", lake.one("SELECT count(*) FROM cloudtrail"), old)
    lake.cairn("ingest", logs["first"])
    check("two schemas", len(lake.pyiceberg().metadata.schemas), 2)
    check("all of it", lake.cairn.count("true"), whole.cairn.count("true"))
    agree(lake, "columns were added")
    conditions_agree(lake)
    for command in ("lake check", "lake compact", "lake check"):
        lake.cairn(command)
    agree(lake, "and compacted")


def far(spark, program, home, logs):
    """A part of it again, from a bucket."""
    import boto3
    with Moto() as moto, tempfile.TemporaryDirectory(dir=place_for_others()) as database_home:
        boto3.client("s3", endpoint_url=moto.url, region_name="us-east-1", aws_access_key_id="AKIAEXAMPLE",
                     aws_secret_access_key="secret").create_bucket(Bucket="lake")
        postgres = Postgres(pathlib.Path(database_home), free_port())
        try:
            postgres.start()
            lake = in_a_bucket(spark, program, home / "far", moto, postgres)
            for test in (ingested, days_are_pruned, time_travel, spark_writes):
                run_test(test, lake, logs, where=", far")
        finally:
            postgres.stop()


def main():
    program, venv, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    in_venv(venv, HERE / "spark_requirements.txt")
    os.environ["JAVA_HOME"] = home_of(17)
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    spark = spark_session(folder.resolve())
    only = sys.argv[4:]
    with tempfile.TemporaryDirectory(prefix="cairn-spark-") as home:
        home = pathlib.Path(home)
        run_test(recorded, spark, program, home)
        if only == [recorded.__name__]:
            return
        made = Cairn(program, home / "none")
        logs = {"first": made.generate(home / "logs1", 8000, "--days", 4, "--story", "leaked-access-key"),
                "second": made.generate(home / "logs2", 4000, "--days", 5, "--seed", 7, "--organization", "o-abcdefghij"),
                "third": made.generate(home / "logs3", 2000, "--days", 3, "--seed", 9, "--accounts", 1)}
        lake = on_disk(spark, program, home / "lake")
        for test in (ingested, types_are_iceberg_s, conditions, metadata_answers, days_are_pruned, time_travel, metadata_tables,
                     nothing_is_an_orphan, spark_looks_after_it, spark_writes, deletes_beside_the_files, empty_table,
                     columns_were_added):
            if only and test.__name__ not in only and test is not ingested:
                continue
            own = test in (empty_table, columns_were_added)
            run_test(test, on_disk(spark, program, home / test.__name__) if own else lake, logs)
        far(spark, program, home, logs)
    spark.stop()


if __name__ == "__main__":
    main()

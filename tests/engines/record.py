"""Records: what an engine answered about a lake that every machine can make again.

`./test engines` makes a lake by RECIPE, sends the same queries to an engine and to cairn, fails unless the answers are equal,
and stores them in recorded/ENGINE.json. recorded.py, a part of `./test`, makes the lake again and compares cairn's answers with
the stored ones, without any engine. Uses the standard library only."""
import datetime
import hashlib
import json
import pathlib
import re
import shutil
import sys

from lakes import CONDITIONS, HERE, Cairn
from peers import check

FOLDER = HERE / "recorded"
ODD_EVENTS = HERE / "odd_events.json"

# Commands of cairn in a folder with a copy of ODD_EVENTS. The generator's seeds are fixed, so the rows are the same everywhere.
RECIPE = [
    "generate --events 3000 --days 4 --story leaked-access-key --output first",
    "generate --events 1500 --days 5 --seed 7 --organization o-abcdefghij --output second",
    "ingest first/AWSLogs",
    "ingest second/AWSLogs",
    "lake compact",
    "lake expire --older-than 2026-10-01T09:30:00Z --snapshots-older-than 30d",
    "ingest odd_events.json",
]
SINCE = "eventTime >= TIMESTAMP '2026-10-02 06:00:00'"
# For the values of ODD_EVENTS.
ODD_CONDITIONS = [
    "errorCode = ''",
    "userAgent = ''",
    "userAgent > 'ｚ'",
    "userIdentity.userName = 'ünïcode'",
    "eventName LIKE 'Describe!%!_%' ESCAPE '!'",
    "eventName = 'AssumeRole '",
    "length(userAgent) = 128",
    "length(requestID) = 20",
    "eventTime IS NULL",
    "eventTime < TIMESTAMP '1970-01-01 00:00:00'",
    "eventTime = TIMESTAMP '2026-10-02 06:00:00.123'",
    "eventTime >= TIMESTAMP '2026-12-31 23:59:59'",
    "userIdentity.sessionContext.attributes.creationDate = TIMESTAMP '9999-12-31 23:59:59'",
]
NEEDLES = ["eventID", "requestID", "sourceIPAddress", "userIdentity.accessKeyId", "userIdentity.arn"]  # have bloom filters

# Valid in the SQL of cairn, Spark and Trino. Names of result columns are unique. Rows without ORDER BY are compared sorted.
QUERIES = [
    "SELECT count(*), count(DISTINCT eventID), count(DISTINCT userAgent), count(DISTINCT errorMessage) FROM cloudtrail",
    "SELECT CAST(eventTime AS date) AS day, awsRegion, count(*) FROM cloudtrail GROUP BY 1, 2",
    "SELECT extract(hour FROM eventTime) AS hour, count(*) FROM cloudtrail WHERE readOnly GROUP BY 1",
    "SELECT eventName, count(*) AS n FROM cloudtrail GROUP BY 1 ORDER BY n DESC, eventName LIMIT 20",
    "SELECT eventName, errorCode, count(*) FROM cloudtrail WHERE errorCode IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 5",
    "SELECT userIdentity.type AS kind, readOnly, managementEvent, count(*) FROM cloudtrail GROUP BY 1, 2, 3",
    "SELECT userIdentity.sessionContext.sessionIssuer.userName AS role, count(*) FROM cloudtrail GROUP BY 1 HAVING count(*) > 20",
    "SELECT substring(userAgent, 1, 7) AS agent, count(*) FROM cloudtrail GROUP BY 1",
    "SELECT min(eventName) AS a, max(eventName) AS b, min(userAgent) AS c, max(userAgent) AS d, max(errorMessage) AS e, "
    "min(userIdentity.arn) AS f, max(userIdentity.arn) AS g FROM cloudtrail",
    "SELECT CAST(sum(length(userAgent)) AS bigint) AS a, CAST(sum(length(errorMessage)) AS bigint) AS b FROM cloudtrail",
    "SELECT count(*) FROM cloudtrail WHERE requestID IN (SELECT requestID FROM cloudtrail WHERE errorCode IS NOT NULL)",
    "SELECT coalesce(errorCode, 'none') AS code, count(*) FROM cloudtrail WHERE userIdentity.type = 'IAMUser' GROUP BY 1",
]
LOWEST_AND_HIGHEST = ["eventTime", "recordNumber", "userIdentity.sessionContext.attributes.creationDate"]


def make_lake(cairn, home):
    """Runs the commands of RECIPE in `home`, the working folder of `cairn`."""
    shutil.copy(ODD_EVENTS, home)
    for step in RECIPE:
        words = step.split()
        cairn.run(*words, *([] if words[0] == "generate" else cairn.options))


def lake_columns(cairn):
    """Returns path and type of each leaf in the table's metadata; the type of a list is `list<element>`."""
    status = cairn("lake status", "--json")
    table = json.loads(pathlib.Path(status["metadataLocation"].removeprefix("file://")).read_text())
    schema = next(one for one in table["schemas"] if one["schema-id"] == table["current-schema-id"])

    def leaves(fields, prefix):
        for field in fields:
            path, kind = prefix + field["name"], field["type"]
            if isinstance(kind, dict) and kind["type"] == "struct":
                yield from leaves(kind["fields"], f"{path}.")
            else:
                yield path, f"list<{kind['element']}>" if isinstance(kind, dict) else kind

    return dict(leaves(schema["fields"], ""))


class Questions:
    """The part of the queries that depends on the lake: its columns, and values to search for."""

    def __init__(self, cairn):
        self.types = lake_columns(cairn)
        shown = {row[0]: row[1] for row in cairn.rows("DESCRIBE cloudtrail")}
        # Paths that SQL has under the same name and with the same values. `resources` is a list of rows in SQL, and JSON in the lake.
        scalars = [path.split(".") for path, kind in self.types.items() if not kind.startswith("list") and path != "resources"]
        self.compared = [".".join(path) for path in scalars if path[0] in shown and all(f"{name} " in shown[path[0]] for name in path[1:])]
        check("most columns are compared", len(self.compared) >= 60, True)
        kinds = cairn.rows(f"SELECT {', '.join(f'typeof({path})' for path in self.compared)} FROM cloudtrail LIMIT 1")[0]
        self.json = {path for path, kind in zip(self.compared, kinds) if kind == "json"}
        self.needles = []
        for path in NEEDLES:  # a rare value, and one that no row has
            value = cairn.rows(f"SELECT {path} FROM cloudtrail WHERE {path} IS NOT NULL GROUP BY 1 ORDER BY count(*), 1 LIMIT 1")[0][0]
            self.needles += [f"{path} = '{value}'", f"{path} = '{value[:-1]}~'"]

    def conditions(self):
        return [*CONDITIONS, *(f"({condition}) AND {SINCE}" for condition in CONDITIONS), *ODD_CONDITIONS, *self.needles]


def plain(value):
    """Returns a value from an engine's client in the form that records have."""
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, datetime.date) else value


def line(value):
    return json.dumps(value, ensure_ascii=False)


def digest(values):
    """Returns the first half of the SHA-256 of the sorted values."""
    return hashlib.sha256("\n".join(sorted(map(line, values))).encode()).hexdigest()[:32]


class CairnAnswers:
    """The answers of cairn. The classes for engines have the same members; all return values as plain() does."""

    def __init__(self, cairn, questions):
        self.cairn, self.types, self.json = cairn, questions.types, questions.json

    def rows(self, query):
        done = self.cairn.run("sql", *self.cairn.options, "--format", "jsonl", query)
        return [list(json.loads(row).values()) for row in done.stdout.split("\n") if row]

    def counts(self, conditions):
        """Returns the number of rows that meet each condition. Uses one statement, as starting cairn takes longer than counting."""
        parts = [f"SELECT {at} AS at, count(*) AS n FROM cloudtrail WHERE {condition}" for at, condition in enumerate(conditions)]
        return [count for _, count in sorted(self.rows(" UNION ALL ".join(parts)))]

    def value(self, path):
        """Returns the SQL expression for a column's values in the form that records have."""
        if self.types[path] == "timestamp":
            return f"strftime({path}, '%Y-%m-%d %H:%M:%S.%f')"
        return path

    def parsed(self, value):
        """Returns the parsed value of a JSON column. cairn's output embeds JSON; engines return the lake's string, in which
        blanks and digits are as in the log file."""
        return value

    def types_of(self, paths):
        return [self.types[path] for path in paths]

    def snapshots(self):
        """Returns the number of rows in each snapshot, oldest first."""
        return [self.cairn.count("true", "--as-of", one["id"]) for one in self.cairn("lake snapshots", "--json")]

    def files(self):
        return self.cairn("lake status", "--json")["files"]

    def days(self):
        """Returns (day, rows) of each partition."""
        return self.rows("SELECT CAST(CAST(eventTime AS date) AS varchar) AS day, count(*) AS n FROM cloudtrail GROUP BY 1")

    def resource_arns(self):
        """Returns the elements of all lists. The lake's lists leave out resources without an ARN."""
        return [row[0] for row in self.rows("SELECT r.ARN AS arn FROM (SELECT unnest(resources) AS r FROM cloudtrail) "
                                             "WHERE r.ARN IS NOT NULL")]


class EngineAnswers:
    """What the answers of all engines share; CairnAnswers documents the members."""

    def counts(self, conditions):
        return [self.rows(f"SELECT count(*) FROM cloudtrail WHERE {condition}")[0][0] for condition in conditions]

    def value(self, path):
        return path

    def parsed(self, value):
        return json.loads(value)


def answers(engine, questions):
    """Returns the answers to all queries as one JSON object."""
    compared, here = questions.compared, re.compile(r"^.*/(?=(first|second)/|odd_events)")  # the folder of the lake differs

    def value_of(path, value):
        if path == "sourceFile":
            return here.sub("", value)
        return engine.parsed(value) if path in questions.json and value is not None else value

    rows = engine.rows("SELECT " + ", ".join(f"{engine.value(path)} AS c{at}" for at, path in enumerate(compared)) + " FROM cloudtrail")
    rows = [[value_of(path, value) for path, value in zip(compared, row)] for row in rows]
    counted = engine.rows("SELECT " + ", ".join(f"count({path}) AS c{at}" for at, path in enumerate(compared)) + " FROM cloudtrail")[0]
    edges = ", ".join(f"{edge}({engine.value(path)}) AS {edge}{at}"
                      for at, path in enumerate(LOWEST_AND_HIGHEST) for edge in ("min", "max"))
    described = {path: {"type": kind} for path, kind in zip(questions.types, engine.types_of(list(questions.types)))}
    for at, path in enumerate(compared):
        described[path].update({"count": counted[at], "digest": digest(row[at] for row in rows)})
    asked = questions.conditions()
    arns = engine.resource_arns()
    return {
        "columns": described,
        "rows": {"count": len(rows), "columns": len(compared), "digest": digest(rows)},
        "counts": dict(zip(asked, engine.counts(asked))),
        "queries": {query: engine.rows(query) if "ORDER BY" in query else sorted(engine.rows(query), key=line) for query in QUERIES},
        "lowest and highest": dict(zip(LOWEST_AND_HIGHEST, pairs(engine.rows(f"SELECT {edges} FROM cloudtrail")[0]))),
        "days": dict(sorted(map(tuple, engine.days()), key=line)),
        "resourceARNs": {"elements": len(arns), "digest": digest(arns)},
        "snapshots": engine.snapshots(),
        "files": engine.files(),
    }


def pairs(values):
    return [list(pair) for pair in zip(values[::2], values[1::2])]


def differences(one, other, path=()):
    """Yields (path, value in one, value in other) for each difference; a missing value is None."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from differences(one.get(key), other.get(key), (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other)):
            yield from differences(left, right, (*path, str(at)))
    elif one != other:
        yield path, one, other


def written(value, indent=""):
    """Returns JSON with sorted keys; an object or list that fits is on one line."""
    whole = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if not isinstance(value, (dict, list)) or not value or len(indent + whole) <= 100:
        return whole
    inner = indent + " "
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"{inner}{line(key)}: {written(value[key], inner)}" for key in sorted(value)) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + written(item, inner) for item in value) + f"\n{indent}]"


def renew(name, record):
    """Stores a record and prints how it differs from the previous one."""
    path = FOLDER / f"{name}.json"
    old = json.loads(path.read_text()) if path.exists() else {}
    changed = list(differences(old, record))
    for at, was, now in changed[:40] if old else []:
        print(f"record: {name}: {': '.join(at)}: was {was!r:.200}, is {now!r:.200}")
    print(f"record: {name}: {f'{len(changed)} answers changed' if old else 'first record'}; see tests/engines/recorded/{name}.json"
          if changed else f"record: {name}: no answer changed", flush=True)
    path.write_text(written(record) + "\n")


def record(name, about, engine, cairn, iceberg_types):
    """Renews an engine's record. Fails if the engine and cairn answer differently about the lake of RECIPE.
    `about` names the engine and its version; `iceberg_types` maps types in the table's metadata to the engine's."""
    questions = Questions(cairn)
    own = answers(CairnAnswers(cairn, questions), questions)
    for described in own["columns"].values():
        described["type"] = iceberg_types[described["type"]]
    got = answers(engine, questions)
    wrong = [f"{': '.join(at)}: {about['engine']} answers {one!r:.300}, cairn {other!r:.300}" for at, one, other in differences(got, own)]
    if wrong:
        sys.exit("\n".join(wrong))
    renew(name, {"about": {**about, "types": iceberg_types}, "recipe": RECIPE, "answers": got})
    print(f"   {got['rows']['count']:,} rows of {len(questions.compared)} columns, {len(got['counts'])} conditions, "
          f"{len(QUERIES)} queries", flush=True)


def lake_of_recipe(program, home, *options):
    """Makes the lake of RECIPE below `home`, a new folder, and returns cairn on it."""
    home.mkdir()
    cairn = Cairn(program, home / "lake", *options, folder=home)
    make_lake(cairn, home)
    return cairn

"""The lake through the program: what goes in comes out, once, whatever happens in between.
lake_test.py CAIRN [TEST…]"""
import concurrent.futures
import gzip
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "agreement"))
import cairn as runner  # noqa: E402

CAIRN = sys.argv[1]
DATA = pathlib.Path(os.environ.get("CAIRN_TEST_DATA", "/nonexistent"))
REAL = ["invictus", "stratus-red-team", "eni-original", "trailscraper", "traildiscover", "aws-cli", "plaso", "edge/b-record"]

QUESTIONS = [
    "SELECT count(*), count(DISTINCT eventID), min(eventTime), max(eventTime) FROM cloudtrail",
    "SELECT eventName, errorCode, count(*) n FROM cloudtrail GROUP BY ALL ORDER BY ALL",
    "SELECT useridentity.arn, count(*) n FROM cloudtrail_logs WHERE eventtime > '2026-10-01T12:00:00Z' GROUP BY 1 ORDER BY 1",
    "SELECT userIdentity.sessionContext.sessionIssuer.arn, requestParameters, readOnly, eventTime FROM cloudtrail "
    "ORDER BY eventID LIMIT 50",
    "SELECT sum(length(cast(responseElements AS varchar))) FROM cloudtrail WHERE responseElements IS NOT NULL",
    "SELECT awsRegion, recipientAccountId, count(*) FROM cloudtrail WHERE eventTime BETWEEN TIMESTAMP '2026-10-02 00:00:00' "
    "AND TIMESTAMP '2026-10-02 23:59:59' AND recipientAccountId IN ('111122223333') GROUP BY ALL ORDER BY ALL",
    "SELECT count(*) FROM cloudtrail_logs WHERE eventtime LIKE '2026-10-0%' AND errorcode IS NULL",
]


class Number(str):
    """A number with its digits as they were written."""


def parse(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def canonical_line(line):
    try:
        return canonical(parse(line))
    except RecursionError:  # nested deeper than Python reads
        return line


def canonical(record):
    def plain(value):
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        return ["number", str(value)] if isinstance(value, Number) else value

    return json.dumps(plain(record), sort_keys=True)


class Lake(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cairn-lake-", dir=runner.memory_folder()))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.lake = self.folder / "lake"

    def cairn(self, *arguments, code=0):
        done = runner.run(CAIRN, *map(str, arguments))
        self.assertEqual(done.code, code, f"{arguments}\n{done.out[-2000:]}\n{done.err[-2000:]}")
        return done

    def generate(self, name="logs", events=3000, *options):
        logs = self.folder / name
        self.cairn("generate", "--events", events, "--days", 3, "--output", logs, *options)
        return logs / "AWSLogs"

    def ingest(self, *sources, code=0):
        return json.loads(self.cairn("ingest", *sources, "--lake", self.lake, "--json", code=code).out)

    def ask(self, query, *options):
        return self.cairn("sql", "--lake", self.lake, "--format", "json", *options, query).rows()

    def count(self, *options):
        return next(iter(self.ask("SELECT count(*) FROM cloudtrail", *options)[0].values()))

    def check(self):
        report = json.loads(self.cairn("lake", "check", "--lake", self.lake, "--json").out)
        self.assertEqual((report["faults"], report["duplicates"]), ([], 0))
        return report

    def test_answers_are_those_of_the_files(self):
        logs = self.generate()
        report = self.ingest(logs)
        self.assertEqual(report["events"], {"new": 3000, "duplicate": 0, "rejected": 0})
        for question in QUESTIONS:
            with self.subTest(question):
                of_files = self.cairn("sql", "--from", logs, "--format", "json", question).rows()
                self.assertEqual(self.ask(question), of_files)
        denied = [runner.run(CAIRN, "diagnose", "throttling", "--json", option, str(place)) for option, place in
                  (("--lake", self.lake), ("--from", logs))]
        self.assertEqual(denied[0].code, denied[1].code)
        for arguments in (["lookup", "--attribute", "EventName=ConsoleLogin", "--format", "jsonl"], ["summary", "--json"]):
            with self.subTest(arguments):
                from_lake = self.cairn(*arguments, "--lake", self.lake).out
                from_files = self.cairn(*arguments, "--from", logs).out
                if arguments[0] == "lookup":  # resources and records alike, whatever the order of members
                    from_lake, from_files = ([canonical_event(line) for line in text.splitlines()] for text in (from_lake, from_files))
                    self.assertEqual(from_lake, from_files)
                else:
                    self.assertTrue(from_lake and from_files)
        self.assertEqual(self.check()["events"], 3000)

    def test_times_rule_out_days_and_no_event(self):
        logs = self.folder / "days.jsonl"
        times = [f"2026-03-0{day}T{time}Z" for day in range(1, 6) for time in
                 ("00:00:00", "00:00:00.000001", "00:00:59", "12:00:00", "23:59:00", "23:59:59.999999")]
        logs.write_text("".join(json.dumps({"eventVersion": "1.08", "eventTime": time, "eventID": f"e{i:02}", "eventName": "Tick"})
                                + "\n" for i, time in enumerate(times)))
        self.ingest(logs)
        midnights = ("TIMESTAMP '2026-03-03'", "DATE '2026-03-03'", "TIMESTAMP '2026-03-02' + INTERVAL '1' DAY",
                     "from_iso8601_timestamp('2026-03-03T00:00:00Z')", "TIMESTAMP '2026-03-03 00:00:00.000001' - INTERVAL '1' SECOND",
                     "TIMESTAMP '2026-03-03 00:00:00.000001'", "CAST('2026-03-03 00:00:00.0000004' AS timestamp)",
                     "TIMESTAMP '2026-03-02 23:59:59.999999'", "'2026-03-03T00:00:00Z'", "'2026-03-03'")
        conditions = [f"eventTime {sign} {midnight}" for sign in ("<", "<=", "=", ">=", ">") for midnight in midnights]
        conditions += [f"{midnights[0]} {sign} eventTime" for sign in ("<", "<=", ">", ">=")]
        conditions += ["date_trunc('day', eventTime) < DATE '2026-03-03'", "CAST(eventTime AS DATE) <= DATE '2026-03-03'",
                       "CAST(eventTime AS DATE) < DATE '2026-03-03'", "eventTime BETWEEN TIMESTAMP '2026-03-02' AND TIMESTAMP '2026-03-03'",
                       "eventTime > now() - INTERVAL '1' HOUR", "eventTime < current_timestamp"]
        picked = ", ".join(f"count(*) FILTER (WHERE {c}), min(eventID) FILTER (WHERE {c}), max(eventID) FILTER (WHERE {c})"
                           for c in conditions)
        whole = list(self.ask(f"SELECT {picked} FROM cloudtrail")[0].values())  # no condition on the files
        for i, condition in enumerate(conditions):
            with self.subTest(condition):
                pruned = self.ask(f"SELECT count(*), min(eventID), max(eventID) FROM cloudtrail WHERE {condition}")[0]
                self.assertEqual(list(pruned.values()), whole[3 * i:3 * i + 3])
        for condition, files in (("eventTime >= TIMESTAMP '2026-03-03' AND eventTime < TIMESTAMP '2026-03-03' + INTERVAL '1' DAY", 1),
                                 ("eventTime >= DATE '2026-03-02' AND eventTime < DATE '2026-03-04'", 2),
                                 ("eventTime BETWEEN DATE '2026-03-02' AND DATE '2026-03-04'", 3),
                                 ("eventTime > now() - INTERVAL '1' HOUR", 0), ("eventTime > DATE '2026-03-04' OR eventID = 'e00'", 5)):
            with self.subTest(condition):
                done = self.cairn("sql", "--lake", self.lake, "--coverage=json", f"SELECT count(*) FROM cloudtrail WHERE {condition}")
                self.assertEqual(json.loads(done.err.strip().splitlines()[-1])["files_read"], files)

    def pages(self, place, *conditions, most=3):
        """The events of the first pages, in the order in which they come."""
        events, token = [], None
        for _ in range(most):
            page = json.loads(self.cairn("lookup", "--max-results", 50, "--format", "json", *place, *conditions,
                                         *(["--next-token", token] if token else [])).out)
            events += page["Events"]
            token = page.get("NextToken")
            if not token:
                break
        return events

    def test_lookups_are_those_of_the_files(self):
        logs = self.generate("logs", 1000)
        odd = self.folder / "odd.json"  # without an id, with odd parameters, many in one moment
        same = [{"eventVersion": "1.08", "eventTime": "2026-03-01T00:00:00Z", "eventID": f"same-{i:03}", "eventName": "Same",
                 "eventSource": "s3.amazonaws.com", "recipientAccountId": "111111111111",
                 "requestParameters": {"bucketName": "bucket-odd"}} for i in range(120)]
        rare = [{"eventVersion": "1.08", "eventTime": "1999-12-31T23:59:59Z", "eventID": "old", "eventName": "Old"},
                {"eventVersion": "1.08", "eventTime": "2026-03-02T00:00:00Z", "eventName": "Nameless",
                 "userIdentity": {"type": "Root"}, "requestParameters": "bucketName=bucket-odd"},
                {"eventVersion": "1.08", "eventTime": "2026-03-02T00:00:00Z", "eventName": "Neither"}]
        odd.write_text(json.dumps({"Records": same + rare}))
        self.ingest(logs)
        self.ingest(odd)
        names = [row["v"] for row in self.ask("SELECT DISTINCT eventName AS v FROM cloudtrail")]
        some = {"EventName": [*names[:3], "Same", "Old", "Absent"], "EventSource": ["iam.amazonaws.com", "absent"],
                "ReadOnly": ["true", "false"], "Username": ["root", "absent", "alice"], "ResourceName": ["bucket-odd", "absent"],
                "ResourceType": ["AWS::S3::Bucket", "AWS::IAM::User"], "EventId": ["same-007", "old", "absent"],
                "AccessKeyId": ["AKIAABSENT"]}
        for key, column in (("Username", "userIdentity.userName"), ("AccessKeyId", "userIdentity.accessKeyId"),
                            ("EventId", "eventID")):
            rows = self.ask(f"SELECT {column} AS v FROM cloudtrail WHERE {column} IS NOT NULL LIMIT 2")
            some[key] += [row["v"] for row in rows]
        arn = self.ask("SELECT userIdentity.arn AS v FROM cloudtrail WHERE userIdentity.type = 'AssumedRole' LIMIT 1")[0]["v"]
        some["Username"].append(arn.split("/")[-1])
        conditions = [[], ["--event-category", "management"], ["--event-category", "data"]]
        for key, values in some.items():
            for value in values:
                conditions.append(["--attribute", f"{key}={value}"])
        conditions.append(["--event-category", "management", "--attribute", "EventName=Same", "--attribute", "EventName=" + names[0]])
        conditions.append(["--start", "2026-02-28T00:00:00Z", "--end", "2026-03-02T00:00:00Z"])
        found = 0
        for condition in conditions:
            with self.subTest(condition):
                most = 3 if condition else 100
                of_lake = self.pages(["--lake", self.lake], *condition, most=most)
                of_files = self.pages(["--from", logs, odd], *condition, most=most)
                ids = [[(e.get("EventTime"), e.get("EventId", ""), e.get("EventName")) for e in events] for events in (of_lake, of_files)]
                self.assertEqual(*ids)
                self.assertEqual(*([canonical_event(json.dumps(e)) for e in events] for events in (of_lake, of_files)))
                found += len(of_lake) > 0
        self.assertGreater(found, 15)

    def test_each_event_once(self):
        logs = self.generate()
        other = self.generate("again", 3000, "--duplicates", 10)  # the same events, some of them twice
        self.assertEqual(self.ingest(logs)["events"]["new"], 3000)
        again = self.ingest(logs)
        self.assertEqual((again["objects"]["new"], again["events"]["new"]), (0, 0))
        self.assertEqual(again["objects"]["known"], again["objects"]["listed"])
        report = self.ingest(other)
        self.assertEqual(report["events"]["new"], 0)
        self.assertGreater(report["events"]["duplicate"], 3000)
        self.assertEqual(self.count(), 3000)
        self.check()

    def test_records_come_back_whole(self):
        logs = self.generate()
        self.ingest(logs)
        want = sorted(canonical(record) for file in logs.rglob("*.json.gz") for record in parse(gzip.open(file).read())["Records"])
        lines = self.cairn("export", "--lake", self.lake, "--format", "jsonl").out.splitlines()
        self.assertEqual(sorted(canonical_line(line) for line in lines), want)
        exported = self.folder / "exported"
        self.cairn("export", "--lake", self.lake, "--output", exported)
        files = list(exported.rglob("*.json.gz"))
        got = sorted(canonical(record) for file in files for record in parse(gzip.open(file).read())["Records"])
        self.assertEqual(got, want)
        for file in files:
            self.assertRegex(str(file.relative_to(exported)),
                             r"^AWSLogs/\d{12}/CloudTrail/[a-z0-9-]+/2026/10/\d\d/\d{12}_CloudTrail_[a-z0-9-]+_202610\d\dT\d{4}Z_[A-Z0-9]{16}\.json\.gz$")
        second = self.folder / "second"
        self.cairn("ingest", exported, "--lake", second)
        self.assertEqual(self.cairn("sql", "--lake", second, "--format", "csv", "SELECT count(*) n FROM cloudtrail").out.split(), ['"n"', '"3000"'])

    def test_real_records_come_back_whole(self):
        if not DATA.is_dir():
            print("no CAIRN_TEST_DATA: real records are not tried")
            return
        for name in REAL:
            with self.subTest(name):
                lake = self.folder / name.replace("/", "-")
                runner.run(CAIRN, "ingest", str(DATA / name), "--lake", str(lake))
                from_files = runner.run(CAIRN, "export", "--from", str(DATA / name), "--format", "jsonl")
                from_lake = self.cairn("export", "--lake", lake, "--format", "jsonl")
                want = {canonical_line(line) for line in from_files.out.splitlines()}
                got = [canonical_line(line) for line in from_lake.out.splitlines()]
                missing = want - set(got)
                # An event that came twice with differences (another export of it) is kept once.
                ids = {event_id(text) for text in got}
                self.assertTrue(all(event_id(text) in ids for text in missing), list(missing)[:1])
                self.assertTrue(set(got) <= want, list(set(got) - want)[:1])

    def test_changed_and_rejected_objects(self):
        logs = self.generate()
        files = sorted(logs.rglob("*.json.gz"))
        whole = files[0].read_bytes()
        files[0].write_bytes(whole[: len(whole) // 2])
        report = self.ingest(logs, code=1)
        self.assertEqual(report["objects"]["rejected"], 1)
        lost = 3000 - report["events"]["new"]
        self.assertGreater(lost, 0)
        kept = list((self.lake / "rejected").glob("*.json.gz"))
        self.assertEqual([file.read_bytes() for file in kept], [files[0].read_bytes()])
        facts = json.loads(pathlib.Path(str(kept[0]) + ".json").read_text())
        self.assertEqual(facts["key"], str(files[0]))
        self.assertTrue(facts["reason"])
        files[0].write_bytes(whole)
        report = json.loads(self.cairn("ingest", "--retry-rejected", "--lake", self.lake, "--json").out)
        self.assertEqual(report["events"]["new"], lost)
        self.assertEqual(list((self.lake / "rejected").glob("*")), [])
        # A file that changes after it was taken is left alone, and said.
        text = gzip.decompress(files[1].read_bytes())
        files[1].write_bytes(gzip.compress(text.replace(b'"eventVersion"', b'"eventversion"', 1)))
        report = self.ingest(logs, code=1)
        self.assertEqual((report["objects"]["changed"], report["events"]["new"]), (1, 0))
        self.assertEqual(report["changed"], [str(files[1])])
        self.cairn("ingest", logs, "--lake", self.lake, "--take-changed")
        self.assertEqual(self.count(), 3000)

    def test_past_states_and_rollback(self):
        first = self.generate("a", 1000, "--seed", 1)
        second = self.generate("b", 1000, "--seed", 2)
        self.ingest(first)
        snapshot = json.loads(self.cairn("lake", "snapshots", "--lake", self.lake, "--json").out)[-1]
        self.ingest(second)
        self.assertEqual((self.count(), self.count("--as-of", snapshot["id"])), (2000, 1000))
        self.cairn("sql", "--lake", self.lake, "--as-of", "2020-01-01", "SELECT 1 FROM cloudtrail", code=1)
        self.cairn("lake", "rollback", snapshot["id"], "--lake", self.lake)
        self.assertEqual(self.count(), 1000)
        self.check()

    def test_compaction_and_retention(self):
        logs = self.generate()
        for day in sorted({file.parent.name for file in logs.rglob("*.json.gz")}):
            for account in sorted(logs.iterdir()):
                self.ingest(*account.glob(f"CloudTrail/*/2026/10/{day}"))
        before = [self.ask(question) for question in QUESTIONS]
        status = json.loads(self.cairn("lake", "status", "--lake", self.lake, "--json").out)
        lines = sorted(canonical_line(line) for line in self.cairn("export", "--lake", self.lake, "--format", "jsonl").out.splitlines())
        report = json.loads(self.cairn("lake", "compact", "--lake", self.lake, "--json").out)
        self.assertEqual(report["filesBefore"], status["files"])
        self.assertLess(report["filesAfter"], report["filesBefore"])
        self.assertEqual([self.ask(question) for question in QUESTIONS], before)
        again = sorted(canonical_line(line) for line in self.cairn("export", "--lake", self.lake, "--format", "jsonl").out.splitlines())
        self.assertEqual(again, lines)
        self.check()
        cut = "2026-10-02T06:30:00Z"
        due = self.ask(f"SELECT count(*) n FROM cloudtrail WHERE eventTime < TIMESTAMP '{cut}'")[0]["n"]
        files = {file for file in (self.lake / "cairn").rglob("*.parquet")}
        report = json.loads(self.cairn("lake", "expire", "--older-than", cut, "--snapshots-older-than", "now", "--lake", self.lake, "--json").out)
        self.assertEqual(report["events"], due)
        self.assertEqual(self.count(), 3000 - due)
        self.assertLess(len({file for file in (self.lake / "cairn").rglob("*.parquet")}), len(files))
        self.assertEqual(self.check()["orphans"], [])

    def test_check_finds_damage(self):
        self.ingest(self.generate())
        files = sorted((self.lake / "cairn").rglob("*.parquet"))
        bytes_of = bytearray(files[0].read_bytes())
        bytes_of[len(bytes_of) // 3] ^= 0x40
        files[0].write_bytes(bytes_of)
        files[1].unlink()
        report = json.loads(self.cairn("lake", "check", "--lake", self.lake, "--json", code=3).out)
        self.assertEqual(len(report["faults"]), 2, report)

    def test_faults_are_told(self):
        none = self.cairn("sql", "--lake", self.folder / "none", "SELECT 1 FROM cloudtrail", code=1)
        self.assertIn("there is no lake", none.err)
        self.cairn("ingest", "--lake", self.lake, code=2)
        self.cairn("ingest", self.folder / "missing", "--lake", self.lake, code=1)
        self.cairn("sql", "--lake", self.lake, "--from", self.folder, "SELECT 1 FROM cloudtrail", code=2)
        empty = self.folder / "empty"
        empty.mkdir()
        self.assertEqual(self.ingest(empty)["events"]["new"], 0)
        self.assertEqual(self.count(), 0)

    def test_timeline_follows_sessions(self):
        self.ingest(self.generate("logs", 2000, "--story", "leaked-access-key"))
        truth = [json.loads(line) for line in (self.folder / "logs" / "truth.jsonl").read_text().splitlines()]
        who = truth[0]["who"]
        lines = [json.loads(line) for line in
                 self.cairn("timeline", "--lake", self.lake, "--identity", who, "--format", "jsonl").out.splitlines()]
        ids = {line["eventID"] for line in lines}
        for part, wanted in truth[0]["eventIDs"].items():
            self.assertTrue(set(wanted) <= ids, part)
        direct = self.ask(f"SELECT count(*) n FROM cloudtrail WHERE userIdentity.arn = '{who}'")[0]["n"]
        self.assertGreaterEqual(len(lines), direct)
        self.assertEqual([line["time"] for line in lines], sorted(line["time"] for line in lines))


def event_id(text):
    found = re.search(r'"eventID": "([^"]*)"', text)
    return found and found[1]


def canonical_event(line):
    event = json.loads(line)
    event["CloudTrailEvent"] = canonical(parse(event["CloudTrailEvent"]))
    return event


def run_at_once(names):
    """Runs the test methods, each with a lake of its own, in as many threads as there are processors."""
    def run(name):
        result = unittest.TestResult()
        Lake(name).run(result)
        return result

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        results = list(pool.map(run, names))
    for test, trace in [problem for result in results for problem in result.failures + result.errors]:
        print(f"FAILED {test}\n{trace}")
    failed = sum(not result.wasSuccessful() for result in results)
    print(f"{len(results)} tests, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_at_once(sys.argv[2:] or unittest.defaultTestLoader.getTestCaseNames(Lake)))

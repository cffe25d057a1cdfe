"""What the tests of engines share: cairn at work on a lake, Java and what Maven has, what is asked of every engine."""
import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from peers import check, difference, leaves, skip  # noqa: E402

COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"

# What a reader may get wrong with bounds, null counts, dictionaries or bloom filters; the same in every dialect.
CONDITIONS = [
    "eventName = 'AssumeRole'",
    "eventName = 'NoSuchName'",
    "eventName IN ('Decrypt', 'ConsoleLogin', 'zzz')",
    "eventName <> 'AssumeRole'",
    "eventName > 'D' AND eventName <= 'ListRoles'",
    "eventName LIKE 'Describe%'",
    "NOT eventName LIKE 'Describe%'",
    "userAgent LIKE '%aws-sdk%'",
    "errorCode IS NULL",
    "errorCode IS NOT NULL",
    "errorCode = 'AccessDenied' OR errorMessage IS NOT NULL",
    "readOnly = true",
    "NOT readOnly",
    "readOnly IS NULL",
    "recordNumber < 2",
    "recordNumber BETWEEN 3 AND 5",
    "userIdentity.type = 'AssumedRole'",
    "userIdentity.arn IS NULL",
    "userIdentity.arn LIKE 'arn:aws:sts::%'",
    "userIdentity.sessionContext.sessionIssuer.userName IS NOT NULL",
    "userIdentity.sessionContext.attributes.mfaAuthenticated = false",
    "userIdentity.sessionContext.attributes.creationDate IS NOT NULL",
    "tlsDetails.tlsVersion = 'TLSv1.3'",
    "eventContext IS NULL",
    "requestParameters LIKE '%bucketName%'",
    "sourceFile LIKE '%eu-west-1%'",
]


def home_of(version):
    """The Java that JAVA_HOME, or Debian's place, has; the test is skipped where there is none."""
    for folder in [os.environ.get("JAVA_HOME", ""), *map(str, sorted(pathlib.Path("/usr/lib/jvm").glob(f"java-{version}-*")))]:
        if folder and (pathlib.Path(folder) / "bin/java").exists():
            return folder
    skip(f"there is no Java {version} (Debian: apt-get install openjdk-{version}-jre-headless)")
    return None


def from_maven(folder, coordinates):
    """Puts the file that has these coordinates into a folder, by Maven's own client."""
    if shutil.which("mvn") is None:
        skip(f"there is no Maven, which fetches {coordinates} (Debian: apt-get install maven)")
    print(f"fetching {coordinates} into {folder}", flush=True)
    with tempfile.TemporaryDirectory(dir=folder) as part:
        done = subprocess.run(["mvn", "-B", "-q", f"-Dmaven.repo.local={part}", COPY, f"-Dartifact={coordinates}",
                               f"-DoutputDirectory={folder}"], capture_output=True, text=True, check=False)
    if done.returncode:
        skip(f"{coordinates} cannot be fetched: {done.stdout[-500:]}")


class Cairn:
    """The program on one lake."""

    def __init__(self, program, lake, *options, folder=None, **settings):
        self.program, self.lake, self.options = program, lake, ["--lake", str(lake), *map(str, options)]
        self.folder = folder  # the working folder of commands
        self.environment = {**os.environ, **settings}

    def run(self, *arguments, code=0):
        done = subprocess.run([self.program, *map(str, arguments)], text=True, capture_output=True, check=False,
                              env=self.environment, cwd=self.folder)
        if code is not None and done.returncode != code:
            sys.exit(f"cairn {' '.join(map(str, arguments))} ended with {done.returncode}, not {code}:\n"
                     f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    def __call__(self, command, *arguments, code=0):
        """A command on the lake, as JSON where it gives some."""
        words = command.split()
        done = self.run(*words, *self.options, *arguments, code=code)
        return json.loads(done.stdout) if "--json" in arguments else done

    def rows(self, query, *options):
        done = self.run("sql", *self.options, "--format", "csv", *options, query)
        return list(csv.reader(io.StringIO(done.stdout, newline="")))[1:]

    def count(self, condition, *options):
        return int(self.rows(f"SELECT count(*) FROM cloudtrail WHERE {condition}", *options)[0][0])

    def generate(self, folder, events, *options):
        self.run("generate", "--events", events, *options, "--output", folder)
        return folder / "AWSLogs"


def shared_columns(cairn, schema):
    """Paths of the values that both SQL and the lake have; `schema` is Arrow's. (`resources` is a list of rows in SQL, and
    text in the lake.)"""
    types = {row[0]: row[1] for row in cairn.rows("DESCRIBE cloudtrail")}
    paths = [column.split(".") for column in leaves(schema) if column != "resources"]
    columns = [".".join(path) for path in paths if all(f"{name} " in types.get(path[0], "") for name in path[1:]) and path[0] in types]
    check("most columns are compared", len(columns) >= 60, True)
    return columns


def same_rows(what, got, columns, cairn, *options):
    """Sorted rows of texts are what cairn says; gives how many."""
    want = sorted(cairn.rows(f"SELECT {', '.join(columns)} FROM cloudtrail", *options))
    if got != want:
        sys.exit(f"{what} sees other rows than cairn: {difference(got, want)}")
    return f"{len(got):,} rows of {len(columns)} columns"

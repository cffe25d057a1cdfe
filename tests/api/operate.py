#!/usr/bin/env python3
"""Runs the commands of docs/manual/operate.md, in their order, beside a service, and looks whether the alert rules and the
dashboard of docs/monitoring ask for metrics that it has: operate.py CAIRN VENV"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.request

from service import Service, in_venv, wait_for

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)
import promql_parser  # noqa: E402
import yaml  # noqa: E402

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "manual/operate.md"


def names_in(expression):
    """The metrics that a query asks for; fails when it is no PromQL."""
    promql_parser.parse(expression)
    words = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|without)\s*\([^)]*\)', " ", expression)
    return set(re.findall(r"\b(?:cairn|process)_\w+\b", words))


def check_monitoring(service):
    text = urllib.request.urlopen(service.url + "/metrics").read().decode()
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    known = set(types) | {f"{name}_{part}" for name, kind in types.items() if kind == "histogram" for part in ("bucket", "sum", "count")}
    rules = [rule for group in yaml.safe_load((DOCS / "monitoring/alerts.yml").read_text())["groups"] for rule in group["rules"]]
    assert len(rules) > 10 and all({"alert", "expr", "labels", "annotations"} <= rule.keys() for rule in rules)
    assert len({rule["alert"] for rule in rules}) == len(rules)
    panels = [panel for panel in json.loads((DOCS / "monitoring/dashboard.json").read_text())["panels"] if panel["type"] != "row"]
    asked = [rule["expr"] for rule in rules]
    asked += [target["expr"].replace("$instance", ".*") for panel in panels for target in panel["targets"]]
    for expression in asked:
        unknown = names_in(expression) - known
        assert not unknown, f"{expression}: the service has no {unknown}"
    for name in re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.M):
        assert name in {rule["alert"] for rule in rules}, name
    print(f"ok {len(rules)} alert rules and {len(panels)} panels ask for what there is")

# Each is a block of its own; it begins with a line that says what it is.
blocks = re.findall(r"^```sh\n#: (.+)\n((?:.*\n)*?)```$", PAGE.read_text(), re.M)
assert len(blocks) >= 7 and len(blocks) == PAGE.read_text().count("```sh"), [name for name, _ in blocks]

# What the page puts into the service's file is there in the complete one.
every_key = set(re.findall(r"^(?:# )?([a-z-]+) = ", (DOCS / "manual/serve.toml").read_text(), re.M))
for block in re.findall(r"^```toml\n((?:.*\n)*?)```$", PAGE.read_text(), re.M):
    keys = set(re.findall(r"^([a-z-]+) = ", block, re.M))
    assert keys and keys <= every_key, keys - every_key

with tempfile.TemporaryDirectory(prefix="cairn-operate-") as folder, Service(cairn, "--flush-interval", "1s") as service:
    service.client("cloudtrail").create_trail(Name="trail", S3BucketName="cairn-logs", EnableLogFileValidation=True)
    service.client("cloudtrail").start_logging(Name="trail")
    wait_for("an event in the lake", lambda: service.sql("SELECT eventID FROM cloudtrail"))
    programs = pathlib.Path(folder) / "bin"
    programs.mkdir()
    (programs / "cairn").symlink_to(pathlib.Path(cairn).resolve())
    (programs / "aws").write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -m awscli \"$@\"\n")
    (programs / "aws").chmod(0o755)
    environment = {**service.environment(), "PATH": f"{programs}:{os.environ['PATH']}", "BACKUPS": folder, "CAIRN_HOME": str(service.home),
                   "CAIRN_PID": str(service.process.pid)}
    for name, commands in blocks:
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], capture_output=True, text=True, check=False,
                              env=environment, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, (name, done.returncode, done.stdout, done.stderr)
        print(f"ok {name}")
        if name == "the same by hand":
            service.client("sts").get_caller_identity()
            wait_for("a new access log", lambda: (service.home / "access.jsonl").exists() and
                     "GetCallerIdentity" in (service.home / "access.jsonl").read_text())
    check_monitoring(service)
    assert (pathlib.Path(folder) / "public-keys.json").read_text().count("Fingerprint") >= 1
    service.stop()

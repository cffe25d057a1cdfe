#!/usr/bin/env python3
"""Runs the commands of docs/manual/operate.md, in their order, beside a service: operate.py CAIRN VENV"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from service import Service, in_venv, wait_for

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/manual/operate.md"

# Each is a block of its own; it begins with a line that says what it is.
blocks = re.findall(r"^```sh\n#: (.+)\n((?:.*\n)*?)```$", PAGE.read_text(), re.M)
assert len(blocks) >= 7 and len(blocks) == PAGE.read_text().count("```sh"), [name for name, _ in blocks]

with tempfile.TemporaryDirectory(prefix="cairn-operate-") as folder, Service(cairn, "--flush-interval", "1s") as service:
    service.client("cloudtrail").create_trail(Name="trail", S3BucketName="cairn-logs", EnableLogFileValidation=True)
    service.client("cloudtrail").start_logging(Name="trail")
    wait_for("an event in the lake", lambda: service.sql("SELECT eventID FROM cloudtrail"))
    programs = pathlib.Path(folder) / "bin"
    programs.mkdir()
    (programs / "cairn").symlink_to(pathlib.Path(cairn).resolve())
    (programs / "aws").write_text(f"#!/bin/sh\nexec {sys.executable} -m awscli \"$@\"\n")
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
    assert (pathlib.Path(folder) / "public-keys.json").read_text().count("Fingerprint") >= 1
    service.stop()

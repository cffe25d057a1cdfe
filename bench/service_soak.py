#!/usr/bin/env python3
"""A long run of `cairn serve` under a steady light load: service_soak.py CAIRN SERVICE_LOAD [MINUTES] [EVENTS_PER_SECOND] [FOLDER]

Events come in by the Firehose endpoint in batches of 100 (1.1 KB each), a trail delivers them, and LookupEvents is called twice a
second. Prints a line a minute: resident memory, processor time, files, bytes written (/proc/PID/io, so FOLDER must be on a real
disk), commits, snapshots and the size of the table's metadata. The last lines give the rates of the second half of the run, in
which caches are full. The load runs on the same machine as the service.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

cairn, load = sys.argv[1], sys.argv[2]
minutes = float(sys.argv[3]) if len(sys.argv) > 3 else 120
events_per_second = float(sys.argv[4]) if len(sys.argv) > 4 else 50
folder = sys.argv[5] if len(sys.argv) > 5 else None
BATCH = 100  # events of a request of service_load
LOOKUPS_PER_SECOND = 2
TICKS = os.sysconf("SC_CLK_TCK")


def fields(path):
    return dict(re.findall(r"^(\w+):\s+(\d+)", pathlib.Path(path).read_text(), re.M))


def processor_seconds(pid):
    parts = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / TICKS


def metrics(url):
    text = urllib.request.urlopen(url + "/metrics", timeout=30).read().decode()
    return {name: float(value) for name, value in re.findall(r"^(cairn_\w+) (\S+)$", text, re.M)}


def newest_metadata(home):
    found = sorted((pathlib.Path(home) / "lake").rglob("*.metadata.json"))
    if not found:
        return 0, 0
    text = found[-1].read_text()
    return len(text), len(json.loads(text).get("snapshots", []))


def measure(service, url, home, begun):
    status, written = fields(f"/proc/{service.pid}/status"), fields(f"/proc/{service.pid}/io")
    numbers = metrics(url)
    size, snapshots = newest_metadata(home)
    return {
        "minute": (time.monotonic() - begun) / 60,
        "resident_mb": int(status["VmRSS"]) / 1024,
        "peak_mb": int(status["VmHWM"]) / 1024,
        "cpu_s": processor_seconds(service.pid),
        "threads": int(status["Threads"]),
        "files": sum(len(names) for _, _, names in os.walk(home)),
        "home_mb": sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(home) for name in names
                       if os.path.exists(os.path.join(place, name))) / 1e6,
        "written_mb": int(written["write_bytes"]) / 1e6,
        "asked_to_write_mb": int(written["wchar"]) / 1e6,
        "events": numbers["cairn_lake_events_total"],
        "commits": numbers["cairn_lake_commits_total"],
        "compactions": numbers["cairn_lake_compactions_total"],
        "metadata_kb": size / 1e3,
        "snapshots": snapshots,
    }


def show(row):
    print(" ".join(f"{name}={value:.0f}" if isinstance(value, float) else f"{name}={value}" for name, value in row.items()), flush=True)


with tempfile.TemporaryDirectory(prefix="cairn-soak-", dir=folder) as home:
    out = open(f"{home}/stdout", "w+")
    service = subprocess.Popen([cairn, "serve", "--home", home, "--listen", "127.0.0.1:0"], stdout=out,
                               stderr=open(f"{home}/stderr", "w"))
    loads = []
    try:
        exports = {}
        while "AWS_DEFAULT_REGION" not in exports:
            if service.poll() is not None:
                sys.exit(pathlib.Path(f"{home}/stderr").read_text())
            time.sleep(0.05)
            exports = dict(re.findall(r"export (\w+)=(\S+)", pathlib.Path(f"{home}/stdout").read_text()))
        url, key, secret = (exports[name] for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
        aws = {"PATH": os.environ["PATH"], "HOME": home, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
               "AWS_DEFAULT_REGION": "us-east-1"}
        for call in (["create-trail", "--name", "soak", "--s3-bucket-name", "cairn-logs", "--is-multi-region-trail",
                      "--enable-log-file-validation"], ["start-logging", "--name", "soak"]):
            subprocess.run(["aws", "cloudtrail", *call, "--endpoint-url", url], env=aws, check=True, capture_output=True)
        seconds = str(minutes * 60 + 30)
        for what in (["feed", "1", str(events_per_second / BATCH)], ["lookup", "1", str(LOOKUPS_PER_SECOND)]):
            loads.append(subprocess.Popen([load, url, key, secret, seconds, *what], stdout=subprocess.PIPE, text=True))
        begun = time.monotonic()
        rows = []
        while time.monotonic() - begun < minutes * 60:
            time.sleep(min(60, max(1, minutes * 60 - (time.monotonic() - begun))))
            rows.append(measure(service, url, home, begun))
            show(rows[-1])
        half = rows[len(rows) // 2]
        last = rows[-1]
        span = (last["minute"] - half["minute"]) * 60
        if span > 0:
            day = 86_400 / span
            events = last["events"] - half["events"]
            print(f"second half: {events / span:.0f} events/s, {(last['commits'] - half['commits']) * day:.0f} commits a day, "
                  f"{(last['cpu_s'] - half['cpu_s']) / span:.3f} processors, "
                  f"{(last['written_mb'] - half['written_mb']) * day / 1e3:.2f} GB written a day "
                  f"({(last['asked_to_write_mb'] - half['asked_to_write_mb']) * day / 1e3:.2f} GB asked for), "
                  f"resident {half['resident_mb']:.0f} to {last['resident_mb']:.0f} MB, peak {last['peak_mb']:.0f} MB")
        for one in loads:
            print(one.communicate()[0].strip())
    finally:
        for one in loads:
            if one.poll() is None:
                one.terminate()
        service.terminate()
        service.wait()

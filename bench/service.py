#!/usr/bin/env python3
"""Load on `cairn serve`: service.py CAIRN SERVICE_LOAD [SECONDS]

PutAuditEvents (100 events of 1.2 KB a request), LookupEvents while management events come in and alone, and idle connections
with the memory that they take. Prints a table; the load runs on the same machine as the service.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

cairn, load = sys.argv[1], sys.argv[2]
seconds = sys.argv[3] if len(sys.argv) > 3 else "20"


def resident(process):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) / 1024


def run(*arguments):
    done = subprocess.run([load, url, key, secret, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0 or not done.stdout.strip():
        sys.exit(f"service_load {arguments}: {done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def show(what, result):
    print(f"{what:<58} {result['requests_per_second']:>7} /s  p50 {result['p50_ms']:>6} ms  p99 {result['p99_ms']:>6} ms"
          f"  failed {result['failed']}" + (f"  {result['events_per_second']} events/s"
                                           if result["events_per_second"] else ""), flush=True)


with tempfile.TemporaryDirectory(prefix="cairn-bench-") as home:
    out = open(f"{home}/stdout", "w+")
    service = subprocess.Popen([cairn, "serve", "--home", home, "--listen", "127.0.0.1:0",
                                "--connections-per-address", "10000"], stdout=out,
                               stderr=open(f"{home}/stderr", "w"))
    exports = {}
    while "AWS_DEFAULT_REGION" not in exports:
        time.sleep(0.05)
        exports = dict(re.findall(r"export (\w+)=(\S+)", pathlib.Path(f"{home}/stdout").read_text()))
    url, key, secret = (exports[name] for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    try:
        empty = resident(service)
        import os
        environment = {**os.environ, "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
                       "AWS_DEFAULT_REGION": "us-east-1"}
        keys = ["aws", "cloudtrail"]
        store = json.loads(subprocess.run([*keys, "create-event-data-store", "--name", "bench", "--endpoint-url", url,
                                           "--advanced-event-selectors",
                                           '[{"FieldSelectors":[{"Field":"eventCategory","Equals":["ActivityAuditLog"]}]}]'],
                                          env=environment, capture_output=True, text=True, check=True).stdout)
        channel = json.loads(subprocess.run([*keys, "create-channel", "--name", "bench", "--source", "Custom",
                                             "--endpoint-url", url, "--destinations",
                                             f"Type=EVENT_DATA_STORE,Location={store['EventDataStoreArn']}"],
                                            env=environment, capture_output=True, text=True, check=True).stdout)["ChannelArn"]
        idle = subprocess.Popen([load, url, "-", "-", "15", "idle", "5000"], stdout=subprocess.PIPE, text=True)
        held = json.loads(idle.stdout.readline())["connections"]
        print(f"{held} idle connections: {resident(service):.0f} MB resident (empty: {empty:.0f} MB)", flush=True)
        assert urllib.request.urlopen(url + "/healthz").status == 200
        idle.wait()
        show("PutAuditEvents, 200 requests a second asked for", run(seconds, "put", channel, 8, 200))
        show("PutAuditEvents, as fast as it goes, 8 clients", run(seconds, "put", channel, 8))
        waited = time.monotonic()
        while True:
            metrics = urllib.request.urlopen(url + "/metrics").read().decode()
            kept = {name: float(value) for name, value in re.findall(r"^(cairn_\w+) (\S+)$", metrics, re.M)}
            if kept["cairn_lake_events_total"] >= kept["cairn_spool_records_total"] - 5:
                break
            time.sleep(0.2)
        print(f"{kept['cairn_lake_events_total']:.0f} events in the lake {time.monotonic() - waited:.1f} s after the last one",
              flush=True)
        feed = subprocess.Popen([load, url, key, secret, str(2 * int(seconds) + 6), "feed", "4", "20"],
                                stdout=subprocess.PIPE, text=True)
        time.sleep(int(seconds) + 4)
        show("LookupEvents, 10 a second, while 2,000 events/s come in", run(seconds, "lookup", 2, 10))
        show("  those events", json.loads(feed.communicate()[0].strip().splitlines()[-1]))
        time.sleep(4)
        show("LookupEvents, 10 a second, nothing else", run(seconds, "lookup", 2, 10))
        print(f"at the end: {resident(service):.0f} MB resident")
    finally:
        service.terminate()
        service.wait()

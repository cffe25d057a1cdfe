#!/usr/bin/env python3
"""/metrics as Prometheus reads it: every rule of promlint holds, and the numbers mean what they say.

The rules are those of github.com/prometheus/client_golang, prometheus/testutil/promlint, which is a Go program.

usage: metrics.py CAIRN VENV
"""
import re
import subprocess
import sys
import time
import urllib.request

from raw import Peer, metrics
from service import Service, in_venv, wait_for

UNITS = {  # what promlint knows, each with its base unit
    **dict.fromkeys(("milliseconds", "microseconds", "nanoseconds", "minutes", "hours", "days", "weeks"), "seconds"),
    **dict.fromkeys(("kelvins", "fahrenheits"), "celsius"), **dict.fromkeys(("inches", "yards", "miles"), "meters"),
    **dict.fromkeys(("bits",), "bytes"), **dict.fromkeys(("calories",), "joules"), **dict.fromkeys(("pounds", "ounces"), "grams")}
PREFIXES = ("pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mibi", "giga", "gibi",
            "tera", "tebi", "peta", "pebi")
BASES = ("amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters", "metres", "moles", "seconds", "volts")
ABBREVIATIONS = ("s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d")
TYPES = ("counter", "gauge", "histogram", "summary")
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)')


def parse(text):
    """Families in the order of the text: name, type, help, samples. Fails on what the format does not allow."""
    families, seen = {}, set()
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, _, told = line[7:].partition(" ")
            assert name not in families, f"{name} is described again"
            families[name] = {"help": told, "type": None, "samples": []}
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            family = families.setdefault(name, {"help": None, "type": None, "samples": []})
            assert family["type"] is None and not family["samples"], line
            family["type"] = kind
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            name, labels = sample[1], LABEL.findall(sample[2] or "")
            assert ",".join(f'{key}="{value}"' for key, value in labels) == (sample[2] or ""), line
            family = next((base for base in (name, *(name.removesuffix(end) for end in ("_bucket", "_sum", "_count"))) if base in families), name)
            float(sample[3])
            assert (name, sample[2]) not in seen, f"{line} comes twice"
            seen.add((name, sample[2]))
            families.setdefault(family, {"help": None, "type": None, "samples": []})["samples"].append((name, dict(labels), float(sample[3])))
    return families


def unit_of(name):
    """promlint's: the base unit that a part of the name should have had; None if it is one or there is none."""
    for part in name.split("_"):
        if part in BASES:
            return None
        for prefix in PREFIXES:
            if part.startswith(prefix) and part.removeprefix(prefix) in BASES:
                return part.removeprefix(prefix)
        if part in UNITS:
            return UNITS[part]
    return None


def lint(families):
    problems = []
    for name, family in families.items():
        kind, labels = family["type"], {label for _, sample, _ in family["samples"] for label in sample}

        def problem(text):
            problems.append(f"{name}: {text}")

        if not family["help"]:
            problem("no help text")
        if kind not in TYPES:
            problem("no type")
        if base := unit_of(name):
            problem(f"use base unit {base}")
        if kind == "counter" and not name.endswith("_total"):
            problem('counter metrics should have "_total" suffix')
        if kind != "counter" and name.endswith("_total"):
            problem('non-counter metrics should not have "_total" suffix')
        if kind != "histogram" and (name.endswith("_bucket") or "le" in labels):
            problem("only histograms have buckets")
        if kind not in ("histogram", "summary") and name.endswith(("_count", "_sum")):
            problem("only histograms and summaries have a count and a sum")
        if "quantile" in labels:
            problem("only summaries have quantiles")
        if any(part in TYPES for part in name.split("_")):
            problem("a name should not include its type")
        if ":" in name:
            problem("a name should not contain ':'")
        if re.search("[a-z][A-Z]", name) or any(re.search("[a-z][A-Z]", label) for label in labels):
            problem("names should be written in snake_case")
        if any(part in ABBREVIATIONS for part in name.lower().split("_")):
            problem("a name should not contain abbreviated units")
    return problems


def the_rules_find_problems():
    """Each rule finds what it is there for."""
    for text, wanted in (("a 1\n", "a: no help text"), ("# HELP a_total x\n# TYPE a_total gauge\na_total 1\n", "should not have"),
                         ("# HELP a x\n# TYPE a counter\na 1\n", 'should have "_total"'), ("# HELP a:b x\n# TYPE a:b gauge\na:b 1\n", "':'"),
                         ("# HELP a_milliseconds x\n# TYPE a_milliseconds gauge\na_milliseconds 1\n", "base unit seconds"),
                         ("# HELP a_kilobytes x\n# TYPE a_kilobytes gauge\na_kilobytes 1\n", "base unit bytes"),
                         ("# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1\n", "abbreviated"), ("# HELP aB x\n# TYPE aB gauge\naB 1\n", "snake_case"),
                         ("# HELP a_gauge x\n# TYPE a_gauge gauge\na_gauge 1\n", "its type"), ("# HELP a_count x\n# TYPE a_count gauge\na_count 1\n", "a count"),
                         ('# HELP a x\n# TYPE a gauge\na{le="1"} 1\n', "buckets")):
        assert any(wanted in problem for problem in lint(parse(text))), (text, lint(parse(text)))


def busy(service):
    """Traffic of all kinds, so that every metric has something to say."""
    trails = service.client("cloudtrail")
    trails.create_trail(Name="one", S3BucketName="cairn-logs", IsMultiRegionTrail=True)
    trails.start_logging(Name="one")
    trails.list_trails()
    service.client("s3").list_buckets()
    service.client("sts").get_caller_identity()
    Peer(service).send(b"nonsense\r\n\r\n").status()
    Peer(service).send(b"POST /firehose HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n").status()
    wait_for("a commit", lambda: metrics(service).get("cairn_lake_commits_total", 0) > 0)


def page(service):
    with urllib.request.urlopen(service.url + "/metrics", timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return answer.read().decode()


def trails_tell_how_far_behind_they_are(service):
    labels = '{account="000000000000",region="us-east-1",trail="one"}'
    trails = service.client("cloudtrail")
    wait_for("a delivery", lambda: f"cairn_trail_last_delivery_age_seconds{labels}" in metrics(service))
    now = metrics(service)
    assert now[f"cairn_trail_logging{labels}"] == 1 and now[f"cairn_trail_failing{labels}"] == 0
    assert 0 <= now[f"cairn_trail_last_delivery_age_seconds{labels}"] < 60
    assert now["cairn_trail_files_delivered_total"] >= 1
    # A bucket that refuses: the backlog shows, and grows older.
    bucket = service.home / "buckets" / "cairn-logs"
    kept = service.home / "kept"
    bucket.rename(kept)
    bucket.write_text("not a folder")
    trails.list_trails()
    wait_for("the backlog", lambda: metrics(service)[f"cairn_trail_files_waiting{labels}"] > 0)
    wait_for("the failure", lambda: metrics(service)[f"cairn_trail_failing{labels}"] == 1)
    first = metrics(service)[f"cairn_trail_backlog_age_seconds{labels}"]
    time.sleep(1.1)
    assert metrics(service)[f"cairn_trail_backlog_age_seconds{labels}"] >= first + 1
    bucket.unlink()
    kept.rename(bucket)
    wait_for("the delivery", lambda: metrics(service)[f"cairn_trail_files_waiting{labels}"] == 0, 60)
    assert metrics(service)[f"cairn_trail_backlog_age_seconds{labels}"] == 0
    trails.delete_trail(Name="one")
    assert not any("trail=" in name for name in metrics(service)), "the trail is gone"


def process_numbers(service):
    now = metrics(service)
    version = subprocess.run([service.cairn, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    assert now[f'cairn_build_info{{version="{version}"}}'] == 1
    status = open(f"/proc/{service.process.pid}/status").read()
    resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024
    assert abs(now["process_resident_memory_bytes"] - resident) < 64 << 20
    assert now["process_virtual_memory_bytes"] > resident
    assert abs(now["process_start_time_seconds"] - time.time()) < 600
    assert 5 < now["process_open_fds"] < now["process_max_fds"]
    before = now["process_cpu_seconds_total"]
    wait_for("work to show", lambda: metrics(service)["process_cpu_seconds_total"] > before)


def main():
    cairn, venv = sys.argv[1:3]
    in_venv(venv)
    the_rules_find_problems()
    with Service(cairn, "--delivery-interval", "1s") as service:
        families = parse(page(service))
        assert not lint(families), lint(families)
        busy(service)
        families = parse(page(service))
        assert not lint(families), "\n".join(lint(families))
        assert len(families) > 30, sorted(families)
        trails_tell_how_far_behind_they_are(service)
        process_numbers(service)
        assert not lint(parse(page(service)))
        if len(sys.argv) > 3:
            open(sys.argv[3], "w").write(page(service))
        service.stop()
    print(f"{len(families)} metrics, no problem")


if __name__ == "__main__":
    main()

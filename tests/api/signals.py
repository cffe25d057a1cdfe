#!/usr/bin/env python3
"""Signals of all kinds, many at a time: SIGHUP never ends anything, one SIGTERM or SIGINT ends the service in good order.

usage: signals.py CAIRN VENV
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

from raw import Peer, status_of
from service import Service, in_venv, wait_for

HARMLESS = (signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD, signal.SIGWINCH, signal.SIGURG, signal.SIGCONT)


def storm(process, signals, count, seed):
    """Sends them at once and in an order of their own, as fast as this program can."""
    order = random.Random(seed)
    for _ in range(count):
        try:
            os.kill(process.pid, order.choice(signals))
        except ProcessLookupError:
            return


def blocks_hangup(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    mask = next((int(line.split()[1], 16) for line in text.splitlines() if line.startswith("SigBlk:")), 0)
    return bool(mask & 1 << (signal.SIGHUP - 1))


def ends_with(service, code=0, says="the service has ended"):
    got = service.process.wait(timeout=60)
    lines = service.log_lines()
    assert got == code, (got, lines[-5:])
    assert lines[-1]["message"] == says, lines[-5:]
    return lines


def hangups_do_not_end_it(cairn):
    with Service(cairn) as service:
        client = service.client("cloudtrail")
        for _ in range(20):  # two within a moment, as a process group and a supervisor send them
            service.process.send_signal(signal.SIGHUP)
            service.process.send_signal(signal.SIGHUP)
            time.sleep(0.01)
        threads = [threading.Thread(target=storm, args=(service.process, HARMLESS, 5_000, seed)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            client.list_trails()
        for thread in threads:
            thread.join()
        client.list_trails()
        assert service.process.poll() is None
        wait_for("the files to be opened again", lambda: any("opened again" in line["message"] for line in service.log_lines()))
        service.stop()
        ends_with(service)


def hangups_around_the_end(cairn):
    """SIGHUP before, with and after SIGTERM: what was begun is answered, and the exit is that of a good end."""
    for seed, last in enumerate((signal.SIGTERM, signal.SIGINT, signal.SIGTERM)):
        with Service(cairn) as service:
            begun = Peer(service, 60)
            key = ":".join(service.key)
            begun.send(f"POST /firehose HTTP/1.1\r\nHost: a\r\nX-Amz-Firehose-Access-Key: {key}\r\nContent-Length: 20000\r\n"
                       "Expect: 100-continue\r\n\r\n".encode())
            assert b"100 Continue" in begun.read_until(b"\r\n\r\n")
            begun.send(b" " * 100)
            noise = threading.Thread(target=storm, args=(service.process, HARMLESS, 20_000, seed))
            noise.start()
            time.sleep(0.05)
            service.process.send_signal(last)
            service.process.send_signal(signal.SIGHUP)
            service.process.send_signal(last)  # within a moment: the same wish
            time.sleep(0.3)
            begun.send(b" " * 19_900)
            assert status_of(begun.answer()) == 400, "a request that was begun is answered"
            lines = ends_with(service)
            noise.join()
            assert not any("cut off" in line["message"] for line in lines), lines


def hangups_while_it_starts(cairn):
    """From the moment that the program itself runs."""
    with tempfile.TemporaryDirectory() as home:
        for _ in range(3):
            out = open(f"{home}/out", "wb")
            process = subprocess.Popen([cairn, "serve", "--home", f"{home}/home", "--listen", "127.0.0.1:0"], stdout=out,
                                       stderr=subprocess.PIPE, text=True)
            end = time.monotonic() + 60
            while not blocks_hangup(process.pid):
                assert process.poll() is None and time.monotonic() < end, "it does not start"
            while "AWS_DEFAULT_REGION" not in pathlib.Path(f"{home}/out").read_text():
                storm(process, (signal.SIGHUP,), 50, 1)
                assert process.poll() is None and time.monotonic() < end, process.poll()
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=60)
            assert process.returncode == 0, (process.returncode, log)
            assert [json.loads(line) for line in log.splitlines()][-1]["message"] == "the service has ended"


def a_term_while_it_starts(cairn):
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen([cairn, "serve", "--home", f"{home}/home", "--listen", "127.0.0.1:0"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while not pathlib.Path(f"{home}/home/state.db").exists():
            assert process.poll() is None and time.monotonic() < end
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
        assert process.returncode == 0, (process.returncode, log)


def a_second_wish_ends_at_once(cairn):
    for first, second in ((signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGTERM)):
        with Service(cairn) as service:
            begun = Peer(service, 60)
            key = ":".join(service.key)
            begun.send(f"POST /firehose HTTP/1.1\r\nHost: a\r\nX-Amz-Firehose-Access-Key: {key}\r\nContent-Length: 1000000\r\n"
                       "Expect: 100-continue\r\n\r\n".encode())
            assert b"100 Continue" in begun.read_until(b"\r\n\r\n")
            began = time.monotonic()
            service.process.send_signal(first)
            time.sleep(0.8)
            assert service.process.poll() is None, "the grace is over too soon"
            storm(service.process, HARMLESS, 200, 1)
            service.process.send_signal(second)
            assert service.process.wait(timeout=10) == 130
            assert time.monotonic() - began < 8


def logs_are_rotated(cairn):
    """The access log goes on under its own name after SIGHUP, and no line of it is lost or torn."""
    with Service(cairn) as service:
        client = service.client("cloudtrail")
        log = service.home / "access.jsonl"
        calls = 0
        for turn in range(5):
            for _ in range(10):
                client.list_trails()
                calls += 1
            log.rename(service.home / f"access.{turn}")
            service.process.send_signal(signal.SIGHUP)
            wait_for("the new file", log.exists)
        service.stop()
        lines = [json.loads(line) for path in service.home.glob("access.*") for line in path.read_text().splitlines()]
        assert sum(line.get("operation") == "ListTrails" for line in lines) == calls, calls


def the_log_is_json(cairn):
    """From its first line, which says what runs where; what SIGHUP could not do, too."""
    with Service(cairn) as service:
        first = service.log_lines()[0]
        version = subprocess.run([cairn, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        assert first["message"] == "the service has started" and first["version"] == version, first
        assert "http://" + first["address"] == service.url and first["home"] == str(service.home), first
        log = service.home / "access.jsonl"
        log.unlink()
        log.mkdir()
        service.process.send_signal(signal.SIGHUP)
        wait_for("the complaint", lambda: any("cannot be opened again" in line["message"] for line in service.log_lines()))
        service.stop()
        for line in service.log_lines():
            assert {"time", "level", "message"} <= line.keys(), line


def hangups_stop_other_commands(cairn):
    """A terminal that is gone ends what ran in it, in good order, however often the kernel and the shell say so."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "logs").mkdir()
        process = subprocess.Popen([cairn, "collect", "--follow", "--lake", f"{folder}/lake", f"{folder}/logs"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the lake", (pathlib.Path(folder) / "lake").exists)
        time.sleep(0.5)
        storm(process, (signal.SIGHUP,), 10, 1)
        assert process.wait(timeout=30) == 130


def main():
    cairn, venv = sys.argv[1:3]
    in_venv(venv)
    for test in (hangups_do_not_end_it, hangups_around_the_end, hangups_while_it_starts, a_term_while_it_starts,
                 a_second_wish_ends_at_once, logs_are_rotated, the_log_is_json, hangups_stop_other_commands):
        test(cairn)
        print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Starts of `cairn serve` that cannot be: each says why in one sentence, with a hint, and leaves nothing behind.

usage: start.py CAIRN VENV
"""
import os
import pathlib
import socket
import sqlite3
import subprocess
import sys
import tempfile

from service import Service
from rights import place_for_others, with_ordinary_rights

cairn = sys.argv[1]


def refused(home, *options, code=1, says="", command=(cairn,)):
    """Checks that a start fails, and all that it prints."""
    done = subprocess.run([*command, "serve", "--home", str(home), "--listen", "127.0.0.1:0", *options], capture_output=True,
                          text=True, timeout=30, env={**os.environ, "HOME": str(home)})
    lines = done.stderr.splitlines()
    assert done.returncode == code and done.stdout == "", (options, done)
    assert says in lines[0] and lines[0].startswith("cairn"), (options, done.stderr)
    assert len(lines) == 2 and lines[1].startswith("hint: "), (options, done.stderr)


def gone(home):
    assert not home.exists(), list(home.rglob("*"))


def mistakes_of_the_command_line(folder):
    home = folder / "mistakes"
    for address in ("127.0.0.1:99999", "127.0.0.1", "nowhere.invalid:80", ":80", "127.0.0.1:x"):
        refused(home, "--listen", address, code=2, says="invalid address")
    refused(home, "--listen", "192.0.2.1:8472", "--allow-plain", says="cannot listen on 192.0.2.1:8472")
    refused(home, "--listen", "0.0.0.0:0", code=2, says="can be reached by others")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused(home, "--listen", f"127.0.0.1:{taken.getsockname()[1]}", says="Address already in use")
    refused(home, "--lissten", "x", code=2, says="unknown option '--lissten'")
    refused(home, "--bucket", "audit=", code=2, says="is not NAME=VALUE")
    refused(home, "--bucket", "=/x", code=2, says="is not NAME=VALUE")
    refused(home, "--bucket", "AB=/x", code=2, says="cannot be the name of a bucket")
    refused(home, "--bucket", f"audit={folder}/none", says="No such file or directory")
    (folder / "file").write_text("x")
    refused(home, "--bucket", f"audit={folder}/file", says="Not a directory")
    refused(home, "--access-log", str(folder), says="cannot write the access log")
    refused(home, "--access-log", f"{folder}/none/log", says="cannot write the access log")
    refused(folder / "file", says="cannot make the service's folder")
    gone(home)
    empty = folder / "empty"
    empty.mkdir()
    refused(empty, "--access-log", str(folder), says="cannot write the access log")
    assert list(empty.iterdir()) == []


def certificates(folder):
    home = folder / "certificates"
    for name in "ab":
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                        folder / f"{name}.key", "-out", folder / f"{name}.pem", "-subj", "/CN=x", "-days", "1"],
                       check=True, capture_output=True)

    def with_files(certificate, key, says):
        refused(home, "--tls-certificate", str(folder / certificate), "--tls-key", str(folder / key), says=says)

    with_files("none.pem", "a.key", "cannot use the certificate")
    with_files("a.pem", "none.key", "cannot use the key")
    with_files("a.pem", "b.key", "is not that of the certificate")
    with_files("a.key", "a.pem", "it holds no PEM text of a certificate")
    with_files("a.pem", "a.pem", "cannot use the key")
    refused(home, "--tls-certificate", str(folder / "a.pem"), code=2, says="TLS needs both")
    refused(home, "--tls-key", str(folder / "a.key"), code=2, says="TLS needs both")
    gone(home)


def folders_that_say_no(folder):
    """Folders whose permissions forbid a start."""
    command = with_ordinary_rights(cairn, folder)
    home, closed, read = folder / "home", folder / "closed", folder / "read"
    (closed / "in").mkdir(parents=True)
    closed.chmod(0)
    read.mkdir()
    read.chmod(0o555)
    refused(closed / "home", says="cannot make the service's folder", command=command)
    refused(read, says="nothing can be written to the service's folder", command=command)
    refused(home, "--bucket", f"audit={closed}/in", says="Permission denied", command=command)
    refused(home, "--bucket", f"audit={read}", says="nothing can be written to", command=command)
    gone(home)
    closed.chmod(0o700)


def full_disks(folder):
    """Small disks, which only root can make."""
    small = folder / "small"
    small.mkdir()
    sizes = 0
    for kilobytes in (16, 32, 48, 64, 96, 128, 160, 192, 256):
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", small], capture_output=True).returncode != 0:
            print("no small disk can be had here")
            return
        try:
            refused(small / "home", says="")
            sizes += 1
            gone(small / "home")
        except subprocess.TimeoutExpired:
            break  # large enough
        finally:
            subprocess.run(["umount", small], check=True)
    assert sizes >= 3, sizes
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,ro", "tmpfs", small], check=True)
    refused(small / "home", says="Read-only file system")
    refused(small, says="Read-only file system")
    subprocess.run(["umount", small], check=True)


def homes_of_others(folder):
    with Service(cairn) as service:
        refused(service.home, says="is the folder of another `cairn serve` that is running")
        service.wait_ready()  # it goes on
        service.stop()

        def names():
            return sorted(path.name for path in service.home.iterdir() if not path.name.startswith("state.db-"))

        kept = names()

        def change(sql):
            with sqlite3.connect(service.home / "state.db") as state:
                state.execute(sql)

        change("UPDATE cairn_versions SET version = version + 90 WHERE component = 'trails'")
        refused(service.home, says="this program knows up to")
        change("UPDATE cairn_versions SET version = version - 90 WHERE component = 'trails'")
        key = (service.home / "master.key").read_text()
        (service.home / "master.key").write_text("x")
        refused(service.home, code=2, says="holds no master key")
        (service.home / "master.key").write_text(key)
        assert kept == names(), (kept, names())
        service.start()
        service.stop()
        (service.home / "state.db").write_bytes(os.urandom(8192))
        refused(service.home, says="is not a database")


with tempfile.TemporaryDirectory(dir=place_for_others()) as name:
    for test in (mistakes_of_the_command_line, certificates, folders_that_say_no, full_disks, homes_of_others):
        test(pathlib.Path(name))
        print(f"ok {test.__name__}", flush=True)

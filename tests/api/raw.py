"""Requests byte by byte, over sockets: what no client library sends."""
import re
import socket
import urllib.parse
import urllib.request


class Peer:
    """A connection to the service."""

    def __init__(self, service, seconds=60):
        url = urllib.parse.urlsplit(service.url)
        self.socket = socket.create_connection((url.hostname, url.port), timeout=seconds)

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:  # the answer came before all was sent
            pass
        return self

    def read_until(self, mark):
        got = b""
        while mark not in got:
            piece = self.socket.recv(1 << 16)
            if not piece:
                break
            got += piece
        return got

    def answer(self):
        """All until the server closes."""
        got = b""
        try:
            while piece := self.socket.recv(1 << 16):
                got += piece
        except ConnectionResetError:
            pass
        return got

    def status(self):
        return status_of(self.answer())

    def close(self):
        self.socket.close()


def status_of(answer):
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(match[1]) if match else None


def metrics(service):
    """All samples of /metrics by their name with labels."""
    text = urllib.request.urlopen(service.url + "/metrics", timeout=10).read().decode()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if not line.startswith("#")}

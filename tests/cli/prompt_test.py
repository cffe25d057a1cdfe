"""Types at the prompt of `cairn sql` on a pseudo-terminal: queries, completion, history, Ctrl-C.

    prompt_test.py CAIRN
"""
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

LOGS = pathlib.Path(__file__).resolve().parent.parent / "data" / "cli" / "AWSLogs"
WAIT = 30  # seconds; a loaded machine is no failure


class Terminal:
    def __init__(self, arguments, home):
        self.seen = ""
        environment = dict(os.environ, HOME=home, TERM="xterm", LC_ALL="C.UTF-8", NO_COLOR="1")
        environment.pop("XDG_STATE_HOME", None)
        self.main, end = pty.openpty()
        self.process = subprocess.Popen(arguments, stdin=end, stdout=end, stderr=end, env=environment,
                                        preexec_fn=self._own_terminal, close_fds=True)
        os.close(end)

    @staticmethod
    def _own_terminal():
        import fcntl
        import termios
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def type(self, text):
        # Nobody types sooner than this after a prompt, and the editor shows it before it has the terminal to itself:
        # until then the kernel takes Ctrl-D for itself.
        time.sleep(0.2)
        os.write(self.main, text.encode())

    def expect(self, pattern):
        """Waits until `pattern` is shown; forgets what was shown up to its end."""
        limit = time.monotonic() + WAIT
        while True:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end():]
                return found
            left = limit - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no {pattern!r} in {self.seen!r}")
            if select.select([self.main], [], [], left)[0]:
                try:
                    self.seen += os.read(self.main, 65536).decode("utf-8", "replace")
                except OSError:
                    raise AssertionError(f"ended without {pattern!r}, after {self.seen!r}")

    def leave(self):
        """Types Ctrl-D, again if it came while the editor was still taking the terminal over."""
        for _ in range(WAIT):
            self.type("\x04")
            try:
                self.process.wait(1)
                break
            except subprocess.TimeoutExpired:
                pass
        return self.end()

    def end(self):
        code = self.process.wait(WAIT)
        os.close(self.main)
        return code


def test_query(cairn, home):
    terminal = Terminal([cairn, "sql", "--from", str(LOGS)], home)
    terminal.expect("cairn> ")
    terminal.type("SELECT count(*)\n")
    terminal.expect(r"  \.\.\.> ")
    terminal.type("AS calls FROM cloudtrail;\n")
    terminal.expect(r"calls\s+─+\s+6\s")
    terminal.expect(r"\(1 row, ")
    terminal.expect("cairn> ")
    terminal.type("\x1b[A")  # up: the whole statement on one line
    terminal.expect(r"SELECT count\(\*\) AS calls FROM cloudtrail;")
    terminal.type("\n")
    terminal.expect(r"calls\s+─+\s+6\s")
    terminal.expect("cairn> ")
    terminal.type(".quit\n")
    assert terminal.end() == 0
    history = pathlib.Path(home, ".local/state/cairn/sql_history")
    assert "calls" in history.read_text()
    assert history.stat().st_mode & 0o777 == 0o600, "others could read the history"


def test_completion(cairn, home):
    terminal = Terminal([cairn, "sql", "--from", str(LOGS)], home)
    terminal.expect("cairn> ")
    terminal.type("SELECT DISTINCT eventna\t")
    terminal.expect("Name ")  # only what changes is drawn
    terminal.type("FROM cloudtrail WHERE useridentity.usern\t")
    terminal.expect("Name ")
    terminal.type("= 'bob' ORDER BY 1;\n")
    terminal.expect(r"AssumeRole\s+DescribeInstances\s+\(2 rows")
    terminal.expect("cairn> ")
    assert terminal.leave() == 0


def test_commands(cairn, home):
    terminal = Terminal([cairn, "sql", "--from", str(LOGS)], home)
    terminal.expect("cairn> ")
    for command, shown in [(".help", "Tab completes"), (".tables", "cloudtrail_logs"),
                           (".columns mfa", "mfaAuthenticated"), (".format csv", "cairn> "),
                           (".format", "csv"), (".format xml", "unknown format 'xml'"),
                           (".nothing", "unknown command '.nothing'")]:
        terminal.type(command + "\n")
        terminal.expect(re.escape(command) + r"\r\n")
        terminal.expect(re.escape(shown))
        if shown != "cairn> ":
            terminal.expect("cairn> ")
    terminal.type("SELECT 1 AS one;\n")
    terminal.expect(r'"one"\s+"1"')
    terminal.expect("cairn> ")
    terminal.type("SELECT nothing_such FROM cloudtrail;\n")
    terminal.expect("unknown column 'nothing_such'")
    terminal.expect("cairn> ")  # a mistake does not end the prompt
    assert terminal.leave() == 0


def test_interrupt(cairn, home):
    terminal = Terminal([cairn, "sql", "--from", str(LOGS)], home)
    terminal.expect("cairn> ")
    terminal.type("SELECT 'half a stat\x03")
    terminal.expect(r"\^C")
    terminal.expect("cairn> ")
    terminal.type("SELECT sum(a.i * b.i) FROM range(1000000) a(i), range(1000000) b(i);\n")
    time.sleep(1)
    begin = time.monotonic()
    terminal.type("\x03")
    terminal.expect("interrupted")
    took = time.monotonic() - begin
    terminal.expect("cairn> ")
    terminal.type("SELECT 41 + 1 AS answer;\n")
    terminal.expect(r"answer\s+─+\s+42")
    terminal.expect("cairn> ")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end() == 130
    return took


def test_needs_input(cairn, home):
    terminal = Terminal([cairn, "sql"], home)
    terminal.expect("no --from was given")
    assert terminal.end() == 2


def main():
    cairn = sys.argv[1]
    for test in [test_query, test_completion, test_commands, test_interrupt, test_needs_input]:
        with tempfile.TemporaryDirectory() as home:
            took = test(cairn, home)
            print(test.__name__, "ok", f"stopped after {took * 1000:.0f} ms" if took else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())

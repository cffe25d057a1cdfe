"""Builds a preset and shows how far it is: build.py ROOT PRESET TARGET…

Configures build/PRESET if CMakePresets.json is newer. Prints nothing if everything is up to date. Everything goes to
standard error: on a terminal one line that is rewritten, elsewhere a line every ten seconds, with an estimate of the
time left. The compiler's messages are shown as they come. The exit code is 0 if all targets are built."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

STEP = re.compile(r"\[(\d+)/(\d+)\] (.*)")
LINE_SECONDS = 10  # between two lines if the output is not a terminal
FIRST_ESTIMATE = 3  # steps that must be done before the time left is estimated


def configure(root, preset):
    """Returns None, or what CMake printed if it failed."""
    folder = root / "build" / preset
    ninja, presets = folder / "build.ninja", root / "CMakePresets.json"
    if ninja.exists() and presets.stat().st_mtime <= ninja.stat().st_mtime:
        return None
    print(f"cairn: configuring build/{preset}", file=sys.stderr, flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["cmake", "--preset", preset], cwd=root, text=True, errors="replace", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        ninja.unlink(missing_ok=True)
        return done.stdout
    ninja.touch()
    return None


def ninja_command(root, preset, *arguments):
    return ["ninja", "-C", str(root / "build" / preset), *arguments]


def up_to_date(root, preset, targets):
    done = subprocess.run(ninja_command(root, preset, "-n", *targets), text=True, errors="replace", capture_output=True, check=False)
    return "no work to do" in done.stdout


def duration(seconds):
    """Returns "40 s" or "6 min"."""
    return f"{max(10, round(seconds, -1)):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


class Progress:
    """One line on a terminal, or a line now and then."""

    def __init__(self, what, out=sys.stderr):
        self.what, self.out = what, out
        self.terminal = out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.began = self.printed = time.monotonic()

    def step(self, done, total):
        now = time.monotonic()
        text = f"{self.what}: {done} of {total} steps"
        if FIRST_ESTIMATE <= done < total:
            text += f", about {duration((now - self.began) / done * (total - done))} left"
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            self.out.write(f"\r\x1b[K{text[:width]}")
            self.out.flush()
        elif now - self.printed >= LINE_SECONDS or done == total:
            print(text, file=self.out, flush=True)
            self.printed = now

    def clear(self):
        if self.terminal:
            self.out.write("\r\x1b[K")
            self.out.flush()

    def finish(self):
        self.clear()
        print(f"{self.what}: done in {duration(time.monotonic() - self.began)}", file=self.out, flush=True)


def build(root, preset, targets):
    """Builds with progress; returns the exit code."""
    fault = configure(root, preset)
    if fault is not None:
        print(fault, file=sys.stderr)
        return 1
    if up_to_date(root, preset, targets):
        return 0
    progress = Progress(f"cairn: building {' '.join(targets) or preset}")
    with subprocess.Popen(ninja_command(root, preset, *targets), text=True, errors="replace", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "NINJA_STATUS": "[%f/%t] "}) as ninja:
        for line in ninja.stdout:
            if step := STEP.match(line):
                progress.step(int(step[1]), int(step[2]))
            elif not line.startswith("ninja: Entering directory"):
                progress.clear()
                print(line, end="", file=sys.stderr, flush=True)
    if ninja.returncode == 0:
        progress.finish()
    return ninja.returncode


if __name__ == "__main__":
    try:
        sys.exit(build(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]))
    except KeyboardInterrupt:
        print("\ncairn: the build was interrupted; the next one continues it", file=sys.stderr)
        sys.exit(130)

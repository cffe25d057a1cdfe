"""Runs command lines and compares all that they print, and how they end, with what a file says.

    run_cli_tests.py [--update] --bin FOLDER FILE...

A `.test` file is a list of

    ## a comment
    $ cairn columns --jsn
    > a second line of the command
    what it prints on standard output
    2> what it prints on standard error
    [exit 2]

`[exit 0]` is left out. Of a Markdown file the fenced blocks whose first line begins with `$ ` are run.
Each file runs in an empty folder in which `data`, `AWSLogs` and `examples` lead to tests/data/cli, to
the logs in it, and to examples/; commands of one file see each other's files. Commands find cairn and the programs that
tools/programs.txt lists, and no others. --update writes what is printed into the files.
"""
import argparse
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data" / "cli"
PROGRAMS = HERE.parent.parent / "tools/programs.txt"
OPTIONAL = ["fish", "zsh"]  # a test uses them where they are installed


def link_programs(folder):
    """Puts links to the programs of tools/programs.txt into `folder`, so that no test depends on another one."""
    lines = [line.partition(":")[2].split() for line in PROGRAMS.read_text().splitlines() if not line.startswith("#")]
    for program in [*OPTIONAL, *(word for words in lines for word in words)]:
        found = sys.executable if program == "python3" else shutil.which(program)
        if found:
            os.symlink(found, f"{folder}/{program}")


def parse_block(lines):
    """Yields (command lines, expected lines, comment lines before it)."""
    comments, command, expected = [], [], []
    for line in lines + ["$ "]:
        if line.startswith("$ ") or (line.startswith("## ") and command):
            if command:
                while expected and not expected[-1].strip():
                    expected.pop()
                yield comments, command, expected
                comments, command, expected = [], [], []
            if line.startswith("## "):
                comments.append(line)
            else:
                command = [line]
        elif not command:
            comments.append(line)
        elif line.startswith("> ") and not expected:
            command.append(line)
        else:
            expected.append(line)


def run(command, folder, environment):
    text = "\n".join(line[2:] for line in command)
    done = subprocess.run(["bash", "-c", text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)
    out = done.stdout.decode("utf-8", "backslashreplace").split("\n")
    err = done.stderr.decode("utf-8", "backslashreplace").split("\n")
    for lines in (out, err):
        if lines[-1] == "":
            lines.pop()
    printed = out + ["2> " + line if line else "2>" for line in err]
    if done.returncode != 0:
        printed.append(f"[exit {done.returncode}]")
    while printed and not printed[-1].strip():
        printed.pop()
    return printed


def run_lines(path, lines, folder, environment, failures):
    out = []
    for comments, command, expected in parse_block(lines):
        if out:
            out.append("")
        printed = run(command, folder, environment)
        out += [line for line in comments if line.strip()] + command + printed
        if printed != expected:
            diff = "\n".join(difflib.unified_diff(expected, printed, "expected", "printed", lineterm=""))
            failures.append(f"{path}: {command[0]}\n{diff}\n")
    return out


def run_markdown(path, lines, folder, environment, failures):
    out, block = [], None
    for line in lines:
        if line.startswith("```") and block is None:
            block = []
        elif line.startswith("```"):
            runs = block and block[0].startswith("$ ")
            out += run_lines(path, block, folder, environment, failures) if runs else block
            block = None
        elif block is not None:
            block.append(line)
            continue
        out.append(line)
    return out


def run_file(path, environment, update, failures):
    lines = path.read_text().split("\n")
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(DATA, f"{folder}/data")
        os.symlink(DATA / "AWSLogs", f"{folder}/AWSLogs")
        os.symlink(HERE.parent.parent / "examples", f"{folder}/examples")
        environment = dict(environment, HOME=folder, TMPDIR=folder)
        work = run_markdown if path.suffix == ".md" else run_lines
        out = work(path, lines, folder, environment, failures)
    if update:
        text = "\n".join(out)
        path.write_text(text if text.endswith("\n") else text + "\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--update", action="store_true")
    arguments.add_argument("--bin", required=True, help="folder of the cairn program")
    arguments.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = arguments.parse_args()
    files = arguments.files or sorted(HERE.glob("*.test"))
    failures = []
    with tempfile.TemporaryDirectory() as programs:
        link_programs(programs)
        os.symlink(os.path.abspath(arguments.bin) + "/cairn", f"{programs}/cairn")
        environment = {"PATH": programs, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        for path in files:
            run_file(path, environment, arguments.update, failures)
    if failures and not arguments.update:
        print("\n".join(failures))
        print(f"{len(failures)} of the commands printed something else; --update takes it over")
        return 1
    print(f"{len(files)} files, all as expected" if not failures else "updated")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Checks that each program which Python code of tests, benchmarks and tools starts is in tools/programs.txt, and its
package in tools/packages.txt. Runs as the ctest `tidy_programs`; prints `path:line: error: what, do this instead`."""
import ast
import pathlib
import sys

WRAPPERS = {"tools/check.py": "run", "tools/clang_tidy.py": "output_of"}  # functions that start their arguments
# Run by name only; they look for their programs and report what is missing.
LEFT_OUT = ("tests/engines/", "bench/service.py", "bench/s3_lake.py")


def table(path):
    """Returns {key: words} of the lines `key: word word…`; a key may have several lines."""
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, colon, words = line.split("#")[0].partition(":")
        if colon:
            rows.setdefault(key.strip(), []).extend(words.split())
    return rows


def text_of(node):
    """Returns the program that a command line, or its first word, names; None if it is computed."""
    if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
        node = node.elts[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def programs_of(tree, wrapper):
    """Yields (line, program) of each command line that is started or assigned to `command`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = ast.unparse(node.func)
            if name in ("os.system", "os.popen") or any(word.arg == "shell" for word in node.keywords):
                yield node.lineno, "a shell"
            elif name.startswith("subprocess.") or name in ("shutil.which", wrapper):
                yield node.lineno, text_of(node.args[0])
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "command" and isinstance(node.value, ast.List):
            yield node.lineno, text_of(node.value)


def main():
    root = pathlib.Path(sys.argv[1])
    packages = {word for words in table(root / "tools/packages.txt").values() for word in words}
    programs = table(root / "tools/programs.txt")
    known = {word for words in programs.values() for word in words}
    errors = [f"tools/programs.txt: error: add {package} to tools/packages.txt" for package in programs
              if package != "essential" and package not in packages]
    for path in sorted(path for folder in ("tests", "bench", "tools") for path in (root / folder).rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if name.startswith(LEFT_OUT):
            continue
        for line, program in programs_of(ast.parse(path.read_text(encoding="utf-8"), name), WRAPPERS.get(name)):
            if program == "a shell":
                errors.append(f"{name}:{line}: error: start the program without a shell, from a list of its arguments")
            elif program is not None and program not in known:
                errors.append(f"{name}:{line}: error: add '{program}' and its package to tools/programs.txt")
    print("\n".join(errors))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

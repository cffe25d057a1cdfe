"""Compares cairn's answers about a lake with the recorded ones of Spark and Trino: recorded.py CAIRN
`./test engines` records the engines' answers in recorded/ (record.py). This test runs without them."""
import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from record import (CONDITIONS, FOLDER, ODD_CONDITIONS, QUERIES, RECIPE, CairnAnswers, Questions, answers,  # noqa: E402
                    differences, lake_of_recipe)

HINT = "hint: if cairn is right, run `./test engines`, which queries the engines again and renews tests/engines/recorded/"
ENGINES = ("spark", "trino")
SHOWN = 20


def stated(record, at, recorded, own):
    """Returns the message for a difference."""
    engine = f"{record['about']['engine']} {record['about']['version']}"
    return f"{': '.join(at)}: {engine} answered {recorded!r:.300}, cairn answers {own!r:.300}"


def outdated(record):
    """Returns why a record cannot be compared, or None."""
    if record["recipe"] != RECIPE:
        return "the recipe of its lake has changed"
    if set(record["answers"]["queries"]) != set(QUERIES) or not {*CONDITIONS, *ODD_CONDITIONS} <= set(record["answers"]["counts"]):
        return "the conditions or queries have changed"
    return None


def compared(record, own):
    """Returns a message for each difference between a record and cairn's answers."""
    if why := outdated(record):
        return [f"the record of {record['about']['engine']} is outdated: {why}"]
    types = record["about"]["types"]
    described = {path: {**facts, "type": types.get(facts["type"], facts["type"])} for path, facts in own["columns"].items()}
    return [stated(record, *found) for found in differences(record["answers"], {**own, "columns": described})]


def every_section_is_compared(record, own):
    """Checks that a wrong answer in any section of a record is found, and nothing else."""
    for section, content in record["answers"].items():
        wrong = json.loads(json.dumps(record))
        inner = wrong["answers"]
        if isinstance(content, dict):
            inner[section][sorted(content)[-1]] = "wrong"
        else:
            inner[section] = "wrong"
        found = compared(wrong, own)
        if len(found) != 1 or not found[0].startswith(section):
            sys.exit(f"a wrong answer in '{section}' is not found: {found}")


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    records = [json.loads((FOLDER / f"{name}.json").read_text()) for name in ENGINES]
    with tempfile.TemporaryDirectory(prefix="cairn-recorded-") as home:
        cairn = lake_of_recipe(program, pathlib.Path(home) / "recorded")
        questions = Questions(cairn)
        own = answers(CairnAnswers(cairn, questions), questions)
    failed = [sentence for record in records for sentence in compared(record, own)]
    if failed:
        more = f"\nand {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
        sys.exit("\n".join(failed[:SHOWN]) + f"{more}\n{HINT}")
    for record in records:
        every_section_is_compared(record, own)
        print(f"ok {record['about']['engine']} {record['about']['version']}: {own['rows']['count']} rows, "
              f"{len(own['counts'])} conditions, {len(own['queries'])} queries")


if __name__ == "__main__":
    main()

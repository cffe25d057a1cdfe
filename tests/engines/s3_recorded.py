"""Replays MinIO's recorded answers to cairn's S3 client: s3_recorded.py S3_PROBE
`./test engines` records them in recorded/minio.json (s3_record.py). This test runs without MinIO."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from s3_record import STEPS, replayed, stored_record  # noqa: E402

HINT = "hint: if cairn is right, run `./test engines`, which queries MinIO again and renews tests/engines/recorded/minio.json"


def a_wrong_answer_is_found(probe, steps):
    """Checks that a changed status, header or body in a record is found."""
    for name, change in (("20 get", {"status": 404}), ("10 head", {"headers": {"etag": '"other"'}}), ("40 list", {"body": "<x/>"})):
        step = json.loads(json.dumps(steps[name]))
        step["exchanges"][0]["answer"].update(change)
        if not replayed(probe, {name: step}):
            sys.exit(f"{name}: a wrong answer of the service is not found")


def main():
    probe, record = sys.argv[1], stored_record()
    if record is None or set(record["steps"]) != set(STEPS):
        sys.exit(f"the record of MinIO is outdated: the steps have changed\n{HINT}")
    if wrong := replayed(probe, record["steps"]):
        sys.exit("\n".join(wrong) + f"\n{HINT}")
    a_wrong_answer_is_found(probe, record["steps"])
    exchanges = sum(len(step["exchanges"]) for step in record["steps"].values())
    print(f"ok {record['about']['engine']} {record['about']['version']}: {len(STEPS)} steps, {exchanges} requests")


if __name__ == "__main__":
    main()

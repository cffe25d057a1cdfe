"""`cairn validate-logs` on chains of digests, against what the AWS CLI printed for them: golden.py CAIRN

Each folder of `edge/e-digest-chain` in the test data holds a bucket, public keys, and the AWS CLI's output for them.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from cairn import data_folder  # noqa: E402


def validate(program, folder, source, *options):
    want = (folder / "expected-stdout.txt").read_text()
    arn, start, end = re.search(r"for trail (\S+) between (\S+) and (\S+)", want).groups()
    return subprocess.run([program, "validate-logs", source, "--trail-arn", arn, "--start-time", start, "--end-time", end,
                           "--public-keys", folder / "public-keys.json", *options], capture_output=True, timeout=60)


def check(program, folder):
    bucket = folder / "amzn-s3-demo-bucket"
    for source in (bucket, folder):  # the bucket, and a folder that holds it
        done = validate(program, folder, source, "--verbose")
        assert done.stdout == (folder / "expected-stdout.txt").read_bytes(), (folder, done.stdout.decode())
        assert done.stderr == (folder / "expected-stderr.txt").read_bytes(), (folder, done.stderr.decode())
        assert done.returncode == int((folder / "expected-exit.txt").read_text()), (folder, done.returncode)


def check_beyond(program, chains):
    """What the AWS CLI does not see."""
    extra = chains / "17-extra-log"
    done = validate(program, extra, extra / "amzn-s3-demo-bucket", "--deep")
    assert done.returncode == 1 and b"injectedinject00.json.gz\tUNPROVEN: no digest names it\n" in done.stderr, done
    moved = chains / "16-moved-digest"
    done = validate(program, moved, moved / "amzn-s3-demo-bucket", "--deep")
    assert b"20250314T091123Z.json.gz\tINVALID: has been moved from its original location (outside of the chain)\n" \
        in done.stderr, done
    for name in ("01-valid", "13-organization", "14-backfill", "15-other-region", "12-gap"):
        done = validate(program, chains / name, chains / name, "--deep")
        assert done.returncode == 0 and b"Beyond" not in done.stderr, (name, done)


def check_without_metadata(program, chains):
    """A copy that lost the objects' metadata, as `aws s3 sync` makes it: only the newest digest is unproven."""
    folder = chains / "01-valid"
    with tempfile.TemporaryDirectory() as home:
        copy = pathlib.Path(home) / "copy"
        shutil.copytree(folder / "amzn-s3-demo-bucket", copy, ignore=shutil.ignore_patterns("*.metadata.json"))
        done = validate(program, folder, copy)
        assert b"2/3 digest files valid, 1/3 digest files INVALID\n2/2 log files valid\n" in done.stdout, done


def main():
    program = sys.argv[1]
    chains = data_folder("edge/e-digest-chain") / "edge/e-digest-chain"
    folders = sorted(folder for folder in chains.iterdir() if (folder / "expected-stdout.txt").exists())
    for folder in folders:
        check(program, folder)
    check_beyond(program, chains)
    check_without_metadata(program, chains)
    print(f"{len(folders)} chains: the same bytes and exit codes")


main()

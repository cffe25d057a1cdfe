#!/usr/bin/env python3
"""What a lake on S3 costs beside one on a disk: s3_lake.py CAIRN VENV [EVENTS]
S3 is moto's server on this machine; VENV is that of tests/peers/s3_lake.py. Requests are counted by a proxy, which can make
each of them take as long as one to a real S3 does. Answers are compared before a time is shown."""
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/peers"))
import s3_world  # noqa: E402
from peers import in_venv  # noqa: E402

RUNS = 5
LATENCY = 0.025


def timed(world, lake, query):
    begun = time.monotonic()
    rows = world.rows(lake, query)
    return time.monotonic() - begun, rows


def main(events):
    with s3_world.open_world(sys.argv[1]) as world:
        proxy = world.proxy
        world.run("generate", "--events", events, "--days", 10, "--seed", 1, "--output", world.folder / "logs")
        disk, far = ["--lake", world.folder / "disk"], world.lake("bench")
        direct = [*far, "--lake-endpoint-url", world.s3.meta.endpoint_url]
        for name, lake in (("disk", disk), ("S3", direct)):
            begun = time.monotonic()
            world.run("ingest", world.folder / "logs", *lake)
            world.run("lake", "compact", *lake)
            print(f"ingested and compacted on {name}: {time.monotonic() - begun:.1f} s", flush=True)
        shutil.rmtree(world.folder / "logs")
        data = world.objects("bench/cairn/cloudtrail/data/")
        event, key = world.rows(disk, "SELECT eventID, userIdentity.accessKeyId FROM cloudtrail WHERE userIdentity.accessKeyId "
                                      "IS NOT NULL ORDER BY eventTime LIMIT 1 OFFSET 1000")[0]
        print(f"{events:,} events in {len(data)} files, {sum(data.values()) / 1e6:.0f} MB\n")
        print("| question | disk | S3, warm | S3, cold | 25 ms a request: warm | cold | requests, cold | MB, cold | requests, warm |")
        print("|---|---|---|---|---|---|---|---|---|")
        for title, query in (
                ("count by eventName and errorCode", "SELECT eventName, errorCode, count(*) FROM cloudtrail GROUP BY 1, 2 ORDER BY ALL"),
                ("one day of one account", "SELECT count(*), max(eventName) FROM cloudtrail WHERE recipientAccountId = '111122223333' AND eventTime "
                                           "BETWEEN TIMESTAMP '2026-10-05 01:00:00' AND TIMESTAMP '2026-10-05 23:00:00'"),
                ("one eventID", f"SELECT eventTime, eventName FROM cloudtrail WHERE eventID = '{event}'"),
                ("one accessKeyId", f"SELECT count(*), min(eventTime) FROM cloudtrail WHERE userIdentity.accessKeyId = '{key}'")):
            local = min(timed(world, disk, query)[0] for _ in range(RUNS))
            want = timed(world, disk, query)[1]
            figures = []
            for lake, latency in ((direct, 0), (far, LATENCY)):
                proxy.fault = lambda method, path, seconds=latency: time.sleep(seconds)
                cold, warm = [], []
                for _ in range(RUNS):
                    world.cold()
                    seconds, rows = timed(world, lake, query)
                    assert rows == want, (title, rows, want)
                    cold.append(seconds)
                    counted = (len(proxy.requests), sum(request[3] for request in proxy.requests))
                    proxy.requests.clear()
                    seconds, rows = timed(world, lake, query)
                    assert rows == want, (title, rows, want)
                    warm.append(seconds)
                figures += [min(warm), min(cold)]
            cells = [f"{seconds:.2f} s" for seconds in (local, *figures)]
            print(f"| {title} | {' | '.join(cells)} | {counted[0]} | {counted[1] / 1e6:.1f} | {len(proxy.requests)} |", flush=True)


if __name__ == "__main__":
    in_venv(sys.argv[2], s3_world.REQUIREMENTS)
    main(int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000)

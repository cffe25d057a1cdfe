#!/bin/sh
# Makes examples/ anew. Takes the program as its argument; gives the same bytes every time.
set -eu
program=$1
root=$(cd "$(dirname "$0")/.." && pwd)
rm -rf "$root/examples/AWSLogs" "$root/examples/truth.jsonl"
"$program" generate --events 500 --seed 2026 --start 2026-10-06 --days 2 --accounts 2 --regions 2 --batch 120 \
  --level 12 --story eni-throttle-storm --story leaked-access-key --story root-sign-in --force --output "$root/examples"

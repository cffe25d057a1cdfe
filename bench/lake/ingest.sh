#!/bin/sh
# ingest.sh CAIRN LOGS: all logs into a new lake; prints how many events it has.
set -e
lake=$(mktemp -d "${TMPDIR:-/tmp}/cairn-bench-XXXXXX")
trap 'rm -rf "$lake"' EXIT
"$1" ingest "$2" --lake "$lake" 2>"$lake/report" || { cat "$lake/report" >&2; exit 1; }
"$1" lake status --lake "$lake" --json | sed 's/.*"events": \([0-9]*\).*/\1/'

#!/usr/bin/env bash
# demo.sh CAIRN EXAMPLES: cairn's main job on a small made-up trail, with words around it.
set -uo pipefail
cairn=$1
examples=$2
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
  bold=$'\033[1m' dim=$'\033[2m' plain=$'\033[0m'
else
  bold="" dim="" plain=""
fi
failures=0

explain() { printf '\n%s\n' "$*" | fold -s -w 92; }

# Shows a command as a person would type it, then runs it. Exit 3 says that a check found something.
show() {
  local word shown="./run"
  for word in "$@"; do
    word=${word/#"$examples"/examples}
    case "$word" in *[[:space:]\(\)\*\'\;]*) shown+=" \"$word\"" ;; *) shown+=" $word" ;; esac
  done
  printf '\n%s$ %s%s\n\n' "$bold" "$shown" "$plain"
  "$cairn" "$@"
  case $? in 0 | 3) ;; *) failures=$((failures + 1)) ;; esac
}

[ -d "$examples" ] || { echo "cairn: the folder examples/ is missing" >&2; exit 1; }
printf '%sCairn on examples/%s: a few days of a made-up AWS account, as CloudTrail delivers them to S3\n' "$bold" "$plain"
printf '%s(gzipped JSON files under AWSLogs/). Nothing is loaded or set up first; the files are read as they lie.%s\n' "$dim" "$plain"

explain "1. What is in there? A summary is the first look at logs that one does not know."
show summary --from "$examples"

explain "2. Any question, in SQL, as Athena would take it. The table is called cloudtrail; here: which calls fail, and how."
show sql --from "$examples" "SELECT eventSource, eventName, errorCode, count(*) AS calls
FROM cloudtrail WHERE errorCode IS NOT NULL
GROUP BY 1, 2, 3 ORDER BY calls DESC, 1, 2, 3 LIMIT 8"

explain "3. LookupEvents without its 90 days and its two requests per second: here the last deletions of network interfaces."
show lookup --from "$examples" --attribute EventName=DeleteNetworkInterface --max-items 5

explain "4. A diagnosis: cairn knows what CloudTrail shows when network interfaces (ENIs) make trouble, and says what to do. It writes the evidence to files."
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
show diagnose eni --from "$examples" --output "$report"

explain "Next: the same on your own logs, e.g. ./run summary --from ~/AWSLogs. ./run help lists all commands, docs/manual/ explains them."
[ "$failures" -eq 0 ]

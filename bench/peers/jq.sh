#!/bin/sh
# The shell's way: zcat, jq, sort, uniq. Prints eventName,errorCode,count.
find "$1" -name '*.json.gz' -print0 | xargs -0 zcat |
  jq -r '.Records[] | [.eventName, .errorCode // ""] | @tsv' | LC_ALL=C sort | uniq -c |
  awk -F '\t' '{ sub(/^ */, "", $1); i = index($1, " "); print substr($1, i + 1) "," $2 "," substr($1, 1, i - 1) }'

#!/bin/sh
# jq_needle.sh LOGS QUESTION: a needle of bench/lake/ask.sh, in the raw logs: zcat and jq, which read all of them.
set -e
IFS=, read -r event_id access_key arn _ < "$1.needle"
all() { find "$1" -name '*.json.gz' -print0 | xargs -0 zcat; }
count='reduce .[] as $t ([0, null]; [.[0] + 1, if .[1] == null or $t < .[1] then $t else .[1] end]) | @csv'
case $2 in
  event_id) all "$1" | jq -r --arg v "$event_id" '.Records[] | select(.eventID == $v) | [.eventName, .eventTime] | @csv' ;;
  access_key) all "$1" | jq -r --arg v "$access_key" '.Records[] | select(.userIdentity.accessKeyId == $v) | .eventTime' |
    jq -rRn "[inputs] | $count" ;;
  arn) all "$1" | jq -r --arg v "$arn" '.Records[] | select(.userIdentity.arn == $v) | .eventTime' |
    jq -rRn "[inputs] | $count" ;;
  *) echo "no question is called $2" >&2; exit 2 ;;
esac

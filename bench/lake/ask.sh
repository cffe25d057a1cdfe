#!/bin/sh
# ask.sh CAIRN LOGS QUESTION: asks a lake of these logs, which the first call makes beside them. The needles are those
# of an event in the midst of the lake, whose caller is no frequent one.
set -e
cairn=$1 lake=$2.lake needle=$2.needle
ask() { "$cairn" sql --lake "$lake" --format csv "$1"; }
if [ ! -e "$needle" ]; then
  rm -rf "$lake"
  "$cairn" ingest "$2" --lake "$lake" 2>/dev/null
  middle=$(ask "SELECT make_timestamp((epoch_us(min(eventTime)) + epoch_us(max(eventTime))) / 2) FROM cloudtrail" | sed -n '2s/"//gp')
  ask "SELECT eventID, userIdentity.accessKeyId, userIdentity.arn, recipientAccountId, strftime(eventTime, '%Y-%m-%d')
       FROM cloudtrail WHERE eventTime >= TIMESTAMP '$middle' AND userIdentity.accessKeyId LIKE 'ASIA%'
       AND userIdentity.arn IN (SELECT userIdentity.arn FROM cloudtrail GROUP BY 1 HAVING count(*) <= 100)
       ORDER BY eventTime, eventID LIMIT 1" | sed -n '2s/"//gp' > "$needle.part"
  mv "$needle.part" "$needle"
fi
IFS=, read -r event_id access_key arn account day < "$needle"
case $3 in
  group_by) ask "SELECT eventName, errorCode, count(*) AS n FROM cloudtrail GROUP BY ALL ORDER BY ALL" ;;
  day_of_account) ask "SELECT count(*), count(errorCode), count(DISTINCT eventName) FROM cloudtrail WHERE eventTime >=
      TIMESTAMP '$day' AND eventTime < TIMESTAMP '$day' + INTERVAL 1 DAY AND recipientAccountId = '$account'" ;;
  event_id) ask "SELECT eventName, eventTime FROM cloudtrail WHERE eventID = '$event_id'" ;;
  access_key) ask "SELECT count(*), min(eventTime) FROM cloudtrail WHERE userIdentity.accessKeyId = '$access_key'" ;;
  arn) ask "SELECT count(*), min(eventTime) FROM cloudtrail WHERE userIdentity.arn = '$arn'" ;;
  *) echo "no question is called $3" >&2; exit 2 ;;
esac

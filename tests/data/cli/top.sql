-- What was called most.
SELECT eventname, count(*) AS calls
FROM cloudtrail_logs
GROUP BY eventname ORDER BY calls DESC, eventname;

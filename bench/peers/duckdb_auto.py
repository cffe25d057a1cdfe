"""DuckDB over CloudTrail log files, finding the columns by itself: what one types first. The sample has to be the
whole, else the rare members of later files are errors. Prints eventName,errorCode,count."""
import csv
import os
import sys

import duckdb

QUERY = """
SELECT r.eventName, r.errorCode, count(*)
FROM (SELECT unnest(Records) AS r
      FROM read_json_auto($1, maximum_object_size = 64000000))
GROUP BY ALL ORDER BY ALL"""

rows = duckdb.connect(config={"threads": os.cpu_count()}).execute(QUERY, [f"{sys.argv[1]}/**/*.json.gz"]).fetchall()
csv.writer(sys.stdout).writerows(rows)

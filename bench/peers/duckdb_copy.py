"""DuckDB from CloudTrail log files to Parquet, with a hand-written schema of all fields of a record. Prints the number
of events written."""
import os
import sys
import tempfile

import duckdb

TEXT = ["eventVersion", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage",
        "requestID", "eventID", "eventType", "apiVersion", "recipientAccountId", "sharedEventID", "vpcEndpointId",
        "vpcEndpointAccountId", "eventCategory", "sessionCredentialFromConsole"]
NESTED = ["userIdentity", "requestParameters", "responseElements", "additionalEventData", "resources", "tlsDetails",
          "serviceEventDetails", "insightDetails", "addendum", "edgeDeviceDetails", "eventContext"]
FIELDS = ", ".join(["eventTime TIMESTAMP", "readOnly BOOLEAN", "managementEvent BOOLEAN"] + [f"{name} VARCHAR" for name in TEXT]
                   + [f"{name} JSON" for name in NESTED])
with tempfile.TemporaryDirectory() as folder:
    made = f"{folder}/events.parquet"
    database = duckdb.connect(config={"threads": os.cpu_count()})
    database.execute(f"""
        COPY (SELECT unnest(r) FROM (SELECT unnest(Records) AS r
              FROM read_json('{sys.argv[1]}/**/*.json.gz', columns = {{Records: 'STRUCT({FIELDS})[]'}},
                             maximum_object_size = 64000000)))
        TO '{made}' (FORMAT parquet, COMPRESSION zstd)""")
    print(database.execute(f"SELECT count(*) FROM '{made}'").fetchone()[0])

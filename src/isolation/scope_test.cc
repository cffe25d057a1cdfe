// Attempts to see events of others through SQL. Each is made on log files and on a lake, in a
// scoped session and in one that is sandboxed too. What comes out — names and types of columns,
// rows, errors, coverage — holds nothing of others' events, and is to the letter what comes out
// where others' events do not exist.
#include "isolation/testing/world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace cairn::isolation {
namespace {

struct Attack {
  const char* sql;
  const char* why;
};

// The canary is never written out in a statement, since errors repeat statements.
#define CANARY "reverse('3f7yranac')"
#define THEIRS "reverse('666655554444')"

constexpr Attack kAttacks[] = {
    {"SELECT * FROM cloudtrail", "plain"},
    {"SELECT * FROM cloudtrail_logs", "Athena's table"},
    {"SELECT * FROM 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "Lake's event data store"},
    {"SELECT * FROM \"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\"", "and quoted"},
    {"SELECT * FROM CLOUDTRAIL", "names have no case"},
    {"SELECT * FROM \"CloudTrail\"", "quoted name"},
    {"SELECT * FROM main.cloudtrail", "a schema in front"},
    {"SELECT * FROM memory.main.cloudtrail", "a catalog in front"},
    {"SELECT * FROM awsdatacatalog.\"default\".cloudtrail_logs_x", "Athena's catalog"},
    {"SELECT * FROM cloudtrail_db.anything", "a schema that begins with cloudtrail"},
    {"SELECT * FROM system.main.cloudtrail", "the engine's own catalog"},
    {"SELECT * FROM temp.main.cloudtrail", "the catalog of temporary things"},
    {"SELECT * FROM/**/cloudtrail--x\n", "comments"},
    {"SELECT/*/* */*/*FROM cloudtrail", "nested comments"},
    {"FROM cloudtrail", "FROM first"},
    {"FROM cloudtrail SELECT eventID", "FROM first, with a list"},
    {"TABLE cloudtrail", "TABLE"},
    {"(SELECT * FROM cloudtrail)", "in brackets"},
    {"SELECT count(*) FROM cloudtrail", "a count reads no column"},
    {"SELECT count(*) FROM cloudtrail_logs", "the same of Athena's"},
    {"SELECT count(1), count(eventID), count(DISTINCT recipientAccountId) FROM cloudtrail",
     "counts"},
    {"SELECT 1 FROM cloudtrail", "rows without columns"},
    {"SELECT NULL FROM cloudtrail LIMIT 1000", "and with a limit"},
    {"SELECT min(eventTime), max(eventTime), min(eventID), max(eventID) FROM cloudtrail",
     "statistics of files would answer"},
    {"SELECT min(recipientAccountId), max(recipientAccountId) FROM cloudtrail", "of the account"},
    {"SELECT approx_distinct(eventID), approx_percentile(eventTime, 0.5) FROM cloudtrail",
     "sketches"},
    {"SELECT eventJson FROM cloudtrail", "the record as it is"},
    {"SELECT CAST(eventJson AS varchar) FROM cloudtrail", "its text"},
    {"SELECT eventjson FROM \"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\"", "Lake's record"},
    {"SELECT otherFields FROM cloudtrail", "what no column holds"},
    {"SELECT sourceFile, recordNumber FROM cloudtrail", "names of files and places in them"},
    {"SELECT DISTINCT sourceFile FROM cloudtrail", "names of files"},
    {"SELECT max(recordNumber), sum(recordNumber) FROM cloudtrail", "gaps tell of hidden records"},
    {"SELECT requestParameters, responseElements, additionalEventData FROM cloudtrail", "JSON"},
    {"SELECT json_extract_scalar(requestparameters, '$.key') FROM cloudtrail_logs", "its parts"},
    {"SELECT resources, tlsDetails, userIdentity, addendum FROM cloudtrail", "structures"},
    {"SELECT useridentity FROM cloudtrail_logs", "Athena's structure"},
    {"SELECT r.arn FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS t (r)", "unnested"},
    {"SELECT account, account_partition, region, day FROM cloudtrail", "partition columns"},
    {"SELECT account, count(*) FROM cloudtrail GROUP BY account", "groups"},
    {"SELECT recipientAccountId FROM cloudtrail GROUP BY ROLLUP (recipientAccountId)", "rollup"},
    {"SELECT awsRegion, eventName, count(*) FROM cloudtrail GROUP BY GROUPING SETS ((1), (2), ())",
     "grouping sets"},
    {"SELECT * FROM cloudtrail WHERE recipientAccountId = " THEIRS, "asks for the other account"},
    {"SELECT * FROM cloudtrail WHERE recipientAccountId <> '111122223333'", "for all others"},
    {"SELECT * FROM cloudtrail WHERE recipientAccountId IN (" THEIRS ", '111122223333')", "IN"},
    {"SELECT * FROM cloudtrail WHERE account = " THEIRS, "through the partition"},
    {"SELECT * FROM cloudtrail WHERE userIdentity.accountId = " THEIRS, "through who acted"},
    {"SELECT * FROM cloudtrail WHERE recipientAccountId IS NULL", "of no account"},
    {"SELECT * FROM cloudtrail WHERE recipientAccountId LIKE '44%'", "LIKE"},
    {"SELECT * FROM cloudtrail WHERE true OR recipientAccountId = '111122223333'", "OR"},
    {"SELECT * FROM cloudtrail WHERE 1 = 1 OR 1 = 1 -- AND", "a comment cuts nothing off"},
    {"SELECT * FROM cloudtrail WHERE NOT (recipientAccountId = '111122223333')", "NOT"},
    {"SELECT count(*) FROM cloudtrail WHERE eventName LIKE '%' || " CANARY " || '%'",
     "LIKE in all"},
    {"SELECT * FROM cloudtrail WHERE contains(CAST(eventJson AS varchar), " CANARY ")",
     "in records"},
    {"SELECT * FROM cloudtrail WHERE eventTime < timestamp '2024-01-01 00:00:00'", "of their day"},
    {"SELECT * FROM cloudtrail WHERE year = '2023'", "through the partition"},
    {"SELECT * FROM cloudtrail WHERE sourceFile LIKE '%' || " CANARY " || '%'", "of their file"},
    // Errors. A condition that fails tells the value that it failed on; moved into the scan it
    // would meet others' rows.
    {"SELECT 1 FROM cloudtrail WHERE CAST(errorCode AS integer) = 1", "a cast in WHERE"},
    {"SELECT 1 FROM cloudtrail WHERE CAST(CASE WHEN recipientAccountId = '111122223333' THEN '1' "
     "ELSE eventName END AS integer) = 1",
     "a cast that fails on others' rows only"},
    {"SELECT CAST(CASE WHEN userIdentity.userName LIKE 'good%' THEN '1' ELSE userAgent END AS "
     "integer) FROM cloudtrail",
     "in the list"},
    {"SELECT 1 FROM cloudtrail WHERE coalesce(recipientAccountId, '111122223333') = '111122223333' "
     "OR CAST(errorMessage AS integer) = 1",
     "behind OR"},
    {"SELECT 1 FROM cloudtrail WHERE CAST(CASE WHEN starts_with(eventID, 'good') THEN '1' ELSE "
     "eventID END AS integer) = 1 AND recipientAccountId = '111122223333'",
     "before another condition"},
    {"SELECT 1 FROM cloudtrail WHERE recipientAccountId = '111122223333' AND CAST(CASE WHEN "
     "starts_with(eventID, 'good') THEN '1' ELSE eventID END AS integer) = 1",
     "behind another condition"},
    {"SELECT 1 FROM cloudtrail_logs WHERE CAST(CASE WHEN eventname LIKE 'good%' THEN '2024-01-01' "
     "ELSE eventname END AS date) < current_date",
     "a date"},
    {"SELECT 1 FROM cloudtrail_logs WHERE from_iso8601_timestamp(CASE WHEN eventname LIKE 'good%' "
     "THEN eventtime ELSE eventid END) > timestamp '2020-01-01'",
     "a time"},
    {"SELECT 1 FROM cloudtrail_logs WHERE date_parse(CASE WHEN eventname LIKE 'good%' THEN "
     "'2024' ELSE eventid END, '%Y') IS NOT NULL",
     "date_parse tells its argument"},
    {"SELECT 1 FROM cloudtrail WHERE CAST(CASE WHEN eventName LIKE 'good%' THEN '10.0.0.1' ELSE "
     "sourceIPAddress END AS ipaddress) IS NOT NULL",
     "a macro of ours that fails"},
    {"SELECT 1 FROM cloudtrail WHERE json_extract_scalar(json_parse(CASE WHEN eventName LIKE "
     "'good%' THEN '{}' ELSE eventName END), '$.a') = ''",
     "JSON that is none"},
    {"SELECT 1 FROM cloudtrail a JOIN cloudtrail b ON CAST(CASE WHEN a.eventName LIKE 'good%' THEN "
     "'1' ELSE a.eventName END AS integer) = length(b.eventID)",
     "in ON"},
    {"SELECT 1 FROM cloudtrail a LEFT JOIN cloudtrail b ON a.eventID = b.eventID AND CAST(CASE "
     "WHEN "
     "b.eventName LIKE 'good%' THEN '1' ELSE b.eventName END AS integer) = 1",
     "in the ON of an outer join"},
    {"SELECT eventName, sum(CAST(CASE WHEN eventName LIKE 'good%' THEN '1' ELSE eventID END AS "
     "integer)) FROM cloudtrail GROUP BY 1 HAVING sum(1) > 0",
     "in an aggregate"},
    {"SELECT 1 FROM (SELECT *, CAST(CASE WHEN eventName LIKE 'good%' THEN '1' ELSE eventID END AS "
     "integer) AS n FROM cloudtrail) WHERE n = 1",
     "in a derived column"},
    {"WITH t AS (SELECT CAST(CASE WHEN eventName LIKE 'good%' THEN '1' ELSE eventID END AS "
     "integer) "
     "AS n FROM cloudtrail) SELECT * FROM t WHERE n = 1",
     "in WITH"},
    {"SELECT 1 FROM cloudtrail ORDER BY CAST(CASE WHEN eventName LIKE 'good%' THEN '1' ELSE "
     "eventID "
     "END AS integer)",
     "in ORDER BY"},
    {"SELECT eventID FROM cloudtrail WHERE eventName IN (SELECT CAST(CAST(CASE WHEN eventName LIKE "
     "'good%' THEN '1' ELSE eventID END AS integer) AS varchar) FROM cloudtrail)",
     "in a subquery"},
    {"SELECT 1 FROM cloudtrail WHERE 1 / (CASE WHEN eventName LIKE 'good%' THEN 1 ELSE 0 END) = 1",
     "a division"},
    {"SELECT 1 FROM cloudtrail WHERE CAST(9223372036854775807 AS bigint) + (CASE WHEN eventName "
     "LIKE 'good%' THEN 0 ELSE 1 END) > 0",
     "an overflow is a yes or no about others' rows"},
    {"SELECT 1 FROM cloudtrail WHERE substr(eventName, CASE WHEN eventName LIKE 'good%' THEN 1 "
     "ELSE "
     "-9223372036854775807 END) = ''",
     "an argument out of bounds"},
    {"SELECT 1 FROM cloudtrail WHERE regexp_like('x', CASE WHEN eventName LIKE 'good%' THEN 'x' "
     "ELSE "
     "'[' || eventName END)",
     "a pattern from a row"},
    {"SELECT (SELECT eventID FROM cloudtrail)", "a scalar subquery of many rows"},
    {"SELECT 1 FROM cloudtrail a WHERE (SELECT CAST(CASE WHEN b.eventName LIKE 'good%' THEN '1' "
     "ELSE "
     "b.eventName END AS integer) FROM cloudtrail b WHERE b.eventID = a.eventID) = 1",
     "a cast in a correlated subquery"},
    {"SELECT CAST('x' AS integer) FROM cloudtrail", "a constant that fails when rows are there"},
    {"SELECT eventNam FROM cloudtrail", "an unknown column: suggestions"},
    {"SELECT eventName.foo FROM cloudtrail_logs", "an unknown field"},
    {"SELECT requestParameters.nokey FROM cloudtrail", "a field of JSON"},
    // Shapes of queries.
    {"SELECT a.eventID, b.eventID FROM cloudtrail a, cloudtrail b", "cross join"},
    {"SELECT a.eventID FROM cloudtrail a JOIN cloudtrail_logs b ON a.eventID = b.eventid", "join"},
    {"SELECT b.* FROM cloudtrail a FULL JOIN cloudtrail b ON a.eventID = b.eventID || 'x'",
     "outer join"},
    {"SELECT b.eventID FROM cloudtrail a RIGHT JOIN cloudtrail b ON false", "right join"},
    {"SELECT * FROM (VALUES (" THEIRS ")) AS v (a) JOIN cloudtrail c ON c.recipientAccountId = v.a",
     "a join names the account"},
    {"SELECT * FROM (VALUES (" THEIRS ")) AS v (recipientAccountId) JOIN cloudtrail USING "
     "(recipientAccountId)",
     "USING"},
    {"SELECT x.a FROM (VALUES (1)) AS v (n), LATERAL (SELECT eventID AS a FROM cloudtrail) AS x",
     "lateral"},
    {"SELECT x.n FROM cloudtrail c, LATERAL (SELECT count(*) AS n FROM cloudtrail d WHERE "
     "d.awsRegion = c.awsRegion) AS x",
     "lateral, correlated"},
    {"SELECT eventID FROM cloudtrail UNION SELECT eventid FROM cloudtrail_logs", "union"},
    {"SELECT eventID FROM cloudtrail UNION ALL SELECT recipientaccountid FROM cloudtrail_logs",
     "union all"},
    {"SELECT eventID FROM cloudtrail EXCEPT SELECT eventID FROM cloudtrail WHERE "
     "recipientAccountId "
     "= '111122223333'",
     "except"},
    {"SELECT recipientaccountid FROM cloudtrail_logs INTERSECT SELECT " THEIRS, "intersect"},
    {"SELECT eventID FROM cloudtrail UNION BY NAME SELECT eventName FROM cloudtrail", "by name"},
    {"WITH c AS (SELECT * FROM cloudtrail) SELECT * FROM c", "WITH"},
    {"WITH cloudtrail AS (SELECT 1 AS x) SELECT * FROM cloudtrail", "WITH takes the name"},
    {"WITH cloudtrail AS (SELECT * FROM cloudtrail) SELECT eventID FROM cloudtrail",
     "WITH takes the name, of the table itself"},
    {"WITH cloudtrail AS (SELECT * FROM main.cloudtrail) SELECT eventID FROM cloudtrail",
     "the same with a schema"},
    {"WITH a AS MATERIALIZED (SELECT * FROM cloudtrail) SELECT count(*) FROM a, a AS b",
     "materialized"},
    {"WITH RECURSIVE r (n, e) AS (SELECT 1, eventID FROM cloudtrail UNION ALL SELECT n + 1, e FROM "
     "r "
     "WHERE n < 3) SELECT * FROM r",
     "recursive"},
    {"WITH RECURSIVE r (e) AS (SELECT 'x' UNION SELECT c.eventID FROM cloudtrail c, r) SELECT * "
     "FROM "
     "r",
     "the table within the recursion"},
    {"SELECT * FROM (SELECT * FROM (SELECT * FROM cloudtrail) AS x) AS y", "nested"},
    {"SELECT EXISTS (SELECT 1 FROM cloudtrail WHERE recipientAccountId = " THEIRS ")", "exists"},
    {"SELECT eventID FROM cloudtrail a WHERE NOT EXISTS (SELECT 1 FROM cloudtrail b WHERE "
     "b.recipientAccountId <> a.recipientAccountId)",
     "not exists, correlated"},
    {"SELECT eventID, (SELECT count(*) FROM cloudtrail b WHERE b.eventTime < a.eventTime) FROM "
     "cloudtrail a",
     "a correlated count"},
    {"SELECT eventID FROM cloudtrail WHERE awsRegion NOT IN (SELECT awsRegion FROM cloudtrail "
     "WHERE "
     "recipientAccountId = '111122223333')",
     "not in"},
    {"SELECT eventID FROM cloudtrail WHERE eventTime >= ALL (SELECT eventTime FROM cloudtrail)",
     "ALL"},
    {"SELECT (SELECT max(eventID) FROM cloudtrail), (SELECT min(eventID) FROM cloudtrail_logs)",
     "scalar subqueries"},
    {"SELECT ARRAY(SELECT eventID FROM cloudtrail ORDER BY 1)", "an array of a query"},
    {"SELECT eventID FROM cloudtrail ORDER BY (SELECT count(*) FROM cloudtrail)", "in ORDER BY"},
    {"SELECT eventID FROM cloudtrail ORDER BY 1 LIMIT (SELECT count(*) FROM cloudtrail)",
     "in LIMIT"},
    {"SELECT eventID FROM cloudtrail ORDER BY 1 OFFSET 10", "offset"},
    {"SELECT eventID, row_number() OVER (ORDER BY eventTime, eventID) FROM cloudtrail", "windows"},
    {"SELECT lag(eventID) OVER (ORDER BY eventTime, eventID), lead(recipientAccountId) OVER (ORDER "
     "BY eventTime, eventID) FROM cloudtrail",
     "neighbours"},
    {"SELECT first_value(eventID) OVER (ORDER BY eventTime, eventID), count(*) OVER () FROM "
     "cloudtrail",
     "frames"},
    {"SELECT eventID FROM cloudtrail QUALIFY row_number() OVER (PARTITION BY recipientAccountId "
     "ORDER BY eventTime, eventID) = 1",
     "qualify"},
    {"SELECT rank() OVER (ORDER BY eventID), ntile(3) OVER (ORDER BY eventID), eventID FROM "
     "cloudtrail",
     "ranks"},
    {"SELECT sum(1) OVER (ORDER BY eventTime RANGE BETWEEN interval '400' day PRECEDING AND "
     "CURRENT "
     "ROW), eventID FROM cloudtrail",
     "a range over times"},
    {"SELECT array_agg(eventID ORDER BY eventID), listagg(eventName, ',') WITHIN GROUP (ORDER BY "
     "eventName) FROM cloudtrail",
     "gathering"},
    {"SELECT map_agg(eventID, userAgent), histogram(awsRegion) FROM cloudtrail", "maps"},
    {"SELECT max_by(eventID, eventTime), min_by(eventID, eventTime), min_by(awsRegion, eventTime) "
     "FROM cloudtrail",
     "by others' extremes"},
    {"SELECT count(*) FILTER (WHERE recipientAccountId = " THEIRS ") FROM cloudtrail", "filter"},
    {"SELECT bool_or(recipientAccountId = " THEIRS "), checksum(length(eventID)) FROM cloudtrail",
     "aggregates as oracles"},
    {"SELECT DISTINCT awsRegion FROM cloudtrail", "distinct"},
    {"SELECT DISTINCT ON (awsRegion) awsRegion, eventID FROM cloudtrail ORDER BY awsRegion, "
     "eventID",
     "distinct on"},
    {"SELECT * EXCLUDE (eventID) FROM cloudtrail", "star without"},
    {"SELECT * REPLACE (eventName AS eventID) FROM cloudtrail", "star with"},
    {"SELECT c.* FROM cloudtrail AS c", "star of an alias"},
    {"SELECT \"cloudtrail\".\"eventID\" FROM \"cloudtrail\"", "quoted column"},
    {"SELECT COLUMNS('event.*') FROM cloudtrail", "columns by pattern"},
    {"SELECT cloudtrail FROM cloudtrail", "the row as a value"},
    {"SELECT c FROM cloudtrail AS c", "the same by alias"},
    {"SELECT \"@time\", \"@none\" FROM cloudtrail", "names that the translation uses"},
    {"SELECT \"@time\" FROM cloudtrail", "one of them"},
    {"SELECT rowid FROM cloudtrail", "a row's number"},
    {"SELECT filename FROM cloudtrail", "what the engine knows of its files"},
    {"SELECT file_row_number, file_index FROM cloudtrail", "and of places in them"},
    {"SELECT recordPatch, resourceARNs FROM cloudtrail", "columns of the files only"},
    {"SELECT eventID FROM cloudtrail TABLESAMPLE BERNOULLI (100)", "a sample"},
    {"SELECT eventID FROM cloudtrail TABLESAMPLE SYSTEM (100)", "of blocks"},
    {"SELECT eventID FROM cloudtrail USING SAMPLE 1000 ROWS", "of rows"},
    {"SELECT * FROM read_cloudtrail()", "the table below the tables"},
    {"SELECT * FROM main.read_cloudtrail()", "with a schema"},
    {"SELECT (SELECT count(*) FROM read_cloudtrail())", "within"},
    {"SELECT * REPLACE ((SELECT count(*) FROM read_cloudtrail()) AS x) FROM (SELECT 1 AS x)",
     "where the translation does not look"},
    {"SELECT * REPLACE ((SELECT max(eventID) FROM cloudtrail) AS x) FROM (SELECT 1 AS x)",
     "the same with a name"},
    {"SELECT * REPLACE ((SELECT max(eventID) FROM main.cloudtrail) AS x) FROM (VALUES (1)) AS t "
     "(x)",
     "and a schema"},
    {"SELECT athena_ip_text(1)", "a macro of ours by its name"},
    {"SELECT cairn_record(eventID) FROM cloudtrail", "a function of ours by its name"},
    {"SELECT * FROM query('SELECT * FROM read_cloudtrail()')", "SQL in a text"},
    {"SELECT * FROM query_table('read_cloudtrail')", "a table's name in a text"},
    {"SELECT json_execute_serialized_sql('{}')", "a tree in a text"},
    {"SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))", "and as a table"},
    {"SELECT stats(eventID) FROM cloudtrail", "statistics of a column"},
    {"SELECT error(eventID) FROM cloudtrail", "errors on purpose"},
    {"EXPLAIN SELECT * FROM cloudtrail", "estimates and files"},
    {"EXPLAIN ANALYZE SELECT * FROM cloudtrail", "counts"},
    {"EXPLAIN (FORMAT json) SELECT * FROM cloudtrail", "as JSON"},
    {"DESCRIBE cloudtrail", "names only"},
    {"DESCRIBE SELECT * FROM cloudtrail", "of a query"},
    {"SELECT * FROM (DESCRIBE cloudtrail)", "as a table"},
    {"SUMMARIZE cloudtrail", "statistics"},
    {"SUMMARIZE SELECT * FROM cloudtrail", "of a query"},
    {"SELECT * FROM (SUMMARIZE cloudtrail)", "as a table"},
    {"SHOW TABLES", "names of tables"},
    {"SHOW COLUMNS FROM cloudtrail", "names of columns"},
    {"SHOW STATS FOR cloudtrail", "statistics"},
    {"PIVOT cloudtrail ON recipientAccountId USING count(*)", "values become columns"},
    {"SELECT * FROM (PIVOT cloudtrail ON awsRegion USING count(*))", "within"},
    {"SELECT * FROM cloudtrail PIVOT (count(*) FOR awsRegion IN ('eu-west-1'))", "the standard's"},
    {"UNPIVOT cloudtrail ON eventID, eventName INTO NAME n VALUE v", "unpivot"},
    {"PREPARE p AS SELECT * FROM cloudtrail", "prepared"},
    {"EXECUTE p", "and run"},
    {"SELECT * FROM cloudtrail WHERE eventID = ?", "a parameter"},
    {"SELECT * FROM cloudtrail WHERE eventID = $1", "a numbered one"},
    {"SELECT 1; SELECT * FROM read_cloudtrail()", "two statements"},
    {"SELECT 1;;SELECT 2", "and an empty one"},
    {"CREATE TEMP MACRO read_cloudtrail() AS TABLE SELECT 1", "another table below"},
    {"SELECT * FROM cloudtrail AT (VERSION => 1)", "as of a version"},
    {"SELECT * FROM cloudtrail FOR VERSION AS OF 1", "Athena's"},
    {"SELECT #1 FROM cloudtrail", "a column by its place"},
    {"SELECT * FROM (SELECT eventID FROM cloudtrail) POSITIONAL JOIN (SELECT eventName FROM "
     "cloudtrail)",
     "rows side by side"},
    {"SELECT a.eventID, b.eventID FROM cloudtrail a ASOF JOIN cloudtrail b ON a.awsRegion = "
     "b.awsRegion AND a.eventTime > b.eventTime",
     "the row before"},
    {"SELECT a.eventID FROM cloudtrail a SEMI JOIN cloudtrail b ON a.eventID <> b.eventID", "semi"},
    {"SELECT a.eventID FROM cloudtrail a ANTI JOIN cloudtrail b ON a.eventID <> b.eventID", "anti"},
    {"SELECT list_transform([eventID], lambda x: (SELECT max(eventID) FROM cloudtrail)) FROM "
     "cloudtrail",
     "a query in a lambda"},
    {"SELECT [x FOR x IN [eventID, recipientAccountId]] FROM cloudtrail", "a comprehension"},
    {"SELECT try(CAST(eventName AS integer)), TRY_CAST(eventID AS date) FROM cloudtrail", "try"},
    {"SELECT typeof(eventID), hash(eventID) FROM cloudtrail", "hashes"},
    {"SELECT json_extract(eventJson, '$') FROM cloudtrail", "the whole document"},
    {"SELECT json_keys(eventJson) FROM cloudtrail", "names of its members"},
    {"SELECT eventID FROM cloudtrail WHERE eventID = " CANARY " || '-e1'", "a known id"},
    {"SELECT eventID FROM cloudtrail WHERE eventID IN ('good-e1', " CANARY " || '-e1')",
     "beside one of ours"},
    {"SELECT count(*) FROM cloudtrail WHERE userIdentity.arn = 'arn:aws:iam::' || " CANARY
     " || ':user/x'",
     "an identity"},
    {"SELECT eventID FROM cloudtrail WHERE eventID = 'good-e1'", "one of ours is found"},
    {"SELECT eventID FROM cloudtrail WHERE eventID IN ('good-e1', 'good-e2') AND awsRegion = "
     "'us-east-1'",
     "by values that are moved into the scan by hand"},
    {"SELECT a.eventID FROM cloudtrail a JOIN cloudtrail b ON a.awsRegion = b.awsRegion WHERE "
     "a.eventID = 'good-e1' AND b.eventID = 'good-e2'",
     "different values in two scans"},
};

#undef CANARY
#undef THEIRS

class Scope : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { shared_world = std::make_unique<World>(); }

  static void TearDownTestSuite() { shared_world.reset(); }

  static std::string without_root(std::string text, const std::string& root) {
    for (size_t at = text.find(root); at != std::string::npos; at = text.find(root, at))
      text.replace(at, root.size(), "ROOT");
    return text;
  }

  static void expect_wall(World::Over over, bool sandboxed) {
    const query::SessionOptions options{
        .threads = 2, .accounts = std::vector<std::string>{kOurs}, .sandboxed = sandboxed};
    auto all = shared_world->open(over, true, options);
    auto own = shared_world->open(over, false, options);
    for (const auto& [sql, why] : kAttacks) {
      const auto seen = without_root(outcome(all, sql), (shared_world->folder() / "all").string());
      EXPECT_FALSE(tells_of_others(seen)) << why << "\n" << sql << "\n" << seen.substr(0, 4000);
      const auto expected =
          without_root(outcome(own, sql), (shared_world->folder() / "own").string());
      EXPECT_EQ(seen, expected) << why << "\n" << sql;
    }
  }

  static std::unique_ptr<World> shared_world;
};

std::unique_ptr<World> Scope::shared_world;

TEST_F(Scope, NothingOfOthersComesOutOfLogs) {
  expect_wall(World::Over::logs, false);
}

TEST_F(Scope, NothingOfOthersComesOutOfLogsInTheSandbox) {
  expect_wall(World::Over::logs, true);
}

TEST_F(Scope, NothingOfOthersComesOutOfALake) {
  expect_wall(World::Over::lake, false);
}

TEST_F(Scope, NothingOfOthersComesOutOfALakeInTheSandbox) {
  expect_wall(World::Over::lake, true);
}

// That the attacks are real: without a scope the canary is there to be found.
TEST_F(Scope, WithoutItOthersAreThere) {
  for (const auto over : {World::Over::logs, World::Over::lake}) {
    auto session = shared_world->open(over, true, {.threads = 2});
    EXPECT_TRUE(tells_of_others(answer(session, "SELECT * FROM cloudtrail")));
    EXPECT_TRUE(tells_of_others(answer(session,
                                       "SELECT 1 FROM cloudtrail WHERE CAST(CASE WHEN "
                                       "eventName LIKE 'good%' THEN '1' ELSE eventName END "
                                       "AS integer) = 1")));
  }
}

TEST_F(Scope, ShowsAllOfOnesOwn) {
  for (const auto over : {World::Over::logs, World::Over::lake}) {
    const std::vector<std::string> ours{kOurs};
    auto session = shared_world->open(over, true, {.threads = 2, .accounts = ours});
    EXPECT_EQ(answer(session, "SELECT count(*) AS n, count(DISTINCT eventID) AS m FROM cloudtrail"),
              "n:BIGINT|m:BIGINT\n12|12");
  }
}

TEST_F(Scope, OfSeveralAccountsIsTheirSum) {
  const std::vector<std::string> both{kTheirs, kOurs};
  for (const auto over : {World::Over::logs, World::Over::lake}) {
    auto session = shared_world->open(over, true, {.threads = 2, .accounts = both});
    const auto rows = answer(session, "SELECT recipientAccountId AS a FROM cloudtrail GROUP BY 1");
    EXPECT_EQ(rows, "a:VARCHAR\n111122223333\n444455556666\nNULL");
  }
}

TEST_F(Scope, HoldsForQuestionsOfFeatures) {
  const std::vector<std::string> ours{kOurs};
  auto session = shared_world->open(World::Over::lake, true, {.threads = 2, .accounts = ours});
  for (const bool records : {false, true}) {
    auto rows = session.ask({.sql =
                                 [](std::string_view events) {
                                   return fmt::format(
                                       "SELECT count(*), count(DISTINCT eventID), "
                                       "max(userAgent) FROM {}",
                                       events);
                                 },
                             .records = records});
    ASSERT_TRUE(rows.ok()) << rows.error().message();
    ASSERT_TRUE(rows.value().next().value());
    EXPECT_EQ(rows.value().cell(0, 0).integer(), 12);
    EXPECT_EQ(rows.value().cell(1, 0).integer(), 12);
    EXPECT_EQ(rows.value().cell(2, 0).text().substr(0, 4), "good");
  }
}

TEST_F(Scope, OfNobodyIsEmpty) {
  for (const auto over : {World::Over::logs, World::Over::lake}) {
    auto session =
        shared_world->open(over, true, {.threads = 2, .accounts = std::vector<std::string>{}});
    EXPECT_EQ(answer(session, "SELECT count(*) AS n FROM cloudtrail"), "n:BIGINT\n0");
  }
}

// A damaged file may be anybody's: that there is one is told, and no more.
TEST_F(Scope, DamagedFilesAreNotNamed) {
  const World world;
  const auto logs = world.folder() / "all" / "logs";
  std::ofstream(logs / "canary7f3-broken.json") << R"({"Records":[{"eventName":"canary7f3)";
  const std::vector<std::string> ours{kOurs};
  auto session = world.open(World::Over::logs, true, {.accounts = ours});
  const auto seen = outcome(session, "SELECT count(*) FROM cloudtrail");
  EXPECT_FALSE(tells_of_others(seen)) << seen;
  EXPECT_NE(seen.find("refused 1 "), std::string::npos) << seen;
  query::SessionOptions strict{.accounts = ours};
  strict.source.strict = true;
  auto strict_session = world.open(World::Over::logs, true, strict);
  const auto stopped = outcome(strict_session, "SELECT count(*) FROM cloudtrail");
  EXPECT_TRUE(stopped.starts_with("error: a file cannot be read whole")) << stopped;
  EXPECT_FALSE(tells_of_others(stopped)) << stopped;
}

TEST_F(Scope, TakesAccountIdsOnly) {
  for (const auto* wrong : {"", "11112222333", "1111222233334", "11112222333x", "' OR true --"}) {
    query::SessionOptions options;
    options.accounts = std::vector<std::string>{wrong};
    const auto session = query::Session::open(options);
    ASSERT_FALSE(session.ok()) << wrong;
    EXPECT_EQ(session.error().kind(), ErrorKind::invalid_argument);
  }
}

}  // namespace
}  // namespace cairn::isolation

// Statements of strangers: what would read a file, a setting or the engine's catalog, or change
// anything, is refused by name; a file and an environment variable lie there as bait. What only
// computes goes on working. And limits hold.
#include "engine/database.h"
#include "engine/result_set.h"
#include "io/testing/fakes.h"
#include "isolation/testing/world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>

namespace cairn::isolation {
namespace {

constexpr const char* kBait = "bait9f3a";

struct Refused {
  const char* sql;  ///< BAIT stands for the bait's path, OUT for one that must not come to be
  const char* why;
};

constexpr Refused kRefused[] = {
    // Files.
    {"SELECT * FROM 'BAIT.csv'", "a file as a table"},
    {"FROM 'BAIT.csv'", "without SELECT"},
    {"SELECT * FROM \"BAIT.csv\"", "in double quotes"},
    {"SELECT * FROM 'BAIT.json'", "JSON"},
    {"SELECT * FROM 'BAIT.parquet'", "Parquet"},
    {"SELECT * FROM 'BAIT*'", "a glob"},
    {"TABLE 'BAIT.csv'", "TABLE"},
    {"SELECT * FROM main.\"BAIT.csv\"", "with a schema"},
    {"SELECT * FROM 'file://BAIT.csv'", "as a URL"},
    {"SELECT * FROM '/dev/stdin'", "a device"},
    {"SELECT * FROM '/proc/self/environ'", "the process"},
    {"SELECT * FROM 'https://example.com/x.parquet'", "the network"},
    {"SELECT * FROM 's3://bucket/x.parquet'", "a bucket"},
    {"SELECT (SELECT max(a) FROM 'BAIT.csv' t (a))", "in a subquery"},
    {"SELECT * FROM cloudtrail c JOIN 'BAIT.csv' b ON true", "in a join"},
    {"WITH x AS (SELECT * FROM 'BAIT.csv') SELECT * FROM x", "in WITH"},
    {"WITH \"BAIT.csv\" AS (SELECT 1) SELECT * FROM \"BAIT.csv\"", "WITH takes a file's name"},
    {"SELECT * REPLACE ((SELECT max(x) FROM 'BAIT.csv' t (x)) AS a) FROM (VALUES (1)) v (a)",
     "where the translation does not look"},
    {"SELECT * FROM (VALUES (1)) v (a) ORDER BY (SELECT max(x) FROM 'BAIT.csv' t (x))", "in ORDER"},
    {"SELECT 1 LIMIT (SELECT count(*) FROM 'BAIT.csv')", "in LIMIT"},
    {"SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM 'BAIT.csv'))", "in FILTER"},
    {"SELECT sum(1) OVER (ORDER BY (SELECT count(*) FROM 'BAIT.csv'))", "in a window"},
    {"SELECT CASE WHEN EXISTS (SELECT 1 FROM 'BAIT.csv') THEN 1 END", "in CASE"},
    {"VALUES ((SELECT count(*) FROM 'BAIT.csv'))", "in VALUES"},
    {"SELECT 1 UNION ALL SELECT count(*) FROM 'BAIT.csv'", "in a union"},
    {"SELECT * FROM read_csv('BAIT.csv')", "read_csv"},
    {"SELECT * FROM read_csv_auto('BAIT.csv')", "read_csv_auto"},
    {"SELECT * FROM sniff_csv('BAIT.csv')", "sniff_csv"},
    {"SELECT * FROM read_json('BAIT.json')", "read_json"},
    {"SELECT * FROM read_json_auto('BAIT.json')", "read_json_auto"},
    {"SELECT * FROM read_json_objects('BAIT.json')", "read_json_objects"},
    {"SELECT * FROM read_ndjson('BAIT.json')", "read_ndjson"},
    {"SELECT * FROM read_ndjson_objects('BAIT.json')", "read_ndjson_objects"},
    {"SELECT * FROM read_text('BAIT.csv')", "read_text"},
    {"SELECT * FROM read_blob('BAIT.csv')", "read_blob"},
    {"SELECT * FROM read_parquet('BAIT.parquet')", "read_parquet"},
    {"SELECT * FROM parquet_scan('BAIT.parquet')", "parquet_scan"},
    {"SELECT * FROM parquet_metadata('BAIT.parquet')", "parquet_metadata"},
    {"SELECT * FROM parquet_schema('BAIT.parquet')", "parquet_schema"},
    {"SELECT * FROM parquet_file_metadata('BAIT.parquet')", "parquet_file_metadata"},
    {"SELECT * FROM parquet_kv_metadata('BAIT.parquet')", "parquet_kv_metadata"},
    {"SELECT * FROM parquet_bloom_probe('BAIT.parquet', 'a', 1)", "parquet_bloom_probe"},
    {"SELECT * FROM arrow_scan(1, 2, 3)", "addresses of memory"},
    {"SELECT * FROM arrow_scan_dumb(1, 2, 3)", "addresses of memory"},
    {"SELECT * FROM seq_scan('x')", "the engine's own scans"},
    {"SELECT * FROM glob('/*')", "names of files"},
    {"SELECT * FROM glob('BAIT*')", "names of files"},
    {"SELECT * FROM GLOB('/*')", "in capitals"},
    {"SELECT * FROM \"glob\"('/*')", "quoted"},
    {"SELECT * FROM main.glob('/*')", "with a schema"},
    {"SELECT * FROM system.main.glob('/*')", "with a catalog"},
    {"SELECT glob('/*')", "as a scalar"},
    {"SELECT read_text('BAIT.csv')", "as a scalar"},
    {"SELECT x FROM (VALUES (1)) v (y), LATERAL (SELECT content AS x FROM read_text('BAIT.csv'))",
     "lateral"},
    {"SELECT unnest((SELECT list(content) FROM read_text('BAIT.csv')))", "unnested"},
    {"SELECT * FROM duckdb_logs()", "what the engine logged"},
    {"SELECT file_exists('BAIT.csv')", "whether a file is there"},
    // Settings, secrets, the environment.
    {"SELECT getenv ('CAIRN_BAIT')", "the environment"},
    {"SELECT main.getenv ('CAIRN_BAIT')", "with a schema"},
    {"SELECT 'CAIRN_BAIT'.getenv ()", "as a method"},
    {"SELECT current_setting('temp_directory')", "a setting"},
    {"SELECT getvariable('x')", "a variable"},
    {"SELECT * FROM duckdb_settings()", "settings"},
    {"SELECT * FROM duckdb_secrets()", "secrets"},
    {"SELECT * FROM which_secret('s3://x', 's3')", "which secret"},
    {"SELECT * FROM duckdb_databases()", "paths of databases"},
    {"SELECT * FROM duckdb_databases", "as a view"},
    {"SELECT * FROM duckdb_functions()", "functions, with the text of macros that names files"},
    {"SELECT * FROM duckdb_tables()", "tables"},
    {"SELECT * FROM duckdb_views()", "views"},
    {"SELECT * FROM duckdb_columns()", "columns"},
    {"SELECT * FROM duckdb_extensions()", "extensions"},
    {"SELECT * FROM duckdb_memory()", "memory"},
    {"SELECT * FROM duckdb_temporary_files()", "temporary files"},
    {"SELECT * FROM duckdb_external_file_cache()", "names of files"},
    {"SELECT * FROM duckdb_prepared_statements()", "statements of others"},
    {"SELECT * FROM duckdb_variables()", "variables"},
    {"SELECT * FROM duckdb_dependencies()", "dependencies"},
    {"SELECT * FROM duckdb_keywords()", "of no use here"},
    {"SELECT * FROM duckdb_log_contexts()", "contexts"},
    {"SELECT * FROM pragma_database_size()", "sizes"},
    {"SELECT * FROM pragma_user_agent()", "the program"},
    {"SELECT * FROM pragma_version()", "the version"},
    {"SELECT * FROM pragma_platform()", "the platform"},
    {"SELECT * FROM pragma_metadata_info('memory')", "metadata"},
    {"SELECT * FROM pragma_storage_info('x')", "storage"},
    {"SELECT * FROM pragma_show('x')", "the catalog"},
    {"SELECT * FROM pragma_table_info('x')", "the catalog"},
    {"SELECT * FROM information_schema.tables", "the standard's catalog"},
    {"SELECT * FROM information_schema.columns", "the standard's catalog"},
    {"SELECT * FROM INFORMATION_SCHEMA.SCHEMATA", "in capitals"},
    {"SELECT * FROM \"information_schema\".\"tables\"", "quoted"},
    {"SELECT * FROM system.information_schema.tables", "with a catalog"},
    {"SELECT * FROM pg_catalog.pg_class", "PostgreSQL's catalog"},
    {"SELECT * FROM pg_tables", "PostgreSQL's catalog"},
    {"SELECT * FROM pg_settings", "PostgreSQL's settings"},
    {"SELECT * FROM sqlite_master", "SQLite's catalog"},
    {"SELECT * FROM sqlite_schema", "SQLite's catalog"},
    {"WITH duckdb_settings AS (SELECT 1) SELECT * FROM duckdb_settings", "WITH takes such a name"},
    {"SELECT * REPLACE ((SELECT max(name) FROM duckdb_settings) AS a) FROM (VALUES (1)) v (a)",
     "where the translation does not look"},
    {"SELECT * REPLACE ((SELECT max(table_name) FROM information_schema.tables) AS a) FROM (VALUES "
     "(1)) v (a)",
     "the same with a schema"},
    {"SELECT version()", "the version"},
    {"SELECT current_user", "without brackets"},
    {"SELECT current_catalog", "without brackets"},
    {"SELECT current_schema", "without brackets"},
    {"SELECT current_database()", "names within the engine"},
    {"SELECT current_schemas(true)", "names within the engine"},
    {"SELECT txid_current()", "its transactions"},
    {"SELECT pg_typeof(1)", "PostgreSQL's functions"},
    {"SELECT has_table_privilege('x', 'y')", "PostgreSQL's functions"},
    {"SELECT nextval('x')", "sequences"},
    {"SELECT setseed(0.5)", "the state of the session"},
    {"SELECT add_parquet_key('k', 'x')", "keys"},
    {"SELECT write_log('x')", "writes the engine's log"},
    {"SELECT sleep_ms(1000)", "waits"},
    {"SELECT constant_or_null(1, 2)", "internals"},
    {"SELECT __internal_compress_string_utinyint('a')", "internals"},
    // Statements.
    {"SET threads = 1", "SET"},
    {"SET VARIABLE x = 1", "SET VARIABLE"},
    {"RESET threads", "RESET"},
    {"PRAGMA database_list", "PRAGMA"},
    {"PRAGMA enable_profiling", "PRAGMA"},
    {"ATTACH 'BAIT.db' AS x", "ATTACH"},
    {"DETACH memory", "DETACH"},
    {"USE memory", "USE"},
    {"COPY (SELECT 1) TO 'OUT.csv'", "COPY TO"},
    {"COPY cloudtrail TO 'OUT.parquet'", "COPY of a table"},
    {"COPY x FROM 'BAIT.csv'", "COPY FROM"},
    {"EXPORT DATABASE 'OUT'", "EXPORT"},
    {"IMPORT DATABASE 'BAIT'", "IMPORT"},
    {"INSTALL httpfs", "INSTALL"},
    {"FORCE INSTALL httpfs", "FORCE INSTALL"},
    {"UPDATE EXTENSIONS", "UPDATE EXTENSIONS"},
    {"LOAD httpfs", "LOAD"},
    {"LOAD 'BAIT.so'", "LOAD of a file"},
    {"CREATE TABLE x AS SELECT 1", "CREATE TABLE AS"},
    {"CREATE TABLE x (a integer)", "CREATE TABLE"},
    {"CREATE TEMP TABLE x AS SELECT 1", "CREATE TEMP TABLE"},
    {"CREATE OR REPLACE VIEW cloudtrail AS SELECT 1", "CREATE VIEW"},
    {"CREATE MACRO f() AS 1", "CREATE MACRO"},
    {"CREATE FUNCTION f() AS 1", "CREATE FUNCTION"},
    {"CREATE SECRET s (TYPE s3)", "CREATE SECRET"},
    {"CREATE SCHEMA s", "CREATE SCHEMA"},
    {"CREATE SEQUENCE s", "CREATE SEQUENCE"},
    {"CREATE TYPE t AS ENUM ('a')", "CREATE TYPE"},
    {"CREATE INDEX i ON x (a)", "CREATE INDEX"},
    {"INSERT INTO x VALUES (1)", "INSERT"},
    {"UPDATE x SET a = 1", "UPDATE"},
    {"DELETE FROM cloudtrail", "DELETE"},
    {"TRUNCATE cloudtrail", "TRUNCATE"},
    {"MERGE INTO x USING y ON true WHEN MATCHED THEN DELETE", "MERGE"},
    {"DROP TABLE cloudtrail", "DROP"},
    {"DROP MACRO TABLE read_cloudtrail", "DROP MACRO"},
    {"ALTER TABLE cloudtrail ADD COLUMN x integer", "ALTER"},
    {"COMMENT ON TABLE x IS 'y'", "COMMENT"},
    {"CALL pragma_version()", "CALL"},
    {"CALL enable_logging()", "CALL"},
    {"CHECKPOINT", "CHECKPOINT"},
    {"FORCE CHECKPOINT", "FORCE CHECKPOINT"},
    {"VACUUM", "VACUUM"},
    {"ANALYZE", "ANALYZE"},
    {"BEGIN", "BEGIN"},
    {"BEGIN TRANSACTION", "BEGIN"},
    {"COMMIT", "COMMIT"},
    {"ROLLBACK", "ROLLBACK"},
    {"ABORT", "ABORT"},
    {"PREPARE p AS SELECT 1", "PREPARE"},
    {"EXECUTE p", "EXECUTE"},
    {"DEALLOCATE p", "DEALLOCATE"},
    {"EXPLAIN SELECT 1", "EXPLAIN"},
    {"EXPLAIN ANALYZE COPY (SELECT 1) TO 'OUT.csv'", "EXPLAIN ANALYZE runs what it explains"},
    {"SHOW ALL TABLES", "SHOW ALL TABLES"},
    {"SHOW DATABASES", "SHOW DATABASES"},
    {"SHOW threads", "SHOW of a setting"},
    {"SUMMARIZE 'BAIT.csv'", "SUMMARIZE of a file"},
    {"DESCRIBE 'BAIT.csv'", "DESCRIBE of a file"},
    {"DESCRIBE SELECT * FROM 'BAIT.csv'", "DESCRIBE of a query"},
    {"SELECT * FROM (SHOW ALL TABLES)", "SHOW as a table"},
    {"SELECT * FROM (DESCRIBE 'BAIT.csv')", "DESCRIBE as a table"},
    {"PIVOT 'BAIT.csv' ON a", "PIVOT"},
    {"SELECT 1; COPY (SELECT 1) TO 'OUT.csv'", "two statements"},
    {"SELECT 1 INTO OUTFILE 'OUT.csv'", "MySQL's"},
    {"WITH x AS (INSERT INTO y VALUES (1) RETURNING *) SELECT * FROM x", "a change within WITH"},
    {"WITH x AS (DELETE FROM y RETURNING *) SELECT * FROM x", "a change within WITH"},
    {"SELECT * FROM (INSERT INTO y VALUES (1) RETURNING *)", "a change within FROM"},
    // SQL in texts, trees, types.
    {"SELECT * FROM query('COPY (SELECT 1) TO ''OUT.csv''')", "SQL in a text"},
    {"SELECT * FROM query_table('duckdb_settings')", "a table by its name in a text"},
    {"SELECT * FROM query_table(['BAIT.csv'])", "a file by its name in a text"},
    {"SELECT * FROM json_execute_serialized_sql('{}')", "a tree"},
    {"PRAGMA json_execute_serialized_sql('{}')", "a tree"},
    {"SELECT json_serialize_sql('SELECT 1')", "of no use here"},
    {"SELECT json_serialize_plan('SELECT * FROM ''BAIT.csv''')", "plans bind files"},
    {"SELECT json_deserialize_sql('{}')", "a tree"},
    {"SELECT from_json('1', '\"x\"')", "types in a text"},
    {"SELECT parse_duckdb_log_message('x', 'y')", "internals"},
    {"SELECT CAST(1 AS sometype)", "types by name"},
    {"SELECT CAST(1 AS main.sometype)", "types by name, with a schema"},
    {"SELECT enum_range(NULL::mood)", "types by name"},
    {"SELECT 'a' COLLATE nocase", "collations"},
    {"SELECT list_aggregate([1], 'nosuch')", "functions by name in a text"},
    {"SELECT list_transform([1], lambda x: getenv ('CAIRN_BAIT'))", "in a lambda"},
    {"SELECT [getenv ('CAIRN_BAIT') FOR x IN [1]]", "in a comprehension"},
    {"SELECT sum(1) FILTER (WHERE getenv ('CAIRN_BAIT') = 'x')", "in FILTER"},
    {"SELECT getenv ('CAIRN_BAIT') OVER ()", "as a window function"},
    {"SELECT 1 GROUP BY getenv ('CAIRN_BAIT')", "in GROUP BY"},
    {"SELECT 1 HAVING getenv ('CAIRN_BAIT') = 'x'", "in HAVING"},
    {"SELECT 1 QUALIFY getenv ('CAIRN_BAIT') = 'x'", "in QUALIFY"},
    {"SELECT 1 ORDER BY getenv ('CAIRN_BAIT')", "in ORDER BY"},
    {"SELECT DISTINCT ON (getenv ('CAIRN_BAIT')) 1", "in DISTINCT ON"},
    {"SELECT * FROM unnest([getenv ('CAIRN_BAIT')])", "in a table function"},
    {"SELECT * FROM (VALUES (getenv ('CAIRN_BAIT')))", "in VALUES"},
    {"SELECT * FROM generate_series(1, length(getenv ('CAIRN_BAIT')))", "as an argument"},
    {"SELECT \"getenv\"('CAIRN_BAIT')", "quoted"},
    {"SELECT GETENV('CAIRN_BAIT')", "in capitals"},
    {"SELECT get/**/env('CAIRN_BAIT')", "cut by a comment"},
    {"SELECT U&\"get\\0065nv\"('CAIRN_BAIT')", "in Unicode's spelling"},
    {"SELECT 1 AS x, (SELECT y FROM (SELECT getenv ('CAIRN_BAIT') AS y)) ", "nested"},
    {"SELECT * FROM cloudtrail AT (TIMESTAMP => now())", "time travel"},
    // Much out of nothing.
    {"SELECT sequence(1, 1000000000)", "a huge list"},
    {"SELECT sequence(1, CAST(1e9 AS bigint))", "whose size the text does not tell"},
    {"SELECT sequence(timestamp '2000-01-01', timestamp '2200-01-01', interval '1' second)",
     "a list of seconds"},
    {"SELECT lpad('x', 1000000000, 'y')", "a huge padding"},
    {"SELECT rpad('x', length('x') * 1000000000, 'y')", "whose size the text does not tell"},
    {"SELECT repeat('x', 1000000000)", "repeating"},
    {"SELECT format('%1000000000d', 1)", "a wide field"},
    {"SELECT format(x, 1) FROM (VALUES ('%1000000000d')) v (x)", "that the text does not tell"},
    {"SELECT range(1000000000)", "the engine's lists"},
    {"SELECT generate_series(1, 1000000000)", "the engine's lists"},
    {"SELECT list_resize([1], 1000000000)", "resizing"},
    {"SELECT bar(1, 0, 1, 1000000000)", "drawing"},
    {"SELECT levenshtein_distance(a, a) FROM (VALUES ('x')) v (a)", "time that nothing stops"},
};

constexpr const char* kAllowed[] = {
    "SELECT 1",
    "VALUES (1), (2)",
    "SELECT eventName, count(*) FROM cloudtrail GROUP BY 1 ORDER BY 2 DESC LIMIT 3",
    "SELECT * FROM cloudtrail WHERE eventTime > now() - interval '90' day",
    "SELECT date_diff('day', eventTime, current_timestamp) FROM cloudtrail",
    "SELECT useridentity.arn FROM cloudtrail_logs WHERE eventname LIKE 'good%' AND NOT errorcode = "
    "''",
    "SELECT * FROM 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9 WHERE eventTime > '2020-01-01 00:00:00'",
    "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) "
    "FROM t",
    "SELECT d FROM UNNEST(sequence(date '2024-01-01', date '2024-02-01', interval '1' day)) AS t "
    "(d)",
    "SELECT * FROM UNNEST(sequence(1, 10)) WITH ORDINALITY AS t (a, b)",
    "SELECT transform(ARRAY[1, 2], x -> x + 1), filter(ARRAY[1, 2], x -> x > 1), reduce(ARRAY[1, "
    "2], 0, "
    "(s, x) -> s + x, s -> s)",
    "SELECT CAST('10.0.0.1' AS ipaddress), TRY_CAST('x' AS bigint), CAST('[1]' AS json)",
    "SELECT CAST(ROW(1, 'a') AS ROW(x integer, y varchar(5))), CAST(ARRAY[1] AS array(varchar))",
    "SELECT json_extract_scalar('{\"a\":1}', '$.a'), regexp_extract('abc', '(b)(c)', 2)",
    "SELECT lpad('1', 5, '0'), rpad('x', 3, ' '), format('%s is %5d', 'a', 1)",
    "SELECT rank() OVER (PARTITION BY awsRegion ORDER BY eventTime) FROM cloudtrail",
    "SELECT a.eventID FROM cloudtrail a LEFT JOIN cloudtrail b ON a.eventID = b.sharedEventID",
    "SELECT extract(hour FROM eventTime), date_trunc('hour', eventTime) AT TIME ZONE 'UTC' FROM "
    "cloudtrail",
    "SELECT approx_percentile(length(eventName), 0.9), listagg(eventName, ',') WITHIN GROUP (ORDER "
    "BY "
    "eventName) FROM cloudtrail",
    "SELECT if(readOnly, 'r', 'w'), coalesce(errorCode, 'none'), nullif(awsRegion, 'x') FROM "
    "cloudtrail",
    "SELECT map_agg(eventName, awsRegion), histogram(eventName) FROM cloudtrail",
    "SELECT eventID FROM cloudtrail WHERE eventName IN (SELECT eventName FROM cloudtrail) ORDER BY "
    "1",
    "SELECT {'a': 1}, [1, 2], MAP {'a': 1}, -1, 'a' || 'b', 1 BETWEEN 0 AND 2, 'a' SIMILAR TO 'a'",
    "SELECT requestParameters['key'], requestParameters->>'$.key' FROM cloudtrail",
    "SELECT typeof(1), current_date, current_timestamp, random() < 2, uuid() IS NOT NULL",
    "WITH a AS (SELECT lower(eventName) AS n, awsRegion AS r FROM cloudtrail), b AS (SELECT CASE "
    "WHEN n "
    "LIKE 'a%' THEN n WHEN n LIKE 'b%' THEN n ELSE r END AS n, r FROM a), c AS (SELECT CASE WHEN n "
    "= r "
    "THEN n ELSE n || r END AS n, r FROM b), d AS (SELECT CASE WHEN n <> r THEN n ELSE n || r END "
    "AS n, "
    "r FROM c), e AS (SELECT CASE WHEN n LIKE 'x' THEN n ELSE n || r END AS n, r FROM d) SELECT n, "
    "count(*), max(n), min(n) FROM e WHERE n <> '' GROUP BY n ORDER BY n",
    "SHOW TABLES",
    "DESCRIBE cloudtrail",
    "SHOW COLUMNS FROM cloudtrail_logs",
};

std::string with_paths(std::string sql, const std::filesystem::path& folder) {
  for (const auto& [name, path] :
       {std::pair{"BAIT", (folder / "bait").string()}, std::pair{"OUT", (folder / "out").string()}})
    for (size_t at = sql.find(name); at != std::string::npos;
         at = sql.find(name, at + path.size())) {
      if (at > 0 && sql[at - 1] == '_') continue;  // CAIRN_BAIT
      sql.replace(at, 4 - (name[0] == 'O' ? 1 : 0), path);
    }
  return sql;
}

class Sandbox : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_world = std::make_unique<World>();
    for (const auto* ending : {".csv", ".json", ".txt"})
      std::ofstream(shared_world->folder() / (std::string("bait") + ending))
          << "{\"a\":\"" << kBait << "\"}\n";
    ::setenv("CAIRN_BAIT", kBait, 1);
  }

  static void TearDownTestSuite() { shared_world.reset(); }

  static bool wrote_something() {
    for (const auto& entry : std::filesystem::directory_iterator(shared_world->folder()))
      if (entry.path().filename().string().starts_with("out")) return true;
    return false;
  }

  static query::Session open(World::Over over, query::SessionLimits limits = {},
                             io::Waiter* waiter = nullptr) {
    return shared_world->open(
        over, true, {.threads = 2, .sandboxed = true, .limits = limits, .waiter = waiter});
  }

  static std::unique_ptr<World> shared_world;
};

std::unique_ptr<World> Sandbox::shared_world;

TEST_F(Sandbox, RefusesWhatIsNotAllowed) {
  for (const auto over : {World::Over::logs, World::Over::lake}) {
    auto session = open(over);
    for (const auto& [text, why] : kRefused) {
      const auto sql = with_paths(text, shared_world->folder());
      const auto came = answer(session, sql);
      EXPECT_TRUE(came.starts_with("error: ")) << why << "\n" << sql << "\n" << came;
      EXPECT_EQ(came.find(kBait), std::string::npos) << why << "\n" << sql << "\n" << came;
      const auto rows = session.sql(sql);
      if (!rows.ok()) {
        EXPECT_EQ(rows.error().kind(), ErrorKind::invalid_argument) << sql << "\n" << came;
      }
    }
    EXPECT_EQ(answer(session, "SELECT count(*) > 10 AS n FROM cloudtrail"), "n:BOOLEAN\ntrue");
  }
  EXPECT_FALSE(wrote_something());
}

TEST_F(Sandbox, RunsWhatOnlyComputes) {
  for (const auto over : {World::Over::logs, World::Over::lake}) {
    auto session = open(over);
    auto plain = shared_world->open(over, true, {.threads = 2});
    for (const auto* sql : kAllowed) {
      const auto came = answer(session, sql);
      EXPECT_FALSE(came.starts_with("error: ")) << sql << "\n" << came;
      EXPECT_EQ(came.substr(0, came.find('\n')), [&] {
        const auto other = answer(plain, sql);
        return other.substr(0, other.find('\n'));
      }()) << sql;
    }
  }
}

// The list of functions against the engine's own catalog, so that a new version of the engine
// cannot bring in what nobody thought of.
TEST_F(Sandbox, AllowsNoFunctionWithEffects) {
  auto plain = shared_world->open(World::Over::logs, true, {});
  auto session = open(World::Over::logs);
  auto rows = plain.sql(
      "SELECT DISTINCT function_name, function_type, coalesce(stability, '') FROM "
      "duckdb_functions() WHERE regexp_full_match(function_name, '[a-z_0-9]+')");
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  size_t seen = 0;
  while (rows.value().next().value()) {
    for (size_t row = 0; row < rows.value().rows(); ++row) {
      const auto name = rows.value().cell(0, row).to_text();
      const auto type = rows.value().cell(1, row).to_text();
      const auto stability = rows.value().cell(2, row).to_text();
      const bool table = type.starts_with("table");
      const auto came = answer(session, table ? fmt::format("SELECT * FROM {}()", name)
                                              : fmt::format("SELECT {}()", name));
      const bool allowed = came.find("not available here") == std::string::npos &&
                           came.find("syntax error") == std::string::npos;
      ++seen;
      if (!allowed) continue;
      if (table) {
        EXPECT_TRUE(name == "unnest" || name == "range" || name == "generate_series") << name;
      }
      EXPECT_NE(type, "pragma") << name;
      if (stability == "VOLATILE") {
        EXPECT_TRUE(name == "random" || name == "uuid" || name == "gen_random_uuid") << name;
      }
      for (const auto* part : {"read_", "write", "parquet", "glob", "env", "secret", "setting",
                               "duckdb", "pg_", "pragma", "sql", "query", "scan", "file", "sleep",
                               "error", "stats", "variable", "log_"})
        EXPECT_EQ(name.find(part), std::string::npos) << name;
    }
  }
  EXPECT_GT(seen, 500U);
}

// The second wall: the engine itself, whatever reaches it.
TEST_F(Sandbox, TheEngineIsLocked) {
  const auto csv = (shared_world->folder() / "bait.csv").string();
  const auto data = shared_world->folder() / "all" / "lake";
  auto database = engine::Database::open({});
  ASSERT_TRUE(database.ok());
  auto connection = database.value().connect();
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE(connection.value().lock({data.string()}).ok());
  for (const auto& sql :
       {fmt::format("SELECT * FROM read_csv('{}')", csv), fmt::format("SELECT * FROM '{}'", csv),
        fmt::format("SELECT * FROM read_text('{}')", csv),
        fmt::format("SELECT * FROM read_text('{}/../../bait.csv')", data.string()),
        std::string("SELECT * FROM glob('/*')"), std::string("SET enable_external_access = true"),
        std::string("SET lock_configuration = false"), std::string("SET threads = 1"),
        std::string("RESET enable_external_access"), std::string("INSTALL httpfs"),
        std::string("LOAD httpfs"), fmt::format("ATTACH '{}.db'", csv),
        fmt::format("COPY (SELECT 1) TO '{}'", (shared_world->folder() / "out.csv").string()),
        fmt::format("EXPORT DATABASE '{}'", (shared_world->folder() / "out").string()),
        fmt::format("SET temp_directory = '{}'", shared_world->folder().string()),
        fmt::format("SET allowed_directories = ['{}']", shared_world->folder().string())}) {
    const auto came = connection.value().query_text(sql);
    EXPECT_FALSE(came.ok() && came.value().find(kBait) != std::string::npos) << sql;
    EXPECT_FALSE(came.ok() && came.value() != "0") << sql << ": " << came.value();
  }
  EXPECT_FALSE(wrote_something());
  EXPECT_TRUE(connection.value()
                  .query_text(fmt::format("SELECT count(*) FROM glob('{}/**')", data.string()))
                  .ok());
}

TEST_F(Sandbox, WritesNoFile) {
  auto session = open(World::Over::lake);
  const auto out = (shared_world->folder() / "out.parquet").string();
  EXPECT_FALSE(session.sql_to_parquet("SELECT 1", out).ok());
  EXPECT_FALSE(wrote_something());
}

TEST_F(Sandbox, DeepStatementsAreRefusedAndDoNoHarm) {
  auto session = open(World::Over::logs);
  const auto repeated = [](const std::string& text, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i) out += text;
    return out;
  };
  const auto nested = [&](const std::string& outer, const std::string& inner, size_t times,
                          const std::string& name = "t") {
    return repeated(outer, times) + inner + repeated(") AS " + name, times);
  };
  const size_t many = 100'000;
  const std::vector<std::string> statements{
      "SELECT " + repeated("(", many) + "1" + repeated(")", many),
      repeated("(", many),
      repeated(")", many),
      "SELECT " + repeated("[", many) + repeated("]", many),
      "SELECT " + repeated("(SELECT ", 1000) + "1" + repeated(")", 1000),
      "SELECT " + repeated("- ", many) + "1",
      "SELECT " + repeated("NOT ", 60'000) + "true",
      "SELECT 1" + repeated(" + 1", 60'000),
      "SELECT 'a'" + repeated(" || 'a'", 30'000),
      "SELECT 1" + repeated(" UNION SELECT 1", 15'000),
      "SELECT 1 FROM cloudtrail" + repeated(", cloudtrail", 15'000),
      "SELECT 1 FROM cloudtrail" + repeated(" JOIN cloudtrail USING (eventID)", 5'000),
      "SELECT " + repeated("CASE WHEN true THEN ", 10'000) + "1" + repeated(" END", 10'000),
      "SELECT a" + repeated("[1]", 50'000) + " FROM (VALUES (1)) t (a)",
      "SELECT NULL" + repeated("::varchar", 20'000),
      "SELECT CAST(NULL AS integer" + repeated("[]", many) + ")",
      repeated("/*", many) + repeated("*/", 10),
      "SELECT '" + repeated("x", 300'000) + "'",
      // Few words that mean much: aliases of aliases, macros in macros, folds in folds.
      "SELECT 1 + 1 AS a0" +
          [] {
            std::string out;
            for (int i = 1; i < 40; ++i) out += fmt::format(", a{0} + a{0} AS a{1}", i - 1, i);
            return out;
          }(),
      "SELECT " + repeated("regexp_extract(", 30) + "'x'" + repeated(", 'x')", 30),
      "SELECT " + repeated("reduce(ARRAY[", 15) + "1" +
          repeated("], 0, (s, x) -> s + x, s -> s * s * s * s)", 15),
      nested("SELECT s || s AS s FROM (", "SELECT 'x' AS s", 40),
      nested("SELECT t.s || t.s AS s FROM (", "SELECT 'x' AS s", 40),
      nested("SELECT {'a': s, 'b': s} AS s FROM (", "SELECT 'x' AS s", 40),
      nested("SELECT [t, t] AS s FROM (", "SELECT 'x' AS s", 40),
      nested("SELECT *, * FROM (", "SELECT 1 AS s", 40),
      nested("SELECT t.*, t.*, t.* FROM (", "SELECT * FROM cloudtrail", 12),
      nested("SELECT c || c AS c FROM (", "VALUES ('x')", 40, "t (c)"),
      "WITH a0 AS (SELECT 'x' AS s)" +
          [] {
            std::string out;
            for (int i = 1; i < 40; ++i)
              out += fmt::format(", a{} AS (SELECT x.s || y.s AS s FROM a{} AS x, a{} AS y)", i,
                                 i - 1, i - 1);
            return out;
          }() +
          " SELECT * FROM a39",
      "SELECT " + repeated("slice(", 25) + "ARRAY[1]" + repeated(", 1, 1)", 25),
  };
  for (const auto& sql : statements) {
    const auto came = answer(session, sql);
    EXPECT_TRUE(came.starts_with("error: ")) << sql.substr(0, 80);
  }
  EXPECT_EQ(answer(session, "SELECT 1 AS n"), "n:INTEGER\n1");
}

/// Streams rows that do not end: it runs from when Session::sql() returns.
constexpr const char* kEndless = "SELECT a FROM range(1000000000000) t (a)";

/// Takes all rows; the error that ends them, or "".
std::string take_all(engine::ResultSet& rows) {
  Result<bool> more = true;
  while (more.ok() && more.value()) more = rows.next();
  return more.ok() ? "" : more.error().message();
}

TEST_F(Sandbox, StopsAtItsTimeLimit) {
  for (const auto over : {World::Over::logs, World::Over::lake}) {
    io::testing::FakeTime time;
    auto session = open(over, {.time_max_us = 300'000}, &time);
    {
      auto rows = session.sql(kEndless);
      ASSERT_TRUE(rows.ok()) << rows.error().message();
      time.wake_next();
      time.wait_for_sleeper();
      const auto slow = take_all(rows.value());
      EXPECT_NE(slow.find("longer than 0.3 seconds"), std::string::npos) << slow;
    }
    EXPECT_EQ(answer(session, "SELECT 1 AS n"), "n:INTEGER\n1");  // and it goes on
    // A statement that gives no row before its end; it may be stopped while it is planned.
    time.stop_sleeping();
    const auto slow =
        answer(session, "SELECT count(*) FROM range(100000000) a, range(100000000) b");
    EXPECT_NE(slow.find("longer than 0.3 seconds"), std::string::npos) << slow;
  }
}

TEST_F(Sandbox, StopsAtItsOtherLimits) {
  for (const auto over : {World::Over::logs, World::Over::lake}) {
    auto session = open(over, {.rows_max = 100, .answer_max_bytes = 10'000});
    const auto many = answer(session, "SELECT a FROM range(101) t (a)");
    EXPECT_NE(many.find("more than 100 rows"), std::string::npos) << many;
    EXPECT_NE(answer(session, "SELECT a FROM range(100) t (a)").find("99"), std::string::npos);
    const auto wide = answer(session, "SELECT lpad('', 200, 'x') FROM range(60)");
    EXPECT_NE(wide.find("more than 10000 bytes"), std::string::npos) << wide;
  }
}

TEST_F(Sandbox, MemoryAndDiskHaveAnEnd) {
  auto session =
      open(World::Over::logs, {.memory_max_bytes = 50'000'000, .temp_max_bytes = 20'000'000});
  auto rows = session.sql(
      "SELECT count(*) FROM (SELECT DISTINCT hash(a), random() FROM range(20000000) "
      "t (a) ORDER BY 2)");
  Result<bool> more = rows.ok() ? rows.value().next() : Result<bool>(rows.error());
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().kind(), ErrorKind::exhausted) << more.error().message();
  const auto temp = std::filesystem::temp_directory_path().string();
  EXPECT_EQ(more.error().message().find(temp), std::string::npos) << more.error().message();
}

TEST_F(Sandbox, IsInterruptedFromAnotherThread) {
  auto session = open(World::Over::lake);
  auto rows = session.sql(kEndless);
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  std::thread([&] { session.interrupt(); }).join();
  const auto came = take_all(rows.value());
  EXPECT_NE(came.find("interrupted"), std::string::npos) << came;
  EXPECT_EQ(answer(session, "SELECT 1 AS n"), "n:INTEGER\n1");
}

TEST_F(Sandbox, ADamagedLakeDoesNotTellItsPaths) {
  const World broken;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(broken.folder() / "all" / "lake"))
    if (entry.path().extension() == ".parquet")
      std::ofstream(entry.path(), std::ios::trunc) << "not a Parquet file at all";
  auto session = broken.open(World::Over::lake, true, {.sandboxed = true});
  const auto came = answer(session, "SELECT eventName FROM cloudtrail");
  EXPECT_TRUE(came.starts_with("error: the events cannot be read now")) << came;
  EXPECT_EQ(came.find(broken.folder().string()), std::string::npos) << came;
  EXPECT_NE(session.hidden_fault().find(".parquet"), std::string::npos) << session.hidden_fault();
}

}  // namespace
}  // namespace cairn::isolation

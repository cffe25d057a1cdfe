// The dialect end to end: SQL in, rows out, over a handful of events made for the purpose. Expected
// values are worked out by hand from Trino's documentation and the events below.
#include "query/session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cairn::query {
namespace {

constexpr const char* kEvents = R"({"Records":[
{"eventVersion":"1.08","eventTime":"2024-03-05T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"10.1.2.3","userAgent":"aws-cli","userIdentity":{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","accessKeyId":"AKIA1","userName":"alice"},"requestParameters":{"bucketName":"logs","key":"a/b.txt","x-amz-acl":"private","nested":{"n":[1,2,{"deep":"yes"}]},"none":null},"responseElements":null,"requestID":"r1","eventID":"e1","readOnly":true,"resources":[{"ARN":"arn:aws:s3:::logs/a/b.txt","type":"AWS::S3::Object"},{"ARN":"arn:aws:s3:::logs","accountId":"111122223333","type":"AWS::S3::Bucket"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"X","clientProvidedHostHeader":"s3"}},
{"eventVersion":"1.08","eventTime":"2024-03-06T11:30:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7","userAgent":"console","errorCode":"Client.UnauthorizedOperation","errorMessage":"no","userIdentity":{"type":"AssumedRole","principalId":"AROA:bob","arn":"arn:aws:sts::444455556666:assumed-role/admin/bob","accountId":"444455556666","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::444455556666:role/admin","userName":"admin"},"attributes":{"creationDate":"2024-03-06T11:00:00Z","mfaAuthenticated":"true"}}},"requestParameters":{"instanceType":"t3.micro"},"requestID":"r2","eventID":"e2","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"444455556666","eventCategory":"Management"},
{"eventVersion":"1.08","eventTime":"2024-03-06T12:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","sourceIPAddress":"2001:db8::7","userAgent":"console","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::444455556666:assumed-role/admin/bob","accountId":"444455556666"},"requestID":"r3","eventID":"e3","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"444455556666","eventCategory":"Management"}
]})";

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("cairn_session_test_{}", static_cast<const void*>(this));
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "events.json") << kEvents;
    SessionOptions options;
    options.source.paths = {folder_.string()};
    auto session = Session::open(options);
    ASSERT_TRUE(session.ok()) << session.error().message();
    session_.emplace(std::move(session).value());
  }

  void TearDown() override {
    session_.reset();
    std::filesystem::remove_all(folder_);
  }

  static std::string text_of(const engine::Cell& cell) {
    using engine::TypeKind;
    if (cell.is_null()) return "NULL";
    std::string out;
    const auto add = [&](const std::string& part) { out += (out.size() > 1 ? "," : "") + part; };
    switch (cell.kind()) {
      case TypeKind::list:
        out = "[";
        for (size_t i = 0; i < cell.size(); ++i) add(text_of(cell.at(i)));
        return out + "]";
      case TypeKind::structure:
        out = "{";
        for (size_t i = 0; i < cell.size(); ++i)
          add(cell.type().field_names[i] + "=" + text_of(cell.at(i)));
        return out + "}";
      case TypeKind::map:
        out = "{";
        for (size_t i = 0; i < cell.size(); ++i)
          add(text_of(cell.map_key(i)) + "=" + text_of(cell.map_value(i)));
        return out + "}";
      default:
        return cell.to_text();
    }
  }

  /// Rows with their cells separated by '|' and themselves by newlines; or the error.
  std::string run(const std::string& sql) {
    auto rows = session_->sql(sql);
    if (!rows.ok()) return "error: " + rows.error().message();
    std::string out;
    while (true) {
      const auto more = rows.value().next();
      if (!more.ok()) return "error: " + more.error().message();
      if (!more.value()) return out;
      for (size_t row = 0; row < rows.value().rows(); ++row) {
        if (!out.empty()) out += '\n';
        for (size_t column = 0; column < rows.value().columns().size(); ++column)
          out += (column > 0 ? "|" : "") + text_of(rows.value().cell(column, row));
      }
    }
  }

  std::string names(const std::string& sql) {
    auto rows = session_->sql(sql);
    if (!rows.ok()) return "error: " + rows.error().message();
    std::string out;
    for (const auto& column : rows.value().columns())
      out += (out.empty() ? "" : "|") + column.name + ":" + column.type.sql;
    while (true) {
      const auto more = rows.value().next();
      if (!more.ok() || !more.value()) return out;
    }
  }

  std::filesystem::path folder_;
  std::optional<Session> session_;
};

struct Case {
  const char* sql;
  const char* rows;
};

TEST_F(SessionTest, ListsOfAnyLengthAnswerTheSame) {
  std::string accounts = "'444455556666'";
  for (int i = 0; i < 2'000; ++i) accounts += fmt::format(", '{:012}'", i);
  EXPECT_EQ(run("SELECT count(*) FROM cloudtrail WHERE recipientAccountId IN (" + accounts + ")"),
            "2");
}

TEST_F(SessionTest, FunctionsGiveWhatTrinoGives) {
  constexpr Case kCases[] = {
      {"date_add('hour', -1, timestamp '2024-01-01 00:00:00')", "2023-12-31 23:00:00"},
      {"date_add('month', 1, date '2024-01-31')", "2024-02-29"},
      {"date_diff('day', timestamp '2024-01-01 23:00:00', timestamp '2024-01-02 22:00:00')", "0"},
      {"date_diff('hour', timestamp '2024-01-01 23:00:00', timestamp '2024-01-02 22:00:00')", "23"},
      {"date_trunc('month', date '2024-05-05')", "2024-05-01"},
      {"date_parse('2024-01-02 03:04:05', '%Y-%m-%d %H:%i:%s')", "2024-01-02 03:04:05"},
      {"date_format(timestamp '2024-01-02 03:04:05', '%Y/%m/%d %T')", "2024/01/02 03:04:05"},
      {"format_datetime(timestamp '2024-01-02 03:04:05', 'yyyy-MM-dd''T''HH:mm')",
       "2024-01-02T03:04"},
      {"to_iso8601(date '2024-01-02')", "2024-01-02"},
      {"to_unixtime(from_iso8601_timestamp('1970-01-01T01:00:00+01:00'))", "0"},
      {"day_of_week(date '2024-01-07')", "7"},
      {"extract(dow from date '2024-01-07')", "7"},
      {"millisecond(timestamp '2024-01-01 00:00:05.123')", "123"},
      {"json_extract_scalar('{\"a\":[1,\"x\"]}', '$.a[1]')", "x"},
      {"json_extract_scalar('{\"a\":{\"b\":1}}', '$.a')", "NULL"},
      {"json_extract_scalar('{\"a\":null}', '$.a')", "NULL"},
      {"json_extract_scalar('no json', '$.a')", "NULL"},
      {"json_extract_scalar('{\"a.b\":true}', '$[\"a.b\"]')", "true"},
      {"json_extract('{\"a\":[1]}', '$.a')", "[1]"},
      {"json_array_length('[1,2,3]')", "3"},
      {"json_array_contains('[\"a\"]', 'a')", "true"},
      {"json_size('{\"a\":{\"b\":1,\"c\":2}}', '$.a')", "2"},
      {"json_value('{\"a\":\"x\"}', 'lax $.a')", "x"},
      {"cast(json_parse('\"x\"') as varchar)", "x"},
      {"cast(json_parse('[\"a\",1]') as array(varchar))", "[a,1]"},
      {"cast(json_parse('{\"k\":{\"z\":1}}') as map(varchar, json))['k']", "{\"z\":1}"},
      {"cast('abcdef' as varchar(3))", "abc"},
      {"try_cast('x' as bigint)", "NULL"},
      {"try(cast('x' as bigint))", "NULL"},
      {"element_at(array[1,2], 3)", "NULL"},
      {"element_at(array[1,2], -1)", "2"},
      {"cardinality(array[1,2,3])", "3"},
      {"cardinality(map(array['a'], array[1]))", "1"},
      {"contains(array[1,2], 2)", "true"},
      {"array_join(array['a',null,'b'], ',')", "a,b"},
      {"array_join(array['a',null], ',', 'x')", "a,x"},
      {"array_position(array[1,2], 5)", "0"},
      {"slice(array[1,2,3,4], 2, 2)", "[2,3]"},
      {"array_sort(array[3,null,1])", "[1,3,NULL]"},
      {"array_distinct(array[2,1,2])", "[2,1]"},
      {"sequence(1, 3)", "[1,2,3]"},
      {"transform(array[1,2], x -> x + 1)", "[2,3]"},
      {"filter(array[1,2,3], x -> x > 1)", "[2,3]"},
      {"reduce(array[1,2,3], 0, (s, x) -> s + x, s -> s * 2)", "12"},
      {"any_match(array[1,2], x -> x > 1)", "true"},
      {"all_match(array[1,2], x -> x > 1)", "false"},
      {"none_match(array[1,2], x -> x > 5)", "true"},
      {"map_filter(map(array['a','b'], array[1,2]), (k, v) -> v > 1)", "{b=2}"},
      {"transform_values(map(array['a'], array[1]), (k, v) -> v + 1)", "{a=2}"},
      {"regexp_like('abc', 'b.')", "true"},
      {"regexp_extract('abc', 'x')", "NULL"},
      {"regexp_extract('abc', '(b)(c)', 2)", "c"},
      {"regexp_replace('abcb', '(b)', '<$1>')", "a<b>c<b>"},
      {"regexp_count('a1b2', '[0-9]')", "2"},
      {"split_part('a:b:c', ':', 2)", "b"},
      {"strpos('abc', 'c')", "3"},
      {"replace('abc', 'b')", "ac"},
      {"concat('a', null)", "NULL"},
      {"concat('a', 'b', 'c')", "abc"},
      {"url_extract_host('https://u@ex.com:8080/a/b?x=1&y=2%203#f')", "ex.com"},
      {"url_extract_port('https://ex.com:8080/a')", "8080"},
      {"url_extract_parameter('https://ex.com/?x=1&y=2%203', 'y')", "2 3"},
      {"to_hex(md5(to_utf8('a')))", "0CC175B9C0F1B6A831C399E269772661"},
      {"to_base64(to_utf8('abc'))", "YWJj"},
      {"if(false, 1)", "NULL"},
      {"typeof(current_date)", "date"},
      {"typeof(current_timestamp)", "timestamp with time zone"},
      {"typeof(localtimestamp)", "timestamp"},
      {"7 / 2", "3"},
      {"7.0 / 2", "3.5"},
      {"typeof(array[1])", "array(integer)"},
      {"cast('2001:DB8:0:0::1' as ipaddress)", "2001:db8::1"},
      {"cast('::ffff:1.2.3.4' as ipaddress)", "1.2.3.4"},
      {"try_cast('256.1.1.1' as ipaddress)", "NULL"},
      {"try_cast('1::2::3' as ipaddress)", "NULL"},
      {"contains('10.0.0.0/8', ipaddress '10.1.2.3')", "true"},
      {"contains('10.0.0.0/8', ipaddress '11.1.2.3')", "false"},
      {"ip_prefix(ipaddress '10.1.2.3', 16)", "10.1.0.0/16"},
      {"ip_subnet_max(ipprefix '10.1.0.0/16')", "10.1.255.255"},
      {"is_subnet_of(ipprefix '10.0.0.0/8', ipprefix '10.1.0.0/16')", "true"},
      {"ipaddress '9.0.0.1' < ipaddress '10.0.0.1'", "true"},
  };
  for (const auto& [expression, value] : kCases)
    EXPECT_EQ(run(fmt::format("SELECT {}", expression)), value) << expression;
}

TEST_F(SessionTest, AggregatesAndWindows) {
  const std::string from = " FROM (VALUES (1, 'a'), (2, 'b'), (3, 'b')) AS t (x, s)";
  EXPECT_EQ(run("SELECT listagg(s, ',') WITHIN GROUP (ORDER BY x DESC)" + from), "b,b,a");
  EXPECT_EQ(run("SELECT array_agg(DISTINCT s ORDER BY s), count_if(x > 1)" + from), "[a,b]|2");
  EXPECT_EQ(run("SELECT approx_distinct(s), arbitrary(x) IN (1, 2, 3), every(x > 0)" + from),
            "2|true|true");
  EXPECT_EQ(run("SELECT histogram(s), min_by(s, x), max_by(s, x)" + from), "{a=1,b=2}|a|b");
  EXPECT_EQ(run("SELECT cardinality(map_agg(s, x)), element_at(map_agg(s, x), 'a')" + from), "2|1");
  EXPECT_EQ(run("SELECT element_at(multimap_agg(s, x), 'b')" + from), "[2,3]");
  EXPECT_EQ(run("SELECT x, rank() OVER (PARTITION BY s ORDER BY x DESC)" + from + " ORDER BY x"),
            "1|1\n2|2\n3|1");
  EXPECT_EQ(run("SELECT x FROM (VALUES (1), (NULL), (2)) AS t (x) ORDER BY x DESC"), "2\n1\nNULL");
}

TEST_F(SessionTest, AthenaTableIsLowerCaseText) {
  EXPECT_EQ(names("SELECT eventTime, readOnly, userIdentity.accountId, requestParameters, count(*) "
                  "FROM cloudtrail_logs GROUP BY 1, 2, 3, 4"),
            "eventtime:VARCHAR|readonly:VARCHAR|accountid:VARCHAR|requestparameters:VARCHAR|"
            "_col4:BIGINT");
  EXPECT_EQ(run("SELECT eventtime, readonly, year, month, day, \"timestamp\", region, account FROM "
                "\"default\".cloudtrail_logs_b WHERE eventid = 'e1'"),
            "2024-03-05T10:00:00Z|true|2024|03|05|2024/03/05|eu-west-1|111122223333");
  EXPECT_EQ(run("SELECT resources FROM cloudtrail_logs WHERE eventid = 'e1'"),
            "[{arn=arn:aws:s3:::logs/a/b.txt,accountid=NULL,type=AWS::S3::Object},"
            "{arn=arn:aws:s3:::logs,accountid=111122223333,type=AWS::S3::Bucket}]");
  EXPECT_EQ(run("SELECT r.arn FROM cloudtrail_logs t CROSS JOIN UNNEST(t.resources) u (r) ORDER BY "
                "1"),
            "arn:aws:s3:::logs\narn:aws:s3:::logs/a/b.txt");
  EXPECT_EQ(run("SELECT useridentity.sessioncontext.attributes.creationdate, "
                "useridentity.sessioncontext.attributes.mfaauthenticated FROM cloudtrail_logs "
                "WHERE eventid = 'e2'"),
            "2024-03-06T11:00:00Z|true");
  EXPECT_EQ(run("SELECT count(*) FROM db.cloudtrail_logs WHERE day BETWEEN '2024/03/05' AND "
                "'2024/03/05' OR day = '06'"),
            "3");
  EXPECT_EQ(run("SELECT count(*) FROM cloudtrail_logs WHERE tlsdetails IS NOT NULL"), "1");
  EXPECT_EQ(run("SELECT count(*) FROM cloudtrail_logs WHERE CAST(eventtime AS timestamp) >= "
                "timestamp '2024-03-06 12:00:00'"),
            "1");
  EXPECT_EQ(run("SELECT count(*) FROM cloudtrail_logs WHERE eventtime < timestamp '2024-03-06 "
                "00:00:00'"),
            "1");
  EXPECT_EQ(run("WITH t AS (SELECT * FROM cloudtrail_logs) SELECT t.useridentity.username FROM t "
                "WHERE eventid = 'e1'"),
            "alice");
}

TEST_F(SessionTest, CairnsTableIsTyped) {
  EXPECT_EQ(names("SELECT eventTime, READONLY, userIdentity.accountId, requestParameters FROM "
                  "cloudtrail LIMIT 0"),
            "eventTime:TIMESTAMP|readOnly:BOOLEAN|accountId:VARCHAR|requestParameters:JSON");
  EXPECT_EQ(run("SELECT requestParameters.bucketName, requestParameters['key'], "
                "element_at(requestParameters, 'x-amz-acl'), "
                "json_extract_scalar(requestParameters, '$.nested.n[2].deep') FROM cloudtrail "
                "WHERE requestParameters LIKE '%logs%'"),
            "logs|a/b.txt|private|yes");
  EXPECT_EQ(run("SELECT eventID FROM cloudtrail WHERE readOnly AND eventTime < now()"), "e1");
  EXPECT_EQ(
      run("SELECT count(*) n FROM cloudtrail WHERE contains('10.0.0.0/8', CAST(sourceIPAddress "
          "AS IPADDRESS))"),
      "1");
  EXPECT_EQ(run("SELECT eventSource, count(*) n FROM cloudtrail GROUP BY eventSource HAVING n > 1"),
            "ec2.amazonaws.com|2");
}

TEST_F(SessionTest, LakeTableHasMaps) {
  const std::string from = " FROM 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9 ";
  EXPECT_EQ(run("SELECT element_at(requestParameters, 'nested'), requestParameters['key'], "
                "element_at(requestParameters, 'none')" +
                from + "WHERE eventID = 'e1';"),
            R"({"n":[1,2,{"deep":"yes"}]}|a/b.txt|NULL)");
  EXPECT_EQ(run("SELECT requestParameters" + from + "WHERE eventID = 'e2'"),
            "{instanceType=t3.micro}");
  EXPECT_EQ(run("SELECT element_at(requestParameters, 'instanceType'), count(*)" + from +
                "WHERE eventTime > '2024-03-06 00:00:00' AND readOnly = False GROUP BY "
                "requestParameters ORDER BY 1"),
            "t3.micro|1\nNULL|1");
  EXPECT_EQ(run("SELECT element_at(resources, 2).accountId" + from + "WHERE eventID = 'e1'"),
            "111122223333");
}

TEST_F(SessionTest, FaultsNameThePlace) {
  EXPECT_EQ(run("SELECT evenname FROM cloudtrail_logs"),
            "error: query:1:8: unknown column 'evenname'\n"
            "    1 | SELECT evenname FROM cloudtrail_logs\n"
            "      |        ^~~~~~~~ did you mean 'eventname'?");
  EXPECT_EQ(run("SELECT count(*)\nFROM cloudtrail_logs\nWHERE readonly = true"),
            "error: query:3:7: cannot compare varchar with boolean\n"
            "    3 | WHERE readonly = true\n"
            "      |       ^~~~~~~~\n"
            "hint: compare with 'true' or 'false' in quotes");
  const Case cases[] = {
      {"SELECT json_extract_scalr(userAgent, '$.a') FROM cloudtrail",
       "did you mean "
       "'json_extract_scalar'?"},
      {"SELECT t.eventname FROM cloudtrail", "unknown table or column 't'"},
      {"SELECT 1 FROM cloudtrial", "did you mean 'cloudtrail'?"},
      {"SELECT userIdentity.ar FROM cloudtrail", "'userIdentity' has no field 'ar'"},
      {"SELECT eventname FROM cloudtrail_logs WHERE \"x\" = eventname", "single quotes: 'x'"},
      {"SELECT eventname FROM cloudtrail_logs WHERE eventname == 'x'", "write '='"},
      {"SELECT requestparameters.a FROM cloudtrail_logs",
       "json_extract_scalar(requestparameters, '$.a')"},
      {"SELECT json_extract(requestparameters, '$.a-b') FROM cloudtrail_logs",
       "Invalid JSON path: '$.a-b'"},
      {"SELECT eventname, count(*) c FROM cloudtrail_logs GROUP BY 1 HAVING c > 1",
       "an alias of the SELECT list, which HAVING does not see"},
      {"SELECT eventname, count(*) FROM cloudtrail_logs", "must appear in the GROUP BY clause"},
      {"CREATE TABLE a AS SELECT 1", "CREATE TABLE AS is not supported"},
      {"SELECT 1; SELECT 2", "one statement at a time"},
      {"SELECT date_format(eventtime, '%Y') FROM cloudtrail_logs",
       "takes a timestamp, not varchar"},
      {"SELECT 'a", "not closed"},
      {"", "the statement is empty"},
      {"SELECT CAST('x' AS ipaddress)", "Cannot cast value to IPADDRESS: x"},
  };
  for (const auto& [sql, part] : cases) {
    const std::string answer = run(sql);
    EXPECT_EQ(answer.compare(0, 7, "error: "), 0) << sql << ": " << answer;
    EXPECT_NE(answer.find(part), std::string::npos) << sql << ": " << answer;
  }
}

TEST_F(SessionTest, FaultsInTheMidstOfRowsAreToldAsThoseBefore) {
  // Further on than the engine computes ahead of who reads.
  auto rows = session_->sql(
      "SELECT CAST(CASE WHEN i = 2999999 THEN 'x' ELSE '1' END AS integer) "
      "FROM range(3000000) t(i)");
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  auto more = rows.value().next();
  while (more.ok() && more.value()) more = rows.value().next();
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(more.error().message(), "Could not convert string 'x' to INT32");
}

TEST_F(SessionTest, ReadsParquetBackAsItWasWritten) {
  const auto file = (folder_ / "out.parquet").string();
  const auto rows = session_->sql_to_parquet(
      "SELECT eventtime, useridentity.arn, resources FROM cloudtrail_logs;", file);
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  EXPECT_EQ(rows.value(), 3U);
  EXPECT_EQ(run(fmt::format("SELECT count(*), count(arn) FROM {}", "\"" + file + "\"")), "3|3");
}

}  // namespace
}  // namespace cairn::query

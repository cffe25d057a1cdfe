#include "engine/cloudtrail_scan.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cairn::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecord =
    R"({"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/a",)"
    R"("sessionContext":{"attributes":{"mfaAuthenticated":"true","creationDate":"2025-03-14T08:00:00Z"}}},)"
    R"("eventTime":"2025-03-14T09:00:00Z","eventName":"A","readOnly":false,"requestParameters":{"n":1.50},)"
    R"("responseElements":null,"newField":[1,{"x":"y"}],"eventID":"1"})";

class ScanTest : public ::testing::Test {
 protected:
  ScanTest()
      : folder_(fs::temp_directory_path() / ("cairn_scan_test_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }

  ~ScanTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name) << content;
  }

  // Rows as text, cells joined by " | "; or the error.
  std::vector<std::string> run(const std::string& sql, source::SourceOptions options = {}) {
    options.paths = {folder_.string()};
    auto database = Database::open({.threads = 2, .temp_folder = {}});
    EXPECT_TRUE(database.ok());
    auto connection = database.value().connect();
    EXPECT_TRUE(connection.ok());
    scan_ = std::make_shared<CloudTrailScan>(options);
    EXPECT_TRUE(register_read_cloudtrail(connection.value(), scan_).ok());
    EXPECT_TRUE(scan_->begin({}).ok());
    auto result = connection.value().query(sql);
    if (!result.ok()) {
      kind_ = result.error().kind();
      return {"error: " + result.error().message()};
    }
    std::vector<std::string> rows;
    for (;;) {
      auto more = result.value().next();
      if (!more.ok()) {
        kind_ = more.error().kind();
        return {"error: " + more.error().message()};
      }
      if (!more.value()) return rows;
      for (size_t row = 0; row < result.value().rows(); ++row) {
        std::string line;
        for (size_t column = 0; column < result.value().columns().size(); ++column) {
          const auto cell = result.value().cell(column, row);
          line += (column == 0 ? "" : " | ") + (cell.is_null() ? "NULL" : cell.to_text());
        }
        rows.push_back(line);
      }
    }
  }

  fs::path folder_;
  std::shared_ptr<CloudTrailScan> scan_;
  ErrorKind kind_ = ErrorKind::internal;  ///< of the last error
};

using Rows = std::vector<std::string>;

TEST_F(ScanTest, columns_have_their_types_and_values) {
  write("a.json", kRecord);
  EXPECT_EQ(
      run(R"(SELECT eventTime, eventTimeText, readOnly, "userIdentity.arn", errorCode, recordNumber,
                   "userIdentity.sessionContext.attributes.mfaAuthenticated",
                   "userIdentity.sessionContext.attributes.creationDate" FROM read_cloudtrail())"),
      (Rows{"2025-03-14 09:00:00 | 2025-03-14T09:00:00Z | false | arn:aws:iam::111122223333:user/a "
            "| NULL | 1 | "
            "true | 2025-03-14 08:00:00"}));
  EXPECT_EQ(run("SELECT requestParameters, responseElements, otherFields FROM read_cloudtrail()"),
            (Rows{R"({"n":1.50} | NULL | {"newField":[1,{"x":"y"}]})"}));
  EXPECT_EQ(run("SELECT eventJson FROM read_cloudtrail()"), (Rows{kRecord}));
}

TEST_F(ScanTest, many_files_on_several_threads_count_right) {
  for (int i = 0; i < 50; ++i) {
    std::string text = R"({"Records":[)";
    for (int k = 0; k < 100; ++k) text += std::string(k == 0 ? "" : ",") + kRecord;
    write("log" + std::to_string(i) + ".json", text + "]}");
  }
  EXPECT_EQ(run("SELECT count(*) FROM read_cloudtrail()"), (Rows{"5000"}));
  EXPECT_EQ(scan_->coverage().files_read, 50U);
  EXPECT_EQ(scan_->coverage().events, 5000U);
  EXPECT_EQ(scan_->files_done(), 50U);
  // A table scanned twice in one query is accounted for once.
  EXPECT_EQ(run("SELECT count(*) FROM read_cloudtrail() a, (SELECT DISTINCT eventID FROM "
                "read_cloudtrail()) b "
                "WHERE a.eventID = b.eventID"),
            (Rows{"5000"}));
  EXPECT_EQ(scan_->coverage().events, 5000U);
}

TEST_F(ScanTest, what_is_refused_is_counted_and_strict_stops) {
  write("good.json", kRecord);
  write("bad.json", R"({"Records":[{"eventTime")");
  EXPECT_EQ(run("SELECT count(*) FROM read_cloudtrail()"), (Rows{"1"}));
  EXPECT_EQ(scan_->coverage().files_refused, 1U);
  const auto strict = run("SELECT count(*) FROM read_cloudtrail()", {.paths = {}, .strict = true});
  ASSERT_EQ(strict.size(), 1U);
  EXPECT_NE(strict[0].find("bad.json: byte 24: the text ends within a JSON value"),
            std::string::npos)
      << strict[0];
  EXPECT_EQ(kind_, ErrorKind::corrupt);
}

TEST_F(ScanTest, a_cancelled_scan_ends) {
  write("a.json", kRecord);
  scan_ = std::make_shared<CloudTrailScan>(source::SourceOptions{.paths = {folder_.string()}});
  ASSERT_TRUE(scan_->begin({}).ok());
  scan_->cancel();
  auto database = Database::open({});
  auto connection = database.value().connect();
  ASSERT_TRUE(register_read_cloudtrail(connection.value(), scan_).ok());
  EXPECT_EQ(connection.value().query_text("SELECT count(*) FROM read_cloudtrail()").value(), "0");
}

TEST_F(ScanTest, parquet_exports_are_read_as_events) {
  write("a.json", kRecord);
  const auto file = (folder_ / "export.parquet").string();
  run("COPY (SELECT '2025-03-14T09:00:00Z' AS eventtime, 'B' AS eventname, {'type': 'Root', 'arn': "
      "'x'} AS useridentity, "
      "'{\"n\":2.50}' AS requestparameters, 'false' AS readonly) TO '" +
      file + "' (FORMAT parquet)");
  EXPECT_EQ(
      run(R"(SELECT eventName, "userIdentity.type", requestParameters, readOnly FROM read_cloudtrail()
                   ORDER BY eventName)"),
      (Rows{R"(A | IAMUser | {"n":1.50} | false)", R"(B | Root | {"n":2.50} | false)"}));
}

TEST_F(ScanTest, values_of_every_kind_have_a_text) {
  EXPECT_EQ(run("SELECT 1::UTINYINT, 2::HUGEINT, 18446744073709551615::UBIGINT, "
                "-1.50::DECIMAL(5,2), 1.5::DOUBLE, "
                "DATE '2024-02-29', TIME '01:02:03', TIMESTAMP '2024-02-29 01:02:03.5', INTERVAL "
                "90 MINUTE, NULL, "
                "'a'::ENUM('a', 'b'), '0a0b0c0d-0000-4000-8000-000000000001'::UUID"),
            (Rows{"1 | 2 | 18446744073709551615 | -1.50 | 1.5 | 2024-02-29 | 01:02:03 | 2024-02-29 "
                  "01:02:03.5 | 01:30:00 "
                  "| NULL | a | 0a0b0c0d-0000-4000-8000-000000000001"}));
}

}  // namespace
}  // namespace cairn::engine

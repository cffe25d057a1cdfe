// Every query of the two collections of real Athena and CloudTrail Lake queries, over real logs: it
// runs, or fails where the collection says so, with an error that names the construct. The
// collections and the logs lie outside the repository, in and beside the folder CAIRN_TEST_DATA.
#include "query/session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace cairn::query {
namespace {

struct CorpusQuery {
  std::string id;
  std::string sql;
  bool expect_error = false;
};

constexpr const char* kStoreId = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

bool is_header(const std::string& line) {  // "-- A01 …"
  return line.size() > 6 && line.compare(0, 3, "-- ") == 0 && (line[3] == 'A' || line[3] == 'L') &&
         std::isdigit(static_cast<unsigned char>(line[4])) != 0 &&
         std::isdigit(static_cast<unsigned char>(line[5])) != 0;
}

std::vector<CorpusQuery> read_corpus(const std::filesystem::path& file) {
  std::vector<CorpusQuery> queries;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (is_header(line)) {
      queries.push_back({.id = line.substr(3, 3), .sql = {}});
      queries.back().expect_error = line.find("EXPECT ERROR") != std::string::npos;
    } else if (!queries.empty()) {
      const bool note = line.compare(0, 5, "--   ") == 0;
      if (note && line.find("EXPECT ERROR") != std::string::npos)
        queries.back().expect_error = true;
      if (!note && line.compare(0, 3, "-- ") != 0) queries.back().sql += line + '\n';
    }
  }
  for (auto& query : queries)
    for (size_t at = query.sql.find("$EDS_ID"); at != std::string::npos;
         at = query.sql.find("$EDS_ID"))
      query.sql.replace(at, 7, kStoreId);
  return queries;
}

/// What an unsupported or wrong query's error must name.
std::string named_construct(const std::string& id) {
  if (id == "A17") return "call_count";
  if (id == "A20") return "additionaleventdata";
  if (id == "A23") return "Invalid JSON path: '$.x-amz-copy-source'";
  if (id == "A43") return "CREATE TABLE AS";
  if (id == "A44") return "INSERT";
  if (id == "A58") return "did you mean 'eventname'?";
  if (id == "A79") return "responseelements";
  if (id == "L47") return "GROUP BY";
  return {};
}

Result<uint64_t> run(Session& session, const std::string& sql) {
  auto rows = CAIRN_TRY(session.sql(sql));
  uint64_t count = 0;
  while (true) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) return count;
    count += rows.rows();
  }
}

void run_corpus(const char* file, size_t count_min, bool sandboxed = false) {
  const std::filesystem::path data = CAIRN_TEST_DATA;
  const auto corpus = data / "../specs" / file;
  if (!std::filesystem::exists(corpus) || !std::filesystem::exists(data / "invictus")) {
    fmt::print("{} is not here: not run\n", corpus.string());
    return;
  }
  SessionOptions options;
  options.source.paths = {(data / "invictus").string()};
  options.sandboxed = sandboxed;
  auto session = Session::open(options);
  ASSERT_TRUE(session.ok()) << session.error().message();
  const auto queries = read_corpus(corpus);
  size_t ran = 0;
  size_t with_rows = 0;
  size_t named = 0;
  for (const auto& query : queries) {
    const auto rows = run(session.value(), query.sql);
    const std::string construct = named_construct(query.id);
    if (rows.ok()) {
      EXPECT_TRUE(construct.empty()) << query.id << " should fail: " << construct;
      ++ran;
      if (rows.value() > 0) ++with_rows;
    } else {
      EXPECT_FALSE(construct.empty()) << query.id << ": " << rows.error().message();
      EXPECT_NE(rows.error().message().find(construct), std::string::npos)
          << query.id << ": " << rows.error().message();
      ++named;
    }
    EXPECT_TRUE(!query.expect_error || !rows.ok()) << query.id << " should fail";
  }
  fmt::print("{}: {} of {} queries run ({} give rows), {} are refused by name\n", file, ran,
             queries.size(), with_rows, named);
  EXPECT_GE(queries.size(), count_min);
}

TEST(Corpus, EveryAthenaQueryRunsOrIsRefusedByName) {
  run_corpus("athena-queries.sql", 50);
}

TEST(Corpus, TheSandboxRunsThemToo) {
  run_corpus("athena-queries.sql", 50, true);
  run_corpus("lake-queries.sql", 40, true);
}

TEST(Corpus, EveryLakeQueryRunsOrIsRefusedByName) {
  run_corpus("lake-queries.sql", 40);
}

}  // namespace
}  // namespace cairn::query

#include "cli/coverage_report.h"

#include <gtest/gtest.h>

namespace cairn::cli {
namespace {

using source::Coverage;
using source::FileFate;
using source::FileReport;
using source::Problem;

FileReport file(std::string path, FileFate fate, std::string reason) {
  FileReport report;
  report.path = std::move(path);
  report.fate = fate;
  report.reason = std::move(reason);
  return report;
}

Problem problem(std::string path, uint64_t record, uint64_t offset, std::string reason) {
  Problem made;
  made.file = std::move(path);
  made.record = record;
  made.offset = offset;
  made.reason = std::move(reason);
  return made;
}

Coverage mixed() {
  Coverage coverage;
  coverage.files_read = 1'200;
  coverage.files_partial = 1;
  coverage.files_refused = 1;
  coverage.files_left_out = 2;
  coverage.bytes_read = 1'300'000;
  coverage.events = 45'678;
  coverage.records_refused = 1;
  coverage.warnings = 1;
  coverage.files.push_back(file("a.json", FileFate::partial, ""));
  coverage.files.push_back(file("b\x1b.gz", FileFate::refused, "the gzip data ends early"));
  coverage.files.push_back(file("d.json", FileFate::left_out, "digest file"));
  coverage.problems.push_back(problem("a.json", 7, 1'234, "an object has no comma"));
  coverage.problems.push_back(problem("b\x1b.gz", 0, 300, "the gzip data ends early"));
  Problem odd = problem("c.json", 1, 0, "eventTime has no zone");
  odd.warning = true;
  coverage.problems.push_back(odd);
  return coverage;
}

TEST(CoverageReport, TextNamesEveryFileThatWasNotReadWhole) {
  EXPECT_EQ(coverage_text(mixed()),
            "coverage: 1,200 files read whole, 1.3 MB, 45,678 events\n"
            "read in part: 1 file\n"
            "  a.json\n"
            "refused: 1 file\n"
            "  b\\x1b.gz: the gzip data ends early\n"
            "left out: 2 files\n"
            "  d.json: digest file\n"
            "  … and 1 more\n"
            "records refused: 1\n"
            "  a.json: record 7, byte 1234: an object has no comma\n"
            "accepted, but odd: 1\n"
            "  c.json: record 1, byte 0: eventTime has no zone\n");
}

TEST(CoverageReport, JsonHasTheSameFacts) {
  Coverage coverage = mixed();
  coverage.files.resize(2);
  coverage.problems.resize(1);
  EXPECT_EQ(coverage_json(coverage),
            R"({"files_read":1200,"files_partial":1,"files_refused":1,"files_left_out":2,)"
            R"("files_pruned":0,"files_not_needed":0,"bytes_read":1300000,"events":45678,)"
            R"("records_refused":1,"records_skipped":0,"warnings":1,"files":[)"
            R"({"path":"a.json","fate":"partial","bytes":0,"events":0,"records_refused":0},)"
            R"({"path":"b\u001b.gz","fate":"refused","reason":"the gzip data ends early",)"
            R"("bytes":0,"events":0,"records_refused":0}],"problems":[{"file":"a.json","record":7,)"
            R"("offset":1234,"reason":"an object has no comma","warning":false}]})");
}

TEST(CoverageReport, SummaryIsShortAndSaysWhereTheRestIs) {
  EXPECT_EQ(problem_summary(Coverage{}), "");
  EXPECT_EQ(problem_summary(mixed()),
            "cairn: refused 1 file and 1 record; the answer is without them\n"
            "  a.json: record 7, byte 1234: an object has no comma\n"
            "  b\\x1b.gz: byte 300: the gzip data ends early\n");
  Coverage many = mixed();
  for (uint64_t i = 0; i < 10; ++i) many.problems.push_back(problem("e.json", i + 1, 0, "broken"));
  many.records_refused += 10;
  EXPECT_TRUE(problem_summary(many).ends_with("  … and 9 more; --coverage lists all\n"));
}

}  // namespace
}  // namespace cairn::cli

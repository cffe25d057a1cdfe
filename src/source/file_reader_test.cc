#include "source/file_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cairn::source {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecord =
    R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A","eventID":"1"})";

std::string log_of(int events) {
  std::string text = R"({"Records":[)";
  for (int i = 0; i < events; ++i) text += std::string(i == 0 ? "" : ",") + kRecord;
  return text + "]}";
}

class FileReaderTest : public ::testing::Test {
 protected:
  FileReaderTest()
      : folder_(fs::temp_directory_path() /
                ("cairn_file_reader_test_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }

  ~FileReaderTest() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& content) {
    const auto path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  void run(const std::string& command) {
    ASSERT_EQ(std::system(("cd '" + folder_.string() + "' && " + command).c_str()), 0) << command;
  }

  FileReport read(const std::string& path, ReaderOptions options = {}) {
    const model::FieldPlan plan;
    FileReader reader(plan, options, nullptr);
    reader.open({path, fs::exists(path) ? fs::file_size(path) : 0, std::nullopt, {}});
    records_ = 0;
    while (const auto* batch = reader.next()) records_ += batch->heads.size();
    problems_ = reader.problems();
    return reader.report();
  }

  fs::path folder_;
  uint64_t records_ = 0;
  std::vector<Problem> problems_;
};

TEST_F(FileReaderTest, containers_are_told_by_content) {
  const auto log = write("log", log_of(3));
  run("gzip -c log > gz && zstd -q -c log > zst && gzip -c gz > gz2 && tar cf tar log gz zst && "
      "gzip -c tar > tgz");
  for (const auto* name : {"log", "gz", "zst", "gz2"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(read((folder_ / name).string()).fate, FileFate::read);
    EXPECT_EQ(records_, 3U);
  }
  for (const auto* name : {"tar", "tgz"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(read((folder_ / name).string()).fate, FileFate::read);
    EXPECT_EQ(records_, 9U);
  }
}

TEST_F(FileReaderTest, a_bad_member_of_an_archive_does_not_hide_the_others) {
  write("a.json", log_of(2));
  write("b.json", log_of(2).substr(0, 60));
  run("tar cf both.tar a.json b.json");
  const auto report = read((folder_ / "both.tar").string());
  EXPECT_EQ(report.fate, FileFate::partial);
  EXPECT_EQ(records_, 2U);
  ASSERT_EQ(problems_.size(), 1U);
  EXPECT_NE(problems_[0].file.find("both.tar!b.json"), std::string::npos);
}

TEST_F(FileReaderTest, large_texts_give_the_same_in_bounded_memory) {
  write("log.json", log_of(5000));
  run("gzip -k log.json && tar cf log.tar log.json.gz");
  for (const auto* name : {"log.json", "log.json.gz", "log.tar"}) {
    SCOPED_TRACE(name);
    const auto report =
        read((folder_ / name).string(), {.whole_bytes_max = 10'000, .record_bytes_max = 1 << 22});
    EXPECT_EQ(report.fate, FileFate::read);
    EXPECT_EQ(report.events, 5000U);
    EXPECT_EQ(records_, 5000U);
  }
}

TEST_F(FileReaderTest, a_cut_file_gives_nothing_unless_salvaged) {
  const auto cut = write("cut.json", log_of(3).substr(0, 200));
  run("gzip -c cut.json | head -c 80 > cut.json.gz");
  for (const size_t whole_max : {64'000'000U, 50U}) {
    ReaderOptions options{.whole_bytes_max = whole_max};
    EXPECT_EQ(read(cut, options).fate, FileFate::refused);
    EXPECT_EQ(records_, 0U);
    EXPECT_FALSE(problems_.empty());
    options.salvage = true;
    EXPECT_EQ(read(cut, options).fate, FileFate::partial);
    EXPECT_EQ(records_, 2U);
    EXPECT_EQ(read((folder_ / "cut.json.gz").string(), {.whole_bytes_max = whole_max}).fate,
              FileFate::refused);
  }
}

TEST_F(FileReaderTest, what_is_no_log_is_left_out_by_name_and_content) {
  EXPECT_EQ(read(write("notes.txt", "see the runbook\n")).fate, FileFate::left_out);
  EXPECT_EQ(read(write("_marker", "")).fate, FileFate::left_out);
  EXPECT_EQ(read(write("empty.json", "")).fate, FileFate::refused);
  EXPECT_EQ(read(write("error.json.gz", "<Error>AccessDenied</Error>")).fate, FileFate::refused);
  EXPECT_EQ(read((folder_ / "gone.json").string()).fate, FileFate::refused);
}

TEST_F(FileReaderTest, discovery_prunes_by_key_and_names_each_file_once) {
  const std::string day = "AWSLogs/111122223333/CloudTrail/us-east-1/2025/03/14/";
  const auto log = write(
      day + "111122223333_CloudTrail_us-east-1_20250314T0910Z_AbCdEfGhIjKlMnOp.json", log_of(1));
  write("AWSLogs/444455556666/CloudTrail/eu-west-1/2025/03/20/x.json", log_of(1));
  const auto count = [&](const Wanted& wanted) {
    auto files = discover({.paths = {folder_.string(), log}}, wanted);
    EXPECT_TRUE(files.ok());
    EXPECT_EQ(files.value().size(), 2U);
    size_t opened = 0;
    for (const auto& file : files.value()) opened += file.fate ? 0 : 1;
    return opened;
  };
  Wanted wanted;
  EXPECT_EQ(count(wanted), 2U);
  wanted.accounts = {"111122223333"};
  EXPECT_EQ(count(wanted), 1U);
  wanted = {};
  wanted.regions = {"us-west-2"};
  EXPECT_EQ(count(wanted), 0U);
  wanted = {};
  wanted.event_time_min_us = 1742256000000000;  // 2025-03-18
  EXPECT_EQ(count(wanted), 1U);
  wanted = {};
  wanted.event_time_max_us = 1741910400000000;  // 2025-03-14
  EXPECT_EQ(count(wanted), 1U);
  EXPECT_EQ(discover({.paths = {(folder_ / "nowhere").string()}}, {}).error().kind(),
            ErrorKind::not_found);
}

}  // namespace
}  // namespace cairn::source

// Every chain of the test data folder, against what the AWS CLI prints for it.
#include "base/text.h"
#include "base/time.h"
#include "integrity/aws_report.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace cairn::integrity {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string word_after(const std::string& text, const std::string& before) {
  const auto at = text.find(before);
  if (at == text.npos) return {};
  return text.substr(at + before.size(),
                     text.find_first_of(" \n", at + before.size()) - at - before.size());
}

void check(const fs::path& folder, int threads) {
  SCOPED_TRACE(folder.filename().string());
  const auto bucket = std::string("amzn-s3-demo-bucket");
  const auto store = io::open_folder_store(folder / bucket, false).value();
  OriginalBuckets archive(
      [&](const std::string&) -> Result<io::ObjectStore*> { return store.get(); });
  const auto want = slurp(folder / "expected-stdout.txt");
  std::optional<DigestChain> chain;
  ASSERT_TRUE(store
                  ->list("", "",
                         [&](const io::ObjectInfo& object) {
                           if (const auto name = parse_digest_key(object.key)) chain = name->chain;
                           return !chain;
                         })
                  .ok());
  ASSERT_TRUE(chain);
  FixedKeys keys(read_public_keys(folder / "public-keys.json").value());
  WalkOptions options;
  options.start_us = *parse_iso8601(word_after(want, " between "));
  options.end_us = *parse_iso8601(word_after(want, " and "));
  options.threads = threads;
  std::string out;
  std::string err;
  AwsReport report({trail_arn(*chain), chain->home_region, options.start_us, options.end_us, true},
                   [&](bool is_error, std::string_view text) {
                     (is_error ? err : out) += text;
                     return true;
                   });
  report.begin();
  ASSERT_TRUE(walk(archive, keys, *chain, bucket, options, report).ok());
  report.end();
  EXPECT_EQ(out, want);
  EXPECT_EQ(err, slurp(folder / "expected-stderr.txt"));
  EXPECT_EQ(report.totals().all_valid() ? "0" : "1",
            slurp(folder / "expected-exit.txt").substr(0, 1));
}

TEST(Golden, prints_what_the_aws_cli_prints) {
  const char* const data = std::getenv("CAIRN_TEST_DATA");
  const fs::path chains = fs::path(data == nullptr ? "" : data) / "edge/e-digest-chain";
  if (data == nullptr || !fs::exists(chains)) {
    std::cout << "nothing to check: CAIRN_TEST_DATA names no folder with edge/e-digest-chain\n";
    return;
  }
  size_t checked = 0;
  for (const auto& folder : fs::directory_iterator(chains)) {
    if (!folder.is_directory()) continue;
    for (const int threads : {1, 3}) check(folder.path(), threads);
    ++checked;
  }
  EXPECT_GT(checked, 10u);
}

}  // namespace
}  // namespace cairn::integrity

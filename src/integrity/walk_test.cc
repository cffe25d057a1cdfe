#include "integrity/walk.h"

#include "base/inflate.h"
#include "integrity/aws_report.h"
#include "integrity/proof.h"
#include "integrity/scrutiny.h"
#include "integrity/survey.h"
#include "integrity/testing/chain_maker.h"

#include <gtest/gtest.h>

namespace cairn::integrity {
namespace {

using testing::ChainMaker;
using testing::MemoryStore;

const DigestChain kChain{"", "", "111122223333", "eu-west-1", "t", "us-east-1"};
constexpr int64_t kEight = 1'741'939'200 * kMicrosPerSecond;  // 2025-03-14T08:00:00Z

constexpr int64_t hour(int number) {
  return kEight + number * kMicrosPerHour;
}

/// Six hours of digests, each with two log files, and what is found in them.
class WalkTest : public ::testing::Test {
 protected:
  WalkTest() {
    for (int i = 1; i <= 6; ++i)
      keys_.push_back(maker_.add(
          hour(i), {fmt::format(R"({{"Records":[{{"eventID":"e{}a"}}]}})", i),
                    fmt::format(R"({{"Records":[{{"eventID":"x"}},{{"eventID":"e{}b"}}]}})", i)}));
  }

  Status run(Archive& archive) {
    WalkOptions options = range();
    options.event_id = event_;
    AwsReport report({"ARN", kChain.home_region, options.start_us, options.end_us, false},
                     [this](bool is_error, std::string_view text) {
                       if (is_error) errors_ += text;
                       return true;
                     });
    search_ = std::make_unique<EventSearch>(&report);
    ChainNotes notes(kChain, search_.get(), found_);
    CAIRN_TRY(walk(archive, key_source_, kChain, bucket_, options, notes));
    totals_ = report.totals();
    if (!deep_) return {};
    counts_ = CAIRN_TRY(
        scrutinize(archive, key_source_, kChain, bucket_, options, now_us_, notes, found_));
    return {};
  }

  Status run() {
    OriginalBuckets archive(
        [this](const std::string&) -> Result<io::ObjectStore*> { return &store_; });
    return run(archive);
  }

  static WalkOptions range() {
    WalkOptions options;
    options.start_us = kEight;
    options.end_us = hour(10);
    options.threads = 3;
    return options;
  }

  std::string log(int end, size_t number) const {
    return maker_.log_key(hour(end) - kMicrosPerHour / 2, number);
  }

  MemoryStore store_;
  ChainMaker maker_{store_, kChain, "b"};
  std::vector<std::string> keys_;
  FixedKeys key_source_{ChainMaker::keys()};
  std::string bucket_ = "b";
  std::string event_;
  bool deep_ = false;
  int64_t now_us_ = hour(100);
  std::unique_ptr<EventSearch> search_;
  std::vector<std::string> findings_;
  ChainNotes::Found found_ = [this](const Finding& finding) {
    findings_.push_back(describe(finding));
  };
  std::string errors_;
  WalkTotals totals_;
  ScrutinyCounts counts_;
};

TEST_F(WalkTest, everything_is_valid) {
  deep_ = true;
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(totals_.digests.valid, 6u);
  EXPECT_EQ(totals_.logs.valid, 12u);
  EXPECT_TRUE(totals_.all_valid());
  EXPECT_EQ(errors_, "");
  EXPECT_TRUE(findings_.empty());
  EXPECT_EQ(counts_.logs, 12u);
}

TEST_F(WalkTest, two_missing_digests_in_a_row_are_both_named) {
  store_.objects.erase(keys_[2]);
  store_.objects.erase(keys_[3]);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(totals_.digests.valid, 4u);
  EXPECT_EQ(totals_.digests.invalid, 1u);
  EXPECT_EQ(errors_, "Digest file\ts3://b/" + keys_[3] + "\tINVALID: not found\n\n");
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_EQ(findings_[0],
            "Digest file\ts3://b/" + keys_[2] +
                "\tMISSING: nothing proves 2025-03-14T10:00:00Z to 2025-03-14T11:00:00Z");
}

TEST_F(WalkTest, digests_of_odd_lengths_leave_a_span) {
  auto digest = maker_.last();
  digest.start_time = "2025-03-14T14:40:00Z";
  digest.end_time = "2025-03-14T15:00:00Z";
  digest.object = digest_key(kChain, hour(7));
  digest.previous_object = "AWSLogs/gone";
  maker_.put(digest);
  ASSERT_TRUE(run().ok());
  ASSERT_EQ(findings_.size(), 2u);  // twenty minutes each
  EXPECT_TRUE(findings_[1].ends_with(
      "\tMISSING: nothing proves 2025-03-14T14:00:00Z to 2025-03-14T14:20:00Z"));
  findings_.clear();
  digest.start_time = "2025-03-14T14:32:00Z";
  maker_.put(digest);
  ASSERT_TRUE(run().ok());
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_EQ(findings_[0], "No digest proves 2025-03-14T14:00:00Z to 2025-03-14T14:32:00Z");
}

TEST_F(WalkTest, logs_of_missing_digests_are_unproven) {
  deep_ = true;
  store_.objects.erase(keys_[2]);
  ASSERT_TRUE(run().ok());
  ASSERT_EQ(findings_.size(), 2u);
  EXPECT_EQ(findings_[0],
            "Log file\ts3://b/" + log(3, 0) + "\tUNPROVEN: no valid digest covers its time");
}

TEST_F(WalkTest, a_log_that_no_digest_names_is_found) {
  deep_ = true;
  const auto injected = log(2, 77);
  store_.objects[injected] = {};
  ASSERT_TRUE(run().ok());
  EXPECT_TRUE(totals_.all_valid());
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_EQ(findings_[0], "Log file\ts3://b/" + injected + "\tUNPROVEN: no digest names it");
}

/// Digests that come every three seconds, with log files of one and the same minute.
TEST_F(WalkTest, added_logs_are_found_between_short_digests) {
  deep_ = true;
  auto chain = kChain;
  chain.trail = "quick";
  MemoryStore store;
  ChainMaker maker(store, chain, "b");
  const int64_t begin_us = hour(1) + 20 * kMicrosPerSecond;
  for (int i = 1; i <= 5; ++i)
    maker.add(begin_us + i * 3 * kMicrosPerSecond, {"{}"}, false, false, 3 * kMicrosPerSecond);
  const auto added = maker.log_key(hour(1), 77);
  store.objects[added] = {};
  OriginalBuckets archive([&](const std::string&) -> Result<io::ObjectStore*> { return &store; });
  const auto look = [&](int64_t put_us, int64_t now_us) {
    findings_.clear();
    store.objects[added].modified_us = put_us;
    ChainNotes notes(chain, nullptr, found_);
    EXPECT_TRUE(walk(archive, key_source_, chain, "b", range(), notes).ok());
    counts_ = scrutinize(archive, key_source_, chain, "b", range(), now_us, notes, found_).value();
    return findings_.size();
  };
  const int64_t last_us = begin_us + 15 * kMicrosPerSecond;
  const std::string subject = "Log file\ts3://b/" + added + "\tUNPROVEN: ";
  ASSERT_EQ(look(begin_us + 4 * kMicrosPerSecond, last_us), 1u);
  EXPECT_EQ(findings_[0], subject + "no digest names it");
  EXPECT_EQ(look(last_us, last_us + kMicrosPerSecond), 0u);  // the next digest may
  EXPECT_EQ(counts_.pending, 1u);
  ASSERT_EQ(look(last_us, last_us + 12 * kMicrosPerSecond), 1u);
  EXPECT_EQ(findings_[0], subject + "the digest that should name it is missing");
  EXPECT_EQ(look(begin_us - kMicrosPerSecond, last_us), 0u);  // before there were digests
  EXPECT_EQ(counts_.pending, 0u);
}

TEST_F(WalkTest, logs_after_the_newest_digest_are_pending_until_they_are_overdue) {
  deep_ = true;
  store_.objects[log(7, 0)] = {};
  now_us_ = hour(7);
  ASSERT_TRUE(run().ok());
  EXPECT_TRUE(findings_.empty());
  EXPECT_EQ(counts_.pending, 1u);
  now_us_ = hour(10);
  ASSERT_TRUE(run().ok());
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_EQ(findings_[0], "Log file\ts3://b/" + log(7, 0) +
                              "\tUNPROVEN: the digest that should name it is missing");
}

// Somebody with the key signs another digest for an hour that is over.
TEST_F(WalkTest, an_exchanged_digest_is_found) {
  auto digest = parse_digest([&] {
                  std::string text;
                  inflate_member(store_.objects[keys_[1]].bytes, [&](std::string_view piece) {
                    text += piece;
                    return true;
                  });
                  return text;
                }())
                    .value();
  digest.log_files.pop_back();
  maker_.put(digest);
  ASSERT_TRUE(run().ok());
  EXPECT_TRUE(totals_.all_valid());
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_EQ(findings_[0],
            "Digest file\ts3://b/" + keys_[1] +
                "\tINVALID: its hash value is not the one that the next digest names");
}

TEST_F(WalkTest, logs_are_judged_one_by_one) {
  store_.objects.erase(log(1, 0));
  store_.objects[log(2, 0)].bytes = testing::gzipped("other");
  store_.objects[log(3, 0)].bytes += "x";
  store_.objects[log(4, 0)].bytes = "no gzip";
  store_.objects[log(5, 0)].bytes.resize(20);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(totals_.logs.valid, 7u);
  const auto line = [&](int end, const char* what) {
    return "Log file\ts3://b/" + log(end, 0) + "\tINVALID: " + what + "\n\n";
  };
  EXPECT_EQ(errors_, line(5, "hash value doesn't match") + line(4, "invalid format") +
                         line(3, "unexpected data after end of compressed stream") +
                         line(2, "hash value doesn't match") + line(1, "not found"));
}

TEST_F(WalkTest, what_may_not_be_read_ends_the_walk) {
  store_.broken = log(3, 1);
  EXPECT_EQ(run().error().kind(), ErrorKind::permission_denied);
  store_.broken = keys_[2];
  EXPECT_EQ(run().error().kind(), ErrorKind::permission_denied);
}

TEST_F(WalkTest, keys_are_needed) {
  key_source_ = FixedKeys(PublicKeys());
  const auto status = run();
  EXPECT_EQ(status.error().message(),
            "No public keys found between 2025-03-14T08:00:00Z and 2025-03-14T20:00:00Z");
}

TEST_F(WalkTest, other_keys_are_named) {
  PublicKeys keys;
  ASSERT_TRUE(keys.add_list(R"({"PublicKeyList":[{"Fingerprint":")" +
                            testing::test_key().fingerprint() + R"(","Value":"AAAA"}]})")
                  .ok());
  key_source_ = FixedKeys(keys);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(totals_.digests.invalid, 6u);
  EXPECT_TRUE(errors_.starts_with("Digest file\ts3://b/" + keys_[5] +
                                  "\tINVALID: Unable to load PKCS #1 key with fingerprint "));
}

TEST_F(WalkTest, signatures_that_are_no_hex_are_told_in_pythons_words) {
  auto& signature = store_.objects[keys_[5]].attributes.metadata["signature"];
  signature = "zz";
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(errors_,
            "Digest file\ts3://b/" + keys_[5] + "\tINVALID: Non-hexadecimal digit found\n\n");
  errors_.clear();
  signature = "abc";
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(errors_, "Digest file\ts3://b/" + keys_[5] + "\tINVALID: Odd-length string\n\n");
}

// What `aws s3 sync` makes of a bucket: the signatures, which are metadata, are lost, but each
// digest holds the signature of the one before.
TEST_F(WalkTest, a_copy_without_metadata_is_valid_but_for_the_newest_digest) {
  for (auto& [key, object] : store_.objects) object.attributes = {};
  MemoryStore copy;
  for (const auto& [key, object] : store_.objects) copy.objects["saved/here/" + key] = object;
  auto lies = kChain;
  lies.prefix = "saved/here";
  const auto names = recorded_names(copy, lies, kEight, hour(10), "unknown").value();
  EXPECT_EQ(names.bucket, "b");
  EXPECT_EQ(names.recorded_prefix, "");
  CopiedBucket archive(copy, names);
  ASSERT_TRUE(run(archive).ok());
  EXPECT_EQ(totals_.digests.valid, 5u);
  EXPECT_EQ(totals_.logs.valid, 10u);
  EXPECT_EQ(errors_,
            "Digest file\ts3://b/" + keys_[5] + "\tINVALID: signature verification failed\n\n");
  // Only in a copy: AWS's own bucket has the metadata.
  errors_.clear();
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(totals_.digests.valid, 0u);
}

TEST_F(WalkTest, a_bucket_in_a_folder_of_its_name_is_found) {
  CopiedBucket archive(store_, {"b", "p", "b/p"});
  EXPECT_EQ(archive.locate("b", "p/AWSLogs/x").value().key, "b/p/AWSLogs/x");
  EXPECT_EQ(archive.locate("other", "AWSLogs/x").value().key, "other/AWSLogs/x");
  CopiedBucket moved(store_, {"b", "p", "q/r"});
  EXPECT_EQ(moved.locate("b", "p/AWSLogs/x").value().key, "q/r/AWSLogs/x");
  EXPECT_EQ(moved.locate("b", "px/AWSLogs/x").value().key, "px/AWSLogs/x");
}

TEST_F(WalkTest, a_digest_that_lies_elsewhere_is_moved) {
  bucket_ = "elsewhere";
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(totals_.digests.invalid, 6u);
  EXPECT_TRUE(errors_.starts_with("Digest file\ts3://elsewhere/" + keys_[5] +
                                  "\tINVALID: has been moved from its original location\n"));
}

TEST_F(WalkTest, logging_that_was_off_is_a_gap) {
  maker_.add(hour(9), {"{}"}, true);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(totals_.digests.valid, 7u);
  EXPECT_TRUE(findings_.empty());
  EXPECT_EQ(errors_,
            "No log files were delivered by CloudTrail between 2025-03-14T14:00:00Z and "
            "2025-03-14T16:00:00Z\n\n");
}

// Only whoever has the key can make one.
TEST_F(WalkTest, a_circle_ends) {
  auto digest = maker_.last();
  digest.previous_object = digest.object;
  digest.previous_bucket = digest.bucket;
  maker_.put(digest);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(totals_.digests.valid, 6u);
}

TEST_F(WalkTest, backfill_digests_have_a_chain_of_their_own) {
  ChainMaker backfill(store_, kChain, "b");
  backfill.add(hour(1), {}, true, true);
  const auto key = backfill.add(hour(2), {}, false, true);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(totals_.backfill_digests.valid, 2u);
  store_.objects[key].attributes.metadata.erase("backfill-generation-timestamp");
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(errors_, "(backfill) Digest file\ts3://b/" + key + "\tINVALID: invalid format\n\n");
}

TEST_F(WalkTest, an_event_is_proven_by_its_files) {
  event_ = "e4b";
  ASSERT_TRUE(run().ok());
  const auto& place = search_->found();
  ASSERT_TRUE(place);
  EXPECT_EQ(place->log.file().object, log(4, 1));
  EXPECT_EQ(place->log.index, 1u);
  EXPECT_EQ(place->log.digest->key, keys_[3]);
  ASSERT_NE(place->next_digest, nullptr);
  EXPECT_EQ(place->next_digest->key, keys_[4]);
  OriginalBuckets archive(
      [this](const std::string&) -> Result<io::ObjectStore*> { return &store_; });
  const auto record = read_event(archive, "b", log(4, 1), "e4b").value();
  EXPECT_EQ(record.number, 2u);
  EXPECT_EQ(record.records, 2u);
  EXPECT_EQ(record.text, R"({"eventID":"e4b"})");
  EXPECT_EQ(read_event(archive, "b", log(4, 0), "e4b").error().kind(), ErrorKind::not_found);
  EXPECT_TRUE(holds_event(archive, "b", log(1, 0), "e1a").value());
  EXPECT_FALSE(holds_event(archive, "b", log(1, 0), "e1").value());
}

TEST_F(WalkTest, cancelling_ends_it) {
  const std::atomic<bool> cancelled{true};
  auto options = range();
  options.cancelled = &cancelled;
  OriginalBuckets archive(
      [this](const std::string&) -> Result<io::ObjectStore*> { return &store_; });
  ChainNotes notes(kChain, nullptr, found_);
  EXPECT_EQ(walk(archive, key_source_, kChain, "b", options, notes).error().kind(),
            ErrorKind::unavailable);
}

TEST_F(WalkTest, trails_that_share_a_folder_are_told_apart) {
  deep_ = true;
  auto other = kChain;
  other.trail = "other_t";
  ChainMaker theirs(store_, other, "b");
  store_.objects[theirs.log_key(hour(3) - kMicrosPerHour / 4, 5)] = {};
  auto digest = maker_.last();
  digest.object = digest_key(other, hour(3));
  digest.start_time = format_iso8601(hour(2));
  digest.end_time = format_iso8601(hour(3));
  digest.previous_bucket = digest.previous_object = digest.previous_signature = std::nullopt;
  digest.log_files = {{"b", theirs.log_key(hour(3) - kMicrosPerHour / 4, 5), "00"}};
  theirs.put(digest);
  ASSERT_TRUE(run().ok());
  EXPECT_TRUE(findings_.empty());
  const auto chains = find_chains(store_, {}, kEight, hour(10)).value();
  ASSERT_EQ(chains.size(), 2u);
  EXPECT_EQ(chains[0].trail, "other_t");
  EXPECT_EQ(chains[1].trail, "t");
}

TEST(Survey, finds_chains_wherever_they_lie) {
  MemoryStore store;
  std::vector<DigestChain> made;
  for (const auto* prefix : {"", "a", "a/b/AWSLogs", "z"})
    for (const auto* organization : {"", "o-exampleorgid"})
      for (const auto* region : {"eu-west-1", "us-east-1"}) {
        auto chain = kChain;
        chain.prefix = prefix;
        chain.organization = organization;
        chain.region = region;
        ChainMaker(store, chain, "b").add(hour(1), {"{}"});
        made.push_back(chain);
      }
  store.objects["AWSLogs/111122223333/Config/x"] = {};
  store.objects["AWSLogs/notes/x"] = {};
  auto found = find_chains(store, {}, kEight, hour(1)).value();
  std::sort(found.begin(), found.end());
  std::sort(made.begin(), made.end());
  // Below `a/b/AWSLogs` nothing is looked for: the first AWSLogs counts.
  std::erase_if(made, [](const DigestChain& chain) { return chain.prefix == "a/b/AWSLogs"; });
  EXPECT_EQ(found, made);
  ChainFilter filter;
  filter.prefix = "z";
  filter.region = "us-east-1";
  EXPECT_EQ(find_chains(store, filter, kEight, hour(1)).value().size(), 2u);
  filter.trail_account = "999988887777";
  EXPECT_EQ(find_chains(store, filter, kEight, hour(1)).value().size(), 1u);
  EXPECT_TRUE(find_chains(store, filter, hour(3), hour(4)).value().empty());
  EXPECT_EQ(oldest_digest(store, kChain).value(), hour(1));
}

}  // namespace
}  // namespace cairn::integrity

#include "integrity/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::integrity {
namespace {

Digest sample() {
  Digest digest;
  digest.account = "111122223333";
  digest.start_time = "2025-03-14T08:11:22Z";
  digest.end_time = "2025-03-14T09:11:22Z";
  digest.bucket = "b";
  digest.object = "AWSLogs/x.json.gz";
  digest.fingerprint = "769e499685fc514faa281ef949aec6c0";
  return digest;
}

constexpr std::string_view kStarting =
    R"({"awsAccountId":"111122223333","digestStartTime":"2025-03-14T08:11:22Z",)"
    R"("digestEndTime":"2025-03-14T09:11:22Z","digestS3Bucket":"b",)"
    R"("digestS3Object":"AWSLogs/x.json.gz",)"
    R"("digestPublicKeyFingerprint":"769e499685fc514faa281ef949aec6c0",)"
    R"("digestSignatureAlgorithm":"SHA256withRSA","newestEventTime":null,"oldestEventTime":null,)"
    R"("previousDigestS3Bucket":null,"previousDigestS3Object":null,)"
    R"("previousDigestHashValue":null,"previousDigestHashAlgorithm":null,)"
    R"("previousDigestSignature":null,"logFiles":[]})";

TEST(Digest, WritesAwssOrderWithNulls) {
  EXPECT_EQ(write_digest_json(sample()), kStarting);
}

TEST(Digest, ReadsBackWhatItWrites) {
  auto digest = sample();
  EXPECT_EQ(parse_digest(write_digest_json(digest)).value(), digest);
  digest.newest_event_time = "2025-03-14T08:59:59Z";
  digest.oldest_event_time = "2025-03-14T08:00:01Z";
  digest.previous_bucket = "b";
  digest.previous_object = "a \"quoted\" key\n\xC3\xA9";
  digest.previous_hash = "00ff";
  digest.previous_hash_algorithm = kHashAlgorithm;
  digest.previous_signature = "ab";
  digest.log_files.push_back({"b", "k1", "h1", std::string(kHashAlgorithm), "t2", "t1"});
  digest.log_files.push_back({"b", "k2", "h2"});
  EXPECT_EQ(parse_digest(write_digest_json(digest)).value(), digest);
}

TEST(Digest, TakesFieldsInAnyOrderAndPassesOthersOver) {
  const auto digest = parse_digest(R"( { "x" : [1,{"logFiles":2}], "logFiles": null,
    "digestEndTime":"e","digestStartTime":"old","digestStartTime":"s","digestS3Bucket":"b",
    "digestS3Object":"\u00e9","digestPublicKeyFingerprint":"f","previousDigestSignature":null } )")
                          .value();
  EXPECT_EQ(digest.start_time, "s");
  EXPECT_EQ(digest.object, "\xC3\xA9");
  EXPECT_EQ(digest.account, "");
  EXPECT_TRUE(digest.log_files.empty());
}

std::string refusal(std::string_view json) {
  const auto digest = parse_digest(json);
  if (digest.ok()) return "none";
  EXPECT_EQ(digest.error().kind(), ErrorKind::corrupt);
  return digest.error().message();
}

std::string without(std::string_view field) {
  std::string text(kStarting);
  return text.replace(text.find(field), 1, "X");
}

TEST(Digest, SaysWhatIsWrong) {
  EXPECT_EQ(refusal(""), "its JSON is damaged at byte 0: the text ends within a JSON value");
  EXPECT_EQ(refusal("[]"), "its JSON is no object");
  EXPECT_EQ(refusal("{}"), "'digestStartTime' is missing");
  EXPECT_EQ(refusal(std::string(kStarting) + " x"), "something follows its JSON at byte 494");
  EXPECT_EQ(refusal("{\"a\":\"\xFF\"}"), "it is not UTF-8");
  for (const auto* field : {"digestStartTime", "digestEndTime", "digestS3Bucket", "digestS3Object",
                            "digestPublicKeyFingerprint", "previousDigestSignature"})
    EXPECT_EQ(refusal(without(field)), "'" + std::string(field) + "' is missing");
  EXPECT_EQ(refusal(R"({"digestEndTime":5})"), "'digestEndTime' is not a text");
  EXPECT_EQ(refusal(R"({"digestEndTime":null})"), "'digestEndTime' is not a text");
  EXPECT_EQ(refusal(R"({"previousDigestSignature":5})"), "'previousDigestSignature' is not a text");
  EXPECT_EQ(refusal(R"({"logFiles":{}})"), "'logFiles' is no array");
  EXPECT_EQ(refusal(R"({"logFiles":[1]})"), "an element of 'logFiles' is no object");
  EXPECT_EQ(refusal(R"({"logFiles":[{"s3Bucket":"b","s3Object":"k"}]})"), "'hashValue' is missing");
}

TEST(Digest, SignsFourLines) {
  auto digest = sample();
  EXPECT_EQ(string_to_sign(digest, "abc"), "2025-03-14T09:11:22Z\nb/AWSLogs/x.json.gz\nabc\nnull");
  digest.previous_signature = "0102";
  EXPECT_EQ(string_to_sign(digest, "abc"), "2025-03-14T09:11:22Z\nb/AWSLogs/x.json.gz\nabc\n0102");
}

}  // namespace
}  // namespace cairn::integrity

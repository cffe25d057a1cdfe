#include "aws/aws_chunked.h"

#include "base/crypto.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

// The examples of the S3 API Reference.
const Scope kScope{.date_time = "20130524T000000Z", .region = "us-east-1", .service = "s3"};
const std::string kKey = signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", kScope);
constexpr std::string_view kSeed =
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
constexpr std::string_view kTrailerSeed =
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";

std::string plain_body() {
  return fmt::format(
      "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
      "{}\r\n"
      "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"
      "{}\r\n"
      "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
      std::string(65536, 'a'), std::string(1024, 'a'));
}

std::string trailer_body(std::string_view between = "\r\n") {
  return fmt::format(
      "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n"
      "{}\r\n"
      "400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n"
      "{}\r\n"
      "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
      "x-amz-checksum-crc32c:sOO8/Q=={}"
      "x-amz-trailer-signature:"
      "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
      std::string(65536, 'a'), std::string(1024, 'a'), between);
}

struct Case {
  ChunkedForm form{.chunks_signed = true};
  std::string_view seed = kSeed;
  uint64_t length = 66560;
  std::string_view names{};
  uint64_t bytes_max = 1 << 20;
};

std::variant<ChunkedBody, ChunkedFault> decode(std::string_view body, const Case& with) {
  const ChunkSigner signer{.signing_key = kKey, .scope = kScope};
  return decode_aws_chunked({.body = body,
                             .form = with.form,
                             .signer = signer,
                             .seed = with.seed,
                             .decoded_length = with.length,
                             .bytes_max = with.bytes_max,
                             .trailer_names = with.names});
}

ChunkedFault fault_of(std::string_view body, const Case& with) {
  const auto decoded = decode(body, with);
  EXPECT_TRUE(std::holds_alternative<ChunkedFault>(decoded)) << body.substr(0, 100);
  const auto* const fault = std::get_if<ChunkedFault>(&decoded);
  return fault == nullptr ? ChunkedFault::malformed : *fault;
}

const Case kTrailer{.form = {.chunks_signed = true, .has_trailer = true},
                    .seed = kTrailerSeed,
                    .names = "x-amz-checksum-crc32c"};
const Case kUnsigned{.form = {.has_trailer = true}, .length = 5, .names = "x-amz-checksum-crc32"};
constexpr std::string_view kUnsignedBody =
    "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";

TEST(AwsChunked, ExampleOfTheReference) {
  const auto decoded = decode(plain_body(), {});
  ASSERT_TRUE(std::holds_alternative<ChunkedBody>(decoded));
  EXPECT_EQ(std::get<ChunkedBody>(decoded).data, std::string(66560, 'a'));
}

TEST(AwsChunked, ExampleWithATrailer) {
  for (const auto* between : {"\r\n", "\n\r\n", "\n"}) {
    const auto decoded = decode(trailer_body(between), kTrailer);
    ASSERT_TRUE(std::holds_alternative<ChunkedBody>(decoded));
    const auto& body = std::get<ChunkedBody>(decoded);
    ASSERT_EQ(body.trailers.size(), 1U);
    EXPECT_EQ(body.trailers[0].name, "x-amz-checksum-crc32c");
    EXPECT_EQ(checksum_holds(body.trailers[0].name, body.trailers[0].value, body.data), true);
  }
}

TEST(AwsChunked, WithoutSignatures) {
  for (const auto* end : {"\r\n\r\n", "\r\n", "\n\r\n"}) {
    const auto decoded =
        decode(fmt::format("5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: NhCmhg=={}", end), kUnsigned);
    ASSERT_TRUE(std::holds_alternative<ChunkedBody>(decoded));
    EXPECT_EQ(std::get<ChunkedBody>(decoded).data, "hello");
    EXPECT_EQ(std::get<ChunkedBody>(decoded).trailers[0].value, "NhCmhg==");
  }
}

TEST(AwsChunked, NoByteOfASignedBodyMayChange) {
  const auto good = plain_body();
  for (size_t at = 0; at<good.size(); at += at> 100 && at < 65000 ? 997 : 1) {
    auto changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_TRUE(std::holds_alternative<ChunkedFault>(decode(changed, {}))) << at;
  }
  const auto trailer = trailer_body();
  for (size_t at = trailer.size() - 200; at < trailer.size() - 4; ++at) {
    auto changed = trailer;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_TRUE(std::holds_alternative<ChunkedFault>(decode(changed, kTrailer))) << at;
  }
}

TEST(AwsChunked, NoBodyThatEndsEarly) {
  const auto good = plain_body();
  for (size_t size = 0; size<good.size(); size += size> 100 && size < 65000 ? 997 : 1)
    EXPECT_TRUE(std::holds_alternative<ChunkedFault>(decode(good.substr(0, size), {}))) << size;
  for (size_t size = 0; size + 2 < kUnsignedBody.size(); ++size)
    EXPECT_TRUE(
        std::holds_alternative<ChunkedFault>(decode(kUnsignedBody.substr(0, size), kUnsigned)))
        << size;
}

TEST(AwsChunked, SaysWhatIsWrong) {
  using enum ChunkedFault;
  EXPECT_EQ(fault_of(plain_body() + "x", {}), malformed);
  EXPECT_EQ(fault_of(plain_body(), {.length = 66561}), wrong_length);
  EXPECT_EQ(fault_of(plain_body(), {.length = 66559}), wrong_length);
  EXPECT_EQ(fault_of(plain_body(), {.bytes_max = 1000}), too_long);
  EXPECT_EQ(fault_of(plain_body(), {.seed = kTrailerSeed}), wrong_signature);
  EXPECT_EQ(fault_of("", {}), truncated);
  EXPECT_EQ(fault_of(std::string(300, '0'), {}), malformed);
  EXPECT_EQ(fault_of("5\r\nhello\r\n0\r\n\r\n", {}), malformed);
  EXPECT_EQ(fault_of("-5\r\nhello\r\n0\r\n\r\n", kUnsigned), malformed);
  EXPECT_EQ(fault_of("ffffffffffffffff\r\nhello\r\n", kUnsigned), truncated);
  EXPECT_EQ(fault_of("5\r\nhelloXX0\r\n\r\n", kUnsigned), malformed);
  EXPECT_EQ(fault_of("5\r\nhello\r\n0\r\n\r\n", kUnsigned), trailer_malformed);
  EXPECT_EQ(fault_of("5\r\nhello\r\n0\r\nx-amz-other:1\r\n\r\n", kUnsigned), trailer_malformed);
  EXPECT_EQ(fault_of("5\r\nhello\r\n0\r\nno colon\r\n\r\n", kUnsigned), trailer_malformed);
  auto other_trailer = trailer_body();
  other_trailer[other_trailer.find("sOO8")] = 't';
  EXPECT_EQ(fault_of(other_trailer, kTrailer), wrong_trailer_signature);
  auto no_signature = trailer_body();
  no_signature.erase(no_signature.find("x-amz-trailer-signature"));
  EXPECT_EQ(fault_of(no_signature, kTrailer), wrong_trailer_signature);
}

TEST(AwsChunked, SignedChunksAreNotSmallButTheLast) {
  const ChunkSigner signer{.signing_key = kKey, .scope = kScope};
  std::string body;
  std::string previous(kSeed);
  for (const size_t size : {100UL, 100UL, 0UL}) {
    previous = signer.chunk_signature(previous, std::string(size, 'x'));
    body +=
        fmt::format("{:x};chunk-signature={}\r\n{}\r\n", size, previous, std::string(size, 'x'));
  }
  EXPECT_EQ(fault_of(body, {.length = 200}), ChunkedFault::chunk_too_small);
}

TEST(AwsChunked, Forms) {
  EXPECT_TRUE(chunked_form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")->chunks_signed);
  EXPECT_TRUE(chunked_form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")->has_trailer);
  EXPECT_FALSE(chunked_form("STREAMING-UNSIGNED-PAYLOAD-TRAILER")->chunks_signed);
  EXPECT_FALSE(chunked_form("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"));
  EXPECT_FALSE(chunked_form("UNSIGNED-PAYLOAD"));
}

TEST(AwsChunked, Checksums) {
  EXPECT_EQ(checksum_holds("x-amz-checksum-crc32", "y/Q5Jg==", "123456789"), true);
  EXPECT_EQ(checksum_holds("x-amz-checksum-crc32c", "4waSgw==", "123456789"), true);
  EXPECT_EQ(checksum_holds("x-amz-checksum-crc64nvme", "rosUhgp5mIg=", "123456789"), true);
  EXPECT_EQ(checksum_holds("x-amz-checksum-sha1", "98O8HYCOBHMqI27SfLyBQNDjfEQ=", "123456789"),
            false);
  EXPECT_EQ(checksum_holds("x-amz-checksum-sha1", "98O8HYCOBHMq", ""), false);
  EXPECT_EQ(
      checksum_holds("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", ""),
      true);
  EXPECT_EQ(checksum_holds("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==", ""), true);
  EXPECT_EQ(checksum_holds("x-amz-checksum-type", "COMPOSITE", ""), std::nullopt);
  EXPECT_EQ(checksum_title("x-amz-checksum-crc64nvme"), "CRC64NVME");
}

}  // namespace
}  // namespace cairn::aws

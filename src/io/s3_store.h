// An ObjectStore in an S3 bucket: AWS, MinIO and whatever else speaks S3.
#pragma once

#include "aws/endpoint.h"
#include "base/result.h"
#include "io/aws_client.h"
#include "io/object_store.h"
#include "io/prefix_lister.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::io {

/// How S3 encrypts what is put.
enum class ServerEncryption : uint8_t {
  bucket_default,
  aes256,
  kms,  ///< with S3Options::kms_key, or the account's own key for S3 when that is empty
};

struct S3Options {
  std::string bucket{};
  std::string prefix{};    ///< of all keys; slashes at its ends make no difference
  std::string region{};    ///< empty: found out, beginning with us-east-1
  std::string endpoint{};  ///< http(s)://host[:port][/path]; empty: AWS
  aws::Addressing addressing = aws::Addressing::automatic;
  bool requester_pays = false;
  ServerEncryption encryption = ServerEncryption::bucket_default;
  std::string kms_key{};
  std::string ca_bundle{};
  std::string proxy{};
  std::string no_proxy{};
  int connections_max = 16;
  uint64_t bandwidth_bytes_per_second = 0;  ///< of all transfers together; 0: no limit
  int64_t connect_timeout_ms = 10'000;
  int64_t idle_timeout_ms = 60'000;
  RetryOptions retries{};
  /// Reads and writes above this go in parts of this size, several at once. At least 5 MiB for
  /// writes: S3 refuses smaller parts.
  uint64_t part_bytes = 16 << 20;
  int parallel_parts = 4;
};

/// Thread-safe. Reads and writes are checked by TLS and SHA-256; each fails as ObjectStore says,
/// after the tries that `retries` allows.
class S3Store : public ObjectStore, public PrefixLister {};

/// Does not go to the network yet. Fails with `invalid_argument`.
Result<std::unique_ptr<S3Store>> open_s3_store(S3Options options, AwsWorld world);

struct S3Url {
  std::string bucket{};
  std::string prefix{};  ///< as written, without the slash behind the bucket
};

bool is_s3_url(std::string_view text);

/// `s3://bucket` or `s3://bucket/prefix`. Fails with `invalid_argument`.
Result<S3Url> parse_s3_url(std::string_view text);

}  // namespace cairn::io

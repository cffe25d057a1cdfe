// Requests to one bucket: host, path, region. Finds the region that the bucket is in.
#pragma once

#include "io/s3_store.h"

#include <mutex>
#include <string>

namespace cairn::io::internal {

struct BucketRequest {
  std::string method = "GET";
  std::string key{};    ///< whole key; empty: the bucket itself
  std::string query{};  ///< encoded
  Headers headers{};
  std::string_view body{};
  std::string payload_hash{};
  uint64_t response_bytes_max = 16 << 20;
};

/// Thread-safe.
class S3Bucket {
 public:
  S3Bucket(S3Options options, AwsWorld world);

  const S3Options& options() const { return options_; }

  /// Goes to the bucket's own region when S3 names another, and where S3 redirects to. Fails as
  /// AwsClient::send().
  Result<AwsAnswer> send(const BucketRequest& request);

 private:
  struct Place {
    std::string region;
    std::string host{};  ///< that S3 redirected to; empty: the region's
  };

  Result<AwsAnswer> send_to(const Place& place, const BucketRequest& request);
  bool learn_place(const AwsAnswer& answer, Place& place) const;

  const S3Options options_;
  std::unique_ptr<HttpClient> http_;
  RateLimit rate_limit_;
  AwsClient client_;
  std::mutex mutex_;
  std::string region_;  ///< where the bucket was last found
};

}  // namespace cairn::io::internal

// Where AWS's services are: partitions, and the names of hosts in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::aws {

/// "aws", "aws-cn" or "aws-us-gov", by the region's name.
std::string_view partition(std::string_view region);

/// "amazonaws.com" or "amazonaws.com.cn".
std::string_view dns_suffix(std::string_view region);

/// `sqs.eu-west-1.amazonaws.com`
std::string service_host(std::string_view service, std::string_view region);

enum class Addressing : uint8_t {
  automatic,     ///< virtual_host on AWS when the bucket's name allows it, else path
  path,          ///< https://host/bucket/key
  virtual_host,  ///< https://bucket.host/key
};

/// A name that fits a host and AWS's certificate: no dots, no capitals, 3 to 63 characters.
bool is_host_label(std::string_view bucket);

/// A bucket name that AWS or a compatible store could have: letters, digits, `.`, `-`, `_`.
bool is_bucket_name(std::string_view text);

/// Where requests to a bucket go.
struct BucketEndpoint {
  std::string scheme{};
  std::string host{};         ///< with a port that is not the scheme's own
  std::string path_prefix{};  ///< "" or "/bucket", encoded; what the endpoint's own path adds comes
                              ///< before
};

/// `endpoint` is empty (AWS in `region`) or an http(s) URL, which parse_url() takes; otherwise the
/// host comes out empty.
BucketEndpoint bucket_endpoint(std::string_view bucket, std::string_view region,
                               std::string_view endpoint, Addressing addressing);

}  // namespace cairn::aws

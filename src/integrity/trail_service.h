// The operations of CloudTrail that a validation asks: which keys there are, and where a trail
// delivers. Source: AWS CloudTrail API Reference, ListPublicKeys and DescribeTrails.
#pragma once

#include "base/result.h"
#include "integrity/public_keys.h"
#include "io/aws_client.h"
#include "io/http_client.h"

#include <memory>
#include <string>

namespace cairn::integrity {

struct TrailServiceOptions {
  std::string endpoint{};  ///< http(s)://host[:port]; empty: AWS's in the region
  io::HttpOptions http{};
  io::RetryOptions retries{};
};

/// Where a trail delivers.
struct TrailPlace {
  std::string bucket{};
  std::string prefix{};  ///< S3KeyPrefix
  bool of_organization = false;
};

/// One thread at a time.
class TrailService : public KeySource {
 public:
  /// Of the trail in its home region. Fails with `not_found` when there is no such trail.
  virtual Result<TrailPlace> find_trail(const std::string& arn, const std::string& region) = 0;
};

/// Does not go to the network yet. Fails with `invalid_argument`. `world` must outlive it.
Result<std::unique_ptr<TrailService>> open_trail_service(const TrailServiceOptions& options,
                                                         io::AwsWorld world);

}  // namespace cairn::integrity

// What an S3 request asks for, as its path, query and headers say.
#pragma once

#include "aws/http_message.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::api {

struct S3Request {
  std::string bucket{};                        ///< empty: the service itself
  std::string key{};                           ///< decoded; empty: the bucket
  std::map<std::string, std::string> query{};  ///< decoded; the last of repeated ones

  bool has(const std::string& name) const { return query.contains(name); }

  /// "" when absent.
  std::string value(const std::string& name) const;
};

/// The bucket that the Host header names, virtual-host style: `BUCKET.localhost`, and
/// `BUCKET.s3.ANYTHING` as AWS's own hosts are. Empty: none, as of an address.
std::string bucket_in_host(const aws::ServerRequest& request);

/// `host_bucket`: the bucket that the host names, and then all of the path is the key; empty: the
/// path names it.
S3Request read_s3_request(const aws::ServerRequest& request, std::string_view host_bucket = {});

struct ByteRange {
  uint64_t first = 0;
  uint64_t length = 0;
};

enum class RangeKind : uint8_t { all, part, unsatisfiable };

/// A `Range` header of one range; more of them, and what is none, mean all of it, as in S3. `size`:
/// the object's.
RangeKind read_range(std::string_view header, uint64_t size, ByteRange& range);

}  // namespace cairn::api

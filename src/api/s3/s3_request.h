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

S3Request read_s3_request(const aws::ServerRequest& request);

struct ByteRange {
  uint64_t first = 0;
  uint64_t length = 0;
};

enum class RangeKind : uint8_t { all, part, unsatisfiable };

/// A `Range` header of one range; what S3 does not understand means all of it. `size`: the
/// object's.
RangeKind read_range(std::string_view header, uint64_t size, ByteRange& range);

/// `Fri, 20 Mar 2026 09:46:40 GMT`
std::string http_date(int64_t micros);

}  // namespace cairn::api

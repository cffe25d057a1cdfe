// Targets and ranges of any bytes.
#include "api/s3/s3_request.h"

#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn::api;
  const std::string text(reinterpret_cast<const char*>(data), size);
  cairn::aws::ServerRequest request;
  request.target = "/" + text;
  const auto asked = read_s3_request(request);
  CAIRN_CHECK(asked.bucket.find('/') == std::string::npos || text.find('%') != std::string::npos);
  request.headers = {{"Host", text}};
  read_s3_request(request, bucket_in_host(request));
  for (const uint64_t length : {0ULL, 1ULL, 100ULL, ~0ULL}) {
    ByteRange range{.first = 0, .length = length};
    if (read_range(text, length, range) == RangeKind::part)
      CAIRN_CHECK(range.length > 0 && range.first < length && range.length <= length - range.first);
  }
  return 0;
}

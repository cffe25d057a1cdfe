// Dates of any bytes.
#include "aws/http_date.h"

#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr int64_t kNow = 1'773'999'999'000'000;
  if (const auto micros = cairn::aws::parse_http_date(text, kNow))
    CAIRN_CHECK(cairn::aws::parse_http_date(cairn::aws::http_date(*micros), kNow) == micros);
  return 0;
}

// What a crash left of a segment is read without a fault, and nothing whole is lost.
#include "base/check.h"
#include "spool/internal/segment_file.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto found = cairn::spool::internal::salvage(text);
  const auto again = cairn::spool::internal::salvage(found.whole);
  CAIRN_CHECK(again.whole == found.whole);
  CAIRN_CHECK(again.records == found.records && again.damaged_records == 0);
  CAIRN_CHECK(again.torn_bytes == 0);
  CAIRN_CHECK(found.whole.size() + found.damaged.size() + found.torn_bytes == text.size());
  (void)cairn::spool::internal::parse_name(std::string_view(text));
  return 0;
}

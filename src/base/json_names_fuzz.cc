// Any JSON text: plain names mean what the written ones did, and the cheap look misses nothing.
#include "base/json_names.h"

#include "base/check.h"
#include "base/json_scan.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto padded = json::padded_copy(input);
  const char* const end = padded.data() + size + 1;
  const auto scan = json::scan_value_and_names(json::skip_space(padded.data()), end);
  if (scan.fault != json::Fault::none || json::skip_space(scan.at) < end - 1) return 0;
  const auto found = json::plain_names(input);
  if (!found.text.empty() || !found.repeated.empty()) CAIRN_CHECK(scan.odd_names);
  if (found.text.empty()) return 0;
  const auto again = json::padded_copy(found.text);
  const auto valid =
      json::scan_value(json::skip_space(again.data()), again.data() + found.text.size() + 1);
  CAIRN_CHECK(valid.fault == json::Fault::none);
  CAIRN_CHECK(json::plain_names(found.text).text.empty());
  CAIRN_CHECK(json::plain_names(found.text).repeated == found.repeated);
  return 0;
}

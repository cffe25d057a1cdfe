// Any bytes as JSON: no crash, no read beyond the padding, and simdjson's verdict wherever it has
// one.
#include "base/json_scan.h"

#include "base/check.h"
#include "base/utf8.h"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto padded = json::padded_copy(std::string(input) + "\n");
  const char* const end = padded.data() + size + 1;
  const auto scan = json::scan_value(json::skip_space(padded.data()), end);
  const bool valid = scan.fault == json::Fault::none && json::skip_space(scan.at) >= end - 1;
  if (scan.fault == json::Fault::none) {
    std::string scratch;
    const std::string_view value(json::skip_space(padded.data()),
                                 static_cast<size_t>(scan.at - json::skip_space(padded.data())));
    if (json::is_string(value)) (void)json::string_content(value, scratch);
    if (json::is_object(value)) (void)json::find_member(value, "a");
  }
  if (!is_valid_utf8(input)) {
    CAIRN_CHECK(is_valid_utf8(repair_utf8(input)));
    return 0;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  const auto verdict = parser.parse(simdjson::padded_string(input)).get(element);
  if (verdict == simdjson::SUCCESS) CAIRN_CHECK(valid);
  // Beyond a double, lone surrogates and depth are where we differ on purpose.
  const bool may_differ = verdict == simdjson::NUMBER_ERROR || verdict == simdjson::STRING_ERROR ||
                          verdict == simdjson::DEPTH_ERROR || verdict == simdjson::CAPACITY;
  if (verdict != simdjson::SUCCESS && !may_differ) CAIRN_CHECK(!valid);
  return 0;
}

// Any JSON object comes back from its columns, and what comes back stays as it is.
#include "model/record_parts.h"

#include "base/json_scan.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

std::string joined(const std::string& record) {
  const auto padded = cairn::json::padded_copy(record);
  cairn::model::RecordSplitter splitter;
  splitter.split({padded.data(), record.size()}, 1'700'000'000'000'000);
  std::string out;
  cairn::model::append_record(out, splitter.values(), splitter.patch());
  return out;
}

bool is_object(const std::string& text) {
  const auto padded = cairn::json::padded_copy(text);
  const auto scan = cairn::json::scan_value(padded.data(), padded.data() + text.size());
  return !text.empty() && text.front() == '{' && scan.fault == cairn::json::Fault::none &&
         scan.at == padded.data() + text.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string record(reinterpret_cast<const char*>(data), size);
  if (!is_object(record)) return 0;
  const auto once = joined(record);
  if (!is_object(once) || joined(once) != once) std::abort();
  return 0;
}

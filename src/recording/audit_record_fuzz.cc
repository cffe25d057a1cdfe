// eventData of any bytes: what passes the check becomes a record that is one JSON object in one
// line.
#include "recording/internal/audit_record.h"

#include "base/check.h"
#include "base/json_scan.h"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  const std::string text(reinterpret_cast<const char*>(data), size);
  constexpr int64_t kNowUs = 1'774'000'000'000'000;
  std::string plain;
  const auto refusal = recording::internal::check_event_data(text, kNowUs, plain);
  if (!refusal.code.empty()) {
    CAIRN_CHECK(!refusal.message.empty());
    return 0;
  }
  recording::Channel channel;
  channel.id = "c";
  channel.account = "111122223333";
  channel.region = "us-east-1";
  channel.destinations = {"a", "b"};
  const auto record = recording::internal::audit_record(channel, "id", plain, kNowUs);
  CAIRN_CHECK(record.find('\n') == std::string::npos);
  const auto padded = json::padded_copy(record);
  const auto scan = json::scan_value(padded.data(), padded.data() + record.size());
  CAIRN_CHECK(scan.fault == json::Fault::none && scan.at == padded.data() + record.size());
  return 0;
}

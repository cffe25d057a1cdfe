// Any bytes as a Parquet file: no crash, no read beyond them.
#include "parquet/bloom_probe.h"

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto read = [&](uint64_t offset, uint64_t length) -> cairn::Result<std::string> {
    return offset >= bytes.size() ? std::string() : bytes.substr(offset, length);
  };
  const auto probe = cairn::parquet::BloomProbe::open(read, size);
  if (!probe.ok()) return 0;
  const std::string values[] = {"a", "87da629f-32bc-48e0-afa4-3e637386c111"};
  for (const auto* path : {"a", "eventID", "userIdentity.arn"})
    (void)probe.value().may_hold(path, values).ok();
  return 0;
}

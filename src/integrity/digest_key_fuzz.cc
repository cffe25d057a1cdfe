// Any text as a digest's key: what is understood makes the same key again.
#include "integrity/digest_key.h"

#include "base/check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn::integrity;
  const std::string_view key(reinterpret_cast<const char*>(data), size);
  if (const auto name = parse_digest_key(key))
    CAIRN_CHECK(digest_key(name->chain, name->end_us, name->backfill) == key);
  return 0;
}

// Any bytes as a digest file: no crash, and what is understood is written and read back the same.
#include "integrity/digest.h"

#include "base/check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn::integrity;
  const auto digest = parse_digest({reinterpret_cast<const char*>(data), size});
  if (!digest.ok()) {
    CAIRN_CHECK(!digest.error().message().empty());
    return 0;
  }
  const auto again = parse_digest(write_digest_json(digest.value()));
  CAIRN_CHECK(again.ok() && again.value() == digest.value());
  return 0;
}

// Any bytes as a file of public keys: no crash, and keys that were taken are keys.
#include "integrity/public_keys.h"

#include "base/check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn::integrity;
  PublicKeys keys;
  const auto added = keys.add_file({reinterpret_cast<const char*>(data), size});
  if (!added.ok()) CAIRN_CHECK(!added.error().message().empty());
  PublicKeys copy;
  copy.add(keys);
  CAIRN_CHECK(copy.size() == keys.size());
  return 0;
}

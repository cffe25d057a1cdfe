#include "model/key_layout.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)cairn::model::read_key({reinterpret_cast<const char*>(data), size});
  return 0;
}

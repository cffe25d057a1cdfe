// Any bytes as a file: layers of compression and archives are opened and read to a bound, without a
// crash.
#include "source/byte_stream.h"
#include "source/internal/archive.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string front;
  auto stream = source::open_text(std::make_unique<source::MemoryStream>(bytes), front);
  if (!stream.ok()) return 0;
  Buffer text;
  text.clear();
  if (!source::is_archive(front)) {
    (void)source::read_up_to(*stream.value(), 1 << 20, text);
    return 0;
  }
  auto archive = source::Archive::open(std::move(stream).value());
  if (!archive.ok()) return 0;
  for (int members = 0; members < 16; ++members) {
    auto name = archive.value().next();
    if (!name.ok() || !name.value()) return 0;
    char out[4096];
    for (int pieces = 0; pieces < 64; ++pieces) {
      auto got = archive.value().read(out, sizeof out);
      if (!got.ok() || got.value() == 0) break;
    }
  }
  return 0;
}

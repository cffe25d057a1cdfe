// Any bytes as compressed data: no crash, no endless loop, and both ways agree where both succeed.
#include "base/inflate.h"

#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

constexpr size_t kTextMax = 1 << 20;

std::string stream(cairn::Inflater& inflater, std::string_view input, bool& sound) {
  std::string text;
  char out[4096];
  size_t at = 0;
  sound = true;
  while (text.size() <= kTextMax) {
    auto step = inflater.step(input.substr(at, 1000), at + 1000 >= input.size(), out, sizeof out);
    if (!step.ok()) {
      sound = false;
      return text;
    }
    at += step.value().taken;
    text.append(out, step.value().given);
    if (step.value().finished) return text;
  }
  sound = false;
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  bool sound = false;
  (void)stream(*cairn::Inflater::zstd(), input, sound);
  const auto text = stream(*cairn::Inflater::gzip(), input, sound);
  cairn::Gunzip gunzip;
  cairn::Buffer whole;
  if (size > 0 && gunzip.decompress(input, kTextMax, whole) && sound)
    CAIRN_CHECK(whole.view() == text);
  return 0;
}

// Any bytes as a profile file: no crash; messages repeat nothing of the text.
#include "aws/profile_file.h"

#include "base/check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const auto kind : {aws::ProfileFileKind::config, aws::ProfileFileKind::credentials}) {
    const auto file = aws::parse_profile_file(input, kind);
    if (!file.ok()) CAIRN_CHECK(file.error().message().starts_with("line "));
    if (!file.ok()) continue;
    for (const auto& [name, settings] : file.value().profiles)
      for (const auto& [key, value] : settings) CAIRN_CHECK(!key.empty());
  }
  return 0;
}

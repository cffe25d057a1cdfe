// Arbitrary bytes as a statement, and as the engine's syntax tree: no crash, and faults that can be
// shown.
#include "lang/athena/formats.h"
#include "lang/athena/json_path.h"
#include "lang/athena/rewrite.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn::lang::athena;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Prepared prepared = prepare(text);
  if (prepared.fault) {
    const auto shown = render(*prepared.fault, text);
    if (shown.empty()) __builtin_trap();
  } else {
    for (size_t i = 0; i <= prepared.sql.size(); ++i)
      if (prepared.position_in_text(i) > text.size() + 1) __builtin_trap();
  }
  static_cast<void>(json_pointer(text));
  static_cast<void>(from_mysql_format(text));
  static_cast<void>(from_joda_format(text));
  // The part behind the first line, as a tree for the query in that line.
  const size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  Json tree = Json::parse(text.substr(line + 1), nullptr, false);
  if (tree.is_discarded()) return 0;
  const Prepared query = prepare(text.substr(0, line));
  const Rewritten rewritten = rewrite(std::move(tree), query, text.substr(0, line));
  if (rewritten.fault) static_cast<void>(render(*rewritten.fault, text.substr(0, line)));
  return 0;
}

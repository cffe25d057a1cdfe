#include "app/log.h"

#include "base/text.h"
#include "base/time.h"

namespace cairn::app {
namespace {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "";
}

}  // namespace

void Log::write(Level level, std::string_view message, const Fields& fields) {
  std::string line = R"({"time":")" + format_iso8601(clock_.now_us()) + R"(","level":")";
  line += name_of(level);
  line += R"(","message":)";
  append_json_string(line, message);
  for (const auto& [name, value] : fields) {
    line += ',';
    append_json_string(line, name);
    line += ':';
    append_json_string(line, value);
  }
  line += '}';
  const std::lock_guard lock(mutex_);
  sink_(level, line);
}

}  // namespace cairn::app

#include "cli/options.h"

#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace cairn::cli {

CLI::Validator one_of(std::vector<std::string> words) {
  const std::string name = fmt::format("{}", fmt::join(words, "|"));
  auto check = [words = std::move(words)](std::string& given) -> std::string {
    if (std::find(words.begin(), words.end(), given) != words.end()) return {};
    const std::vector<std::string_view> candidates(words.begin(), words.end());
    const std::string_view near = nearest_name(given, candidates);
    return fmt::format("'{}' is none of {}{}", printable(given), fmt::join(words, ", "),
                       near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
  };
  return CLI::Validator(std::move(check), name);
}

}  // namespace cairn::cli

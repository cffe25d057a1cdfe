// Options of a command in a file: TOML without tables, one key for each long option.
//
//   listen = ["127.0.0.1:8472", "[::1]:8472"]
//   allow-plain = true
//   threads = 32
//
// The command line counts for more than the file.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace cairn::cli {

/// Declares --config. apply_config_file() reads the file once the command line was parsed.
void add_config_option(CLI::App& command);

/// Gives the command's options the values of the file that --config named, if it named one; those
/// of the command line stay. Fails with `invalid_argument`, file and line: unknown and repeated
/// keys, values that the option does not take, what is not TOML; and as io::read_file().
Status apply_config_file(CLI::App& command);

/// A key with its values as the command line would have them. Exactly one of `values` if it was not
/// an array.
struct ConfigEntry {
  std::string key{};
  std::vector<std::string> values{};
  bool is_array = false;
  size_t line = 0;  ///< counted from 1
};

/// Fails with `invalid_argument`: `LINE: REASON`.
Result<std::vector<ConfigEntry>> parse_config(std::string_view text);

}  // namespace cairn::cli

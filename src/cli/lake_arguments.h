// The options that say which lake is meant, and where it lies when nobody says.
#pragma once

#include "base/result.h"
#include "query/session.h"
#include "store/lake.h"

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace cairn::cli {

struct LakeArguments {
  std::string lake;     ///< --lake; "": the default one
  std::string catalog;  ///< --catalog; "": SQLite in the lake's folder
};

/// Declares --lake and --catalog. `arguments` must outlive the parsing and the run.
void add_lake_options(CLI::App& command, LakeArguments& arguments);

/// `$CAIRN_HOME/lake`, else `cairn/lake` in the XDG data folder (`$XDG_DATA_HOME`, else
/// `~/.local/share`). Fails with `invalid_argument` when none of these variables is set.
Result<std::string> default_lake();

Result<store::LakeOptions> lake_options(const LakeArguments& arguments);

/// Whether the lake that the arguments mean (or the default one) is there to be read.
bool lake_exists(const LakeArguments& arguments);

/// `--as-of SNAPSHOT|TIME`: sets one of the two in `source`.
Status parse_as_of(const std::string& text, int64_t now_us, query::LakeSource& source);

}  // namespace cairn::cli

// The options that say which lake is meant, and where it lies when nobody says.
#pragma once

#include "base/result.h"
#include "cli/bucket_arguments.h"
#include "query/session.h"
#include "store/lake.h"

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace cairn::cli {

struct LakeArguments {
  std::string lake;          ///< --lake; "": the default one
  std::string catalog;       ///< --catalog; "": SQLite in the lake's folder
  BucketArguments bucket{};  ///< of a lake on S3
  std::string cache{};       ///< --lake-cache; "": the default folder
  std::string cache_size{};  ///< --lake-cache-size
  std::string folder{};      ///< when nothing names a lake; "": default_lake()
};

/// Declares --lake, --catalog, and the options of lakes on S3. `arguments` must outlive the parsing
/// and the run.
void add_lake_options(CLI::App& command, LakeArguments& arguments);

/// `$CAIRN_HOME/lake`, else `cairn/lake` in the XDG data folder (`$XDG_DATA_HOME`, else
/// `~/.local/share`). Fails with `invalid_argument` when none of these variables is set.
Result<std::string> default_lake();

/// `$CAIRN_HOME/cache`, else `cairn` in the XDG cache folder (`$XDG_CACHE_HOME`, else `~/.cache`).
Result<std::string> default_lake_cache();

/// `others` say how the bucket of a lake on S3 is reached where the lake's own options do not.
Result<store::LakeOptions> lake_options(const LakeArguments& given,
                                        const BucketArguments& others = {});

/// Whether the lake that is given (or the default one) is there to be read.
bool lake_exists(const LakeArguments& given);

/// `--as-of SNAPSHOT|TIME`: sets one of the two in `source`.
Status parse_as_of(const std::string& text, int64_t now_us, query::LakeSource& source);

}  // namespace cairn::cli

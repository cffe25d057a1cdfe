// The service's folder: where it lies when nobody says, and what lies in it.
#pragma once

#include "base/result.h"

#include <string>

namespace CLI {
class App;
}

namespace cairn::cli {

/// Declares --home. `home` must outlive the parsing and the run.
void add_home_option(CLI::App& command, std::string& home);

/// `home` if it is not empty, else `$CAIRN_HOME`, else `cairn` in the XDG data folder
/// (`$XDG_DATA_HOME`, else `~/.local/share`). Fails with `invalid_argument` when none of these
/// variables is set.
Result<std::string> home_folder(const std::string& home);

/// Makes the folder, for its owner only, if it is not there.
Status make_home(const std::string& folder);

/// `state.db` in the folder: keys, trails, event data stores.
std::string state_file(const std::string& folder);

/// `master.key` in the folder.
std::string master_key_file(const std::string& folder);

/// $CAIRN_MASTER_KEY_FILE, "" when it is not set.
std::string named_master_key_file();

}  // namespace cairn::cli

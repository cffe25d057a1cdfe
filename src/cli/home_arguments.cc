#include "cli/home_arguments.h"

#include "io/file.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

namespace cairn::cli {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

void add_home_option(CLI::App& command, std::string& home) {
  command
      .add_option("--home", home,
                  "Folder of the service: keys, trails, the lake (default: $CAIRN_HOME, else cairn "
                  "in the user's data folder)")
      ->type_name("DIR")
      ->group("Service");
}

Result<std::string> home_folder(const std::string& home) {
  if (!home.empty()) return home;
  if (auto set = variable("CAIRN_HOME"); !set.empty()) return set;
  if (const auto data = variable("XDG_DATA_HOME"); !data.empty())
    return (fs::path(data) / "cairn").string();
  if (const auto user = variable("HOME"); !user.empty())
    return (fs::path(user) / ".local" / "share" / "cairn").string();
  return Error{ErrorKind::invalid_argument,
               "no folder for the service: none of CAIRN_HOME, XDG_DATA_HOME and HOME is set\n"
               "hint: name one with --home DIR"};
}

Status make_home(const std::string& folder) {
  std::error_code failed;
  if (fs::is_directory(folder, failed)) return {};
  fs::create_directories(folder, failed);
  if (!failed) fs::permissions(folder, fs::perms::owner_all, failed);
  if (!failed) return {};
  auto error = io::system_error(fmt::format("cannot make the service's folder '{}'", folder),
                                failed.value());
  return Error{error.kind(), error.message() + "\nhint: name another folder with --home"};
}

std::string state_file(const std::string& folder) {
  return (fs::path(folder) / "state.db").string();
}

std::string master_key_file(const std::string& folder) {
  return (fs::path(folder) / "master.key").string();
}

std::string named_master_key_file() {
  return variable("CAIRN_MASTER_KEY_FILE");
}

}  // namespace cairn::cli

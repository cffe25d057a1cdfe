#include "cli/lake_arguments.h"

#include "cli/home_arguments.h"
#include "cli/source_arguments.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

namespace cairn::cli {
namespace {

constexpr size_t kSnapshotDigitsMin = 15;  ///< snapshot ids are long; years are not

}  // namespace

void add_lake_options(CLI::App& command, LakeArguments& arguments) {
  const std::string group = "Lake";
  command
      .add_option("--lake", arguments.lake,
                  "Folder of the lake (default: $CAIRN_HOME/lake, else cairn/lake in the user's "
                  "data folder)")
      ->type_name("DIR")
      ->group(group);
  command
      .add_option("--catalog", arguments.catalog,
                  "Catalog of a lake that several machines write: postgresql://… (default: "
                  "SQLite in the lake's folder)")
      ->type_name("URL")
      ->group(group);
}

Result<std::string> default_lake() {
  const auto home = home_folder("");
  if (home.ok()) return (std::filesystem::path(home.value()) / "lake").string();
  return Error{ErrorKind::invalid_argument,
               "no folder for the lake: none of CAIRN_HOME, XDG_DATA_HOME and HOME is set\n"
               "hint: name one with --lake DIR"};
}

Result<store::LakeOptions> lake_options(const LakeArguments& arguments) {
  store::LakeOptions options{.folder = arguments.lake, .catalog_url = arguments.catalog};
  if (options.folder.empty()) options.folder = CAIRN_TRY(default_lake());
  return options;
}

bool lake_exists(const LakeArguments& arguments) {
  if (!arguments.catalog.empty()) return true;
  const auto options = lake_options(arguments);
  std::error_code failed;
  return options.ok() && std::filesystem::exists(
                             std::filesystem::path(options.value().folder) / "catalog.db", failed);
}

Status parse_as_of(const std::string& text, int64_t now_us, query::LakeSource& source) {
  if (text.empty()) return {};
  int64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong == std::errc() && end == text.data() + text.size() &&
      text.size() >= kSnapshotDigitsMin) {
    source.snapshot_id = number;
    return {};
  }
  source.as_of_us = CAIRN_TRY(parse_time_argument("--as-of", text, now_us));
  return {};
}

}  // namespace cairn::cli

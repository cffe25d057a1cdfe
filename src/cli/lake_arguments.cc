#include "cli/lake_arguments.h"

#include "cli/home_arguments.h"
#include "cli/source_arguments.h"
#include "io/s3_store.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace cairn::cli {
namespace {

constexpr size_t kSnapshotDigitsMin = 15;  ///< snapshot ids are long; years are not

constexpr std::string_view kCacheSize = "10GB";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// $CAIRN_LAKE and $CAIRN_CATALOG are what --lake and --catalog are when neither is given.
LakeArguments with_environment(LakeArguments arguments) {
  if (!arguments.lake.empty() || !arguments.catalog.empty()) return arguments;
  arguments.lake = variable("CAIRN_LAKE");
  arguments.catalog = variable("CAIRN_CATALOG");
  return arguments;
}

/// A bucket's store with all that it points into.
struct LakeBucket {
  std::unique_ptr<AwsAccess> access;
  std::unique_ptr<io::ObjectStore> objects;
};

Result<std::shared_ptr<io::ObjectStore>> open_bucket(const std::string& url,
                                                     const BucketArguments& arguments) {
  constexpr int64_t kRetryBudgetMs = 180'000;
  // Ctrl-C does not cut off its requests: a batch in hand is committed whole.
  auto bucket = std::make_shared<LakeBucket>();
  bucket->access = CAIRN_TRY(AwsAccess::open(arguments, nullptr));
  bucket->objects = CAIRN_TRY(bucket->access->open_url(url, kRetryBudgetMs));
  return std::shared_ptr<io::ObjectStore>(bucket, bucket->objects.get());
}

}  // namespace

void add_lake_options(CLI::App& command, LakeArguments& arguments) {
  const std::string group = "Lake";
  command
      .add_option("--lake", arguments.lake,
                  "Folder of the lake, or s3://bucket/prefix (default: $CAIRN_LAKE, else "
                  "$CAIRN_HOME/lake, else cairn/lake in the user's data folder)")
      ->type_name("DIR|URL")
      ->group(group);
  command
      .add_option("--catalog", arguments.catalog,
                  "Catalog of a lake that several machines write: postgresql://…; of one on S3 "
                  "that only this machine does: sqlite:///path/catalog.db (default: "
                  "$CAIRN_CATALOG with $CAIRN_LAKE, else SQLite in the lake's folder)")
      ->type_name("URL")
      ->group(group);
  add_lake_bucket_options(command, arguments.bucket);
  const std::string far = "Lake on S3";
  command
      .add_option("--lake-cache", arguments.cache,
                  "Folder for copies of its files (default: $CAIRN_HOME/cache, else cairn in the "
                  "user's cache folder)")
      ->type_name("DIR")
      ->group(far);
  command
      .add_option("--lake-cache-size", arguments.cache_size,
                  fmt::format("Limit of the copies that are kept, such as 50GB ({})", kCacheSize))
      ->type_name("AMOUNT")
      ->group(far);
}

Result<std::string> default_lake() {
  const auto home = home_folder("");
  if (home.ok()) return (std::filesystem::path(home.value()) / "lake").string();
  return Error{ErrorKind::invalid_argument,
               "no folder for the lake: none of CAIRN_HOME, XDG_DATA_HOME and HOME is set\n"
               "hint: name one with --lake DIR"};
}

Result<std::string> default_lake_cache() {
  namespace fs = std::filesystem;
  if (const auto home = variable("CAIRN_HOME"); !home.empty())
    return (fs::path(home) / "cache").string();
  if (const auto cache = variable("XDG_CACHE_HOME"); !cache.empty())
    return (fs::path(cache) / "cairn").string();
  if (const auto user = variable("HOME"); !user.empty())
    return (fs::path(user) / ".cache" / "cairn").string();
  return Error{ErrorKind::invalid_argument,
               "no folder for copies of the lake's files: none of CAIRN_HOME, XDG_CACHE_HOME and "
               "HOME is set\nhint: name one with --lake-cache DIR"};
}

Result<store::LakeOptions> lake_options(const LakeArguments& given, const BucketArguments& others) {
  const auto arguments = with_environment(given);
  store::LakeOptions options{.location = arguments.lake, .catalog_url = arguments.catalog};
  if (options.location.empty()) options.location = given.folder;
  if (options.location.empty()) options.location = CAIRN_TRY(default_lake());
  if (!io::is_s3_url(options.location)) return options;
  options.objects = CAIRN_TRY(open_bucket(options.location, arguments.bucket.or_else(others)));
  options.cache.folder = arguments.cache;
  if (options.cache.folder.empty()) options.cache.folder = CAIRN_TRY(default_lake_cache());
  options.cache.bytes_max = CAIRN_TRY(
      parse_amount("--lake-cache-size",
                   arguments.cache_size.empty() ? std::string(kCacheSize) : arguments.cache_size));
  return options;
}

bool lake_exists(const LakeArguments& given) {
  const auto arguments = with_environment(given);
  if (!arguments.catalog.empty() || io::is_s3_url(arguments.lake)) return true;
  const auto folder = arguments.lake.empty() ? default_lake() : arguments.lake;
  std::error_code failed;
  return folder.ok() &&
         std::filesystem::exists(std::filesystem::path(folder.value()) / "catalog.db", failed);
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

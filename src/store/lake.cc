#include "store/lake.h"

#include "store/cloudtrail_schema.h"

#include <fmt/format.h>

#include <filesystem>

namespace cairn::store {
namespace {

constexpr std::string_view kCatalogFile = "catalog.db";

}  // namespace

Result<Lake> Lake::open(const LakeOptions& options, const io::Clock& clock, bool create) {
  Lake lake(options, clock);
  lake.create_ = create;
  std::error_code failed;
  const auto folder = std::filesystem::absolute(options.folder, failed).lexically_normal();
  if (failed)
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is no path: {}", options.folder, failed.message())};
  const bool local_catalog = options.catalog_url.empty();
  if (!create && local_catalog && !std::filesystem::exists(folder / kCatalogFile, failed))
    return Error{ErrorKind::not_found,
                 fmt::format("there is no lake in '{}'\nhint: `cairn ingest SRC --lake {}` makes "
                             "one; for log files themselves use --from",
                             options.folder, options.folder)};
  lake.objects_ = CAIRN_TRY(io::open_folder_store(folder.string(), create));
  CatalogOptions catalog;
  catalog.url = local_catalog ? fmt::format("sqlite://{}", (folder / kCatalogFile).string())
                              : options.catalog_url;
  catalog.create = create;
  lake.catalog_ = CAIRN_TRY(open_catalog(catalog));
  return lake;
}

Result<Table> Lake::open_table() {
  if (create_) return Table::open_or_create(*objects_, *catalog_, *clock_, cloudtrail_table());
  auto table = Table::open(*objects_, *catalog_, *clock_);
  if (!table.ok() && table.error().kind() == ErrorKind::not_found)
    return Error{ErrorKind::not_found,
                 fmt::format("there is no event yet in the lake '{0}'\nhint: `cairn ingest SRC "
                             "--lake {0}` takes some",
                             options_.folder)};
  return table;
}

}  // namespace cairn::store

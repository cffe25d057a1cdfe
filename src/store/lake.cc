#include "store/lake.h"

#include "store/cloudtrail_schema.h"
#include "store/internal/cached_objects.h"

#include <fmt/format.h>

#include <filesystem>

namespace cairn::store {
namespace {

constexpr std::string_view kCatalogFile = "catalog.db";

}  // namespace

Status Lake::open_folder(bool create) {
  std::error_code failed;
  const auto folder = std::filesystem::absolute(options_.location, failed).lexically_normal();
  if (failed)
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is no path: {}", options_.location, failed.message())};
  const bool own_catalog = options_.catalog_url.empty();
  if (!create && own_catalog && !std::filesystem::exists(folder / kCatalogFile, failed))
    return Error{ErrorKind::not_found,
                 fmt::format("there is no lake in '{0}'\nhint: `cairn ingest SRC --lake {0}` makes "
                             "one; for log files themselves use --from",
                             options_.location)};
  objects_ = CAIRN_TRY(io::open_folder_store(folder.string(), create));
  if (own_catalog)
    options_.catalog_url = fmt::format("sqlite://{}", (folder / kCatalogFile).string());
  return {};
}

Status Lake::open_far() {
  if (options_.catalog_url.empty())
    return Error{ErrorKind::invalid_argument,
                 fmt::format("the lake '{}' does not lie on this machine, so its catalog must be "
                             "named\nhint: --catalog postgresql://user@host/database where several "
                             "machines write, --catalog sqlite:///path/catalog.db where only this "
                             "one does",
                             options_.location)};
  auto cache = CAIRN_TRY(io::FileCache::open(options_.cache));
  auto cached = std::make_unique<CachedObjects>(options_.objects, std::move(cache));
  cached_ = cached.get();
  objects_ = std::move(cached);
  return {};
}

Result<Lake> Lake::open(const LakeOptions& options, const io::Clock& clock, bool create) {
  Lake lake(options, clock);
  lake.create_ = create;
  if (options.objects)
    CAIRN_TRY(lake.open_far());
  else
    CAIRN_TRY(lake.open_folder(create));
  CatalogOptions catalog;
  catalog.url = lake.options_.catalog_url;
  catalog.create = create;
  lake.catalog_ = CAIRN_TRY(open_catalog(catalog));
  return lake;
}

/// Two tables in one place would take each other's files for orphans.
Status Lake::refuse_table_of_others() {
  std::string found;
  CAIRN_TRY(objects_->list(std::string(kMetadataPrefix), "", [&](const io::ObjectInfo& info) {
    if (info.key.ends_with(".avro")) found = info.key;  // a table that had a commit
    return found.empty();
  }));
  if (found.empty()) return {};
  return Error{ErrorKind::already_exists,
               fmt::format("'{}' holds a lake that this catalog does not know ({})\nhint: name the "
                           "catalog that it belongs to with --catalog, or another place with "
                           "--lake",
                           options_.location, objects_->uri(found))};
}

Result<Table> Lake::open_table() {
  if (create_) {
    const auto known = CAIRN_TRY(catalog_->metadata_location());
    if (!known) CAIRN_TRY(refuse_table_of_others());
    return Table::open_or_create(*objects_, *catalog_, *clock_, cloudtrail_table());
  }
  auto table = Table::open(*objects_, *catalog_, *clock_);
  if (!table.ok() && table.error().kind() == ErrorKind::not_found)
    return Error{ErrorKind::not_found,
                 fmt::format("there is no event yet in the lake '{0}'\nhint: `cairn ingest SRC "
                             "--lake {0}` takes some",
                             options_.location)};
  return table;
}

}  // namespace cairn::store

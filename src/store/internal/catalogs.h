// The kinds of catalog, and what they have in common.
#pragma once

#include "base/result.h"
#include "store/catalog.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::store {

inline constexpr std::string_view kCatalogName = "cairn";
/// Of the tables whose names begin with `cairn_`. A newer one is refused; older ones would be
/// migrated when a catalog is opened with `create`.
inline constexpr int64_t kCatalogVersion = 1;

Result<std::unique_ptr<Catalog>> open_sqlite_catalog(std::string path,
                                                     const CatalogOptions& options);
Result<std::unique_ptr<Catalog>> open_postgres_catalog(const CatalogOptions& options);

/// The least text after all that begin with `prefix`; "" if there is none.
std::string after_prefix(std::string prefix);

Result<ObjectState> state_of(int64_t stored);
Status check_catalog_version(int64_t version, std::string_view where);
Error lock_timeout(int seconds_max);

}  // namespace cairn::store

#include "store/catalog.h"

#include "store/internal/catalogs.h"

#include <fmt/format.h>

namespace cairn::store {

std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

Result<ObjectState> state_of(int64_t stored) {
  if (stored < 0 || stored > static_cast<int64_t>(ObjectState::left_out))
    return Error{ErrorKind::corrupt, fmt::format("the ledger holds an unknown state {}", stored)};
  return static_cast<ObjectState>(stored);
}

Status check_catalog_version(int64_t version, std::string_view where) {
  if (version >= 1 && version <= kCatalogVersion) return {};
  return Error{ErrorKind::unimplemented,
               fmt::format("catalog '{}' has version {}, this program knows up to {}\n"
                           "hint: use the cairn that made it, or a newer one",
                           where, version, kCatalogVersion)};
}

Error lock_timeout(int seconds_max) {
  return Error{ErrorKind::exhausted,
               fmt::format("another process writes to the lake, and did not end within {} s\n"
                           "hint: wait for it, or stop it",
                           seconds_max)};
}

Result<std::unique_ptr<Catalog>> open_catalog(const CatalogOptions& options) {
  constexpr std::string_view kSqlite = "sqlite:///";
  if (options.url.starts_with(kSqlite)) {  // SQLAlchemy spells absolute paths with a fourth slash
    const auto path = options.url.find_first_not_of('/', kSqlite.size());
    if (path != std::string::npos)
      return open_sqlite_catalog('/' + options.url.substr(path), options);
  }
  if (options.url.starts_with("postgresql://") || options.url.starts_with("postgres://"))
    return open_postgres_catalog(options);
  return Error{ErrorKind::invalid_argument,
               "the catalog's address is neither sqlite:///PATH nor postgresql://HOST/DATABASE\n"
               "hint: leave --catalog away to keep the catalog in the lake's folder"};
}

}  // namespace cairn::store

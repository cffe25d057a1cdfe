// A lake: the object store that holds its files, the catalog, and the table of events. What every
// command with --lake opens.
#pragma once

#include "base/result.h"
#include "io/clock.h"
#include "io/file_cache.h"
#include "io/object_store.h"
#include "store/catalog.h"
#include "store/table.h"

#include <memory>
#include <string>
#include <string_view>

namespace cairn::store {

struct LakeOptions {
  std::string location;       ///< a folder of this machine, or what `objects` is called
  std::string catalog_url{};  ///< "": sqlite in the folder; with `objects` it must be given
  /// Where the files are when they are not in a folder: S3. Others may use it too.
  std::shared_ptr<io::ObjectStore> objects{};
  io::FileCacheOptions cache{};  ///< of files of `objects`
};

/// Keys in the lake's store.
inline constexpr std::string_view kDataPrefix = "cairn/cloudtrail/data/";
inline constexpr std::string_view kMetadataPrefix = "cairn/cloudtrail/metadata/";
inline constexpr std::string_view kRejectedPrefix = "rejected/";

class CachedObjects;

class Lake {
 public:
  /// Fails with `not_found` and a hint when there is no lake and `create` is not set.
  static Result<Lake> open(const LakeOptions& options, const io::Clock& clock, bool create);

  io::ObjectStore& objects() { return *objects_; }

  Catalog& catalog() { return *catalog_; }

  /// The same when files have to be fetched before the engine can read them; else null.
  CachedObjects* cached_objects() { return cached_; }

  /// The table of events as it is now. Each thread opens its own. A table that is not in the
  /// catalog is made, if `create` was set; not where another catalog's table lies already.
  Result<Table> open_table();

  const LakeOptions& options() const { return options_; }

 private:
  Lake(LakeOptions options, const io::Clock& clock)
      : options_(std::move(options)), clock_(&clock) {}

  Status open_folder(bool create);
  Status open_far();
  Status refuse_table_of_others();

  LakeOptions options_;
  const io::Clock* clock_;
  std::unique_ptr<io::ObjectStore> objects_;
  CachedObjects* cached_ = nullptr;
  std::unique_ptr<Catalog> catalog_;
  bool create_ = false;
};

}  // namespace cairn::store

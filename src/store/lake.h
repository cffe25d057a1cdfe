// A lake: the object store that holds its files, the catalog, and the table of events. What every
// command with --lake opens.
#pragma once

#include "base/result.h"
#include "io/clock.h"
#include "io/object_store.h"
#include "store/catalog.h"
#include "store/table.h"

#include <memory>
#include <string>
#include <string_view>

namespace cairn::store {

struct LakeOptions {
  std::string folder;       ///< of this machine
  std::string catalog_url;  ///< "": sqlite in the folder
};

/// Keys in the lake's store.
inline constexpr std::string_view kDataPrefix = "cairn/cloudtrail/data/";
inline constexpr std::string_view kRejectedPrefix = "rejected/";

class Lake {
 public:
  /// Fails with `not_found` and a hint when there is no lake and `create` is not set.
  static Result<Lake> open(const LakeOptions& options, const io::Clock& clock, bool create);

  io::ObjectStore& objects() { return *objects_; }

  Catalog& catalog() { return *catalog_; }

  /// The table of events as it is now. Each thread opens its own.
  Result<Table> open_table();

  const LakeOptions& options() const { return options_; }

 private:
  Lake(LakeOptions options, const io::Clock& clock)
      : options_(std::move(options)), clock_(&clock) {}

  LakeOptions options_;
  const io::Clock* clock_;
  std::unique_ptr<io::ObjectStore> objects_;
  std::unique_ptr<Catalog> catalog_;
  bool create_ = false;
};

}  // namespace cairn::store

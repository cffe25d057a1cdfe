// A lake as the table read_cloudtrail() of a session.
#pragma once

#include "base/result.h"
#include "engine/database.h"
#include "io/clock.h"
#include "lang/athena/rewrite.h"
#include "query/session.h"
#include "source/coverage.h"
#include "source/options.h"
#include "store/lake.h"

#include <memory>
#include <optional>
#include <vector>

namespace cairn::query {

class LakeView {
 public:
  /// Fails with `not_found` when there is no lake, or no such snapshot.
  static Result<std::unique_ptr<LakeView>> open(const LakeSource& from,
                                                engine::Connection& connection);

  /// Makes read_cloudtrail() mean the files of the snapshot that can hold what is wanted: by their
  /// times, and by their bloom filters where a scan asks for single values.
  Status begin(const source::Wanted& wanted, const std::vector<lang::athena::ScanBounds>& scans,
               engine::Connection& connection);

  /// Data files that the last query read and left out.
  const source::Coverage& coverage() const { return coverage_; }

 private:
  LakeView(store::Lake lake, const LakeSource& from) : from_(from), lake_(std::move(lake)) {}

  Result<std::optional<store::Snapshot>> snapshot();

  LakeSource from_;
  io::SystemClock clock_;
  store::Lake lake_;
  std::optional<store::Table> table_;
  source::Coverage coverage_;
};

}  // namespace cairn::query

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
#include "store/readable_files.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn::query {

class LakeView {
 public:
  /// Fails with `not_found` when there is no lake, or no such snapshot. `accounts`: only their
  /// events are there.
  static Result<std::unique_ptr<LakeView>> open(const LakeSource& from,
                                                std::optional<std::vector<std::string>> accounts,
                                                engine::Connection& connection);

  /// Makes read_cloudtrail() mean the files of the snapshot that can hold what is wanted: by their
  /// times, and by their bloom filters where a scan asks for single values.
  Status begin(const source::Wanted& wanted, const lang::athena::Rewritten& query,
               engine::Connection& connection);

  /// The files that hold what is wanted, as what stands behind FROM: see Question.
  Result<std::string> relation(const Question& question);

  /// See Session::newest().
  Result<Newest> newest(const source::Wanted& wanted, uint64_t rows);

  /// Where the engine must be able to read.
  std::vector<std::string> folders();

  /// Data files that the last query read and left out; nothing when only some accounts' events are
  /// there, since files hold those of all.
  const source::Coverage& coverage() const { return coverage_; }

  /// Of files that have to be fetched.
  const store::FetchProgress& progress() const { return progress_; }

  /// begin() then fails with `unavailable`. Any thread, any signal handler.
  void cancel() { cancelled_ = true; }

 private:
  LakeView(store::Lake lake, const LakeSource& from,
           std::optional<std::vector<std::string>> accounts)
      : from_(from), accounts_(std::move(accounts)), lake_(std::move(lake)) {}

  /// A data file of the snapshot, with its times by its bounds.
  struct Timed {
    store::DataFile file;
    int64_t first_us = 0;
    int64_t last_us = 0;
    bool untimed = false;  ///< some events may have no time

    /// About how many of the events happened from `since_us` to `until_us`, if evenly.
    double rows_within(int64_t since_us, int64_t until_us) const;
  };

  /// What files are known of: those of the days, and maybe more.
  struct FilesOf {
    int64_t snapshot_id = 0;
    store::Table::DayRange days{};

    bool holds(const store::Table::DayRange& wanted) const {
      return (!days.min || (wanted.min && *wanted.min >= *days.min)) &&
             (!days.max || (wanted.max && *wanted.max <= *days.max));
    }
  };

  Result<std::optional<store::Snapshot>> snapshot();

  /// Makes `files_` those of the snapshot, as it is now, that hold events of the wanted days.
  Status refresh(const source::Wanted& wanted);

  /// Makes `readable_` those that can hold what is wanted; tells the coverage of all (see
  /// coverage()).
  Status choose(const source::Wanted& wanted, const std::vector<std::vector<Needle>>& scans);

  LakeSource from_;
  std::optional<std::vector<std::string>> accounts_;
  store::Lake lake_;
  std::optional<store::Table> table_;
  std::vector<Timed> files_;  ///< the one with the last event first
  std::optional<FilesOf> files_of_;
  store::ReadableFiles readable_;  ///< of the last query
  store::FetchProgress progress_;
  std::atomic<bool> cancelled_{false};
  source::Coverage coverage_;
};

}  // namespace cairn::query

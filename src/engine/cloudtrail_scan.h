// The table function read_cloudtrail(): events straight from log files, only the columns that the
// query names, on all cores. Its columns are model::columns(), in that order, under those names.
#pragma once

#include "base/result.h"
#include "engine/database.h"
#include "source/coverage.h"
#include "source/options.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn::engine {

/// What read_cloudtrail() reads, and the account of what it read. Shared with running queries.
class CloudTrailScan {
 public:
  /// `accounts`: only their events are rows (model/event_account.h), and the account of what was
  /// read tells of theirs only.
  explicit CloudTrailScan(source::SourceOptions options,
                          std::optional<std::vector<std::string>> accounts = {});
  ~CloudTrailScan();

  /// Lists the files anew for the next query and forgets the account of the last one. Fails when a
  /// path is not there or matches nothing.
  Status begin(const source::Wanted& wanted);

  /// Complete once the query's rows were read to the end. For some accounts only: files of others,
  /// by their keys, are not there; of the rest those that held wanted events, without their sizes;
  /// what could not be read, which may be anybody's, is counted without its name.
  source::Coverage coverage() const;

  /// Rising while the query runs; any thread may look.
  uint64_t files_total() const;
  uint64_t files_done() const;
  uint64_t bytes_total() const;
  uint64_t bytes_done() const;
  uint64_t events() const;

  /// Makes running scans stop soon. Any thread.
  void cancel();

  struct State;

  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

/// Makes read_cloudtrail() (no arguments) known to `connection`'s database, reading what `scan`
/// says.
Status register_read_cloudtrail(Connection& connection,
                                const std::shared_ptr<CloudTrailScan>& scan);

}  // namespace cairn::engine

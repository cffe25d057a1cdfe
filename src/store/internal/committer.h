// Builds the manifests of a new snapshot and publishes it, again and again until no other writer
// comes between.
#pragma once

#include "base/result.h"
#include "store/internal/manifest.h"
#include "store/internal/table_state.h"
#include "store/table.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cairn::store {

class Committer {
 public:
  explicit Committer(TableState& state);

  Result<Snapshot> apply(const Change& change);
  Result<Snapshot> roll_back(int64_t snapshot_id);

 private:
  /// What a try makes: the manifests of the snapshot and its summary.
  struct Plan {
    std::vector<ManifestFile> manifests;
    std::string operation;
    std::map<std::string, std::string> summary;
    int64_t added_bytes = 0;
    int64_t removed_bytes = 0;
    bool size_known = true;
  };

  template <class Build>
  Result<Snapshot> run(const std::vector<LedgerEntry>& ledger, const Build& build);
  Result<Snapshot> publish(Plan plan, const std::vector<LedgerEntry>& ledger, bool& conflict);

  Result<Plan> plan_change(const Change& change);
  Result<Plan> plan_rollback(int64_t snapshot_id);
  Status write_added(const Change& change);
  Status remove_files(const Change& change, Plan& plan, std::vector<ManifestEntry>& removed);
  Status merge_small(std::vector<ManifestFile>& manifests);
  Status check_partitions(const Change& change) const;
  Result<ManifestFile> write(int32_t spec_id, const std::vector<ManifestEntry>& entries,
                             std::vector<std::string>& written);
  void count_totals(Plan& plan) const;
  void remove(std::vector<std::string>& keys);

  TableState* state_;
  int64_t snapshot_id_;
  int64_t sequence_number_ = 0;
  std::optional<ManifestFile> added_{};      ///< written once, for all tries
  std::vector<std::string> written_once_{};  ///< keys
  std::vector<std::string> written_{};       ///< of this try
};

}  // namespace cairn::store

// The answers of `cairn lake …` as text and as JSON.
#pragma once

#include "base/result.h"
#include "ingest/check_lake.h"
#include "ingest/compact.h"
#include "ingest/retention.h"
#include "store/lake.h"
#include "store/table.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::cli {

struct LakeStatus {
  std::string location;
  std::string metadata_location;
  std::optional<store::Snapshot> snapshot{};
  size_t snapshots = 0;
  uint64_t files = 0;
  uint64_t small_files = 0;  ///< that compaction would merge
  uint64_t bytes = 0;
  uint64_t events = 0;
  uint64_t days = 0;
  std::optional<int64_t> first_us{};
  std::optional<int64_t> last_us{};
  uint64_t objects_taken = 0;
  uint64_t objects_left_out = 0;
  uint64_t objects_rejected = 0;  ///< whole or in part
};

Result<LakeStatus> lake_status(store::Lake& lake);
std::string status_text(const LakeStatus& status);
std::string status_json(const LakeStatus& status);

std::string snapshots_text(const store::Table& table);
std::string snapshots_json(const store::Table& table);

std::string compact_text(const ingest::CompactReport& report, bool dry_run);
std::string compact_json(const ingest::CompactReport& report);

struct ExpireReport {
  std::optional<int64_t> events_before_us{};
  ingest::RetentionReport events{};
  store::Table::Expired snapshots{};
};

std::string expire_text(const ExpireReport& report, bool dry_run);
std::string expire_json(const ExpireReport& report);

std::string check_text(const ingest::CheckReport& report);
std::string check_json(const ingest::CheckReport& report);

}  // namespace cairn::cli

#include "ingest/rewrite.h"

#include "ingest/lake_rows.h"
#include "store/lake_sql.h"
#include "store/readable_files.h"

#include <algorithm>
#include <cstdint>
#include <list>

namespace cairn::ingest {
namespace {

constexpr size_t kRowGroupRows = 122'880;
constexpr size_t kRowGroupBytes = 150'000'000;  ///< of values in memory
constexpr uint64_t kEngineBytesMax = 300'000'000;

/// Rows of several files in order of time. A file is opened when its first event is due, so that
/// only files that overlap are open at once.
class Merger {
 public:
  Merger(engine::Database& database, const std::vector<store::DataFile>& files,
         const std::vector<std::string>& paths)
      : database_(database), files_(files), paths_(paths) {}

  /// The file whose row is next, or null behind the last one.
  Result<LakeRows*> next() {
    if (current_ != nullptr) {
      const bool more = CAIRN_TRY(current_->rows.next());
      if (!more) open_.remove_if([&](const Open& open) { return &open == current_; });
      current_ = nullptr;
    }
    while (next_file_ < files_.size() &&
           (open_.empty() || store::first_event_us(files_[next_file_]) <= earliest()))
      CAIRN_TRY(open_next());
    for (auto& open : open_)
      if (current_ == nullptr || open.rows.time_us() < current_->rows.time_us()) current_ = &open;
    return current_ == nullptr ? nullptr : &current_->rows;
  }

 private:
  struct Open {
    LakeRows rows;
  };

  int64_t earliest() const {
    int64_t earliest = INT64_MAX;
    for (const auto& open : open_) earliest = std::min(earliest, open.rows.time_us());
    return earliest;
  }

  Status open_next() {
    const auto& path = paths_[next_file_++];
    auto connection = CAIRN_TRY(database_.connect());
    auto rows = CAIRN_TRY(LakeRows::open(std::move(connection), path));
    const bool any = CAIRN_TRY(rows.next());
    if (any) open_.push_back({std::move(rows)});
    return {};
  }

  engine::Database& database_;
  const std::vector<store::DataFile>& files_;
  const std::vector<std::string>& paths_;
  std::list<Open> open_;
  Open* current_ = nullptr;
  size_t next_file_ = 0;
};

}  // namespace

Result<engine::Database> open_rewrite_database() {
  engine::DatabaseOptions options;
  options.threads = 1;  // rows keep their order
  options.memory_max_bytes = kEngineBytesMax;
  return engine::Database::open(options);
}

Result<std::optional<EncodedFile>> rewrite(store::Lake& lake, engine::Database& database,
                                           const std::vector<store::DataFile>& files, int32_t day,
                                           std::optional<int64_t> first_us) {
  const auto readable = CAIRN_TRY(store::ReadableFiles::open(lake, files));
  Merger merger(database, files, readable.paths());
  RowGroupEncoder encoder;
  std::vector<RowGroup> groups;
  const auto close = [&]() -> Status {
    const auto rows = static_cast<int64_t>(encoder.rows());
    auto columns = CAIRN_TRY(encoder.finish());
    groups.push_back({std::move(columns), rows});
    return {};
  };
  for (;;) {
    LakeRows* const row = CAIRN_TRY(merger.next());
    if (row == nullptr) break;
    if (first_us && row->time_us() < *first_us) continue;
    encoder.add(row->values(), row->patch(), row->resource_arns());
    const bool full = encoder.rows() >= kRowGroupRows ||
                      (encoder.rows() % 1024 == 0 && encoder.bytes() >= kRowGroupBytes);
    if (full) CAIRN_TRY(close());
  }
  if (encoder.rows() > 0) CAIRN_TRY(close());
  if (groups.empty()) return std::optional<EncodedFile>();
  auto encoded = CAIRN_TRY(assemble(std::move(groups)));
  encoded.file.partition_days = {day};
  return std::optional(std::move(encoded));
}

}  // namespace cairn::ingest

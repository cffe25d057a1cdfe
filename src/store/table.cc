#include "store/table.h"

#include "base/time.h"
#include "store/internal/committer.h"
#include "store/internal/table_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn::store {
namespace {

bool same_spec(const std::vector<PartitionField>& a, const std::vector<PartitionField>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.source_id == y.source_id && x.transform == y.transform;
  });
}

/// Which of a spec's fields is the day; nullopt if none.
std::optional<size_t> day_field(const PartitionSpec& spec) {
  for (size_t i = 0; i < spec.fields.size(); ++i)
    if (spec.fields[i].transform == PartitionField::Transform::day) return i;
  return std::nullopt;
}

bool may_match(const ManifestFile& manifest, const PartitionSpec& spec,
               const Table::DayRange& days) {
  const auto field = day_field(spec);
  if (!field || !spec.understood || *field >= manifest.partitions.size()) return true;
  const auto& summary = manifest.partitions[*field];
  if (!summary.lower || !summary.upper) return !days.min && !days.max;
  const auto lower = day_from_bytes(*summary.lower);
  const auto upper = day_from_bytes(*summary.upper);
  return (!days.min || !upper || *upper >= *days.min) &&
         (!days.max || !lower || *lower <= *days.max);
}

bool matches(const DataFile& file, const PartitionSpec& spec, const Table::DayRange& days) {
  const auto field = day_field(spec);
  if ((!days.min && !days.max) || !field || !spec.understood) return true;
  const auto day = file.partition_days[*field];
  return day && (!days.min || *day >= *days.min) && (!days.max || *day <= *days.max);
}

std::string known_snapshots(const std::vector<Snapshot>& snapshots) {
  if (snapshots.empty()) return "the table is empty";
  const auto name = [](const Snapshot& snapshot) {
    return fmt::format("{} ({})", snapshot.id, format_iso8601(snapshot.timestamp_ms * 1000));
  };
  if (snapshots.size() == 1) return fmt::format("there is only {}", name(snapshots.front()));
  return fmt::format("there are {}, from {} to {}", snapshots.size(), name(snapshots.front()),
                     name(snapshots.back()));
}

}  // namespace

Table::Table(std::unique_ptr<TableState> state) : state_(std::move(state)) {}

Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;
Table::~Table() = default;

Result<Table> Table::open(io::ObjectStore& store, Catalog& catalog, const io::Clock& clock) {
  auto state = std::make_unique<TableState>(store, catalog, clock);
  const bool there = CAIRN_TRY(state->load());
  if (!there)
    return Error{ErrorKind::not_found,
                 fmt::format("the catalog has no table '{}'", state->table_path)};
  return Table(std::move(state));
}

Result<Table> Table::open_or_create(io::ObjectStore& store, Catalog& catalog,
                                    const io::Clock& clock, const TableDefinition& definition) {
  auto state = std::make_unique<TableState>(store, catalog, clock);
  for (int tries = 0; tries < kCommitTriesMax; ++tries) {
    if (tries > 0) pause_before_retry(tries, state->random);
    const bool there = CAIRN_TRY(state->load());
    std::optional<nlohmann::json> document;
    if (!there) {
      document = new_table_document(definition, {.uuid = io::make_uuid(state->random),
                                                 .location = store.uri(state->table_path),
                                                 .now_ms = state->now_ms()});
    } else {
      if (!same_spec(state->metadata.default_spec().fields, definition.partition))
        return Error{ErrorKind::unimplemented,
                     fmt::format("table '{}' is partitioned in another way than cairn does it",
                                 state->table_path)};
      document = CAIRN_TRY(evolved(state->metadata, definition));
    }
    if (!document) return Table(std::move(state));
    bool unsettled = false;
    const bool moved =
        CAIRN_TRY(state->publish(std::move(*document), state->now_ms(), {}, unsettled));
    if (moved) return Table(std::move(state));
  }
  return too_many_tries();
}

Result<bool> Table::refresh() {
  const auto before = state_->location;
  const bool there = CAIRN_TRY(state_->load());
  if (!there) return Error{ErrorKind::not_found, "the table is gone from the catalog"};
  return state_->location != before;
}

std::optional<Snapshot> Table::current() const {
  if (!state_->metadata.current_id) return std::nullopt;
  return *state_->metadata.find(*state_->metadata.current_id);
}

const std::vector<Snapshot>& Table::snapshots() const {
  return state_->metadata.snapshots;
}

Result<Snapshot> Table::snapshot_by_id(int64_t id) const {
  if (const auto* const found = state_->metadata.find(id)) return *found;
  return Error{ErrorKind::not_found, fmt::format("there is no snapshot {}; {}", id,
                                                 known_snapshots(state_->metadata.snapshots))};
}

Result<Snapshot> Table::snapshot_as_of(int64_t timestamp_ms) const {
  const auto& all = state_->metadata.snapshots;
  const auto after = std::find_if(all.begin(), all.end(), [&](const Snapshot& snapshot) {
    return snapshot.timestamp_ms > timestamp_ms;
  });
  if (after != all.begin()) return *std::prev(after);
  return Error{ErrorKind::not_found,
               fmt::format("there is no snapshot as old as {}; {}",
                           format_iso8601(timestamp_ms * 1000), known_snapshots(all))};
}

const std::string& Table::metadata_location() const {
  return state_->location;
}

const Fields& Table::fields() const {
  return state_->metadata.fields;
}

Result<std::vector<DataFile>> Table::files(const Snapshot& snapshot, const DayRange& days,
                                           const std::atomic<bool>* cancelled) {
  std::vector<const ManifestFile*> wanted;
  const auto manifests = CAIRN_TRY(state_->manifests(snapshot.manifest_list));
  for (const auto& manifest : *manifests) {
    if (!manifest.has_live()) continue;
    if (manifest.content != 0)
      return Error{ErrorKind::unimplemented,
                   "another program deleted single rows of the table, which cairn cannot leave out "
                   "when it reads\nhint: let that program rewrite the data files"};
    const auto spec = state_->metadata.specs.find(manifest.spec_id);
    if (spec == state_->metadata.specs.end() || may_match(manifest, spec->second, days))
      wanted.push_back(&manifest);
  }
  std::vector<DataFile> found;
  const auto entries_of = CAIRN_TRY(state_->entries(wanted, cancelled));
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto& spec = state_->metadata.specs.at(wanted[i]->spec_id);  // else not read
    for (const auto& entry : *entries_of[i]) {
      if (entry.status == EntryStatus::deleted || !matches(entry.file, spec, days)) continue;
      if (!entry.plain && spec.understood)
        return Error{ErrorKind::unimplemented,
                     fmt::format("'{}' is no plain Parquet file", entry.file.key)};
      found.push_back(entry.file);
    }
  }
  return found;
}

Result<Snapshot> Table::commit(const Change& change) {
  return Committer(*state_).apply(change);
}

Result<Snapshot> Table::rollback(int64_t snapshot_id) {
  return Committer(*state_).roll_back(snapshot_id);
}

}  // namespace cairn::store

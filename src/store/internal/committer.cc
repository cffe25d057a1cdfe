#include "store/internal/committer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <utility>

namespace cairn::store {
namespace {

constexpr int64_t kMergeAbove = 50;      // small manifests
constexpr int32_t kSmallManifest = 500;  // files
constexpr size_t kManifestFilesMax = 1000;

int64_t random_id(io::Random& random) {
  return static_cast<int64_t>(random.next() >> 1) | 1;
}

bool is_live(const ManifestEntry& entry) {
  return entry.status != EntryStatus::deleted;
}

std::optional<int64_t> number_of(const std::map<std::string, std::string>& summary,
                                 const char* name) {
  const auto at = summary.find(name);
  int64_t number = 0;
  if (at == summary.end() ||
      std::from_chars(at->second.data(), at->second.data() + at->second.size(), number).ec !=
          std::errc())
    return std::nullopt;
  return number;
}

}  // namespace

Committer::Committer(TableState& state) : state_(&state), snapshot_id_(random_id(state.random)) {}

void Committer::remove(std::vector<std::string>& keys) {
  for (const auto& key : keys) (void)state_->store->remove(key);  // else orphans, found later
  keys.clear();
}

template <class Build>
Result<Snapshot> Committer::run(const std::vector<LedgerEntry>& ledger, const Build& build) {
  for (int tries = 0; tries < kCommitTriesMax; ++tries) {
    if (tries > 0) pause_before_retry(tries, state_->random);
    auto there = state_->load();
    if (there.ok() && !there.value())
      there = Error{ErrorKind::not_found, "the table is gone from the catalog"};
    auto plan = there.ok() ? build() : Result<Plan>(std::move(there).error());
    bool conflict = false;
    auto done = plan.ok() ? publish(std::move(plan).value(), ledger, conflict)
                          : Result<Snapshot>(std::move(plan).error());
    if (done.ok()) return done;
    if (!conflict) {
      remove(written_);
      remove(written_once_);
      return done;
    }
    remove(written_);
  }
  remove(written_once_);
  return too_many_tries();
}

Result<Snapshot> Committer::publish(Plan plan, const std::vector<LedgerEntry>& ledger,
                                    bool& conflict) {
  auto& metadata = state_->metadata;
  Snapshot snapshot;
  snapshot.id = snapshot_id_;
  snapshot.parent_id = metadata.current_id;
  snapshot.sequence_number = sequence_number_;
  snapshot.timestamp_ms = state_->now_ms();
  snapshot.operation = plan.operation;
  count_totals(plan);
  snapshot.summary = std::move(plan.summary);
  const auto key = state_->metadata_key(
      fmt::format("snap-{}-{}.avro", snapshot.id, io::make_uuid(state_->random)));
  snapshot.manifest_list = state_->store->uri(key);
  const auto list = CAIRN_TRY(write_manifest_list(snapshot, plan.manifests, state_->random));
  CAIRN_TRY(state_->store->put(key, list));
  written_.push_back(key);
  auto document = metadata.document;
  add_snapshot(document, snapshot, metadata.schema_id);
  bool unsettled = false;
  auto moved = state_->publish(std::move(document), snapshot.timestamp_ms, ledger, unsettled);
  if (unsettled) {  // the files may be in use
    written_.clear();
    written_once_.clear();
  }
  if (!moved.ok()) return std::move(moved).error();
  if (moved.value()) return snapshot;
  conflict = true;
  return Error{ErrorKind::unavailable, "another writer was first"};
}

Result<Snapshot> Committer::apply(const Change& change) {
  return run(change.ledger, [&] { return plan_change(change); });
}

Result<Snapshot> Committer::roll_back(int64_t snapshot_id) {
  return run({}, [&] { return plan_rollback(snapshot_id); });
}

Status Committer::check_partitions(const Change& change) const {
  const auto& spec = state_->metadata.default_spec();
  if (!spec.understood)
    return Error{ErrorKind::unimplemented,
                 "the table was partitioned anew, in a way that cairn cannot write"};
  for (const auto& file : change.added)
    if (file.partition_days.size() != spec.fields.size())
      return Error{ErrorKind::invalid_argument,
                   fmt::format("'{}' has {} partition values, the table has {}", file.key,
                               file.partition_days.size(), spec.fields.size())};
  return {};
}

Result<ManifestFile> Committer::write(int32_t spec_id, const std::vector<ManifestEntry>& entries,
                                      std::vector<std::string>& written) {
  std::vector<const ManifestEntry*> pointers;
  pointers.reserve(entries.size());
  for (const auto& entry : entries) pointers.push_back(&entry);
  auto made = CAIRN_TRY(write_manifest(state_->metadata, spec_id, snapshot_id_, sequence_number_,
                                       pointers, state_->random));
  const auto key = state_->metadata_key(io::make_uuid(state_->random) + "-m0.avro");
  CAIRN_TRY(state_->store->put(key, made.bytes));
  written.push_back(key);
  made.about.path = state_->store->uri(key);
  return std::move(made.about);
}

Status Committer::write_added(const Change& change) {
  if (change.added.empty()) return {};
  if (!added_) {
    std::vector<ManifestEntry> entries;
    for (const auto& file : change.added) {
      ManifestEntry entry;
      entry.snapshot_id = snapshot_id_;
      entry.path = state_->store->uri(file.key);
      entry.file = file;
      entries.push_back(std::move(entry));
    }
    added_ = CAIRN_TRY(write(state_->metadata.default_spec_id, entries, written_once_));
  }
  added_->sequence_number = sequence_number_;
  added_->min_sequence_number = sequence_number_;
  return {};
}

Result<Committer::Plan> Committer::plan_change(const Change& change) {
  const auto& metadata = state_->metadata;
  CAIRN_TRY(check_partitions(change));
  sequence_number_ = metadata.last_sequence_number + 1;
  Plan plan;
  plan.operation = change.operation;
  plan.summary = change.summary;
  if (metadata.current_id) {
    const auto before =
        CAIRN_TRY(state_->manifests(metadata.find(*metadata.current_id)->manifest_list));
    for (const auto& manifest : *before)
      if (manifest.has_live()) plan.manifests.push_back(manifest);
  }
  std::vector<ManifestEntry> removed;
  if (!change.removed_keys.empty()) CAIRN_TRY(remove_files(change, plan, removed));
  CAIRN_TRY(merge_small(plan.manifests));
  CAIRN_TRY(write_added(change));
  if (added_) plan.manifests.insert(plan.manifests.begin(), *added_);

  std::set<std::vector<std::optional<int32_t>>> partitions;
  int64_t added_rows = 0;
  int64_t removed_rows = 0;
  for (const auto& file : change.added) {
    partitions.insert(file.partition_days);
    added_rows += file.rows;
    plan.added_bytes += file.size_bytes;
  }
  for (const auto& entry : removed) {
    partitions.insert(entry.file.partition_days);
    removed_rows += entry.file.rows;
    plan.removed_bytes += entry.file.size_bytes;
  }
  const auto say = [&](const char* name, int64_t number) {
    if (number != 0) plan.summary[name] = fmt::format("{}", number);
  };
  say("added-data-files", static_cast<int64_t>(change.added.size()));
  say("added-records", added_rows);
  say("added-files-size", plan.added_bytes);
  say("deleted-data-files", static_cast<int64_t>(removed.size()));
  say("deleted-records", removed_rows);
  say("removed-files-size", plan.removed_bytes);
  plan.summary["changed-partition-count"] = fmt::format("{}", partitions.size());
  return plan;
}

/// Rewrites the manifests that name files to be removed: those become `deleted`, the others
/// `existing`.
Status Committer::remove_files(const Change& change, Plan& plan,
                               std::vector<ManifestEntry>& removed) {
  std::set<std::string> wanted(change.removed_keys.begin(), change.removed_keys.end());
  for (auto& manifest : plan.manifests) {
    if (manifest.content != 0 || wanted.empty()) continue;
    const auto entries = CAIRN_TRY(state_->entries(manifest));
    const bool any = std::any_of(entries->begin(), entries->end(), [&](const auto& entry) {
      return is_live(entry) && wanted.contains(entry.file.key);
    });
    if (!any) continue;
    std::vector<ManifestEntry> now;
    for (const auto& entry : *entries) {
      if (!is_live(entry)) continue;
      if (!entry.plain)
        return Error{ErrorKind::unimplemented,
                     fmt::format("'{}' was written by another program in a way that cairn cannot "
                                 "write again",
                                 manifest.path)};
      now.push_back(entry);
      now.back().status = EntryStatus::existing;
      if (wanted.erase(entry.file.key) == 0) continue;
      now.back().status = EntryStatus::deleted;
      now.back().snapshot_id = snapshot_id_;
      removed.push_back(entry);
    }
    manifest = CAIRN_TRY(write(manifest.spec_id, now, written_));
  }
  if (wanted.empty()) return {};
  return Error{
      ErrorKind::not_found,
      fmt::format("'{}' is no longer in the table: another writer removed it", *wanted.begin())};
}

/// Many small manifests become few, in the order of days, so that those can be passed over.
Status Committer::merge_small(std::vector<ManifestFile>& manifests) {
  const auto spec_id = state_->metadata.default_spec_id;
  const auto is_small = [&](const ManifestFile& manifest) {
    return manifest.content == 0 && manifest.spec_id == spec_id && manifest.deleted_files == 0 &&
           manifest.added_files + manifest.existing_files < kSmallManifest;
  };
  const auto most =
      state_->metadata.number_property("commit.manifest.min-count-to-merge", kMergeAbove);
  if (std::count_if(manifests.begin(), manifests.end(), is_small) <= most) return {};
  std::vector<ManifestFile> kept;
  std::vector<const ManifestFile*> small;
  for (const auto& manifest : manifests)
    is_small(manifest) ? small.push_back(&manifest) : kept.push_back(manifest);
  const auto entries_of = CAIRN_TRY(state_->entries(small));
  std::vector<ManifestEntry> merged;
  for (size_t i = 0; i < small.size(); ++i) {
    const auto& entries = *entries_of[i];
    if (!std::all_of(entries.begin(), entries.end(),
                     [](const auto& entry) { return entry.plain; })) {
      kept.push_back(*small[i]);
      continue;
    }
    for (const auto& entry : entries) {
      if (!is_live(entry)) continue;
      merged.push_back(entry);
      merged.back().status = EntryStatus::existing;
    }
  }
  std::stable_sort(merged.begin(), merged.end(), [](const auto& a, const auto& b) {
    return a.file.partition_days < b.file.partition_days;
  });
  for (size_t begin = 0; begin < merged.size(); begin += kManifestFilesMax) {
    const size_t end = std::min(merged.size(), begin + kManifestFilesMax);
    const std::vector<ManifestEntry> part(merged.begin() + static_cast<ptrdiff_t>(begin),
                                          merged.begin() + static_cast<ptrdiff_t>(end));
    auto made = CAIRN_TRY(write(spec_id, part, written_));
    kept.push_back(std::move(made));
  }
  manifests = std::move(kept);
  return {};
}

Result<Committer::Plan> Committer::plan_rollback(int64_t snapshot_id) {
  const auto* const target = state_->metadata.find(snapshot_id);
  if (target == nullptr)
    return Error{
        ErrorKind::not_found,
        fmt::format(
            "there is no snapshot {}\nhint: `cairn lake snapshots` lists those that there are",
            snapshot_id)};
  sequence_number_ = state_->metadata.last_sequence_number + 1;
  Plan plan;
  plan.operation = "overwrite";
  plan.summary["rolled-back-to"] = fmt::format("{}", snapshot_id);
  const auto manifests = CAIRN_TRY(state_->manifests(target->manifest_list));
  for (const auto& manifest : *manifests)
    if (manifest.has_live()) plan.manifests.push_back(manifest);
  const auto bytes = number_of(target->summary, "total-files-size");
  plan.size_known = bytes.has_value();
  const auto* const current = state_->metadata.find(state_->metadata.current_id.value_or(0));
  const auto before =
      current == nullptr ? std::nullopt : number_of(current->summary, "total-files-size");
  plan.added_bytes = bytes.value_or(0) - before.value_or(0);
  return plan;
}

void Committer::count_totals(Plan& plan) const {
  int64_t files = 0;
  int64_t rows = 0;
  int64_t delete_files = 0;
  for (const auto& manifest : plan.manifests) {
    const int64_t live = int64_t{manifest.added_files} + manifest.existing_files;
    if (manifest.content != 0) {
      delete_files += live;
      continue;
    }
    files += live;
    rows += manifest.added_rows + manifest.existing_rows;
  }
  plan.summary["total-data-files"] = fmt::format("{}", files);
  plan.summary["total-records"] = fmt::format("{}", rows);
  plan.summary["total-delete-files"] = fmt::format("{}", delete_files);
  if (delete_files == 0) {
    plan.summary["total-position-deletes"] = "0";
    plan.summary["total-equality-deletes"] = "0";
  }
  const auto& metadata = state_->metadata;
  std::optional<int64_t> before = 0;
  if (metadata.current_id)
    before = number_of(metadata.find(*metadata.current_id)->summary, "total-files-size");
  if (before && plan.size_known)
    plan.summary["total-files-size"] =
        fmt::format("{}", *before + plan.added_bytes - plan.removed_bytes);
}

}  // namespace cairn::store

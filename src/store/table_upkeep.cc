// Taking away what is no longer needed: old snapshots with their files, and files that nothing
// names.
#include "io/in_parallel.h"
#include "store/internal/table_state.h"
#include "store/table.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <utility>

namespace cairn::store {
namespace {

/// Files that a set of snapshots needs, by key.
struct Needed {
  std::map<std::string, int64_t> data;  ///< with sizes
  std::set<std::string> manifests;
  std::set<std::string> lists;
};

Result<Needed> needed_by(TableState& state, const std::vector<Snapshot>& snapshots) {
  Needed needed;
  const auto manifests_of = CAIRN_TRY(state.manifests(snapshots));
  std::vector<const ManifestFile*> manifests;
  for (size_t i = 0; i < snapshots.size(); ++i) {
    auto list = CAIRN_TRY(state.need_key_of(snapshots[i].manifest_list));
    needed.lists.insert(std::move(list));
    for (const auto& manifest : *manifests_of[i]) {
      auto key = CAIRN_TRY(state.need_key_of(manifest.path));
      if (needed.manifests.insert(std::move(key)).second) manifests.push_back(&manifest);
    }
  }
  const auto entries_of = CAIRN_TRY(state.entries(manifests));
  for (const auto& entries : entries_of)
    for (const auto& entry : *entries)
      if (entry.status != EntryStatus::deleted)
        needed.data.emplace(entry.file.key, entry.file.size_bytes);
  return needed;
}

/// Together, of those that are there.
uint64_t bytes_of(io::ObjectStore& store, const std::vector<std::string>& keys) {
  std::atomic<uint64_t> bytes{0};
  (void)io::in_parallel(keys.size(), store.requests_at_once(), [&](size_t i) -> Status {
    const auto info = store.head(keys[i]);
    if (info.ok()) bytes += info.value().size_bytes;
    return {};
  });
  return bytes;
}

/// Snapshots that a branch or a tag points to.
std::set<int64_t> named_snapshots(const Metadata& metadata) {
  std::set<int64_t> named;
  if (metadata.current_id) named.insert(*metadata.current_id);
  const auto refs = metadata.document.find("refs");
  if (refs == metadata.document.end() || !refs->is_object()) return named;
  for (const auto& ref : *refs)
    if (ref.is_object() && ref.contains("snapshot-id") && ref["snapshot-id"].is_number_integer())
      named.insert(ref["snapshot-id"].get<int64_t>());
  return named;
}

/// Paths of the files that statistics lie in.
std::set<std::string> statistics_keys(const TableState& state) {
  std::set<std::string> keys;
  for (const auto* name : {"statistics", "partition-statistics"}) {
    const auto list = state.metadata.document.find(name);
    if (list == state.metadata.document.end() || !list->is_array()) continue;
    for (const auto& entry : *list) {
      if (!entry.is_object() || !entry.contains("statistics-path") ||
          !entry["statistics-path"].is_string())
        continue;
      if (const auto key = state.key_of(entry["statistics-path"].get<std::string>()))
        keys.insert(*key);
    }
  }
  return keys;
}

struct Parted {
  std::vector<Snapshot> old;
  std::vector<Snapshot> kept;
};

Parted part_by_age(const Metadata& metadata, int64_t older_than_ms, int64_t keep_one_per_ms) {
  const auto named = named_snapshots(metadata);
  const auto& all = metadata.snapshots;
  const auto is_last_of_span = [&](size_t i) {
    return keep_one_per_ms > 0 &&
           (i + 1 == all.size() ||
            all[i].timestamp_ms / keep_one_per_ms != all[i + 1].timestamp_ms / keep_one_per_ms);
  };
  Parted parted;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool old =
        all[i].timestamp_ms < older_than_ms && !named.contains(all[i].id) && !is_last_of_span(i);
    (old ? parted.old : parted.kept).push_back(all[i]);
  }
  return parted;
}

}  // namespace

Result<Table::Expired> Table::expire_snapshots(int64_t older_than_ms, bool dry_run,
                                               int64_t keep_one_per_ms) {
  Parted parted;
  bool done = dry_run;
  for (int tries = 0; tries < kCommitTriesMax; ++tries) {
    if (tries > 0) pause_before_retry(tries, state_->random);
    CAIRN_TRY(refresh());
    parted = part_by_age(state_->metadata, older_than_ms, keep_one_per_ms);
    if (parted.old.empty()) return Expired{};
    if (done) break;
    auto document = state_->metadata.document;
    std::vector<int64_t> ids;
    for (const auto& snapshot : parted.old) ids.push_back(snapshot.id);
    // All manifests must be readable before their snapshots go, else files would be left for ever.
    CAIRN_TRY(needed_by(*state_, state_->metadata.snapshots));
    remove_snapshots(document, ids);
    bool unsettled = false;
    done = CAIRN_TRY(state_->publish(std::move(document), state_->now_ms(), {}, unsettled));
    if (done) break;
  }
  if (!done) return too_many_tries();
  Expired expired;
  for (const auto& snapshot : parted.old) expired.snapshots.push_back(snapshot.id);
  const auto old = CAIRN_TRY(needed_by(*state_, parted.old));
  const auto kept = CAIRN_TRY(needed_by(*state_, parted.kept));
  for (const auto& [key, bytes] : old.data) {
    if (kept.data.contains(key)) continue;
    expired.removed_keys.push_back(key);
    expired.removed_bytes += static_cast<uint64_t>(bytes);
  }
  // Lists last: while they are there, what they lead to can be found.
  std::vector<std::string> metadata;
  for (const auto kind : {&Needed::manifests, &Needed::lists})
    for (const auto& key : old.*kind)
      if (!(kept.*kind).contains(key)) metadata.push_back(key);
  expired.removed_bytes += bytes_of(*state_->store, metadata);
  expired.removed_keys.insert(expired.removed_keys.end(), metadata.begin(), metadata.end());
  if (dry_run) return expired;
  CAIRN_TRY(state_->store->remove_all(expired.removed_keys));
  return expired;
}

Result<std::vector<io::ObjectInfo>> Table::orphans(int64_t older_than_us) {
  std::vector<io::ObjectInfo> found;
  const auto gather = [&](const io::ObjectInfo& info) {
    if (info.modified_us < older_than_us) found.push_back(info);
    return true;
  };
  // Listed before the metadata is read: what was named in between is then known.
  const auto folder = state_->table_path + '/';
  CAIRN_TRY(state_->store->list(folder, "", gather));
  const size_t finished = found.size();
  CAIRN_TRY(state_->store->list_unfinished(folder, gather));
  CAIRN_TRY(refresh());
  const auto needed = CAIRN_TRY(needed_by(*state_, state_->metadata.snapshots));
  auto others = statistics_keys(*state_);
  auto uris = state_->metadata.log();
  uris.push_back(state_->location);
  for (const auto& uri : uris)
    if (const auto key = state_->key_of(uri)) others.insert(*key);
  const auto is_needed = [&](const io::ObjectInfo& info) {
    return needed.data.contains(info.key) || needed.manifests.contains(info.key) ||
           needed.lists.contains(info.key) || others.contains(info.key);
  };
  const auto end = found.begin() + static_cast<ptrdiff_t>(finished);
  found.erase(std::remove_if(found.begin(), end, is_needed), end);
  return found;
}

}  // namespace cairn::store

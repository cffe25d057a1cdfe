#include "store/internal/table_state.h"

#include "base/text.h"
#include "io/in_parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <functional>
#include <set>
#include <thread>
#include <utility>

namespace cairn::store {
namespace {

constexpr size_t kManifestsCachedMax = 200;
constexpr int kFirstPauseMillis = 8;
constexpr int kPauseDoublingsMax = 6;

/// One spelling for those that mean the same place.
std::string usual_form(std::string_view uri) {
  for (const std::string_view scheme : {"s3a://", "s3n://"})
    if (uri.starts_with(scheme)) return fmt::format("s3://{}", uri.substr(scheme.size()));
  if (uri.starts_with("file:/") && !uri.starts_with("file://"))
    return fmt::format("file://{}", uri.substr(5));
  return std::string(uri);
}

std::string_view without_end_slash(std::string_view uri) {
  while (uri.ends_with('/')) uri.remove_suffix(1);
  return uri;
}

/// What each of `uris` names: as `known` has it, else by `read` of its index, and then known.
template <class Value>
Result<std::vector<Value>> read_all(const io::ObjectStore& store,
                                    std::map<std::string, Value>& known,
                                    const std::vector<const std::string*>& uris,
                                    const std::function<Result<Value>(size_t)>& read,
                                    const std::atomic<bool>* cancelled) {
  std::vector<size_t> missing;
  std::set<std::string_view> wanted;
  for (size_t i = 0; i < uris.size(); ++i)
    if (!known.contains(*uris[i]) && wanted.insert(*uris[i]).second) missing.push_back(i);
  std::vector<Value> fresh(missing.size());
  const auto read_one = [&](size_t i) -> Status {
    fresh[i] = CAIRN_TRY(read(missing[i]));
    return {};
  };
  CAIRN_TRY(io::in_parallel(missing.size(), store.requests_at_once(), read_one, cancelled));
  for (size_t i = 0; i < missing.size(); ++i) known[*uris[missing[i]]] = std::move(fresh[i]);
  std::vector<Value> all;
  all.reserve(uris.size());
  for (const auto* uri : uris) all.push_back(known[*uri]);
  return all;
}

}  // namespace

void pause_before_retry(int tries, io::Random& random) {
  const int64_t longest = kFirstPauseMillis << std::min(tries, kPauseDoublingsMax);
  const auto part = static_cast<int64_t>(random.next() % static_cast<uint64_t>(longest));
  std::this_thread::sleep_for(std::chrono::milliseconds(longest / 2 + part / 2));
}

Error too_many_tries() {
  return Error{ErrorKind::unavailable,
               fmt::format("other writers changed the table {} times in a row before this change "
                           "was done\nhint: run the command again when they are done",
                           kCommitTriesMax)};
}

std::optional<std::string> TableState::key_of(std::string_view uri) const {
  const auto usual = usual_form(uri);
  const auto folder = table_path + '/';
  const auto here = usual_form(store->uri(folder));
  if (usual.starts_with(here)) return folder + usual.substr(here.size());
  const auto stored = usual_form(without_end_slash(metadata.location)) + '/';
  if (stored.size() > 1 && usual.starts_with(stored)) return folder + usual.substr(stored.size());
  const auto at = usual.rfind('/' + folder);  // from before the lake was moved
  if (at != std::string::npos) return usual.substr(at + 1);
  return std::nullopt;
}

Result<std::string> TableState::need_key_of(const std::string& uri) const {
  auto key = key_of(uri);
  if (!key)
    return Error{
        ErrorKind::unimplemented,
        fmt::format("the table names '{}', which lies outside of the lake", printable(uri))};
  return std::move(*key);
}

std::string TableState::metadata_key(std::string_view name) const {
  return fmt::format("{}/metadata/{}", table_path, name);
}

Result<bool> TableState::load() {
  auto pointer = CAIRN_TRY(catalog->metadata_location());
  for (;;) {
    if (!pointer) return false;
    auto loaded = load_at(*pointer);
    if (loaded.ok() || loaded.error().kind() != ErrorKind::not_found) return loaded;
    auto again = CAIRN_TRY(catalog->metadata_location());
    if (again == pointer)
      return Error{ErrorKind::corrupt,
                   fmt::format("the catalog names '{}', which is not there: {}\nhint: was the lake "
                               "copied in part, or moved away from its catalog?",
                               printable(*pointer), loaded.error().message())};
    pointer = std::move(again);  // other writers moved on, and removed the old file
  }
}

Result<bool> TableState::load_at(const std::string& uri) {
  if (uri == location) return true;
  const auto key = CAIRN_TRY(need_key_of(uri));
  const auto text = CAIRN_TRY(store->get(key, kMetadataBytesMax));
  auto parsed = parse_metadata(text);
  if (!parsed.ok())
    return std::move(parsed).error().context(fmt::format("cannot read '{}'", store->uri(key)));
  metadata = std::move(parsed).value();
  location = uri;
  forget_old();
  return true;
}

Result<TableState::Manifests> TableState::read_list(const std::string& list_uri) const {
  const auto key = CAIRN_TRY(need_key_of(list_uri));
  const auto bytes = CAIRN_TRY(store->get(key, kMetadataBytesMax));
  auto read = read_manifest_list(bytes);
  if (!read.ok())
    return std::move(read).error().context(fmt::format("cannot read '{}'", store->uri(key)));
  return Manifests(std::make_shared<const std::vector<ManifestFile>>(std::move(read).value()));
}

Result<TableState::Manifests> TableState::manifests(const std::string& list_uri) {
  auto read = CAIRN_TRY(read_all<Manifests>(
      *store, lists_, {&list_uri}, [&](size_t) { return read_list(list_uri); }, nullptr));
  return std::move(read.front());
}

Result<std::vector<TableState::Manifests>> TableState::manifests(
    const std::vector<Snapshot>& snapshots) {
  std::vector<const std::string*> uris;
  for (const auto& snapshot : snapshots) uris.push_back(&snapshot.manifest_list);
  return read_all<Manifests>(
      *store, lists_, uris, [&](size_t i) { return read_list(*uris[i]); }, nullptr);
}

Result<TableState::Entries> TableState::read_entries(const ManifestFile& manifest) const {
  const auto key = CAIRN_TRY(need_key_of(manifest.path));
  const auto bytes = CAIRN_TRY(store->get(key, kMetadataBytesMax));
  const auto spec = metadata.specs.find(manifest.spec_id);
  if (spec == metadata.specs.end())
    return Error{ErrorKind::corrupt, fmt::format("'{}' is of partition spec {}, which is not there",
                                                 store->uri(key), manifest.spec_id)};
  auto made = std::make_shared<std::vector<ManifestEntry>>();
  const auto status =
      read_manifest(bytes, manifest, spec->second, [&](ManifestEntry entry) -> Status {
        entry.file.key = CAIRN_TRY(need_key_of(entry.path));
        made->push_back(std::move(entry));
        return {};
      });
  if (!status.ok())
    return Error(status.error()).context(fmt::format("cannot read '{}'", store->uri(key)));
  return Entries(std::move(made));
}

Result<TableState::Entries> TableState::entries(const ManifestFile& manifest) {
  auto read = CAIRN_TRY(entries(std::vector{&manifest}));
  return std::move(read.front());
}

Result<std::vector<TableState::Entries>> TableState::entries(
    const std::vector<const ManifestFile*>& manifests, const std::atomic<bool>* cancelled) {
  std::vector<const std::string*> paths;
  for (const auto* manifest : manifests) paths.push_back(&manifest->path);
  return read_all<Entries>(
      *store, entries_, paths, [&](size_t i) { return read_entries(*manifests[i]); }, cancelled);
}

/// A program that runs for months must not keep all that it ever read.
void TableState::forget_old() {
  std::erase_if(lists_, [&](const auto& cached) {
    return std::none_of(
        metadata.snapshots.begin(), metadata.snapshots.end(),
        [&](const Snapshot& snapshot) { return snapshot.manifest_list == cached.first; });
  });
  if (entries_.size() <= kManifestsCachedMax) return;
  const auto* const now = metadata.current_id ? metadata.find(*metadata.current_id) : nullptr;
  const auto list = now == nullptr ? lists_.end() : lists_.find(now->manifest_list);
  std::erase_if(entries_, [&](const auto& cached) {
    return list == lists_.end() || !list->second ||
           std::none_of(list->second->begin(), list->second->end(),
                        [&](const ManifestFile& one) { return one.path == cached.first; });
  });
}

int64_t TableState::now_ms() const {
  return std::max(clock->now_us() / 1000, metadata.last_updated_ms);
}

std::string TableState::next_name() {
  const auto slash = location.rfind('/');
  const std::string_view name = slash == std::string::npos
                                    ? std::string_view()
                                    : std::string_view(location).substr(slash + 1);
  int64_t version = -1;
  std::from_chars(name.data(), name.data() + name.size(), version);
  return fmt::format("{:05}-{}.metadata.json", version + 1, io::make_uuid(random));
}

Result<bool> TableState::publish(nlohmann::json document, int64_t now,
                                 const std::vector<LedgerEntry>& ledger, bool& unsettled) {
  unsettled = false;
  document["location"] = without_end_slash(store->uri(table_path));
  std::vector<std::string> dropped;
  std::optional<std::string> expected;
  if (!location.empty()) {
    dropped = push_log(document, metadata, location, now);
    expected = location;
  }
  const auto key = metadata_key(next_name());
  const auto next = store->uri(key);
  const auto text = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  auto parsed = CAIRN_TRY(parse_metadata(text));  // what others could not read must not be named
  CAIRN_TRY(store->put(key, text));
  auto moved = catalog->commit(expected, next, ledger);
  if (!moved.ok()) moved = settle(next, std::move(moved).error(), unsettled);
  if (!unsettled && (!moved.ok() || !moved.value())) (void)store->remove(key);
  if (!moved.ok() || !moved.value()) return moved;
  metadata = std::move(parsed);
  location = next;
  forget_old();
  drop_old(dropped);
  return true;
}

/// After a commit that failed: did it happen?
Result<bool> TableState::settle(const std::string& next, Error why, bool& unsettled) const {
  unsettled = true;
  TableState other(*store, *catalog, *clock);
  auto pointer = catalog->metadata_location();
  if (pointer.ok() && pointer.value() == next) {
    unsettled = false;
    return true;
  }
  auto loaded = pointer.ok() ? other.load() : Result<bool>(Error(pointer.error()));
  if (!loaded.ok())
    return std::move(why).context(
        "whether the change was made is not known, as the catalog "
        "cannot be read any more");
  unsettled = false;
  if (!loaded.value()) return why;
  const auto log = other.metadata.log();
  if (other.location == next || std::find(log.begin(), log.end(), next) != log.end()) return true;
  return why;
}

void TableState::drop_old(const std::vector<std::string>& uris) const {
  if (!metadata.flag_property("write.metadata.delete-after-commit.enabled")) return;
  for (const auto& uri : uris)
    if (const auto key = key_of(uri)) (void)store->remove(*key);  // else an orphan
}

}  // namespace cairn::store

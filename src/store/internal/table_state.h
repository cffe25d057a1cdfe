// What the parts of Table share: the metadata that it stands on, the manifests read so far, and
// how a new version of the metadata is published.
#pragma once

#include "base/result.h"
#include "io/clock.h"
#include "io/object_store.h"
#include "io/random.h"
#include "store/catalog.h"
#include "store/internal/manifest.h"
#include "store/internal/metadata.h"
#include "store/table.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::store {

inline constexpr uint64_t kMetadataBytesMax = 1'000'000'000;

struct TableState {
  using Manifests = std::shared_ptr<const std::vector<ManifestFile>>;
  using Entries = std::shared_ptr<const std::vector<ManifestEntry>>;

  TableState(io::ObjectStore& store_in, Catalog& catalog_in, const io::Clock& clock_in)
      : store(&store_in),
        catalog(&catalog_in),
        clock(&clock_in),
        table_path(catalog_in.table_path()) {}

  /// The key in the store of a URI that some version of this lake wrote, maybe at another place;
  /// nullopt for what lies elsewhere.
  std::optional<std::string> key_of(std::string_view uri) const;
  Result<std::string> need_key_of(const std::string& uri) const;
  /// `<table>/metadata/<name>`
  std::string metadata_key(std::string_view name) const;

  /// False when there is no table.
  Result<bool> load();

  Result<Manifests> manifests(const std::string& list_uri);
  /// Of each snapshot, in their order.
  Result<std::vector<Manifests>> manifests(const std::vector<Snapshot>& snapshots);
  /// Deleted ones too.
  Result<Entries> entries(const ManifestFile& manifest);
  /// Of each manifest, in their order. What is not known yet is read several at once.
  Result<std::vector<Entries>> entries(const std::vector<const ManifestFile*>& manifests,
                                       const std::atomic<bool>* cancelled = nullptr);

  /// Never before the last change.
  int64_t now_ms() const;

  /// Writes the document as the next metadata file and moves the catalog's pointer to it. False
  /// when another writer was first. On an error `unsettled` tells whether the change may have
  /// happened all the same; nothing that it names may then be removed.
  Result<bool> publish(nlohmann::json document, int64_t now, const std::vector<LedgerEntry>& ledger,
                       bool& unsettled);

  io::ObjectStore* store;
  Catalog* catalog;
  const io::Clock* clock;
  io::SystemRandom random{};
  std::string table_path;
  std::string location{};  ///< URI of the metadata file; "" before there is a table
  Metadata metadata{};

 private:
  Result<bool> load_at(const std::string& uri);
  Result<Manifests> read_list(const std::string& list_uri) const;
  Result<Entries> read_entries(const ManifestFile& manifest) const;
  void forget_old();
  std::string next_name();
  Result<bool> settle(const std::string& next, Error why, bool& unsettled) const;
  void drop_old(const std::vector<std::string>& uris) const;

  std::map<std::string, Manifests> lists_{};
  std::map<std::string, Entries> entries_{};
};

/// Waits between two tries of the same commit; the n-th wait is longer, and random so that two
/// writers part.
void pause_before_retry(int tries, io::Random& random);

inline constexpr int kCommitTriesMax = 40;

/// The failure after so many.
Error too_many_tries();

}  // namespace cairn::store

// The keys of the events that the lake holds, day by day, as far as an ingest asks for them.
#pragma once

#include "base/result.h"
#include "engine/database.h"
#include "ingest/key_set.h"
#include "store/lake.h"

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace cairn::ingest {

/// Not thread-safe. Borrows what it is given.
class KnownKeys {
 public:
  static Result<KnownKeys> open(store::Lake& lake, const Identity& identity, int threads);

  /// Reads the keys of these days from the table's current snapshot, unless they are here already.
  /// Days since 1970.
  Status load(store::Table& table, const std::vector<int32_t>& days);

  /// False when the day has the event already; else it is added. The day must be loaded.
  bool insert(int32_t day, const EventKey& key) { return days_.at(day).insert(key); }

  /// Another writer changed the table: nothing that is known holds.
  void forget() { days_.clear(); }

 private:
  KnownKeys(store::Lake& lake, const Identity& identity, engine::Database database,
            engine::Connection connection)
      : lake_(&lake),
        identity_(&identity),
        database_(std::move(database)),
        connection_(std::move(connection)) {}

  void make_room(const std::vector<int32_t>& wanted, const std::map<int32_t, size_t>& missing);
  Status read(const std::vector<store::DataFile>& files);
  Status read_nameless(const std::string& source);

  store::Lake* lake_;
  const Identity* identity_;
  engine::Database database_;
  engine::Connection connection_;
  std::unordered_map<int32_t, KeySet> days_;
};

}  // namespace cairn::ingest

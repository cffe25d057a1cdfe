// Objects fetched ahead of those who read them, so that the network's delay is not waited for.
#pragma once

#include "base/result.h"
#include "ingest/source.h"
#include "io/object_store.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cairn::ingest {

struct PrefetchOptions {
  int fetches = 16;                       ///< at once
  uint64_t bytes_ahead_max = 96'000'000;  ///< held and not yet taken
  uint64_t object_bytes_max = 2'000'000'000;
};

/// Fetches in the order of its list, as far ahead as the limits allow. Thread-safe.
class Prefetcher {
 public:
  /// `keys` and `sizes` of the objects, as the store knows them.
  Prefetcher(io::ObjectStore& store, std::vector<std::string> keys, std::vector<uint64_t> sizes,
             PrefetchOptions options);
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// Waits for the object of that place in the list. Each may be taken once.
  Result<std::string> take(size_t index);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cairn::ingest

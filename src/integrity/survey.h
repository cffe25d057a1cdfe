// Finds out which chains of digests lie in a store, and what a copy was called before.
#pragma once

#include "base/result.h"
#include "integrity/archive.h"
#include "integrity/digest_key.h"
#include "integrity/walk.h"
#include "io/object_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::integrity {

/// Folders looked into before giving up on finding `AWSLogs`.
inline constexpr size_t kSurveyFoldersMax = 20'000;
/// How deep below the store's root `AWSLogs` may lie.
inline constexpr int kSurveyDepthMax = 8;

/// Which chains are wanted; what is empty is not asked about.
struct ChainFilter {
  std::optional<std::string> prefix{};  ///< before `AWSLogs/`, without slashes at its ends
  std::string account{};
  std::string region{};
  std::string trail{};
  std::string home_region{};
  /// With `account` empty: the account of chains that belong to no organization. (An
  /// organization's trail has digests for each of its accounts.)
  std::string trail_account{};
};

/// The chains that have digests with times in [start, end + 1 h], in order of their names. Fails
/// as listing does, and with `exhausted` when the store has too many folders.
Result<std::vector<DigestChain>> find_chains(io::ObjectStore& store, const ChainFilter& filter,
                                             int64_t start_us, int64_t end_us);

/// The time of the oldest digest of the chain; nullopt when it has none.
Result<std::optional<int64_t>> oldest_digest(io::ObjectStore& store, const DigestChain& chain);

/// What the digests of a chain, which lie in `store` below the chain's prefix, say of bucket and
/// prefix: of the newest one up to `end_us` that can be read. `fallback_bucket` when none can.
Result<CopiedBucket::Names> recorded_names(io::ObjectStore& store, const DigestChain& chain,
                                           int64_t start_us, int64_t end_us,
                                           const std::string& fallback_bucket);

}  // namespace cairn::integrity

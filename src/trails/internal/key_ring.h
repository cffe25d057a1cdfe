// The keys that sign digests: a pair for each Region, valid for a month, the next one made before
// the last one's end. Private keys are encrypted at rest.
#pragma once

#include "base/result.h"
#include "integrity/signing_key.h"
#include "store/state_database.h"
#include "trails/trail.h"
#include "trails/trails.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace cairn::trails {

/// Thread-safe.
class KeyRing {
 public:
  KeyRing(store::StateDatabase& state, const SecretBox& secrets, const TrailsOptions& options)
      : state_(state), secrets_(secrets), options_(options) {}

  /// The key of the Region that signs what ends at this time; made when there is none, and then
  /// valid from the beginning of that on: who verifies asks for the keys of the digests' times.
  Result<integrity::SigningKey> current(const std::string& region, int64_t at_us);

  /// Those whose validity meets [start, end], oldest first. Never makes one.
  Result<std::vector<PublicKey>> list(const std::string& region, int64_t start_us, int64_t end_us);

  /// Regions that have keys.
  Result<size_t> count_regions();

 private:
  Result<integrity::SigningKey> unseal(const std::string& fingerprint, const std::string& sealed,
                                       const std::string& region);
  Result<integrity::SigningKey> make(const std::string& region, int64_t from_us);

  store::StateDatabase& state_;
  const SecretBox& secrets_;
  const TrailsOptions& options_;
  std::mutex mutex_;
  std::map<std::string, integrity::SigningKey> opened_;  ///< by fingerprint
};

}  // namespace cairn::trails

// A copy of the service's folder that a service can start on, made while the service runs.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::app {

struct BackupOptions {
  std::string home{};      ///< the service's folder
  std::string target{};    ///< must not be there yet; the folder above it must
  bool master_key = true;  ///< with the key that opens the sealed secrets
};

struct BackupReport {
  uint64_t files = 0;
  uint64_t bytes = 0;
  /// What the folder names but does not hold, and what was left out on purpose; for people.
  std::vector<std::string> left_out{};
};

/// All that was acknowledged before the call is in the copy. The state, the spool and the outbox
/// are those of one moment, in which the service commits nothing (some milliseconds); buckets hold
/// what was delivered until then, the lake that and a little more: a service that starts on the
/// copy goes on from there, and nothing is missing or there twice. `target` appears when it is
/// complete and synced. Fails with `invalid_argument` (not a service's folder, target within it),
/// `already_exists`, `permission_denied`, `corrupt`, `exhausted`, `unavailable`.
Result<BackupReport> back_up(const BackupOptions& options);

}  // namespace cairn::app

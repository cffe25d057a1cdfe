// Online backup of the service's folder.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::app {

struct BackupOptions {
  std::string home{};      ///< the service's folder
  std::string target{};    ///< must not exist yet; its parent folder must
  bool master_key = true;  ///< include master.key, which opens the sealed secrets
};

struct BackupReport {
  uint64_t files = 0;
  uint64_t bytes = 0;
  /// What the copy lacks, and why; one phrase each, for people.
  std::vector<std::string> left_out{};
};

/// Copies the folder, also while a service uses it. The copy holds every event that was
/// acknowledged before the call. The state, the spool and the outbox are those of one moment,
/// during which the service cannot commit (milliseconds); buckets hold what was delivered until
/// then. A service that starts on the copy delivers the rest, each event once. `target` appears
/// when it is complete and synced. Fails with `not_found` (not a service folder),
/// `invalid_argument` (target inside it), `already_exists`, `permission_denied`, `corrupt`,
/// `exhausted`, `unavailable`.
Result<BackupReport> back_up(const BackupOptions& options);

}  // namespace cairn::app

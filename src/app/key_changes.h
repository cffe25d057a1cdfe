// What `cairn keys` changes, also while no service runs, as events: their records wait in the
// state, in the transaction of the change, until the service puts them into its spool.
#pragma once

#include "access/keys.h"
#include "base/result.h"
#include "spool/spool.h"

#include <mutex>

namespace cairn::app {

/// Thread-safe. Borrows both.
class KeyChanges {
 public:
  KeyChanges(access::KeyStore& keys, spool::Spool& spool) : keys_(keys), spool_(spool) {}

  /// Forgets the records that a process put into the spool and did not come to forget. To be called
  /// once, after the spool was opened and before anything else is done with it.
  Status settle();

  /// Puts the records that wait into the spool, and forgets them when they are synced there. Fails
  /// as the state and the spool do; what was not put waits.
  Status take();

 private:
  access::KeyStore& keys_;
  spool::Spool& spool_;
  std::mutex mutex_;  ///< one at a time, or records would be put twice
};

}  // namespace cairn::app

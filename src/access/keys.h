// Access keys: who has one, what it may do, and the secrets that requests are signed with. Kept in
// the service's state; secrets are sealed (AES-256-GCM) under the master key, which lies in a file
// of its own. No error and no log holds a secret.
#pragma once

#include "access/caller.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/random.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::store {
class StateDatabase;
}

namespace cairn::access {

/// Where callers live when nobody ever said.
inline constexpr std::string_view kDefaultAccount = "000000000000";

struct MasterKeyFiles {
  std::string own{};    ///< `master.key` in the service's folder
  std::string named{};  ///< CAIRN_MASTER_KEY_FILE, instead of `own`; "" when not set
};

/// Who changes keys, as the events that record it say. The defaults are for tests.
struct KeyActor {
  std::string name{"unknown"};  ///< of the user of this machine
  std::string id{"unknown"};    ///< that user's number
  std::string agent{"cairn"};   ///< the program and what it was asked to do
};

/// The record of a change to keys, a CloudTrail event in one line of JSON.
struct RecordedChange {
  int64_t id = 0;  ///< grows
  std::string record{};
};

/// A key without its secret. Times are microseconds since 1970.
struct Key {
  std::string id{};  ///< "AKIA…"; temporary ones "ASIA…"
  Role role = Role::auditor;
  std::string name{};  ///< the user's
  std::string account{};
  std::vector<std::string> accounts{};  ///< whose events it may see; empty: all
  std::string principal_id{};           ///< "AIDA…", one for all keys of a user
  bool enabled = true;
  int64_t created_us = 0;
  std::optional<int64_t> expires_us{};
  std::optional<int64_t> last_used_us{};
  std::string parent{};  ///< of a temporary key: the key that it acts for

  bool temporary() const { return !parent.empty(); }

  Caller caller() const;
};

struct NewKey {
  std::string name{};  ///< 1 to 64 of A–Z a–z 0–9 and +=,.@_-
  Role role = Role::auditor;
  /// 12 digits; "": the first of `accounts`, else that of the oldest key, else kDefaultAccount.
  std::string account{};
  std::vector<std::string> accounts{};  ///< 12 digits each; empty: all
  std::optional<int64_t> expires_us{};  ///< must lie ahead
};

/// A key and what is told only once: when it was made.
struct IssuedKey {
  Key key{};
  std::string secret{};         ///< 40 characters
  std::string session_token{};  ///< of a temporary key
};

/// A key as the authenticator needs it.
struct SigningKey {
  Key key{};
  std::string secret{};
  std::string token_hash{};  ///< SHA-256 of the session token; "" for lasting keys
  /// The parent is there, enabled and not expired. True for lasting keys.
  bool parent_good = true;
};

/// Returns the keys as KeyStore::list() does, and writes nothing: the state and the folder may be
/// read-only. None if the state has never had any. Fails as KeyStore::open() does.
Result<std::vector<Key>> read_keys(store::StateDatabase& state, const MasterKeyFiles& files,
                                   const io::Clock& clock, io::Random& random);

/// Thread-safe. Changes that another program makes to the same state are seen at once. Every change
/// leaves its CloudTrail events (recorded_changes()), in the same transaction.
class KeyStore {
 public:
  /// Borrows all but the files' names. To keep authentication from waiting for the commits of
  /// others, give it a StateDatabase of its own on the same file. The first time makes the master
  /// key; after that it has to be there. Fails with `permission_denied` when it is not the one that
  /// the secrets were sealed with, and as own_master_key() and read_master_key().
  static Result<std::unique_ptr<KeyStore>> open(store::StateDatabase& state,
                                                const MasterKeyFiles& files, const io::Clock& clock,
                                                io::Random& random, KeyActor actor = {});
  virtual ~KeyStore() = default;

  /// Fails with `invalid_argument`.
  virtual Result<IssuedKey> create(const NewKey& wanted) = 0;

  /// Oldest first; temporary ones too, as long as they live.
  virtual Result<std::vector<Key>> list() = 0;

  // These fail with `not_found`.
  virtual Result<Key> find(std::string_view id) = 0;
  virtual Status set_enabled(std::string_view id, bool enabled) = 0;
  /// The temporary keys of it go too.
  virtual Status remove(std::string_view id) = 0;

  /// A new key for the same user, as AWS rotates: both work for `grace_us`, then only the new one,
  /// which lasts as long as the old one would have from its making.
  virtual Result<IssuedKey> rotate(std::string_view id, int64_t grace_us) = 0;

  /// A temporary key that can do what `id` can, as long as that one can. `lasts_us`: 15 minutes to
  /// 36 hours, as with AWS's GetSessionToken.
  virtual Result<IssuedKey> create_session(std::string_view id, int64_t lasts_us) = 0;

  /// nullopt: there is no such key, which takes as long as that there is one.
  virtual Result<std::optional<SigningKey>> signing_key(std::string_view id) = 0;

  /// Remembers; nothing is written before write_last_used(), which a service calls now and then and
  /// which the end of the store calls.
  virtual void note_used(std::string_view id, int64_t at_us) = 0;
  virtual Status write_last_used() = 0;

  /// Returns the records of changes that no service has taken yet, oldest first, at most `most`.
  virtual Result<std::vector<RecordedChange>> recorded_changes(size_t most) = 0;
  /// Forgets the records up to this one, which are kept elsewhere now.
  virtual Status forget_changes(int64_t last_id) = 0;
};

}  // namespace cairn::access

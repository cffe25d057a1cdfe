#include "access/keys.h"

#include "access/internal/key_events.h"
#include "access/master_key.h"
#include "access/rights.h"
#include "base/base64.h"
#include "base/crypto.h"
#include "base/seal.h"
#include "base/text.h"
#include "base/time.h"
#include "store/state_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace cairn::access {
namespace {

constexpr std::string_view kTables = R"(
CREATE TABLE access_master (one INTEGER PRIMARY KEY CHECK (one = 1), proof TEXT NOT NULL);
CREATE TABLE access_keys (
  id TEXT PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, account TEXT NOT NULL,
  accounts TEXT NOT NULL, principal_id TEXT NOT NULL, enabled INTEGER NOT NULL,
  created_us INTEGER NOT NULL, expires_us INTEGER, last_used_us INTEGER,
  parent TEXT REFERENCES access_keys (id) ON DELETE CASCADE,
  sealed_secret TEXT NOT NULL, token_hash TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX access_keys_of_parent ON access_keys (parent);
)";
// Whoever changes what a key may do, by whatever program, is noticed by the count.
constexpr std::string_view kChanges = R"(
ALTER TABLE access_master ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER access_keys_made AFTER INSERT ON access_keys
  BEGIN UPDATE access_master SET changes = changes + 1; END;
CREATE TRIGGER access_keys_gone AFTER DELETE ON access_keys
  BEGIN UPDATE access_master SET changes = changes + 1; END;
CREATE TRIGGER access_keys_changed AFTER UPDATE OF role, name, account, accounts, principal_id,
    enabled, expires_us, parent, sealed_secret, token_hash ON access_keys
  BEGIN UPDATE access_master SET changes = changes + 1; END;
)";
/// Until a service has put them into its spool.
constexpr std::string_view kEvents = R"(
CREATE TABLE access_events (id INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL);
)";
constexpr std::string_view kColumns =
    "k.id, k.role, k.name, k.account, k.accounts, k.principal_id, k.enabled, k.created_us, "
    "k.expires_us, k.last_used_us, k.parent";
constexpr size_t kKeyColumns = 11;

constexpr std::string_view kProof = "cairn master key";
constexpr size_t kNameMax = 64;
constexpr size_t kSecretBytes = 30;  ///< 40 characters of base64
constexpr size_t kTokenBytes = 96;
constexpr int64_t kSessionMin = 15 * kMicrosPerMinute;
constexpr int64_t kSessionMax = 36 * kMicrosPerHour;
/// Expired temporary keys stay for a while, so that their users are told what is wrong.
constexpr int64_t kExpiredSessionsStay = kMicrosPerDay;

std::string random_bytes(io::Random& random, size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    const uint64_t word = random.next();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(count);
  return bytes;
}

/// `prefix` and `length` characters of RFC 4648's base32, as AWS's ids have.
std::string random_id(io::Random& random, std::string_view prefix, size_t length) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id(prefix);
  for (const char byte : random_bytes(random, length))
    id += kAlphabet[static_cast<uint8_t>(byte) % kAlphabet.size()];
  return id;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  std::string_view("+=,.@_-").find(c) != std::string_view::npos;
         });
}

std::vector<std::string> split_accounts(std::string_view text) {
  std::vector<std::string> accounts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    accounts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return accounts;
}

store::StateValue or_null(const std::optional<int64_t>& value) {
  return value ? store::StateValue(*value) : store::StateValue();
}

std::optional<int64_t> number_at(const store::StateRow& row, size_t column) {
  return row.null(column) ? std::nullopt : std::optional(row.number(column));
}

/// What the columns of kColumns say.
Result<Key> key_of(const store::StateRow& row) {
  const auto role = role_named(row.text(1));
  if (!role)
    return Error{ErrorKind::corrupt,
                 fmt::format("key '{}' has an unknown role '{}'", row.text(0), row.text(1))};
  return Key{.id = row.text(0),
             .role = *role,
             .name = row.text(2),
             .account = row.text(3),
             .accounts = split_accounts(row.text(4)),
             .principal_id = row.text(5),
             .enabled = row.number(6) != 0,
             .created_us = row.number(7),
             .expires_us = number_at(row, 8),
             .last_used_us = number_at(row, 9),
             .parent = row.text(10)};
}

Error no_such_key(std::string_view id) {
  return Error{ErrorKind::not_found, fmt::format("there is no key '{}'\n"
                                                 "hint: `cairn keys list` shows what there is",
                                                 printable(id))};
}

Status check(const NewKey& wanted, const std::string& home_account, int64_t now_us) {
  if (!is_name(wanted.name))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is no name of a user: 1 to 64 letters, digits and +=,.@_-",
                             printable(wanted.name))};
  if (!is_account_id(home_account))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is no account: 12 digits", printable(home_account))};
  for (const auto& account : wanted.accounts)
    if (!is_account_id(account))
      return Error{ErrorKind::invalid_argument,
                   fmt::format("'{}' is no account: 12 digits", printable(account))};
  if (wanted.expires_us && *wanted.expires_us <= now_us)
    return Error{ErrorKind::invalid_argument, "the key would have expired already"};
  return {};
}

Result<std::vector<Key>> read_all_keys(store::StateDatabase& state, int64_t now_us) {
  const auto rows =
      CAIRN_TRY(state.query(fmt::format("SELECT {} FROM access_keys k WHERE k.parent IS NULL OR "
                                        "k.expires_us > ? ORDER BY k.created_us, k.id",
                                        kColumns),
                            {now_us}));
  std::vector<Key> keys;
  for (const auto& row : rows) {
    Key key = CAIRN_TRY(key_of(row));
    keys.push_back(std::move(key));
  }
  return keys;
}

/// That this master key opens what the first one sealed.
Status check_proof(store::StateDatabase& state, const MasterKey& master) {
  const auto rows = CAIRN_TRY(state.query("SELECT proof FROM access_master", {}));
  const auto sealed = rows.empty() ? "" : decode_base64(rows.front().text(0)).value_or("");
  if (open_sealed(master.bytes(), sealed, kProof) == kProof) return {};
  return Error{ErrorKind::permission_denied,
               "the master key is not the one that the keys' secrets were sealed with\n"
               "hint: bring back the earlier master.key, or name it with CAIRN_MASTER_KEY_FILE"};
}

class StoredKeys final : public KeyStore {
 public:
  StoredKeys(store::StateDatabase& state, MasterKey master, const io::Clock& clock,
             io::Random& random, KeyActor actor)
      : state_(state),
        master_(std::move(master)),
        clock_(clock),
        random_(random),
        actor_(std::move(actor)) {}

  StoredKeys(const StoredKeys&) = delete;
  StoredKeys& operator=(const StoredKeys&) = delete;

  ~StoredKeys() override {
    (void)StoredKeys::write_last_used();  // nobody is left to tell
    for (auto& [id, held] : held_) wipe(held.key.secret);
  }

  /// That this master key opens what the first one sealed.
  Status prove() {
    const auto proof = encode_base64(
        seal(master_.bytes(), random_bytes(random_, kSealNonceBytes), kProof, kProof));
    CAIRN_TRY(state_.execute(
        "INSERT INTO access_master (one, proof) VALUES (1, ?) ON CONFLICT DO NOTHING", {proof}));
    return check_proof(state_, master_);
  }

  Result<IssuedKey> create(const NewKey& wanted) override {
    const int64_t now = clock_.now_us();
    auto account = wanted.account;
    if (account.empty() && !wanted.accounts.empty()) account = wanted.accounts.front();
    if (account.empty()) account = CAIRN_TRY(home_account());
    CAIRN_TRY(check(wanted, account, now));
    Key key{.id = random_id(random_, "AKIA", 16),
            .role = wanted.role,
            .name = wanted.name,
            .account = std::move(account),
            .accounts = wanted.accounts,
            .created_us = now,
            .expires_us = wanted.expires_us};
    std::sort(key.accounts.begin(), key.accounts.end());
    key.accounts.erase(std::unique(key.accounts.begin(), key.accounts.end()), key.accounts.end());
    return in_transaction([&]() -> Result<IssuedKey> {
      const auto known = CAIRN_TRY(principal_of(key));
      key.principal_id = known.value_or(random_id(random_, "AIDA", 17));
      auto issued = CAIRN_TRY(issue(key, {}));
      const auto change = this_change();
      if (!known) CAIRN_TRY(keep(internal::user_created(change, key, new_uuid())));
      CAIRN_TRY(keep(internal::key_created(change, key, new_uuid())));
      return issued;
    });
  }

  Result<std::vector<Key>> list() override {
    auto keys = CAIRN_TRY(read_all_keys(state_, clock_.now_us()));
    for (auto& key : keys) show_use(key);
    return keys;
  }

  Result<Key> find(std::string_view id) override {
    auto key = CAIRN_TRY(stored_key(id));
    show_use(key);
    return key;
  }

  Status set_enabled(std::string_view id, bool enabled) override {
    return state_.transaction([&]() -> Status {
      auto key = CAIRN_TRY(stored_key(id));
      key.enabled = enabled;
      CAIRN_TRY(state_.execute("UPDATE access_keys SET enabled = ? WHERE id = ?",
                               {int64_t{enabled}, key.id}));
      return keep(internal::key_updated(this_change(), key, new_uuid()));
    });
  }

  Status remove(std::string_view id) override {
    return state_.transaction([&]() -> Status {
      const auto key = CAIRN_TRY(stored_key(id));
      CAIRN_TRY(state_.execute("DELETE FROM access_keys WHERE id = ?", {key.id}));
      const auto change = this_change();
      CAIRN_TRY(keep(internal::key_deleted(change, key, new_uuid())));
      const auto left = CAIRN_TRY(principal_of(key));
      return left ? Status() : keep(internal::user_deleted(change, key, new_uuid()));
    });
  }

  Result<IssuedKey> rotate(std::string_view id, int64_t grace_us) override {
    auto old = CAIRN_TRY(usable(id, "rotated"));
    const int64_t now = clock_.now_us();
    Key next = old;
    next.id = random_id(random_, "AKIA", 16);
    next.created_us = now;
    next.last_used_us.reset();
    if (old.expires_us) next.expires_us = now + (*old.expires_us - old.created_us);
    const int64_t ends =
        std::min(old.expires_us.value_or(INT64_MAX), now + std::max<int64_t>(grace_us, 0));
    return in_transaction([&]() -> Result<IssuedKey> {
      CAIRN_TRY(
          state_.execute("UPDATE access_keys SET expires_us = ? WHERE id = ?", {ends, old.id}));
      old.expires_us = ends;
      auto issued = CAIRN_TRY(issue(next, {}));
      const auto change = this_change();
      CAIRN_TRY(keep(internal::key_created(change, next, new_uuid())));
      CAIRN_TRY(keep(internal::key_updated(change, old, new_uuid())));
      return issued;
    });
  }

  Result<IssuedKey> create_session(std::string_view id, int64_t lasts_us) override {
    if (lasts_us < kSessionMin || lasts_us > kSessionMax)
      return Error{ErrorKind::invalid_argument,
                   "a temporary key lasts from 15 minutes to 36 hours"};
    const int64_t now = clock_.now_us();
    CAIRN_TRY(state_.execute("DELETE FROM access_keys WHERE parent IS NOT NULL AND expires_us < ?",
                             {now - kExpiredSessionsStay}));
    Key key = CAIRN_TRY(usable(id, "acted for"));
    key.parent = std::exchange(key.id, random_id(random_, "ASIA", 16));
    key.created_us = now;
    key.expires_us = now + lasts_us;
    key.last_used_us.reset();
    return in_transaction([&]() -> Result<IssuedKey> {
      auto issued = CAIRN_TRY(issue(key, encode_base64(random_bytes(random_, kTokenBytes))));
      CAIRN_TRY(keep(internal::session_created(this_change(), key, new_uuid())));
      return issued;
    });
  }

  Result<std::optional<SigningKey>> signing_key(std::string_view id) override {
    const int64_t now = clock_.now_us();
    const std::lock_guard lock(mutex_);
    CAIRN_TRY(catch_up());
    const auto found = held_.find(std::string(id));
    if (found == held_.end()) return std::optional<SigningKey>();
    const auto& held = found->second;
    if (held.key.secret.empty())
      return Error{ErrorKind::corrupt,
                   fmt::format("the secret of key '{}' does not open: its row was changed\n"
                               "hint: delete the key, and make another",
                               held.key.key.id)};
    auto key = held.key;
    key.parent_good =
        !key.key.temporary() ||
        (held.parent_enabled && (!held.parent_expires_us || *held.parent_expires_us > now));
    return std::optional(std::move(key));
  }

  void note_used(std::string_view id, int64_t at_us) override {
    const std::lock_guard lock(mutex_);
    auto& used = used_[std::string(id)];
    used = std::max(used, at_us);
  }

  Status write_last_used() override {
    std::map<std::string, int64_t> used;
    {
      const std::lock_guard lock(mutex_);
      used.swap(used_);
    }
    if (used.empty()) return {};
    auto written = state_.transaction([&]() -> Status {
      for (const auto& [id, at] : used)
        CAIRN_TRY(
            state_.execute("UPDATE access_keys SET last_used_us = max(coalesce(last_used_us, "
                           "?1), ?1) WHERE id = ?2",
                           {at, id}));
      return {};
    });
    if (written.ok()) return written;
    for (const auto& [id, at] : used) note_used(id, at);  // the next time, then
    return written;
  }

  Result<std::vector<RecordedChange>> recorded_changes(size_t most) override {
    const auto rows = CAIRN_TRY(state_.query(
        "SELECT id, record FROM access_events ORDER BY id LIMIT ?", {static_cast<int64_t>(most)}));
    std::vector<RecordedChange> changes;
    for (const auto& row : rows) changes.push_back({row.number(0), row.text(1)});
    return changes;
  }

  Status forget_changes(int64_t last_id) override {
    CAIRN_TRY(state_.execute("DELETE FROM access_events WHERE id <= ?", {last_id}));
    return {};
  }

 private:
  /// As it is stored. Within a transaction too: unlike find() it does not take mutex_, which others
  /// hold when they wait for the state.
  Result<Key> stored_key(std::string_view id) {
    const auto rows = CAIRN_TRY(state_.query(
        fmt::format("SELECT {} FROM access_keys k WHERE k.id = ?", kColumns), {std::string(id)}));
    if (rows.empty()) return no_such_key(id);
    return key_of(rows.front());
  }

  std::string new_uuid() { return io::make_uuid(random_); }

  internal::KeyChange this_change() {
    return {.actor = actor_, .now_us = clock_.now_us(), .request_id = new_uuid()};
  }

  /// Within the transaction of the change.
  Status keep(std::string record) {
    CAIRN_TRY(state_.execute("INSERT INTO access_events (record) VALUES (?)", {std::move(record)}));
    return {};
  }

  template <class Work>
  Result<IssuedKey> in_transaction(Work work) {
    Result<IssuedKey> made = IssuedKey{};
    const auto done = state_.transaction([&]() -> Status {
      made = work();
      if (!made.ok()) return made.error();
      return {};
    });
    if (!done.ok()) return done.error();
    return made;
  }

  struct Held {
    SigningKey key{};      ///< its secret is empty when it did not open
    std::string sealed{};  ///< of that secret
    bool parent_enabled = false;
    std::optional<int64_t> parent_expires_us{};
  };

  using HeldKeys = std::unordered_map<std::string, Held>;

  /// All keys are held in memory, so that one that is there takes no longer to look up than one
  /// that is not. With mutex_ held.
  Status catch_up() {
    const auto rows = CAIRN_TRY(state_.query("SELECT changes FROM access_master", {}));
    const int64_t changes = rows.empty() ? 0 : rows.front().number(0);
    if (changes == held_changes_) return {};
    held_ = CAIRN_TRY(read_all());
    held_changes_ = changes;
    return {};
  }

  Result<HeldKeys> read_all() {
    const auto rows = CAIRN_TRY(state_.query(
        fmt::format("SELECT {}, k.sealed_secret, k.token_hash, p.enabled, p.expires_us "
                    "FROM access_keys k LEFT JOIN access_keys p ON p.id = k.parent",
                    kColumns),
        {}));
    HeldKeys read;
    for (const auto& row : rows) {
      Held held;
      held.key.key = CAIRN_TRY(key_of(row));
      held.key.token_hash = row.text(kKeyColumns + 1);
      held.sealed = row.text(kKeyColumns);
      held.parent_enabled = row.number(kKeyColumns + 2) != 0;
      held.parent_expires_us = number_at(row, kKeyColumns + 3);
      const auto& id = held.key.key.id;
      const auto before = held_.find(id);
      held.key.secret =
          before != held_.end() && before->second.sealed == held.sealed
              ? before->second.key.secret
              : open_sealed(master_.bytes(), decode_base64(held.sealed).value_or(""), id)
                    .value_or("");
      read.emplace(id, std::move(held));
    }
    return read;
  }

  void show_use(Key& key) {
    const std::lock_guard lock(mutex_);
    if (const auto at = used_.find(key.id); at != used_.end())
      key.last_used_us = std::max(key.last_used_us.value_or(INT64_MIN), at->second);
  }

  Result<std::string> home_account() {
    const auto rows = CAIRN_TRY(
        state_.query("SELECT account FROM access_keys ORDER BY created_us, id LIMIT 1", {}));
    return rows.empty() ? std::string(kDefaultAccount) : rows.front().text(0);
  }

  /// Returns the principal id of the key's user, nullopt for an unknown user.
  Result<std::optional<std::string>> principal_of(const Key& key) {
    const auto rows = CAIRN_TRY(
        state_.query("SELECT principal_id FROM access_keys WHERE name = ? AND account = ? LIMIT 1",
                     {key.name, key.account}));
    return rows.empty() ? std::nullopt : std::optional(rows.front().text(0));
  }

  Result<IssuedKey> issue(Key key, std::string session_token) {
    IssuedKey issued{.key = std::move(key),
                     .secret = encode_base64(random_bytes(random_, kSecretBytes)),
                     .session_token = std::move(session_token)};
    const Key& made = issued.key;
    const auto sealed = encode_base64(
        seal(master_.bytes(), random_bytes(random_, kSealNonceBytes), issued.secret, made.id));
    const auto token_hash =
        issued.session_token.empty() ? std::string() : to_hex(sha256(issued.session_token));
    CAIRN_TRY(
        state_.execute("INSERT INTO access_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       {made.id,
                        std::string(role_name(made.role)),
                        made.name,
                        made.account,
                        fmt::format("{}", fmt::join(made.accounts, ",")),
                        made.principal_id,
                        int64_t{made.enabled},
                        made.created_us,
                        or_null(made.expires_us),
                        {},
                        made.temporary() ? store::StateValue(made.parent) : store::StateValue(),
                        sealed,
                        token_hash}));
    return issued;
  }

  /// The key, if it works now and is no temporary one.
  Result<Key> usable(std::string_view id, std::string_view wanted) {
    auto key = CAIRN_TRY(find(id));
    std::string_view why;
    if (key.temporary()) why = "is a temporary one";
    if (!key.enabled) why = "is disabled";
    if (key.expires_us && *key.expires_us <= clock_.now_us()) why = "has expired";
    if (why.empty()) return key;
    return Error{ErrorKind::invalid_argument,
                 fmt::format("key '{}' cannot be {}: it {}\nhint: `cairn keys create` makes one",
                             key.id, wanted, why)};
  }

  store::StateDatabase& state_;
  MasterKey master_;
  const io::Clock& clock_;
  io::Random& random_;
  const KeyActor actor_;
  std::mutex mutex_;  ///< of what follows
  HeldKeys held_;
  int64_t held_changes_ = -1;            ///< the count of changes when they were read
  std::map<std::string, int64_t> used_;  ///< not yet written
};

}  // namespace

Caller Key::caller() const {
  return {.access_key_id = id,
          .role = role,
          .account = account,
          .user_name = name,
          .principal_id = principal_id,
          .arn = fmt::format("arn:aws:iam::{}:user/{}", account, name),
          .accounts = accounts};
}

Result<std::vector<Key>> read_keys(store::StateDatabase& state, const MasterKeyFiles& files,
                                   const io::Clock& clock, io::Random& random) {
  const auto tables = CAIRN_TRY(
      state.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'access_keys'", {}));
  if (tables.empty()) return std::vector<Key>();
  const auto master = CAIRN_TRY(files.named.empty() ? own_master_key(files.own, false, random)
                                                    : read_master_key(files.named));
  CAIRN_TRY(check_proof(state, master));
  return read_all_keys(state, clock.now_us());
}

Result<std::unique_ptr<KeyStore>> KeyStore::open(store::StateDatabase& state,
                                                 const MasterKeyFiles& files,
                                                 const io::Clock& clock, io::Random& random,
                                                 KeyActor actor) {
  CAIRN_TRY(state.migrate("access", {kTables, kChanges, kEvents}));
  const auto proofs = CAIRN_TRY(state.query("SELECT 1 FROM access_master", {}));
  auto master = CAIRN_TRY(files.named.empty() ? own_master_key(files.own, proofs.empty(), random)
                                              : read_master_key(files.named));
  auto keys =
      std::make_unique<StoredKeys>(state, std::move(master), clock, random, std::move(actor));
  CAIRN_TRY(keys->prove());
  return std::unique_ptr<KeyStore>(std::move(keys));
}

}  // namespace cairn::access

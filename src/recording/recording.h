// Events that others send, and where they go: event data stores, channels, and the ways in. Every
// event that is accepted here is in the spool, synced, before the answer is given.
//
// An event data store is a view of the one lake: the events that its selectors want, of the spans
// in which it took events in, and those that channels put into it; as long as it keeps them.
#pragma once

#include "aws/tags.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/random.h"
#include "lang/event_selectors/event_selectors.h"
#include "spool/spool.h"
#include "store/state_database.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::recording {

inline constexpr size_t kStoresMax = 10;           ///< of an account in a Region; AWS's quota
inline constexpr size_t kChannelsMax = 25;         ///< the same
inline constexpr size_t kAuditEventsMax = 100;     ///< of a request
inline constexpr size_t kAuditBytesMax = 1 << 20;  ///< of all eventData of a request
inline constexpr int64_t kDeletionUs = 7 * 86'400'000'000LL;  ///< until a deleted store is gone

struct Scope {
  std::string account{};  ///< 12 digits
  std::string region{};
};

enum class StoreStatus : uint8_t { enabled, stopped, pending_deletion };

/// What a store keeps, by the eventCategory of its selectors.
enum class Category : uint8_t { management, data, network_activity, activity_audit_log, other };

/// A time in which a store took events in.
struct Span {
  int64_t from_us = 0;
  std::optional<int64_t> to_us{};  ///< absent: goes on

  bool operator==(const Span&) const = default;
};

struct EventDataStore {
  std::string id{};  ///< a UUID
  std::string account{};
  std::string region{};
  std::string name{};
  StoreStatus status = StoreStatus::enabled;
  std::vector<lang::event_selectors::AdvancedEventSelector> selectors{};
  bool multi_region = true;
  bool organization = false;
  bool termination_protection = true;
  bool extendable = true;  ///< BillingMode EXTENDABLE_RETENTION_PRICING
  int64_t retention_days = 366;
  std::string kms_key{};
  aws::Tags tags{};
  int64_t created_us = 0;
  int64_t updated_us = 0;
  int64_t deleted_us = 0;  ///< 0: it is not
  std::vector<Span> spans{};

  std::string arn() const;
  Category category() const;
};

/// What CreateEventDataStore and UpdateEventDataStore give; absent: the default, or as it was.
struct StoreSettings {
  std::optional<std::string> name{};
  std::optional<std::vector<lang::event_selectors::AdvancedEventSelector>> selectors{};
  std::optional<bool> multi_region{};
  std::optional<bool> organization{};
  std::optional<bool> termination_protection{};
  std::optional<bool> extendable{};
  std::optional<int64_t> retention_days{};
  std::optional<std::string> kms_key{};
  bool ingests = true;  ///< only of a new one
};

struct Channel {
  std::string id{};  ///< a UUID
  std::string account{};
  std::string region{};
  std::string name{};
  std::string source{};
  std::vector<std::string> destinations{};  ///< ARNs of event data stores
  aws::Tags tags{};
  int64_t created_us = 0;

  std::string arn() const;
};

/// The last of a channel's events. Durable once write_statuses() has returned.
struct ChannelStatus {
  int64_t attempt_us = 0;  ///< 0: none yet
  std::string attempt_event{};
  int64_t success_us = 0;
  std::string success_event{};
  std::string error_code{};  ///< of the last attempt, if it failed
};

struct AuditEvent {
  std::string id{};
  std::string data{};      ///< JSON text
  std::string checksum{};  ///< base64 of its SHA-256; "" for none
};

/// What became of one: `event_id`, or the error.
struct AuditOutcome {
  std::string id{};
  std::string event_id{};
  std::string error_code{};
  std::string error_message{};
};

/// EventDataStoreNotFoundException and ChannelNotFoundException, as an account is answered that
/// knows of no such thing.
Error unknown_store(std::string_view store);
Error unknown_channel(std::string_view channel);
/// ResourceNotFoundException, of a resource that would have a policy.
Error unknown_policy_owner(std::string_view arn);

/// What a resource policy is of.
struct PolicyOwner {
  std::string account{};
  bool organization = false;  ///< an event data store of all accounts
};

/// Thread-safe. Functions that take `store` or `channel` take an ARN or its UUID; they fail with
/// AWS's codes: EventDataStoreNotFoundException, EventDataStoreARNInvalidException,
/// ChannelNotFoundException, ChannelARNInvalidException and those that each documents.
class Recording final : public aws::TaggedResources {
 public:
  /// Borrows all.
  static Result<std::unique_ptr<Recording>> open(store::StateDatabase& state, spool::Spool& spool,
                                                 const io::Clock& clock, io::Random& random);

  Result<EventDataStore> create_store(const Scope& scope, const StoreSettings& settings,
                                      const aws::Tags& tags);
  Result<EventDataStore> update_store(const Scope& scope, const std::string& store,
                                      const StoreSettings& settings);
  Result<EventDataStore> get_store(const Scope& scope, const std::string& store);
  /// In the order of their making.
  Result<std::vector<EventDataStore>> list_stores(const Scope& scope);
  Status delete_store(const Scope& scope, const std::string& store);
  Result<EventDataStore> restore_store(const Scope& scope, const std::string& store);
  Status start_ingestion(const Scope& scope, const std::string& store);
  Status stop_ingestion(const Scope& scope, const std::string& store);

  Result<Channel> create_channel(const Scope& scope, const std::string& name,
                                 const std::string& source,
                                 const std::vector<std::string>& destinations,
                                 const aws::Tags& tags);
  Result<Channel> update_channel(const Scope& scope, const std::string& channel,
                                 const std::optional<std::string>& name,
                                 const std::optional<std::vector<std::string>>& destinations);
  Result<Channel> get_channel(const Scope& scope, const std::string& channel);
  Result<std::vector<Channel>> list_channels(const Scope& scope);
  Status delete_channel(const Scope& scope, const std::string& channel);
  ChannelStatus channel_status(const std::string& channel_id);

  /// Writes the statuses that changed since the last time, in one transaction. To be called now and
  /// then: a sync for each request would cost more than what is lost when none comes.
  Status write_statuses();

  /// Resource-based policies of stores and channels. Fails with ResourceARNNotValidException,
  /// ResourceNotFoundException, ResourceTypeNotSupportedException, ResourcePolicyNotValidException,
  /// ResourcePolicyNotFoundException.
  Result<PolicyOwner> policy_owner(const Scope& scope, const std::string& arn);
  Status put_policy(const Scope& scope, const std::string& arn, const std::string& policy);
  Result<std::string> get_policy(const Scope& scope, const std::string& arn);
  Status delete_policy(const Scope& scope, const std::string& arn);

  /// Returns the channel that PutAuditEvents names, of any account, so that the caller's right to
  /// it can be decided. Fails with InvalidChannelARN and ChannelNotFound.
  Result<Channel> channel_to_put(const std::string& arn);

  /// PutAuditEvents. The outcomes are in the order of the events. Fails as a whole with
  /// InvalidChannelARN, ChannelNotFound, DuplicatedAuditEventId and when the spool does.
  Result<std::vector<AuditOutcome>> put_audit_events(const Scope& scope,
                                                     const std::string& channel_arn,
                                                     const std::string& external_id,
                                                     const std::vector<AuditEvent>& events);

  /// CloudTrail records in any form and container (see source/file_reader.h), one payload after
  /// the other. `accounts`: those whose events are taken; empty: all. A payload is taken whole or
  /// not at all; the sentence says why not, "" that it was. Payloads without events are taken.
  Result<std::vector<std::string>> put_records(const std::vector<std::string_view>& payloads,
                                               const std::vector<std::string>& accounts);

  Status add_tags(const std::string& arn, const aws::Tags& tags) override;
  Status remove_tags(const std::string& arn, const aws::Tags& tags) override;
  Result<aws::Tags> tags_of(const std::string& arn) override;

 private:
  Recording(store::StateDatabase& state, spool::Spool& spool, const io::Clock& clock,
            io::Random& random)
      : state_(state), spool_(spool), clock_(clock), random_(random) {}

  Status load();
  Status save(const EventDataStore& store);
  Status save(const Channel& channel);
  void forget_deleted();
  Result<EventDataStore*> find_store(const Scope& scope, const std::string& store);
  Result<Channel*> find_channel(const Scope& scope, const std::string& channel);
  Result<std::vector<std::string>> check_destinations(const Scope& scope,
                                                      const std::vector<std::string>& wanted);
  Result<PolicyOwner> find_policy_owner(const Scope& scope, const std::string& arn);
  Status change_tags(const std::string& arn, const aws::Tags& tags, bool adds);
  Status check_new_name(const Scope& scope, const std::string& name, const std::string& own_id);
  std::string new_id();

  store::StateDatabase& state_;
  spool::Spool& spool_;
  const io::Clock& clock_;
  io::Random& random_;
  std::mutex mutex_;
  std::map<std::string, EventDataStore> stores_;  ///< by id
  std::map<std::string, Channel> channels_;       ///< by id
  std::map<std::string, ChannelStatus> statuses_;
  std::set<std::string> changed_statuses_;
};

}  // namespace cairn::recording

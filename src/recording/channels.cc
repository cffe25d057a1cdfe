#include "recording/internal/names.h"
#include "recording/internal/resource_json.h"
#include "recording/recording.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::recording {
namespace {

using internal::missing;
using internal::refused;

/// Where events of integrations come from: "Custom" for one's own, else a partner's name. Source:
/// CloudTrail User Guide, "Create an integration with an event source outside of AWS".
constexpr std::array<std::string_view, 16> kSources = {"Custom",     "CloudStorageSecurity",
                                                       "Clumio",     "CrowdStrike",
                                                       "CyberArk",   "GitHub",
                                                       "Kong",       "LaunchDarkly",
                                                       "Netskope",   "NordCloud",
                                                       "MontyCloud", "Okta",
                                                       "OneLogin",   "Shoreline",
                                                       "Snyk",       "Wiz"};

bool same_scope(const Channel& channel, const Scope& scope) {
  return channel.account == scope.account && channel.region == scope.region;
}

}  // namespace

std::string Channel::arn() const {
  return internal::make_arn(region, account, "channel", id);
}

Status Recording::save(const Channel& channel) {
  CAIRN_TRY(state_.execute(
      "INSERT INTO channels VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
      {channel.id, internal::to_json(channel)}));
  return {};
}

Result<Channel*> Recording::find_channel(const Scope& scope, const std::string& channel) {
  auto id = channel;
  if (channel.starts_with("arn:")) {
    const auto arn = internal::parse_arn(channel);
    if (!arn || arn->type != "channel" || arn->region != scope.region)
      return refused(fmt::format("The channel ARN {} is not valid.", channel),
                     "ChannelARNInvalidException");
    id = arn->account == scope.account ? arn->id : "";
  } else if (!internal::is_uuid(channel)) {
    return refused(fmt::format("The channel ARN {} is not valid.", channel),
                   "ChannelARNInvalidException");
  }
  const auto found = channels_.find(id);
  if (found != channels_.end() && same_scope(found->second, scope)) return &found->second;
  return unknown_channel(channel);
}

Result<std::vector<std::string>> Recording::check_destinations(
    const Scope& scope, const std::vector<std::string>& wanted) {
  std::vector<std::string> arns;
  for (const auto& one : wanted) {
    const auto* const store = CAIRN_TRY(find_store(scope, one));
    if (store->status == StoreStatus::pending_deletion)
      return refused(fmt::format("The event data store {} is inactive.", store->arn()),
                     "InactiveEventDataStoreException");
    if (store->category() != Category::activity_audit_log)
      return refused(
          "The event data store of a channel must take events of the category "
          "ActivityAuditLog.",
          "InvalidEventDataStoreCategoryException");
    arns.push_back(store->arn());
  }
  return arns;
}

Result<Channel> Recording::create_channel(const Scope& scope, const std::string& name,
                                          const std::string& source,
                                          const std::vector<std::string>& destinations,
                                          const aws::Tags& tags) {
  const std::lock_guard lock(mutex_);
  if (std::find(kSources.begin(), kSources.end(), source) == kSources.end())
    return refused(fmt::format("'{}' is no source of a channel; use Custom for your own "
                               "applications.",
                               source),
                   "InvalidSourceException");
  CAIRN_TRY(aws::check_tags(tags));
  size_t count = 0;
  for (const auto& [id, other] : channels_) {
    if (!same_scope(other, scope)) continue;
    ++count;
    if (other.name == name)
      return Error{ErrorKind::already_exists,
                   fmt::format("A channel with the name {} already exists.", name),
                   "ChannelAlreadyExistsException"};
  }
  if (count >= kChannelsMax)
    return Error{ErrorKind::exhausted,
                 fmt::format("The account has the maximum of {} channels in {}.", kChannelsMax,
                             scope.region),
                 "ChannelMaxLimitExceededException"};
  Channel made;
  made.destinations = CAIRN_TRY(check_destinations(scope, destinations));
  made.id = new_id();
  made.account = scope.account;
  made.region = scope.region;
  made.name = name;
  made.source = source;
  made.tags = tags;
  made.created_us = clock_.now_us();
  CAIRN_TRY(save(made));
  channels_[made.id] = made;
  return made;
}

Result<Channel> Recording::update_channel(
    const Scope& scope, const std::string& channel, const std::optional<std::string>& name,
    const std::optional<std::vector<std::string>>& destinations) {
  const std::lock_guard lock(mutex_);
  auto* const found = CAIRN_TRY(find_channel(scope, channel));
  auto next = *found;
  if (name) {
    for (const auto& [id, other] : channels_)
      if (id != next.id && same_scope(other, scope) && other.name == *name)
        return Error{ErrorKind::already_exists,
                     fmt::format("A channel with the name {} already exists.", *name),
                     "ChannelAlreadyExistsException"};
    next.name = *name;
  }
  if (destinations) next.destinations = CAIRN_TRY(check_destinations(scope, *destinations));
  CAIRN_TRY(save(next));
  *found = next;
  return next;
}

Result<Channel> Recording::get_channel(const Scope& scope, const std::string& channel) {
  const std::lock_guard lock(mutex_);
  const auto* const found = CAIRN_TRY(find_channel(scope, channel));
  return *found;
}

Result<std::vector<Channel>> Recording::list_channels(const Scope& scope) {
  const std::lock_guard lock(mutex_);
  std::vector<Channel> found;
  for (const auto& [id, channel] : channels_)
    if (same_scope(channel, scope)) found.push_back(channel);
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.created_us, a.id) < std::pair(b.created_us, b.id);
  });
  return found;
}

Status Recording::delete_channel(const Scope& scope, const std::string& channel) {
  const std::lock_guard lock(mutex_);
  const auto* const found = CAIRN_TRY(find_channel(scope, channel));
  const auto id = found->id;
  const auto arn = found->arn();
  const auto both = [&]() -> Status {
    CAIRN_TRY(state_.execute("DELETE FROM channels WHERE id = ?", {id}));
    CAIRN_TRY(state_.execute("DELETE FROM channel_statuses WHERE id = ?", {id}));
    CAIRN_TRY(state_.execute("DELETE FROM resource_policies WHERE arn = ?", {arn}));
    return {};
  };
  CAIRN_TRY(state_.transaction(both));
  channels_.erase(id);
  statuses_.erase(id);
  changed_statuses_.erase(id);
  return {};
}

ChannelStatus Recording::channel_status(const std::string& channel_id) {
  const std::lock_guard lock(mutex_);
  const auto found = statuses_.find(channel_id);
  return found == statuses_.end() ? ChannelStatus{} : found->second;
}

Status Recording::write_statuses() {
  std::map<std::string, ChannelStatus> changed;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& id : std::exchange(changed_statuses_, {})) changed[id] = statuses_[id];
  }
  if (changed.empty()) return {};
  auto written = state_.transaction([&]() -> Status {
    for (const auto& [id, status] : changed)  // none of a channel that was deleted meanwhile
      CAIRN_TRY(state_.execute(
          "INSERT OR REPLACE INTO channel_statuses "
          "SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM channels WHERE id = ?1)",
          {id, status.attempt_us, status.attempt_event, status.success_us, status.success_event,
           status.error_code}));
    return {};
  });
  if (written.ok()) return written;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, status] : changed)
    if (channels_.contains(id)) changed_statuses_.insert(id);
  return written;
}

// ---- policies ----

Result<PolicyOwner> Recording::find_policy_owner(const Scope& scope, const std::string& arn) {
  const auto parsed = internal::parse_arn(arn);
  if (!parsed)
    return refused(fmt::format("The resource ARN {} is not valid.", arn),
                   "ResourceARNNotValidException");
  if (parsed->type == "channel") {
    const auto channel = find_channel(scope, arn);
    if (channel.ok()) return PolicyOwner{.account = channel.value()->account};
  } else if (parsed->type == "eventdatastore") {
    const auto store = find_store(scope, arn);
    if (store.ok())
      return PolicyOwner{.account = store.value()->account,
                         .organization = store.value()->organization};
  } else if (parsed->type != "dashboard") {
    return refused(fmt::format("A resource of the type {} has no policy.", parsed->type),
                   "ResourceTypeNotSupportedException");
  }
  return unknown_policy_owner(arn);
}

Result<PolicyOwner> Recording::policy_owner(const Scope& scope, const std::string& arn) {
  const std::lock_guard lock(mutex_);
  return find_policy_owner(scope, arn);
}

Status Recording::put_policy(const Scope& scope, const std::string& arn,
                             const std::string& policy) {
  const std::lock_guard lock(mutex_);
  CAIRN_TRY(find_policy_owner(scope, arn));
  const auto parsed = nlohmann::json::parse(policy, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("Statement"))
    return refused("The resource policy is not a valid policy document.",
                   "ResourcePolicyNotValidException");
  CAIRN_TRY(
      state_.execute("INSERT INTO resource_policies VALUES (?, ?) ON CONFLICT (arn) DO UPDATE "
                     "SET policy = excluded.policy",
                     {arn, policy}));
  return {};
}

Result<std::string> Recording::get_policy(const Scope& scope, const std::string& arn) {
  const std::lock_guard lock(mutex_);
  CAIRN_TRY(find_policy_owner(scope, arn));
  const auto rows =
      CAIRN_TRY(state_.query("SELECT policy FROM resource_policies WHERE arn = ?", {arn}));
  if (!rows.empty()) return rows.front().text(0);
  return missing(fmt::format("The resource {} has no policy.", arn),
                 "ResourcePolicyNotFoundException");
}

Status Recording::delete_policy(const Scope& scope, const std::string& arn) {
  const std::lock_guard lock(mutex_);
  CAIRN_TRY(find_policy_owner(scope, arn));
  const auto gone = CAIRN_TRY(state_.execute("DELETE FROM resource_policies WHERE arn = ?", {arn}));
  if (gone > 0) return {};
  return missing(fmt::format("The resource {} has no policy.", arn),
                 "ResourcePolicyNotFoundException");
}

// ---- tags ----

Status Recording::change_tags(const std::string& arn, const aws::Tags& tags, bool adds) {
  const std::lock_guard lock(mutex_);
  const auto parsed = internal::parse_arn(arn);
  if (!parsed) return refused("The ARN is not valid.", "CloudTrailARNInvalidException");
  const Scope scope{.account = parsed->account, .region = parsed->region};
  const auto changed = [&](const aws::Tags& before) -> Result<aws::Tags> {
    if (adds) return aws::with_tags(before, tags);
    return aws::without_tags(before, tags);
  };
  if (parsed->type == "channel") {
    auto* const channel = CAIRN_TRY(find_channel(scope, arn));
    auto next = *channel;
    next.tags = CAIRN_TRY(changed(channel->tags));
    CAIRN_TRY(save(next));
    *channel = next;
    return {};
  }
  auto* const store = CAIRN_TRY(find_store(scope, arn));
  if (store->status == StoreStatus::pending_deletion)
    return refused(fmt::format("The event data store {} is inactive.", arn),
                   "InactiveEventDataStoreException");
  auto next = *store;
  next.tags = CAIRN_TRY(changed(store->tags));
  CAIRN_TRY(save(next));
  *store = next;
  return {};
}

Status Recording::add_tags(const std::string& arn, const aws::Tags& tags) {
  return change_tags(arn, tags, true);
}

Status Recording::remove_tags(const std::string& arn, const aws::Tags& tags) {
  return change_tags(arn, tags, false);
}

Result<aws::Tags> Recording::tags_of(const std::string& arn) {
  const std::lock_guard lock(mutex_);
  const auto parsed = internal::parse_arn(arn);
  if (!parsed) return refused("The ARN is not valid.", "CloudTrailARNInvalidException");
  const Scope scope{.account = parsed->account, .region = parsed->region};
  if (parsed->type == "channel") {
    const auto* const channel = CAIRN_TRY(find_channel(scope, arn));
    return channel->tags;
  }
  const auto* const store = CAIRN_TRY(find_store(scope, arn));
  return store->tags;
}

}  // namespace cairn::recording

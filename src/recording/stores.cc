#include "recording/internal/names.h"
#include "recording/internal/resource_json.h"
#include "recording/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn::recording {
namespace {

using internal::refused;
namespace es = lang::event_selectors;

constexpr int64_t kRetentionMin = 7;
constexpr int64_t kExtendableMax = 3653;
constexpr int64_t kFixedMax = 2557;
constexpr int64_t kExtendableDefault = 366;

constexpr std::string_view kTables[] = {
    "CREATE TABLE event_data_stores (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE channels (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE resource_policies (arn TEXT PRIMARY KEY, policy TEXT NOT NULL) WITHOUT ROWID;",
    "CREATE TABLE channel_statuses (id TEXT PRIMARY KEY, attempt_us INTEGER NOT NULL, "
    "attempt_event TEXT NOT NULL, success_us INTEGER NOT NULL, success_event TEXT NOT NULL, "
    "error_code TEXT NOT NULL) WITHOUT ROWID;"};

/// What a store without selectors keeps: management events.
std::vector<es::AdvancedEventSelector> default_selectors() {
  return {{.name = "Default management events",
           .fields = {{.field = "eventCategory", .equals = {"Management"}}}}};
}

Status check_retention(int64_t days, bool extendable) {
  const auto most = extendable ? kExtendableMax : kFixedMax;
  if (days >= kRetentionMin && days <= most) return {};
  return refused(
      fmt::format("The retention period must be between {} and {} days.", kRetentionMin, most),
      "InvalidParameterException");
}

Error inactive(const EventDataStore& store) {
  return refused(fmt::format("The event data store {} is inactive.", store.arn()),
                 "InactiveEventDataStoreException");
}

Error wrong_status(std::string_view message) {
  return refused(std::string(message), "InvalidEventDataStoreStatusException");
}

void end_span(EventDataStore& store, int64_t now_us) {
  if (!store.spans.empty() && !store.spans.back().to_us) store.spans.back().to_us = now_us;
}

bool same_scope(const EventDataStore& store, const Scope& scope) {
  return store.account == scope.account && store.region == scope.region;
}

}  // namespace

std::string EventDataStore::arn() const {
  return internal::make_arn(region, account, "eventdatastore", id);
}

Category EventDataStore::category() const {
  for (const auto& selector : selectors)
    for (const auto& field : selector.fields) {
      if (field.field != "eventCategory" || field.equals.empty()) continue;
      const auto& value = field.equals.front();
      if (value == "Management") return Category::management;
      if (value == "Data") return Category::data;
      if (value == "NetworkActivity") return Category::network_activity;
      return value == "ActivityAuditLog" ? Category::activity_audit_log : Category::other;
    }
  return Category::management;
}

Result<std::unique_ptr<Recording>> Recording::open(store::StateDatabase& state, spool::Spool& spool,
                                                   const io::Clock& clock, io::Random& random) {
  CAIRN_TRY(state.migrate("recording", {std::begin(kTables), std::end(kTables)}));
  std::unique_ptr<Recording> made(new Recording(state, spool, clock, random));
  CAIRN_TRY(made->load());
  return made;
}

Status Recording::load() {
  const auto stores = CAIRN_TRY(state_.query("SELECT body FROM event_data_stores", {}));
  for (const auto& row : stores) {
    auto store = CAIRN_TRY(internal::store_from_json(row.text(0)));
    auto id = store.id;
    stores_[std::move(id)] = std::move(store);
  }
  const auto channels = CAIRN_TRY(state_.query("SELECT body FROM channels", {}));
  for (const auto& row : channels) {
    auto channel = CAIRN_TRY(internal::channel_from_json(row.text(0)));
    auto id = channel.id;
    channels_[std::move(id)] = std::move(channel);
  }
  const auto statuses = CAIRN_TRY(
      state_.query("SELECT id, attempt_us, attempt_event, success_us, success_event, error_code "
                   "FROM channel_statuses",
                   {}));
  for (const auto& row : statuses)
    statuses_[row.text(0)] = {.attempt_us = row.number(1),
                              .attempt_event = row.text(2),
                              .success_us = row.number(3),
                              .success_event = row.text(4),
                              .error_code = row.text(5)};
  return {};
}

Status Recording::save(const EventDataStore& store) {
  CAIRN_TRY(
      state_.execute("INSERT INTO event_data_stores VALUES (?, ?) ON CONFLICT (id) DO UPDATE "
                     "SET body = excluded.body",
                     {store.id, internal::to_json(store)}));
  return {};
}

std::string Recording::new_id() {
  return io::make_uuid(random_);
}

// Stores whose seven days are over. Their rows go at the next change; nobody sees them any more.
void Recording::forget_deleted() {
  const auto now = clock_.now_us();
  for (auto at = stores_.begin(); at != stores_.end();) {
    const auto& store = at->second;
    if (store.status != StoreStatus::pending_deletion || now - store.deleted_us < kDeletionUs) {
      ++at;
      continue;
    }
    const auto gone = state_.execute("DELETE FROM event_data_stores WHERE id = ?", {store.id});
    at = gone.ok() ? stores_.erase(at) : std::next(at);
  }
}

Result<EventDataStore*> Recording::find_store(const Scope& scope, const std::string& store) {
  forget_deleted();
  auto id = store;
  if (store.starts_with("arn:")) {
    const auto arn = internal::parse_arn(store);
    if (!arn || arn->type != "eventdatastore" || arn->region != scope.region)
      return refused(fmt::format("The event data store ARN {} is not valid.", store),
                     "EventDataStoreARNInvalidException");
    id = arn->account == scope.account ? arn->id : "";
  }
  const auto found = stores_.find(id);
  if (found != stores_.end() && same_scope(found->second, scope)) return &found->second;
  return unknown_store(store);
}

Status Recording::check_new_name(const Scope& scope, const std::string& name,
                                 const std::string& own_id) {
  for (const auto& [id, other] : stores_)
    if (id != own_id && same_scope(other, scope) && other.name == name)
      return Error{ErrorKind::already_exists,
                   fmt::format("An event data store with the name {} already exists.", name),
                   "EventDataStoreAlreadyExistsException"};
  return {};
}

Result<EventDataStore> Recording::create_store(const Scope& scope, const StoreSettings& settings,
                                               const aws::Tags& tags) {
  const std::lock_guard lock(mutex_);
  forget_deleted();
  EventDataStore made;
  made.account = scope.account;
  made.region = scope.region;
  made.name = settings.name.value_or("");
  made.selectors = settings.selectors.value_or(std::vector<es::AdvancedEventSelector>{});
  if (made.selectors.empty()) made.selectors = default_selectors();
  made.multi_region = settings.multi_region.value_or(true);
  made.organization = settings.organization.value_or(false);
  made.termination_protection = settings.termination_protection.value_or(true);
  made.extendable = settings.extendable.value_or(true);
  made.retention_days =
      settings.retention_days.value_or(made.extendable ? kExtendableDefault : kFixedMax);
  made.kms_key = settings.kms_key.value_or("");
  made.tags = tags;
  CAIRN_TRY(aws::check_tags(tags));
  CAIRN_TRY(es::check({.advanced = made.selectors}, es::Owner::event_data_store));
  CAIRN_TRY(check_retention(made.retention_days, made.extendable));
  CAIRN_TRY(check_new_name(scope, made.name, ""));
  const auto count = std::count_if(stores_.begin(), stores_.end(),
                                   [&](const auto& one) { return same_scope(one.second, scope); });
  if (static_cast<size_t>(count) >= kStoresMax)
    return Error{ErrorKind::exhausted,
                 fmt::format("The account has the maximum of {} event data stores in {}.",
                             kStoresMax, scope.region),
                 "EventDataStoreMaxLimitExceededException"};
  const auto now = clock_.now_us();
  made.id = new_id();
  made.created_us = made.updated_us = now;
  made.status = settings.ingests ? StoreStatus::enabled : StoreStatus::stopped;
  if (settings.ingests) made.spans = {{.from_us = now}};
  CAIRN_TRY(save(made));
  stores_[made.id] = made;
  return made;
}

Result<EventDataStore> Recording::update_store(const Scope& scope, const std::string& store,
                                               const StoreSettings& settings) {
  const std::lock_guard lock(mutex_);
  auto* const found = CAIRN_TRY(find_store(scope, store));
  if (found->status == StoreStatus::pending_deletion) return inactive(*found);
  auto next = *found;
  if (settings.name) next.name = *settings.name;
  if (settings.selectors) next.selectors = *settings.selectors;
  if (settings.multi_region) next.multi_region = *settings.multi_region;
  if (settings.organization) next.organization = *settings.organization;
  if (settings.termination_protection)
    next.termination_protection = *settings.termination_protection;
  if (settings.retention_days) next.retention_days = *settings.retention_days;
  if (settings.kms_key) next.kms_key = *settings.kms_key;
  if (settings.extendable) {
    if (found->extendable && !*settings.extendable)
      return refused(
          "The billing mode cannot be changed from EXTENDABLE_RETENTION_PRICING to "
          "FIXED_RETENTION_PRICING.",
          "InvalidParameterException");
    next.extendable = *settings.extendable;
  }
  CAIRN_TRY(es::check({.advanced = next.selectors}, es::Owner::event_data_store));
  if (next.category() != found->category() && (next.category() == Category::activity_audit_log ||
                                               found->category() == Category::activity_audit_log))
    return refused("The event category of an event data store cannot be changed.",
                   "InvalidEventSelectorsException");
  CAIRN_TRY(check_retention(next.retention_days, next.extendable));
  CAIRN_TRY(check_new_name(scope, next.name, next.id));
  next.updated_us = clock_.now_us();
  CAIRN_TRY(save(next));
  *found = next;
  return next;
}

Result<EventDataStore> Recording::get_store(const Scope& scope, const std::string& store) {
  const std::lock_guard lock(mutex_);
  const auto* const found = CAIRN_TRY(find_store(scope, store));
  return *found;
}

Result<std::vector<EventDataStore>> Recording::list_stores(const Scope& scope) {
  const std::lock_guard lock(mutex_);
  forget_deleted();
  std::vector<EventDataStore> found;
  for (const auto& [id, store] : stores_)
    if (same_scope(store, scope)) found.push_back(store);
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.created_us, a.id) < std::pair(b.created_us, b.id);
  });
  return found;
}

Status Recording::delete_store(const Scope& scope, const std::string& store) {
  const std::lock_guard lock(mutex_);
  auto* const found = CAIRN_TRY(find_store(scope, store));
  if (found->status == StoreStatus::pending_deletion) return inactive(*found);
  if (found->termination_protection)
    return refused(
        "The event data store cannot be deleted because termination protection is "
        "enabled for it.",
        "EventDataStoreTerminationProtectedException");
  const auto arn = found->arn();
  for (const auto& [id, channel] : channels_)
    if (std::find(channel.destinations.begin(), channel.destinations.end(), arn) !=
        channel.destinations.end())
      return refused(
          fmt::format("The event data store is a destination of the channel {}.", channel.arn()),
          "ChannelExistsForEDSException");
  auto next = *found;
  next.status = StoreStatus::pending_deletion;
  next.deleted_us = next.updated_us = clock_.now_us();
  end_span(next, next.deleted_us);
  CAIRN_TRY(save(next));
  *found = next;
  return {};
}

Result<EventDataStore> Recording::restore_store(const Scope& scope, const std::string& store) {
  const std::lock_guard lock(mutex_);
  auto* const found = CAIRN_TRY(find_store(scope, store));
  if (found->status != StoreStatus::pending_deletion)
    return wrong_status("Only an event data store that is pending deletion can be restored.");
  auto next = *found;
  const auto now = clock_.now_us();
  // It takes events in again if it did until its deletion.
  const bool ingested = !next.spans.empty() && next.spans.back().to_us == next.deleted_us;
  next.status = ingested ? StoreStatus::enabled : StoreStatus::stopped;
  if (ingested) next.spans.push_back({.from_us = now});
  next.deleted_us = 0;
  next.updated_us = now;
  CAIRN_TRY(save(next));
  *found = next;
  return next;
}

Status Recording::start_ingestion(const Scope& scope, const std::string& store) {
  const std::lock_guard lock(mutex_);
  auto* const found = CAIRN_TRY(find_store(scope, store));
  if (found->category() == Category::activity_audit_log)
    return refused(
        "Ingestion can be started only for event data stores of management, data, "
        "network activity events and configuration items.",
        "InvalidEventDataStoreCategoryException");
  if (found->status != StoreStatus::stopped)
    return wrong_status("The status of the event data store must be STOPPED_INGESTION.");
  auto next = *found;
  next.status = StoreStatus::enabled;
  next.updated_us = clock_.now_us();
  next.spans.push_back({.from_us = next.updated_us});
  CAIRN_TRY(save(next));
  *found = next;
  return {};
}

Status Recording::stop_ingestion(const Scope& scope, const std::string& store) {
  const std::lock_guard lock(mutex_);
  auto* const found = CAIRN_TRY(find_store(scope, store));
  if (found->category() == Category::activity_audit_log)
    return refused(
        "Ingestion can be stopped only for event data stores of management, data, "
        "network activity events and configuration items.",
        "InvalidEventDataStoreCategoryException");
  if (found->status != StoreStatus::enabled)
    return wrong_status("The status of the event data store must be ENABLED.");
  auto next = *found;
  next.status = StoreStatus::stopped;
  next.updated_us = clock_.now_us();
  end_span(next, next.updated_us);
  CAIRN_TRY(save(next));
  *found = next;
  return {};
}

}  // namespace cairn::recording

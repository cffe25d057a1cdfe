#include "api/cloudtrail/event_data_stores.h"

#include "api/cloudtrail/pages.h"
#include "api/cloudtrail/selectors.h"
#include "api/cloudtrail/wire.h"
#include "api/things.h"
#include "recording/recording.h"

#include <fmt/format.h>

namespace cairn::api {
namespace {

using recording::EventDataStore;

constexpr std::string_view kExtendable = "EXTENDABLE_RETENTION_PRICING";
constexpr std::string_view kFixed = "FIXED_RETENTION_PRICING";

std::string_view status_name(recording::StoreStatus status) {
  switch (status) {
    case recording::StoreStatus::enabled:
      return "ENABLED";
    case recording::StoreStatus::stopped:
      return "STOPPED_INGESTION";
    case recording::StoreStatus::pending_deletion:
      return "PENDING_DELETION";
  }
  return "";
}

/// The full ARN of a key's id or alias, as AWS gives it back.
Result<std::string> kms_key_of(const Call& call) {
  auto key = text_of(call.input, "KmsKeyId");
  if (key.starts_with("arn:")) {
    if (key.find(":kms:") != key.npos &&
        (key.find(":key/") != key.npos || key.find(":alias/") != key.npos))
      return key;
    return Error{ErrorKind::invalid_argument, fmt::format("The KMS key {} is not valid.", key),
                 "InvalidKmsKeyIdException"};
  }
  const auto name = key.starts_with("alias/") ? key : "key/" + key;
  return fmt::format("arn:aws:kms:{}:{}:{}", call.region, call.caller.account, name);
}

Result<recording::StoreSettings> read_settings(const Call& call) {
  const auto& input = call.input;
  recording::StoreSettings settings;
  settings.name = optional_text(input, "Name");
  if (input.contains("AdvancedEventSelectors"))
    settings.selectors = read_advanced_selectors(input, "AdvancedEventSelectors");
  settings.multi_region = optional_boolean(input, "MultiRegionEnabled");
  settings.organization = optional_boolean(input, "OrganizationEnabled");
  settings.termination_protection = optional_boolean(input, "TerminationProtectionEnabled");
  if (const auto billing = optional_text(input, "BillingMode"))
    settings.extendable = *billing == kExtendable;
  if (const auto days = input.find("RetentionPeriod"); days != input.end())
    settings.retention_days = days->get<int64_t>();
  if (input.contains("KmsKeyId")) settings.kms_key = CAIRN_TRY(kms_key_of(call));
  settings.ingests = optional_boolean(input, "StartIngestion").value_or(true);
  return settings;
}

/// Organization stores take the events of all accounts: a matter of the management account.
Status check_organization(const Features& features, const Call& call,
                          const recording::StoreSettings& settings) {
  if (!settings.organization.value_or(false)) return {};
  if (features.organization_id.empty())
    return Error{ErrorKind::invalid_argument, "The account is not a member of an organization.",
                 "OrganizationsNotInUseException"};
  if (call.caller.account != features.management_account)
    return Error{ErrorKind::permission_denied,
                 "Only the management account can have an organization event data store.",
                 "NotOrganizationMasterAccountException"};
  return {};
}

/// The members that all answers about a store have, in AWS's order.
Json store_json(const EventDataStore& store) {
  Json out;
  out["EventDataStoreArn"] = store.arn();
  out["Name"] = store.name;
  out["Status"] = status_name(store.status);
  out["AdvancedEventSelectors"] = write_advanced_selectors(store.selectors);
  out["MultiRegionEnabled"] = store.multi_region;
  out["OrganizationEnabled"] = store.organization;
  out["RetentionPeriod"] = store.retention_days;
  out["TerminationProtectionEnabled"] = store.termination_protection;
  return out;
}

void add_times_and_billing(const EventDataStore& store, Json& out) {
  out["CreatedTimestamp"] = epoch_seconds(store.created_us);
  out["UpdatedTimestamp"] = epoch_seconds(store.updated_us);
  put_text(out, "KmsKeyId", store.kms_key);
  out["BillingMode"] = store.extendable ? kExtendable : kFixed;
}

Json channel_json(const recording::Channel& channel) {
  Json destinations = Json::array();
  for (const auto& arn : channel.destinations)
    destinations.push_back({{"Type", "EVENT_DATA_STORE"}, {"Location", arn}});
  Json out;
  out["ChannelArn"] = channel.arn();
  out["Name"] = channel.name;
  out["Source"] = channel.source;
  out["Destinations"] = std::move(destinations);
  return out;
}

Result<std::vector<std::string>> read_destinations(const Json& input) {
  std::vector<std::string> locations;
  for (const auto& one : input.at("Destinations")) {
    if (text_of(one, "Type") != "EVENT_DATA_STORE")
      return Error{ErrorKind::invalid_argument,
                   "The destination of a channel must be an event data store.",
                   "InvalidParameterException"};
    locations.push_back(text_of(one, "Location"));
  }
  return locations;
}

}  // namespace

Result<Json> create_event_data_store(Features& features, const Call& call) {
  const auto settings = CAIRN_TRY(read_settings(call));
  CAIRN_TRY(check_organization(features, call, settings));
  const auto tags = read_tags(call.input, "TagsList");
  const auto store = CAIRN_TRY(features.recording->create_store(place_of(call), settings, tags));
  auto out = store_json(store);
  if (!tags.empty()) out["TagsList"] = write_tags(tags);
  add_times_and_billing(store, out);
  return out;
}

Result<Json> update_event_data_store(Features& features, const Call& call) {
  const auto settings = CAIRN_TRY(read_settings(call));
  CAIRN_TRY(check_organization(features, call, settings));
  const auto store = CAIRN_TRY(features.recording->update_store(
      place_of(call), text_of(call.input, "EventDataStore"), settings));
  auto out = store_json(store);
  add_times_and_billing(store, out);
  out["FederationStatus"] = "DISABLED";
  return out;
}

Result<Json> get_event_data_store(Features& features, const Call& call) {
  const auto store = CAIRN_TRY(
      features.recording->get_store(place_of(call), text_of(call.input, "EventDataStore")));
  auto out = store_json(store);
  add_times_and_billing(store, out);
  out["FederationStatus"] = "DISABLED";
  return out;
}

Result<Json> list_event_data_stores(Features& features, const Call& call) {
  auto stores = CAIRN_TRY(features.recording->list_stores(place_of(call)));
  std::erase_if(stores, [&](const EventDataStore& store) { return !knows_of(call, store); });
  std::vector<std::string> ids;
  for (const auto& store : stores) ids.push_back(store.id);
  const auto page = CAIRN_TRY(page_of(call.input, "event data stores", ids));
  Json out;
  out["EventDataStores"] = Json::array();
  for (size_t i = page.begin; i < page.end; ++i)  // as AWS: not more than these two
    out["EventDataStores"].push_back(
        {{"EventDataStoreArn", stores[i].arn()}, {"Name", stores[i].name}});
  put_text(out, "NextToken", page.next_token);
  return out;
}

Result<Json> delete_event_data_store(Features& features, const Call& call) {
  CAIRN_TRY(
      features.recording->delete_store(place_of(call), text_of(call.input, "EventDataStore")));
  return Json::object();
}

Result<Json> restore_event_data_store(Features& features, const Call& call) {
  const auto store = CAIRN_TRY(
      features.recording->restore_store(place_of(call), text_of(call.input, "EventDataStore")));
  auto out = store_json(store);
  add_times_and_billing(store, out);
  return out;
}

Result<Json> start_event_data_store_ingestion(Features& features, const Call& call) {
  CAIRN_TRY(
      features.recording->start_ingestion(place_of(call), text_of(call.input, "EventDataStore")));
  return Json::object();
}

Result<Json> stop_event_data_store_ingestion(Features& features, const Call& call) {
  CAIRN_TRY(
      features.recording->stop_ingestion(place_of(call), text_of(call.input, "EventDataStore")));
  return Json::object();
}

Result<Json> create_channel(Features& features, const Call& call) {
  const auto destinations = CAIRN_TRY(read_destinations(call.input));
  const auto tags = read_tags(call.input, "Tags");
  const auto channel = CAIRN_TRY(
      features.recording->create_channel(place_of(call), text_of(call.input, "Name"),
                                         text_of(call.input, "Source"), destinations, tags));
  auto out = channel_json(channel);
  if (!tags.empty()) out["Tags"] = write_tags(tags);
  return out;
}

Result<Json> update_channel(Features& features, const Call& call) {
  std::optional<std::vector<std::string>> destinations;
  if (call.input.contains("Destinations")) destinations = CAIRN_TRY(read_destinations(call.input));
  const auto channel = CAIRN_TRY(
      features.recording->update_channel(place_of(call), text_of(call.input, "Channel"),
                                         optional_text(call.input, "Name"), destinations));
  return channel_json(channel);
}

Result<Json> get_channel(Features& features, const Call& call) {
  const auto channel =
      CAIRN_TRY(features.recording->get_channel(place_of(call), text_of(call.input, "Channel")));
  auto out = channel_json(channel);
  const auto status = features.recording->channel_status(channel.id);
  if (status.attempt_us == 0) return out;
  Json ingestion = Json::object();
  if (status.success_us != 0) {
    ingestion["LatestIngestionSuccessTime"] = epoch_seconds(status.success_us);
    ingestion["LatestIngestionSuccessEventID"] = status.success_event;
  }
  put_text(ingestion, "LatestIngestionErrorCode", status.error_code);
  ingestion["LatestIngestionAttemptTime"] = epoch_seconds(status.attempt_us);
  put_text(ingestion, "LatestIngestionAttemptEventID", status.attempt_event);
  out["IngestionStatus"] = std::move(ingestion);
  return out;
}

Result<Json> list_channels(Features& features, const Call& call) {
  auto channels = CAIRN_TRY(features.recording->list_channels(place_of(call)));
  if (!knows_own(call)) channels.clear();
  std::vector<std::string> ids;
  for (const auto& channel : channels) ids.push_back(channel.id);
  const auto page = CAIRN_TRY(page_of(call.input, "channels", ids));
  Json out;
  out["Channels"] = Json::array();
  for (size_t i = page.begin; i < page.end; ++i)
    out["Channels"].push_back({{"ChannelArn", channels[i].arn()}, {"Name", channels[i].name}});
  put_text(out, "NextToken", page.next_token);
  return out;
}

Result<Json> delete_channel(Features& features, const Call& call) {
  CAIRN_TRY(features.recording->delete_channel(place_of(call), text_of(call.input, "Channel")));
  return Json::object();
}

Result<Json> put_resource_policy(Features& features, const Call& call) {
  const auto arn = text_of(call.input, "ResourceArn");
  const auto policy = text_of(call.input, "ResourcePolicy");
  CAIRN_TRY(features.recording->put_policy(place_of(call), arn, policy));
  return Json{{"ResourceArn", arn}, {"ResourcePolicy", policy}};
}

Result<Json> get_resource_policy(Features& features, const Call& call) {
  const auto arn = text_of(call.input, "ResourceArn");
  const auto policy = CAIRN_TRY(features.recording->get_policy(place_of(call), arn));
  return Json{{"ResourceArn", arn}, {"ResourcePolicy", policy}};
}

Result<Json> delete_resource_policy(Features& features, const Call& call) {
  CAIRN_TRY(features.recording->delete_policy(place_of(call), text_of(call.input, "ResourceArn")));
  return Json::object();
}

}  // namespace cairn::api

#include "recording/internal/resource_json.h"

#include <nlohmann/json.hpp>

namespace cairn::recording::internal {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json tags_json(const aws::Tags& tags) {
  Json out = Json::array();
  for (const auto& tag : tags) out.push_back({tag.key, tag.value});
  return out;
}

aws::Tags read_tags(const Json& json) {
  aws::Tags tags;
  for (const auto& one : json) tags.push_back({one.at(0), one.at(1)});
  return tags;
}

Error damaged(std::string_view what) {
  return Error{ErrorKind::corrupt,
               "the service's state holds " + std::string(what) + " that cannot be read"};
}

EventDataStore read_store(const Json& json, lang::event_selectors::Selectors selectors) {
  EventDataStore store;
  store.id = json.at("id");
  store.account = json.at("account");
  store.region = json.at("region");
  store.name = json.at("name");
  store.status = static_cast<StoreStatus>(json.at("status").get<int>());
  store.selectors = std::move(selectors.advanced);
  store.multi_region = json.at("multi_region");
  store.organization = json.at("organization");
  store.termination_protection = json.at("termination_protection");
  store.extendable = json.at("extendable");
  store.retention_days = json.at("retention_days");
  store.kms_key = json.at("kms_key");
  store.tags = read_tags(json.at("tags"));
  store.created_us = json.at("created_us");
  store.updated_us = json.at("updated_us");
  store.deleted_us = json.at("deleted_us");
  for (const auto& one : json.at("spans")) {
    Span span{.from_us = one.at(0)};
    if (!one.at(1).is_null()) span.to_us = one.at(1).get<int64_t>();
    store.spans.push_back(span);
  }
  return store;
}

Channel read_channel(const Json& json) {
  Channel channel;
  channel.id = json.at("id");
  channel.account = json.at("account");
  channel.region = json.at("region");
  channel.name = json.at("name");
  channel.source = json.at("source");
  channel.destinations = json.at("destinations").get<std::vector<std::string>>();
  channel.tags = read_tags(json.at("tags"));
  channel.created_us = json.at("created_us");
  return channel;
}

}  // namespace

std::string to_json(const EventDataStore& store) {
  Json spans = Json::array();
  for (const auto& span : store.spans)
    spans.push_back({span.from_us, span.to_us ? Json(*span.to_us) : Json(nullptr)});
  return text_of(Json{{"id", store.id},
                      {"account", store.account},
                      {"region", store.region},
                      {"name", store.name},
                      {"status", static_cast<int>(store.status)},
                      {"selectors", lang::event_selectors::to_json({.advanced = store.selectors})},
                      {"multi_region", store.multi_region},
                      {"organization", store.organization},
                      {"termination_protection", store.termination_protection},
                      {"extendable", store.extendable},
                      {"retention_days", store.retention_days},
                      {"kms_key", store.kms_key},
                      {"tags", tags_json(store.tags)},
                      {"created_us", store.created_us},
                      {"updated_us", store.updated_us},
                      {"deleted_us", store.deleted_us},
                      {"spans", std::move(spans)}});
}

std::string to_json(const Channel& channel) {
  return text_of(Json{{"id", channel.id},
                      {"account", channel.account},
                      {"region", channel.region},
                      {"name", channel.name},
                      {"source", channel.source},
                      {"destinations", channel.destinations},
                      {"tags", tags_json(channel.tags)},
                      {"created_us", channel.created_us}});
}

Result<EventDataStore> store_from_json(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  try {  // the library tells of missing members and other types by throwing
    auto selectors =
        CAIRN_TRY(lang::event_selectors::from_json(json.at("selectors").get<std::string>()));
    return read_store(json, std::move(selectors));
  } catch (const Json::exception&) {
    return damaged("an event data store");
  }
}

Result<Channel> channel_from_json(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  try {
    return read_channel(json);
  } catch (const Json::exception&) {
    return damaged("a channel");
  }
}

}  // namespace cairn::recording::internal

#include "api/things.h"

#include "api/cloudtrail/tags.h"
#include "api/cloudtrail/wire.h"
#include "api/rights.h"
#include "base/text.h"
#include "recording/recording.h"
#include "trails/names.h"
#include "trails/trails.h"

#include <fmt/format.h>

#include <utility>

namespace cairn::api {
namespace {

using access::Subject;

Error unsupported_operation() {
  return Error{ErrorKind::unimplemented, "The requested operation is not supported.",
               "UnsupportedOperationException"};
}

Thing thing(const Call& call, Subject subject, const std::string& arn, Error unseen) {
  return {.subject = std::move(subject),
          .unseen = std::move(unseen),
          .denied = access_denied(call, arn),
          .foreign = access_denied(call, arn)};
}

/// What the call makes, in the caller's home account.
Thing new_thing(const Call& call, bool organization) {
  return thing(call, {.account = call.caller.account, .organization = organization}, "",
               access_denied(call));
}

Subject subject_of(const trails::Trail& trail) {
  return {.account = trail.account, .organization = trail.organization};
}

Subject subject_of(const recording::EventDataStore& store) {
  return {.account = store.account, .organization = store.organization};
}

Thing trail_thing(const Call& call, const trails::Trail& trail, Error unseen) {
  auto made = thing(call, subject_of(trail), trail.arn(), std::move(unseen));
  if (trail.organization)
    made.foreign = Error{ErrorKind::permission_denied,
                         "This account cannot change the trail of its organization; the management "
                         "account can.",
                         "NotOrganizationMasterAccountException"};
  return made;
}

Result<Thing> named_trail(Features& features, const Call& call, const std::string& name) {
  const auto trail = CAIRN_TRY(features.trails->locate(scope_of(call), name));
  return trail_thing(
      call, trail,
      trails::unknown_trail({.account = trail.account, .region = trail.region, .name = trail.name},
                            scope_of(call)));
}

Result<Thing> named_store(Features& features, const Call& call, const std::string& name) {
  const auto store = CAIRN_TRY(features.recording->get_store(place_of(call), name));
  return thing(call, subject_of(store), store.arn(), recording::unknown_store(name));
}

Result<Thing> named_channel(Features& features, const Call& call, const std::string& name) {
  const auto channel = CAIRN_TRY(features.recording->get_channel(place_of(call), name));
  return thing(call, {.account = channel.account}, channel.arn(), recording::unknown_channel(name));
}

bool may_know_of(const Call& call, const Subject& subject) {
  return access::judge(call.caller, Right::read_configuration, subject) == access::Verdict::allowed;
}

/// Adds the stores that Destinations names. Nothing of them is looked for if the answer is that of
/// the things before: which error comes first must not depend on what is there.
Status add_destinations(Features& features, const Call& call, std::vector<Thing>& things) {
  const auto destinations = call.input.find("Destinations");
  if (destinations == call.input.end() || !may_know_of(call, things.back().subject)) return {};
  for (const auto& one : *destinations) {
    if (text_of(one, "Type") != "EVENT_DATA_STORE") continue;  // which the operation refuses
    auto store = CAIRN_TRY(named_store(features, call, text_of(one, "Location")));
    things.push_back(std::move(store));
    if (!may_know_of(call, things.back().subject)) break;
  }
  return {};
}

bool wants_organization(const Call& call, const char* member) {
  return optional_boolean(call.input, member).value_or(false);
}

Result<Thing> tagged_thing(Features& features, const Call& call, const std::string& arn) {
  const auto* const owner = CAIRN_TRY(tag_owner(features, call, arn));
  if (owner == features.trails) {
    const auto trail = features.trails->locate(scope_of(call), arn);
    if (trail.ok()) return trail_thing(call, trail.value(), unknown_resource(arn));
    return trail.error().kind() == ErrorKind::not_found ? unknown_resource(arn) : trail.error();
  }
  return arn.find(":channel/") == std::string::npos ? named_store(features, call, arn)
                                                    : named_channel(features, call, arn);
}

}  // namespace

bool knows_of(const Call& call, const trails::Trail& trail) {
  return may_know_of(call, subject_of(trail));
}

bool knows_of(const Call& call, const recording::EventDataStore& store) {
  return may_know_of(call, subject_of(store));
}

bool knows_own(const Call& call) {
  return may_know_of(call, {.account = call.caller.account});
}

Things about_nothing(Features& /*features*/, const Call& /*call*/) {
  return std::vector<Thing>();
}

Things about_listed_trails(Features& features, const Call& /*call*/) {
  if (features.trails == nullptr) return unsupported_operation();
  return std::vector<Thing>();
}

Things about_listed_stores(Features& features, const Call& /*call*/) {
  if (features.recording == nullptr) return unsupported_operation();
  return std::vector<Thing>();
}

Things about_listed_events(Features& features, const Call& /*call*/) {
  if (features.history == nullptr) return unsupported_operation();
  return std::vector<Thing>();
}

Things about_sent_events(Features& features, const Call& /*call*/) {
  if (features.recording == nullptr)
    return Error{ErrorKind::unimplemented, "The operation is not known.",
                 "UnknownOperationException"};
  return std::vector<Thing>();
}

Things about_new_trail(Features& features, const Call& call) {
  if (features.trails == nullptr) return unsupported_operation();
  return std::vector{new_thing(call, wants_organization(call, "IsOrganizationTrail"))};
}

Things about_trail(Features& features, const Call& call) {
  if (features.trails == nullptr) return unsupported_operation();
  auto found = CAIRN_TRY(named_trail(features, call, text_of(call.input, "Name")));
  return std::vector{std::move(found)};
}

Things about_selected_trail(Features& features, const Call& call) {
  if (features.trails == nullptr) return unsupported_operation();
  const auto name = optional_text(call.input, "TrailName");
  if (!name) return std::vector<Thing>();  // which the operation refuses
  auto found = CAIRN_TRY(named_trail(features, call, *name));
  return std::vector{std::move(found)};
}

Things about_trail_update(Features& features, const Call& call) {
  auto things = CAIRN_TRY(about_trail(features, call));
  const bool grows = wants_organization(call, "IsOrganizationTrail");
  if (grows && !things.front().subject.organization) {
    auto after = things.front();
    after.subject.organization = true;
    things.push_back(std::move(after));
  }
  return things;
}

Things about_new_store(Features& features, const Call& call) {
  if (features.recording == nullptr) return unsupported_operation();
  return std::vector{new_thing(call, wants_organization(call, "OrganizationEnabled"))};
}

Things about_store(Features& features, const Call& call) {
  if (features.recording == nullptr) return unsupported_operation();
  auto found = CAIRN_TRY(named_store(features, call, text_of(call.input, "EventDataStore")));
  return std::vector{std::move(found)};
}

Things about_store_update(Features& features, const Call& call) {
  auto things = CAIRN_TRY(about_store(features, call));
  if (wants_organization(call, "OrganizationEnabled") && !things.front().subject.organization) {
    auto after = things.front();
    after.subject.organization = true;
    things.push_back(std::move(after));
  }
  return things;
}

Things about_new_channel(Features& features, const Call& call) {
  if (features.recording == nullptr) return unsupported_operation();
  std::vector things{new_thing(call, false)};
  CAIRN_TRY(add_destinations(features, call, things));
  return things;
}

Things about_channel(Features& features, const Call& call) {
  if (features.recording == nullptr) return unsupported_operation();
  auto channel = CAIRN_TRY(named_channel(features, call, text_of(call.input, "Channel")));
  std::vector things{std::move(channel)};
  CAIRN_TRY(add_destinations(features, call, things));
  return things;
}

Things about_channel_to_put(Features& features, const Call& call) {
  if (features.recording == nullptr) return unsupported_operation();
  const auto arn = text_of(call.input, "channelArn");
  const auto channel = CAIRN_TRY(features.recording->channel_to_put(arn));
  auto put =
      thing(call, {.account = channel.account}, arn,
            Error{ErrorKind::not_found, "The channel could not be found.", "ChannelNotFound"});
  put.foreign = Error{ErrorKind::permission_denied,
                      "The caller's account ID must be the same as the channel owner's account ID.",
                      "ChannelInsufficientPermission"};
  return std::vector{std::move(put)};
}

Things about_tagged(Features& features, const Call& call) {
  if (features.trails == nullptr) return unsupported_operation();
  auto arns = texts_of(call.input, "ResourceIdList");
  if (const auto arn = optional_text(call.input, "ResourceId")) arns.push_back(*arn);
  std::vector<Thing> things;
  for (const auto& arn : arns) {
    auto found = CAIRN_TRY(tagged_thing(features, call, arn));
    things.push_back(std::move(found));
    if (!may_know_of(call, things.back().subject)) break;  // as add_destinations()
  }
  return things;
}

Things about_policy_owner(Features& features, const Call& call) {
  if (features.recording == nullptr) return unsupported_operation();
  const auto arn = text_of(call.input, "ResourceArn");
  const auto owner = CAIRN_TRY(features.recording->policy_owner(place_of(call), arn));
  return std::vector{thing(call, {.account = owner.account, .organization = owner.organization},
                           arn, recording::unknown_policy_owner(arn))};
}

}  // namespace cairn::api

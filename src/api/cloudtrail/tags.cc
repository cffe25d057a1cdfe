#include "api/cloudtrail/tags.h"

#include "api/cloudtrail/wire.h"
#include "aws/tags.h"
#include "base/text.h"
#include "trails/trails.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace cairn::api {
namespace {

constexpr size_t kResourcesMax = 20;  ///< of one ListTags

Error refused(std::string message, std::string_view code) {
  return Error{ErrorKind::invalid_argument, std::move(message), code};
}

}  // namespace

Error unknown_resource(std::string_view arn) {
  return Error{ErrorKind::not_found, fmt::format("The resource {} is not found.", printable(arn)),
               "ResourceNotFoundException"};
}

Result<aws::TaggedResources*> tag_owner(Features& features, const Call& call,
                                        std::string_view arn) {
  // arn:PARTITION:cloudtrail:REGION:ACCOUNT:TYPE/ID
  std::array<std::string_view, 5> parts;
  auto rest = arn;
  for (auto& part : parts) {
    const auto colon = rest.find(':');
    if (colon == rest.npos)
      return refused(fmt::format("Invalid ARN: {}", printable(arn)),
                     "CloudTrailARNInvalidException");
    part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn" || parts[2] != "cloudtrail" || rest.find('/') == rest.npos)
    return refused(fmt::format("Invalid ARN: {}", printable(arn)), "CloudTrailARNInvalidException");
  if (parts[3] != call.region)
    return refused(fmt::format("Region in ARN is wrong, you can only access resources in region "
                               "{}.",
                               call.region),
                   "CloudTrailARNInvalidException");
  if (parts[4] != call.caller.account) return unknown_resource(arn);
  if (rest.starts_with("trail/")) return features.trails;
  const bool known = rest.starts_with("eventdatastore/") || rest.starts_with("channel/");
  if (known && features.stores_and_channels != nullptr) return features.stores_and_channels;
  return refused(fmt::format("The resource type of {} is not supported.", printable(arn)),
                 "ResourceTypeNotSupportedException");
}

Result<Json> add_tags(Features& features, const Call& call) {
  const auto arn = text_of(call.input, "ResourceId");
  auto* const owner = CAIRN_TRY(tag_owner(features, call, arn));
  CAIRN_TRY(owner->add_tags(arn, read_tags(call.input, "TagsList")));
  return Json::object();
}

Result<Json> remove_tags(Features& features, const Call& call) {
  const auto arn = text_of(call.input, "ResourceId");
  auto* const owner = CAIRN_TRY(tag_owner(features, call, arn));
  CAIRN_TRY(owner->remove_tags(arn, read_tags(call.input, "TagsList")));
  return Json::object();
}

Result<Json> list_tags(Features& features, const Call& call) {
  const auto arns = texts_of(call.input, "ResourceIdList");
  if (arns.size() > kResourcesMax)
    return refused(fmt::format("At most {} resources can be specified.", kResourcesMax),
                   "InvalidParameterException");
  if (call.input.contains("NextToken"))  // all tags come in one answer, which has none
    return refused("The token is not valid.", "InvalidTokenException");
  Json list = Json::array();
  for (const auto& arn : arns) {
    auto* const owner = CAIRN_TRY(tag_owner(features, call, arn));
    const auto tags = CAIRN_TRY(owner->tags_of(arn));
    list.push_back({{"ResourceId", arn}, {"TagsList", write_tags(tags)}});
  }
  return Json{{"ResourceTagList", std::move(list)}};
}

}  // namespace cairn::api

#include "api/cloudtrail/trails.h"

#include "api/cloudtrail/wire.h"
#include "api/s3/bucket_rights.h"
#include "api/things.h"
#include "base/time.h"
#include "trails/trails.h"

namespace cairn::api {
namespace {

trails::TrailSettings read_settings(const Features& features, const Call& call) {
  const auto& input = call.input;
  std::function<Status(const std::string&)> may_use_bucket;
  if (features.buckets != nullptr)
    may_use_bucket = [&](const std::string& bucket) {
      return features.buckets->check_delivery(call.caller, bucket);
    };
  return {.bucket = optional_text(input, "S3BucketName"),
          .prefix = optional_text(input, "S3KeyPrefix"),
          .topic = optional_text(input, "SnsTopicName"),
          .global_events = optional_boolean(input, "IncludeGlobalServiceEvents"),
          .multi_region = optional_boolean(input, "IsMultiRegionTrail"),
          .validation = optional_boolean(input, "EnableLogFileValidation"),
          .organization = optional_boolean(input, "IsOrganizationTrail"),
          .recursive_logging = optional_boolean(input, "RecursiveLogging"),
          .log_group_arn = optional_text(input, "CloudWatchLogsLogGroupArn"),
          .log_role_arn = optional_text(input, "CloudWatchLogsRoleArn"),
          .kms_key = optional_text(input, "KmsKeyId"),
          .may_use_bucket = std::move(may_use_bucket)};
}

/// `whole`: with what only the Trail structure has.
Json write_trail(const trails::Trail& trail, bool whole) {
  Json out;
  out["Name"] = trail.name;
  out["S3BucketName"] = trail.bucket;
  put_text(out, "S3KeyPrefix", trail.prefix);
  put_text(out, "SnsTopicName", trail.topic);
  put_text(out, "SnsTopicARN", trail.topic_arn());
  out["IncludeGlobalServiceEvents"] = trail.global_events;
  out["IsMultiRegionTrail"] = trail.multi_region;
  if (whole) out["HomeRegion"] = trail.region;
  out["TrailARN"] = trail.arn();
  out["LogFileValidationEnabled"] = trail.validation;
  put_text(out, "CloudWatchLogsLogGroupArn", trail.log_group_arn);
  put_text(out, "CloudWatchLogsRoleArn", trail.log_role_arn);
  put_text(out, "KmsKeyId", trail.kms_key);
  if (whole) {
    out["HasCustomEventSelectors"] = trail.custom_selectors;
    out["HasInsightSelectors"] = !trail.insights.empty();
  }
  out["IsOrganizationTrail"] = trail.organization;
  out["RecursiveLogging"] = trail.recursive_logging;
  return out;
}

void put_time(Json& out, const char* member, int64_t micros) {
  if (micros != 0) out[member] = epoch_seconds(micros);
}

/// Some times are texts; of what never happened an empty one.
std::string time_text(int64_t micros) {
  return micros == 0 ? "" : format_iso8601(micros / kMicrosPerSecond * kMicrosPerSecond);
}

}  // namespace

Result<Json> create_trail(Features& features, const Call& call) {
  const auto trail = CAIRN_TRY(features.trails->create(scope_of(call), text_of(call.input, "Name"),
                                                       read_settings(features, call),
                                                       read_tags(call.input, "TagsList")));
  return write_trail(trail, false);
}

Result<Json> update_trail(Features& features, const Call& call) {
  const auto trail = CAIRN_TRY(features.trails->update(scope_of(call), text_of(call.input, "Name"),
                                                       read_settings(features, call)));
  return write_trail(trail, false);
}

Result<Json> delete_trail(Features& features, const Call& call) {
  CAIRN_TRY(features.trails->remove(scope_of(call), text_of(call.input, "Name")));
  return Json::object();
}

Result<Json> get_trail(Features& features, const Call& call) {
  const auto trail = CAIRN_TRY(features.trails->get(scope_of(call), text_of(call.input, "Name")));
  return Json{{"Trail", write_trail(trail, true)}};
}

Result<Json> describe_trails(Features& features, const Call& call) {
  const auto trails = CAIRN_TRY(features.trails->describe(
      scope_of(call), texts_of(call.input, "trailNameList"),
      optional_boolean(call.input, "includeShadowTrails").value_or(true)));
  Json list = Json::array();
  for (const auto& trail : trails)
    if (knows_of(call, trail)) list.push_back(write_trail(trail, true));
  return Json{{"trailList", std::move(list)}};
}

Result<Json> list_trails(Features& features, const Call& call) {
  if (call.input.contains("NextToken"))  // all trails come in one answer, which has none
    return Error{ErrorKind::invalid_argument, "The token is not valid.",
                 "InvalidNextTokenException"};
  const auto trails = CAIRN_TRY(features.trails->list(scope_of(call)));
  Json list = Json::array();
  for (const auto& trail : trails) {
    if (!knows_of(call, trail)) continue;
    list.push_back({{"TrailARN", trail.arn()}, {"Name", trail.name}, {"HomeRegion", trail.region}});
  }
  return Json{{"Trails", std::move(list)}};
}

Result<Json> get_trail_status(Features& features, const Call& call) {
  const auto status =
      CAIRN_TRY(features.trails->status(scope_of(call), text_of(call.input, "Name")));
  Json out;
  out["IsLogging"] = status.logging;
  put_text(out, "LatestDeliveryError", status.log_files.error);
  put_text(out, "LatestNotificationError", status.notices.error);
  put_time(out, "LatestDeliveryTime", status.log_files.delivered_us);
  put_time(out, "LatestNotificationTime", status.notices.delivered_us);
  put_time(out, "StartLoggingTime", status.started_us);
  put_time(out, "StopLoggingTime", status.stopped_us);
  put_text(out, "LatestCloudWatchLogsDeliveryError", status.log_group.error);
  put_time(out, "LatestCloudWatchLogsDeliveryTime", status.log_group.delivered_us);
  put_time(out, "LatestDigestDeliveryTime", status.digests.delivered_us);
  put_text(out, "LatestDigestDeliveryError", status.digests.error);
  out["LatestDeliveryAttemptTime"] = time_text(status.log_files.attempt_us);
  out["LatestNotificationAttemptTime"] = time_text(status.notices.attempt_us);
  out["LatestNotificationAttemptSucceeded"] = time_text(status.notices.attempt_worked_us);
  out["LatestDeliveryAttemptSucceeded"] = time_text(status.log_files.attempt_worked_us);
  out["TimeLoggingStarted"] = time_text(status.started_us);
  out["TimeLoggingStopped"] = time_text(status.stopped_us);
  return out;
}

Result<Json> start_logging(Features& features, const Call& call) {
  CAIRN_TRY(features.trails->start_logging(scope_of(call), text_of(call.input, "Name")));
  return Json::object();
}

Result<Json> stop_logging(Features& features, const Call& call) {
  CAIRN_TRY(features.trails->stop_logging(scope_of(call), text_of(call.input, "Name")));
  return Json::object();
}

}  // namespace cairn::api

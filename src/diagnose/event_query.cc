#include "diagnose/event_query.h"

#include "base/sql_text.h"
#include "base/time.h"
#include "query/event_expressions.h"
#include "query/session.h"

#include <fmt/format.h>

namespace cairn::diagnose {
namespace {

enum Column : size_t {
  column_time,
  column_time_text,
  column_source,
  column_name,
  column_region,
  column_account,
  column_caller,
  column_user,
  column_principal,
  column_access_key,
  column_ip,
  column_agent,
  column_code,
  column_message,
  column_resource,
  column_event_id,
  column_weight,
};

/// What an EC2 call on an interface is about.
constexpr std::string_view kInterfaceSql =
    "coalesce(json_extract_string(requestParameters, '$.networkInterfaceId'),"
    " json_extract_string(requestParameters,"
    " '$.networkInterfaceIdSet.items[0].networkInterfaceId'),"
    " json_extract_string(requestParameters, '$.attachmentId'),"
    " json_extract_string(requestParameters, '$.trunkInterfaceId'),"
    " json_extract_string(requestParameters, '$.networkInterfacePermissionId'),"
    " json_extract_string(requestParameters, '$.subnetId'))";

/// The ARN of what a denied call was about, as far as the record tells.
constexpr std::string_view kResourceSql =
    "coalesce(json_extract_string(resources, '$[0].ARN'),"
    " CASE WHEN eventSource = 's3.amazonaws.com' THEN"
    " 'arn:' || CASE WHEN awsRegion LIKE 'cn-%' THEN 'aws-cn'"
    " WHEN awsRegion LIKE 'us-gov-%' THEN 'aws-us-gov' ELSE 'aws' END || ':s3:::' ||"
    " json_extract_string(requestParameters, '$.bucketName') ||"
    " coalesce('/' || json_extract_string(requestParameters, '$.key'), '') END,"
    " json_extract_string(requestParameters, '$.roleArn'),"
    " json_extract_string(requestParameters, '$.resourceArn'),"
    " json_extract_string(requestParameters, '$.secretId'),"
    " json_extract_string(requestParameters, '$.keyId'),"
    " json_extract_string(requestParameters, '$.topicArn'),"
    " json_extract_string(requestParameters, '$.functionName'),"
    " json_extract_string(requestParameters, '$.instanceId'))";

std::string time_literal(int64_t micros) {
  const CivilTime at = to_civil(micros);
  return fmt::format("TIMESTAMP '{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}'", at.year, at.month,
                     at.day, at.hour, at.minute, at.second, at.micros);
}

std::string set_condition(const Diagnosis& diagnosis, const EventFilter& filter) {
  std::string out;
  if (!diagnosis.source.empty())
    out = fmt::format("eventSource = {}", sql_literal(diagnosis.source));
  const auto calls = filter.classic ? classic_eni_calls() : diagnosis.calls;
  if (calls.empty()) return out.empty() ? "true" : out;
  std::string names;
  for (const auto call : calls)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", sql_literal(call));
  out += fmt::format("{}eventName IN ({})", out.empty() ? "" : " AND ", names);
  if (!filter.classic && diagnosis.source == "ec2.amazonaws.com")
    out +=
        " AND (eventName <> 'AssociateAddress' OR"
        " json_extract_string(requestParameters, '$.networkInterfaceId') IS NOT NULL)";
  return out;
}

std::string place_and_time(const EventFilter& filter) {
  std::string out;
  const auto add = [&](const std::string& condition) {
    out += out.empty() ? condition : " AND " + condition;
  };
  if (!filter.region.empty()) add("awsRegion = " + sql_literal(filter.region));
  if (filter.start_us) add("eventTime >= " + time_literal(*filter.start_us));
  if (filter.end_us) add("eventTime <= " + time_literal(*filter.end_us));
  return out.empty() ? "true" : out;
}

std::string_view text_of(const engine::ResultSet& rows, size_t column, size_t row) {
  const engine::Cell cell = rows.cell(column, row);
  return cell.is_null() ? std::string_view() : cell.text();
}

}  // namespace

std::string span_query(const Diagnosis& diagnosis, const EventFilter& filter) {
  return fmt::format(
      "SELECT min(eventTime), max(eventTime), max(CASE WHEN {} THEN eventTime END)"
      " FROM cloudtrail WHERE {}",
      set_condition(diagnosis, filter), place_and_time(filter));
}

std::string event_query(const Diagnosis& diagnosis, const EventFilter& filter) {
  const bool focused = diagnosis.focus != ErrorClass::none;
  const std::string columns = fmt::format(
      "SELECT eventTime AS t, eventTimeText AS time_text, eventSource AS source,"
      " eventName AS name, awsRegion AS region, recipientAccountId AS account,"
      " coalesce({}, 'unknown') AS caller, userIdentity.arn AS user_arn,"
      " userIdentity.principalId AS principal, userIdentity.accessKeyId AS access_key,"
      " sourceIPAddress AS ip, userAgent AS agent, errorCode AS code, errorMessage AS message,"
      " {} AS resource, eventID AS event_id",
      query::kCallerSql,
      diagnosis.source == "ec2.amazonaws.com"     ? kInterfaceSql
      : diagnosis.focus == ErrorClass::permission ? kResourceSql
                                                  : "CAST(NULL AS VARCHAR)");
  const std::string from = fmt::format(" FROM cloudtrail WHERE {} AND {}",
                                       set_condition(diagnosis, filter), place_and_time(filter));
  if (!focused)
    return fmt::format("{}, 1 AS weight{} ORDER BY {}t DESC, event_id", columns, from,
                       filter.classic ? "name, " : "");
  std::string grouped = "SELECT CASE WHEN f THEN t ELSE date_trunc('hour', t) END AS time";
  for (const std::string_view column :
       {"time_text", "source", "name", "region", "account", "caller", "user_arn", "principal",
        "access_key", "ip", "agent", "code", "message", "resource", "event_id"}) {
    const bool always = column == "source" || column == "name" || column == "caller";
    grouped += always ? fmt::format(", {0} AS {0}", column)
                      : fmt::format(", CASE WHEN f THEN {0} END AS {0}", column);
  }
  return fmt::format(
      "{}, count(*) AS weight FROM ({}, {} AS f{}) GROUP BY ALL ORDER BY 1 DESC, event_id", grouped,
      columns, sql_prefilter(diagnosis.focus), from);
}

Event read_event(const engine::ResultSet& rows, size_t row) {
  Event event;
  const engine::Cell time = rows.cell(column_time, row);
  if (!time.is_null()) event.time_us = time.timestamp_us();
  event.time_text = text_of(rows, column_time_text, row);
  event.source = text_of(rows, column_source, row);
  event.name = text_of(rows, column_name, row);
  event.region = text_of(rows, column_region, row);
  event.account = text_of(rows, column_account, row);
  event.caller = text_of(rows, column_caller, row);
  event.user = text_of(rows, column_user, row);
  event.has_user = !rows.cell(column_user, row).is_null();
  event.principal = text_of(rows, column_principal, row);
  event.access_key = text_of(rows, column_access_key, row);
  event.ip = text_of(rows, column_ip, row);
  event.has_ip = !rows.cell(column_ip, row).is_null();
  event.agent = text_of(rows, column_agent, row);
  event.code = text_of(rows, column_code, row);
  event.message = text_of(rows, column_message, row);
  event.resource = text_of(rows, column_resource, row);
  event.event_id = text_of(rows, column_event_id, row);
  const engine::Cell weight = rows.cell(column_weight, row);
  if (!weight.is_null()) event.weight = static_cast<uint64_t>(weight.integer());
  return event;
}

}  // namespace cairn::diagnose

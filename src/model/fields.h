// Names of the top-level members that decoding knows: the fields of a CloudTrail record, and the
// members by which the wrappers around records are told apart.
#pragma once

#include <cstdint>
#include <string_view>

namespace cairn::model {

enum class Field : uint8_t {
  // of a record
  event_time,
  event_version,
  event_source,
  event_name,
  aws_region,
  source_ip_address,
  user_agent,
  error_code,
  error_message,
  user_identity,
  request_parameters,
  response_elements,
  additional_event_data,
  request_id,
  event_id,
  read_only,
  resources,
  event_type,
  api_version,
  management_event,
  recipient_account_id,
  shared_event_id,
  vpc_endpoint_id,
  vpc_endpoint_account_id,
  event_category,
  tls_details,
  session_credential_from_console,
  service_event_details,
  insight_details,
  addendum,
  edge_device_details,
  event_context,
  event_data,
  record_fields_end,
  // of wrappers
  records = record_fields_end,
  lookup_events,      ///< "Events"
  log_events,         ///< "logEvents"
  events,             ///< "events"
  firehose_records,   ///< "records"
  query_result_rows,  ///< "QueryResultRows"
  cloudtrail_event,   ///< "CloudTrailEvent"
  event_json,         ///< "eventJson"
  detail,
  detail_type,  ///< "detail-type"
  message,
  sns_message,  ///< "Message"
  raw,          ///< "_raw"
  result,
  data,
  awslogs,
  kinesis,
  message_type,      ///< "messageType"
  s3_object_key,     ///< "s3ObjectKey"
  digest_s3_object,  ///< "digestS3Object"
  at_timestamp,      ///< "@timestamp"
  time_window,       ///< "timeWindow"
  end,
};

inline constexpr auto kFieldCount = static_cast<size_t>(Field::end);
inline constexpr auto kRecordFieldCount = static_cast<size_t>(Field::record_fields_end);

std::string_view field_name(Field field);

/// By exact name; Field::end for any other.
Field find_field(std::string_view name);

}  // namespace cairn::model

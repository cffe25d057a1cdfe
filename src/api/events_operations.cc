// Ways for CloudTrail's own records to come in that speak other services' protocols: a Firehose
// delivery stream and an event bus that are built in.
#include "api/cloudtrail/wire.h"
#include "api/operations.h"
#include "api/things.h"
#include "base/base64.h"
#include "recording/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::api {
namespace {

constexpr std::string_view kStream = "cairn";
constexpr size_t kBatchMax = 500;
constexpr size_t kEntriesMax = 10;

Error invalid(std::string message, std::string_view code) {
  return Error{ErrorKind::invalid_argument, std::move(message), code};
}

Status check_stream(const Features& features, const Call& call) {
  const auto name = text_of(call.input, "DeliveryStreamName");
  if (features.recording != nullptr && name == kStream) return {};
  return Error{ErrorKind::not_found,
               fmt::format("Firehose {} under account {} not found.", name, call.caller.account),
               "ResourceNotFoundException"};
}

Result<std::string> record_data(const Json& record) {
  const auto data = record.is_object() ? record.find("Data") : record.end();
  if (!record.is_object() || data == record.end() || !data->is_string())
    return invalid("A record has Data, a text in base64.", "InvalidArgumentException");
  auto decoded = decode_base64(data->get_ref<const std::string&>());
  if (!decoded) return invalid("A record's Data is not base64.", "InvalidArgumentException");
  return std::move(*decoded);
}

Result<std::vector<std::string>> put(Features& features, const Call& call,
                                     const std::vector<std::string>& payloads) {
  return features.recording->put_records({payloads.begin(), payloads.end()}, call.caller.accounts);
}

std::string record_id(const Call& call, size_t i) {
  return fmt::format("{}-{:04}", call.request_id, i);
}

Result<Json> put_record(Features& features, const Call& call) {
  CAIRN_TRY(check_stream(features, call));
  const auto record = call.input.find("Record");
  auto data = CAIRN_TRY(record_data(record == call.input.end() ? Json() : *record));
  const auto outcomes = CAIRN_TRY(put(features, call, {std::move(data)}));
  if (!outcomes[0].empty())
    return invalid("The record cannot be taken: " + outcomes[0], "InvalidArgumentException");
  return Json{{"RecordId", record_id(call, 0)}, {"Encrypted", false}};
}

Result<Json> put_record_batch(Features& features, const Call& call) {
  CAIRN_TRY(check_stream(features, call));
  const auto records = call.input.find("Records");
  if (records == call.input.end() || !records->is_array() || records->empty() ||
      records->size() > kBatchMax)
    return invalid(fmt::format("A batch has 1 to {} records.", kBatchMax),
                   "InvalidArgumentException");
  std::vector<std::string> payloads;
  for (const auto& record : *records) {
    auto data = CAIRN_TRY(record_data(record));
    payloads.push_back(std::move(data));
  }
  const auto outcomes = CAIRN_TRY(put(features, call, payloads));
  Json out{{"FailedPutCount", 0}, {"Encrypted", false}, {"RequestResponses", Json::array()}};
  int failed = 0;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].empty()) {
      out["RequestResponses"].push_back({{"RecordId", record_id(call, i)}});
      continue;
    }
    ++failed;
    out["RequestResponses"].push_back(
        {{"ErrorCode", "InvalidArgumentException"}, {"ErrorMessage", outcomes[i]}});
  }
  out["FailedPutCount"] = failed;
  return out;
}

Result<Json> describe_delivery_stream(Features& features, const Call& call) {
  CAIRN_TRY(check_stream(features, call));
  return Json{{"DeliveryStreamDescription",
               {{"DeliveryStreamName", kStream},
                {"DeliveryStreamARN", fmt::format("arn:aws:firehose:{}:{}:deliverystream/{}",
                                                  call.region, call.caller.account, kStream)},
                {"DeliveryStreamStatus", "ACTIVE"},
                {"DeliveryStreamType", "DirectPut"},
                {"VersionId", "1"},
                {"Destinations", Json::array()},
                {"HasMoreDestinations", false}}}};
}

Result<Json> list_delivery_streams(Features& features, const Call& call) {
  const bool past = text_of(call.input, "ExclusiveStartDeliveryStreamName") >= kStream;
  Json names = Json::array();
  if (features.recording != nullptr && !past) names.push_back(kStream);
  return Json{{"DeliveryStreamNames", std::move(names)}, {"HasMoreDeliveryStreams", false}};
}

/// Why an entry is not an event of CloudTrail; "" if it may be one.
std::pair<std::string, std::string> entry_fault(const Json& entry) {
  if (!entry.is_object()) return {"InvalidArgument", "An entry is an object."};
  for (const auto* const name : {"Source", "DetailType", "Detail"})
    if (text_of(entry, name).empty())
      return {
          "InvalidArgument",
          fmt::format("Parameter {} is not valid. Reason: {} is a required argument.", name, name)};
  if (!text_of(entry, "DetailType").ends_with(" via CloudTrail"))
    return {"InvalidArgument",
            "Parameter DetailType is not valid. Reason: this bus takes records of CloudTrail only, "
            "such as 'AWS API Call via CloudTrail'."};
  const auto detail = Json::parse(text_of(entry, "Detail"), nullptr, false);
  if (!detail.is_object()) return {"MalformedDetail", "Detail is malformed."};
  return {};
}

Result<Json> put_events(Features& features, const Call& call) {
  const auto entries = call.input.find("Entries");
  if (entries == call.input.end() || !entries->is_array() || entries->empty() ||
      entries->size() > kEntriesMax)
    return invalid(fmt::format("1 validation error detected: Value at 'entries' failed to satisfy "
                               "constraint: Member must have length between 1 and {}",
                               kEntriesMax),
                   "ValidationException");
  std::vector<std::string> payloads;
  std::vector<std::pair<std::string, std::string>> faults;
  for (const auto& entry : *entries) {
    faults.push_back(entry_fault(entry));
    payloads.push_back(faults.back().first.empty() ? text_of(entry, "Detail") : "");
  }
  const auto outcomes = CAIRN_TRY(put(features, call, payloads));
  Json out{{"FailedEntryCount", 0}, {"Entries", Json::array()}};
  int failed = 0;
  for (size_t i = 0; i < faults.size(); ++i) {
    if (faults[i].first.empty() && !outcomes[i].empty())
      faults[i] = {"MalformedDetail", "Detail is no record of CloudTrail: " + outcomes[i]};
    if (faults[i].first.empty()) {
      out["Entries"].push_back({{"EventId", record_id(call, i)}});
      continue;
    }
    ++failed;
    out["Entries"].push_back({{"ErrorCode", faults[i].first}, {"ErrorMessage", faults[i].second}});
  }
  out["FailedEntryCount"] = failed;
  return out;
}

constexpr Operation kFirehose[] = {
    {.name = "DescribeDeliveryStream",
     .right = Right::put_events,
     .about = about_nothing,
     .run = describe_delivery_stream},
    {.name = "ListDeliveryStreams",
     .right = Right::put_events,
     .about = about_nothing,
     .run = list_delivery_streams},
    {.name = "PutRecord",
     .right = Right::put_events,
     .about = about_sent_events,
     .read_only = false,
     .run = put_record,
     .recorded = false},
    {.name = "PutRecordBatch",
     .right = Right::put_events,
     .about = about_sent_events,
     .read_only = false,
     .run = put_record_batch,
     .recorded = false},
};

constexpr Operation kEvents[] = {
    {.name = "PutEvents",
     .right = Right::put_events,
     .about = about_sent_events,
     .read_only = false,
     .run = put_events,
     .recorded = false},
};

}  // namespace

std::span<const Operation> firehose_operations() {
  return kFirehose;
}

std::span<const Operation> events_operations() {
  return kEvents;
}

}  // namespace cairn::api

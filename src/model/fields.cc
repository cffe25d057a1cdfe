#include "model/fields.h"

#include <array>

namespace cairn::model {
namespace {

constexpr std::array<std::string_view, kFieldCount> kNames{
    "eventTime", "eventVersion", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
    "userAgent", "errorCode", "errorMessage", "userIdentity", "requestParameters",
    "responseElements", "additionalEventData", "requestID", "eventID", "readOnly", "resources",
    "eventType", "apiVersion", "managementEvent", "recipientAccountId", "sharedEventID",
    "vpcEndpointId", "vpcEndpointAccountId", "eventCategory", "tlsDetails",
    "sessionCredentialFromConsole", "serviceEventDetails", "insightDetails", "addendum",
    "edgeDeviceDetails", "eventContext", "eventData",
    //
    "Records", "Events", "logEvents", "events", "records", "QueryResultRows", "CloudTrailEvent",
    "eventJson", "detail", "detail-type", "message", "Message", "_raw", "result", "data", "awslogs",
    "kinesis", "messageType", "s3ObjectKey", "digestS3Object", "@timestamp", "timeWindow"};

constexpr size_t kBuckets = 512;
constexpr size_t kProbesMax = 4;

constexpr size_t hash(std::string_view name) {
  const auto byte = [&](size_t i) {
    return static_cast<size_t>(static_cast<unsigned char>(name[i]));
  };
  return (name.size() * 41 + byte(0) * 7 + byte(name.size() - 1) * 19 +
          byte(name.size() / 2) * 31) %
         kBuckets;
}

/// Open addressing over a table that is four fifths empty.
constexpr auto make_table() {
  std::array<uint8_t, kBuckets + kProbesMax> table{};
  for (auto& slot : table) slot = kFieldCount;
  for (size_t i = 0; i < kFieldCount; ++i) {
    size_t at = hash(kNames[i]);
    while (table[at] != kFieldCount) ++at;
    table[at] = static_cast<uint8_t>(i);
  }
  return table;
}

constexpr auto kTable = make_table();

constexpr bool every_name_is_found() {
  for (size_t i = 0; i < kFieldCount; ++i) {
    bool found = false;
    for (size_t probe = 0; probe < kProbesMax; ++probe)
      found |= kTable[hash(kNames[i]) + probe] == i;
    if (!found) return false;
  }
  return true;
}

static_assert(every_name_is_found(), "two many names share a bucket: change hash()");

}  // namespace

std::string_view field_name(Field field) {
  return kNames[static_cast<size_t>(field)];
}

Field find_field(std::string_view name) {
  if (name.empty() || name.size() > 28) return Field::end;
  const size_t bucket = hash(name);
  for (size_t probe = 0; probe < kProbesMax; ++probe) {
    const uint8_t index = kTable[bucket + probe];
    if (index == kFieldCount) return Field::end;
    if (kNames[index] == name) return static_cast<Field>(index);
  }
  return Field::end;
}

}  // namespace cairn::model

// The ways in.
#include "base/base64.h"
#include "base/crypto.h"
#include "base/json_scan.h"
#include "base/text.h"
#include "model/column_reader.h"
#include "model/event_account.h"
#include "recording/internal/audit_record.h"
#include "recording/internal/names.h"
#include "recording/recording.h"
#include "source/file_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn::recording {
namespace {

using internal::missing;
using internal::refused;

constexpr size_t kExternalIdMax = 1224;
constexpr size_t kPayloadRecordsMax = 100'000;

AuditOutcome failed(const std::string& id, std::string code, std::string message) {
  return {.id = id, .error_code = std::move(code), .error_message = std::move(message)};
}

/// Columns of a record that say whose it is.
struct RecordPlan {
  model::FieldPlan plan{};
  int account = plan.want(model::Field::recipient_account_id);
  int identity = plan.want(model::Field::user_identity);
  int event_id = plan.want(model::Field::event_id);
};

std::string content_of(std::string_view raw) {
  std::string scratch;
  return json::is_string(raw) ? std::string(json::string_content(raw, scratch)) : "";
}

std::string column_text(std::string_view raw) {
  std::string scratch;
  return std::string(model::varchar_of(raw, scratch).value_or(""));
}

/// The records of one payload, a line each.
class PayloadReader {
 public:
  explicit PayloadReader(const std::vector<std::string>& accounts)
      : accounts_(accounts), reader_(plan_.plan, {}, nullptr) {}

  /// "" or why the payload is not taken; nothing is added to `records` then.
  std::string read(std::string_view payload, std::vector<std::string>& records) {
    const auto before = records.size();
    source::SourceFile file;
    file.path = "payload.json";
    file.size_bytes = payload.size();
    reader_.open(file, payload);
    std::string wrong;
    while (const auto* const batch = reader_.next()) {
      for (size_t i = 0; i < batch->heads.size() && wrong.empty(); ++i)
        wrong = take(*batch, i, records);
      if (!wrong.empty()) break;
    }
    const auto& report = reader_.report();
    const bool damaged = report.fate == source::FileFate::refused ||
                         report.fate == source::FileFate::left_out || report.records_refused > 0;
    if (wrong.empty() && damaged)
      wrong = report.reason.empty() ? "it holds records that cannot be read" : report.reason;
    if (wrong.empty() && records.size() - before > kPayloadRecordsMax)
      wrong = fmt::format("it holds more than {} records", kPayloadRecordsMax);
    if (!wrong.empty()) records.resize(before);
    return wrong;
  }

 private:
  std::string take(const model::RecordBatch& batch, size_t i, std::vector<std::string>& records) {
    const std::string_view* const slots = batch.slots.data() + i * plan_.plan.slots();
    if (!accounts_.empty()) {
      // As the columns have it, or a number would be another account's event.
      const auto recipient = column_text(slots[plan_.account]);
      const auto identity = json::is_object(slots[plan_.identity])
                                ? column_text(json::find_member(slots[plan_.identity], "accountId"))
                                : "";
      const auto account = model::event_account(recipient, identity);
      if (std::find(accounts_.begin(), accounts_.end(), account) == accounts_.end())
        return "it holds events of an account that the key may not write for";
    }
    auto record = internal::one_line(batch.heads[i].json);
    if (content_of(slots[plan_.event_id]).empty()) add_id(record);
    records.push_back(std::move(record));
    return "";
  }

  // The same record that comes again gets the same id.
  static void add_id(std::string& record) {
    const auto id = internal::name_based_uuid("record", "", record);
    const auto first = record.find_first_not_of(' ', 1);
    const bool empty = first != record.npos && record[first] == '}';
    record.insert(1, fmt::format("\"eventID\":\"{}\"{}", id, empty ? "" : ","));
  }

  const std::vector<std::string>& accounts_;
  RecordPlan plan_;
  source::FileReader reader_;
};

}  // namespace

Result<Channel> Recording::channel_to_put(const std::string& arn) {
  const auto parsed = internal::parse_arn(arn);
  if (!parsed || parsed->type != "channel" || !internal::is_uuid(parsed->id))
    return refused("The specified channel ARN is not a valid channel ARN.", "InvalidChannelARN");
  const std::lock_guard lock(mutex_);
  const auto found = channels_.find(parsed->id);
  if (found != channels_.end() && found->second.arn() == arn) return found->second;
  return missing("The channel could not be found.", "ChannelNotFound");
}

Result<std::vector<AuditOutcome>> Recording::put_audit_events(
    const Scope& scope, const std::string& channel_arn, const std::string& external_id,
    const std::vector<AuditEvent>& events) {
  const auto channel = CAIRN_TRY(channel_to_put(channel_arn));
  if (external_id.size() > kExternalIdMax)
    return refused("The external ID is too long.", "ChannelInsufficientPermission");
  if (channel.account != scope.account)
    return refused("The caller's account ID must be the same as the channel owner's account ID.",
                   "ChannelInsufficientPermission");
  std::set<std::string_view> ids;
  size_t bytes = 0;
  for (const auto& event : events) {
    if (!ids.insert(event.id).second)
      return refused(
          fmt::format("Two or more entries in the request have the event ID {}.", event.id),
          "DuplicatedAuditEventId");
    bytes += event.data.size();
  }
  if (bytes > kAuditBytesMax)
    return refused(fmt::format("The events of a request may have {} bytes together; these have {}.",
                               kAuditBytesMax, bytes),
                   "ValidationException");

  const auto now = clock_.now_us();
  std::vector<AuditOutcome> outcomes;
  std::vector<std::string> records;
  for (const auto& event : events) {
    if (!event.checksum.empty()) {
      const auto told = decode_base64(event.checksum);
      if (!told || *told != sha256(event.data)) {
        outcomes.push_back(failed(event.id, "InvalidChecksum",
                                  "The checksum is not the base64 of eventData's SHA-256."));
        continue;
      }
    }
    auto refusal = internal::check_event_data(event.data);
    if (!refusal.code.empty()) {
      outcomes.push_back(failed(event.id, std::move(refusal.code), std::move(refusal.message)));
      continue;
    }
    auto id = internal::name_based_uuid(channel_arn, event.id, event.data);
    records.push_back(internal::audit_record(channel, id, event.data, now));
    outcomes.push_back({.id = event.id, .event_id = std::move(id)});
  }
  CAIRN_TRY(spool_.append({records.begin(), records.end()}));

  const std::lock_guard lock(mutex_);
  if (outcomes.empty() || !channels_.contains(channel.id)) return outcomes;
  changed_statuses_.insert(channel.id);
  auto& status = statuses_[channel.id];
  for (const auto& outcome : outcomes) {
    status.attempt_us = now;
    status.attempt_event = outcome.event_id.empty() ? status.attempt_event : outcome.event_id;
    status.error_code = outcome.error_code;
    if (outcome.event_id.empty()) continue;
    status.success_us = now;
    status.success_event = outcome.event_id;
  }
  return outcomes;
}

Result<std::vector<std::string>> Recording::put_records(
    const std::vector<std::string_view>& payloads, const std::vector<std::string>& accounts) {
  PayloadReader reader(accounts);
  std::vector<std::string> records;
  std::vector<std::string> outcomes;
  outcomes.reserve(payloads.size());
  for (const auto payload : payloads)
    outcomes.push_back(payload.empty() ? "" : reader.read(payload, records));
  CAIRN_TRY(spool_.append({records.begin(), records.end()}));
  return outcomes;
}

}  // namespace cairn::recording

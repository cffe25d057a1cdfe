#include "integrity/internal/log_check.h"

#include "base/crypto.h"
#include "base/json_scan.h"

namespace cairn::integrity::internal {
namespace {

/// Texts above this are hashed in pieces, and not looked into for events.
constexpr size_t kTextBytesMax = 512 << 20;
/// What a thread keeps of its memory for the next file.
constexpr size_t kKeptBytes = 64 << 20;

/// In pieces: slower, but any size, and it tells what is wrong.
LogFault hash_slowly(std::string_view compressed, LogOutcome& outcome) {
  Sha256Stream hash;
  const auto end = inflate_member(compressed, [&](std::string_view piece) {
    hash.add(piece);
    outcome.text_bytes += piece.size();
    return true;
  });
  if (end == MemberEnd::damaged) return LogFault::format;
  outcome.hash = to_hex(hash.finish());
  return end == MemberEnd::followed ? LogFault::trailing_data : LogFault::none;
}

bool says(std::string_view raw, const std::string& text) {
  if (!json::is_string(raw)) return false;
  std::string scratch;
  return json::string_content(raw, scratch) == text;
}

}  // namespace

std::string_view find_event(std::string_view text, const std::string& event_id) {
  // Nearly all files do not even have the letters.
  if (event_id.empty() || text.find(event_id) == text.npos) return {};
  const auto padded = json::padded_copy(text);
  const char* const begin = json::skip_space(padded.data());
  if (*begin != '{') return {};
  const auto scan = json::scan_value(begin, padded.data() + text.size());
  if (scan.fault != json::Fault::none) return {};
  const auto records = json::find_member({begin, static_cast<size_t>(scan.at - begin)}, "Records");
  if (!json::is_array(records)) return {};
  std::string_view found;
  json::for_each_element(records, [&](std::string_view record) {
    if (json::is_object(record) && says(json::find_member(record, "eventID"), event_id))
      found = text.substr(static_cast<size_t>(record.data() - padded.data()), record.size());
    return found.empty();
  });
  return found;
}

Result<LogOutcome> check_log(Archive& archive, const std::string& bucket, const std::string& key,
                             const std::string& hash, const std::string& event_id,
                             Scratch& scratch) {
  LogOutcome outcome;
  const auto place = CAIRN_TRY(archive.locate(bucket, key));
  const auto bytes = place.store->get(place.key, kLogBytesMax);
  if (!bytes.ok()) {
    const auto kind = bytes.error().kind();
    if (kind != ErrorKind::not_found && kind != ErrorKind::invalid_argument) return bytes.error();
    outcome.fault = LogFault::not_found;
    return outcome;
  }
  outcome.size_bytes = bytes.value().size();
  size_t taken = 0;
  if (scratch.gunzip.decompress_member(bytes.value(), kTextBytesMax, scratch.text, taken)) {
    outcome.text_bytes = scratch.text.size();
    outcome.hash = to_hex(sha256(scratch.text.view()));
    outcome.holds_event = !find_event(scratch.text.view(), event_id).empty();
    if (taken < bytes.value().size()) outcome.fault = LogFault::trailing_data;
  } else {
    outcome.fault = hash_slowly(bytes.value(), outcome);
  }
  scratch.text.shrink(kKeptBytes);
  if (outcome.fault == LogFault::none && !hash.empty() && outcome.hash != hash)
    outcome.fault = LogFault::hash;
  return outcome;
}

}  // namespace cairn::integrity::internal

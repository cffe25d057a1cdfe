#include "integrity/proof.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "integrity/internal/log_check.h"

#include <fmt/format.h>

namespace cairn::integrity {
namespace {

constexpr size_t kTextBytesMax = 512 << 20;

}  // namespace

bool EventSearch::digest(const std::shared_ptr<const CheckedDigest>& digest) {
  if (digest->valid()) newer_of_current_ = std::exchange(newer_, digest);
  return next_ == nullptr || next_->digest(digest);
}

bool EventSearch::log(const CheckedLog& log) {
  ++logs_;
  const bool go_on = next_ == nullptr || next_->log(log);
  if (!log.holds_event) return go_on;
  found_ = EventPlace{log, nullptr};
  const auto names_it = [&](const CheckedDigest& newer) {
    return newer.digest->previous_bucket == log.digest->bucket &&
           newer.digest->previous_object == log.digest->key;
  };
  if (newer_of_current_ != nullptr && names_it(*newer_of_current_))
    found_->next_digest = newer_of_current_;
  return false;
}

bool EventSearch::gap(const DigestGap& gap) {
  return next_ == nullptr || next_->gap(gap);
}

Result<EventRecord> read_event(Archive& archive, const std::string& bucket, const std::string& key,
                               const std::string& event_id) {
  const auto place = CAIRN_TRY(archive.locate(bucket, key));
  const auto bytes = CAIRN_TRY(place.store->get(place.key, kLogBytesMax));
  internal::Scratch scratch;
  size_t taken = 0;
  if (!scratch.gunzip.decompress_member(bytes, kTextBytesMax, scratch.text, taken))
    return Error{ErrorKind::corrupt,
                 fmt::format("cannot read '{}': it is no sound gzip file", printable(key))};
  EventRecord found;
  const auto record = internal::find_event(scratch.text.view(), event_id);
  if (record.empty())
    return Error{ErrorKind::not_found, fmt::format("'{}' does not hold the event {}",
                                                   printable(key), printable(event_id))};
  found.text = record;
  const char* const begin = json::skip_space(scratch.text.data());
  const auto records = json::find_member(
      {begin, scratch.text.size() - static_cast<size_t>(begin - scratch.text.data())}, "Records");
  json::for_each_element(records, [&](std::string_view element) {
    ++found.records;
    if (element.data() == record.data()) found.number = found.records;
    return true;
  });
  return found;
}

Result<bool> holds_event(Archive& archive, const std::string& bucket, const std::string& key,
                         const std::string& event_id) {
  internal::Scratch scratch;
  const auto outcome = CAIRN_TRY(internal::check_log(archive, bucket, key, "", event_id, scratch));
  return outcome.holds_event;
}

}  // namespace cairn::integrity

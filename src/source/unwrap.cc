// TextDecoder's second half: what a whole JSON value is, and the events within wrappers.
#include "base/base64.h"
#include "base/json_names.h"
#include "base/text.h"
#include "base/utf8.h"
#include "model/column_reader.h"
#include "source/internal/text_decoder.h"

#include <fmt/format.h>

namespace cairn::source {
namespace {

using json::Fault;
using model::Field;
using model::ObjectScan;

constexpr int kWrappersMax = 6;
constexpr size_t kEmbeddedBytesMax = 256'000'000;

std::string_view member(std::string_view object, Field field) {
  return json::find_member(object, model::field_name(field));
}

// `raw` is the JSON string `text`.
bool is_text(std::string_view raw, std::string_view text) {
  return json::is_string(raw) && raw.substr(1, raw.size() - 2) == text;
}

// Which instant the record happened at. Aggregated events, events from outside AWS and Logstash
// keep it elsewhere.
std::optional<int64_t> time_of(std::string_view text, const ObjectScan& found) {
  if (found.has(Field::event_time)) return model::event_time_of(found.event_time);
  if (found.has(Field::time_window)) {
    const auto window = member(text, Field::time_window);
    if (json::is_object(window))
      return model::event_time_of(json::find_member(window, "windowStart"));
  }
  if (found.has(Field::event_data)) {
    const auto data = member(text, Field::event_data);
    if (json::is_object(data)) return model::event_time_of(json::find_member(data, "eventTime"));
  }
  if (found.has(Field::at_timestamp))
    return model::event_time_of(member(text, Field::at_timestamp));
  return std::nullopt;
}

// At least one of the members that only events have.
bool looks_like_event(const ObjectScan& found) {
  return found.has(Field::event_name) || found.has(Field::event_version) ||
         found.has(Field::event_source) || found.has(Field::event_type) ||
         found.has(Field::event_category) || found.has(Field::insight_details) ||
         found.has(Field::event_data) || found.has(Field::event_time);
}

}  // namespace

void TextDecoder::take_value(model::RecordBatch& batch, std::string_view value, Place place) {
  if (place.depth > kWrappersMax) {
    ++number_;
    return refuse("wrapped more than six times over", place);
  }
  if (json::is_object(value)) {
    const size_t first_slot = batch.slots.size();
    batch.slots.resize(first_slot + plan_.slots());
    const auto found = model::scan_object(value.data(), value.data() + value.size(), plan_,
                                          batch.slots.data() + first_slot);
    return take_object(batch, value, found, first_slot, place);
  }
  if (json::is_array(value)) {
    return json::for_each_element(value, [&](std::string_view element) {
      take_value(
          batch, element,
          {place.offset + static_cast<uint64_t>(element.data() - value.data()), place.depth + 1});
      return true;
    });
  }
  ++number_;
  refuse("not an event: no JSON object", place);
}

void TextDecoder::take_object(model::RecordBatch& batch, std::string_view text,
                              const ObjectScan& found, size_t first_slot, Place place) {
  if (found.scan.non_ascii && !is_valid_utf8(text)) {
    batch.slots.resize(first_slot);
    return take_repaired(batch, text, place);
  }
  if (found.scan.odd_names && !place.names_plain) {
    batch.slots.resize(first_slot);
    return take_odd_names(batch, text, place);
  }
  const bool foreign = found.event_source.substr(0, 5) == "\"aws:";
  if (!foreign && found.has(Field::event_time) && !found.has(Field::event_json)) {
    if (const auto time = model::event_time_of(found.event_time); time && looks_like_event(found))
      return keep(batch, text, *time, found, place);
  }
  const std::vector<std::string_view> slots(
      batch.slots.begin() + static_cast<ptrdiff_t>(first_slot), batch.slots.end());
  batch.slots.resize(first_slot);
  if (take_wrapper(batch, text, found, place)) return;
  if (foreign) {
    ++number_;
    return refuse(fmt::format("an event of {}, not of CloudTrail", printable(found.event_source)),
                  place);
  }
  if (looks_like_event(found)) {
    if (const auto time = time_of(text, found)) {
      batch.slots.insert(batch.slots.end(), slots.begin(), slots.end());
      return keep(batch, text, *time, found, place);
    }
    ++number_;
    const auto shown =
        found.has(Field::event_time) ? printable(found.event_time.substr(0, 60)) : "none";
    return refuse(fmt::format("no usable eventTime ({})", shown), place);
  }
  ++number_;
  refuse("not a CloudTrail event", place);
}

void TextDecoder::take_repaired(model::RecordBatch& batch, std::string_view text, Place place) {
  auto& repaired = batch.made.emplace_back(json::padded_copy(repair_utf8(text)));
  const std::string_view whole(repaired.data(), repaired.size() - json::kJsonPadding);
  const uint32_t before = number_;
  take_value(batch, whole, place);
  number_ = std::max(number_, before);
  warn("invalid UTF-8 was replaced by U+FFFD", place);
}

// Names with escapes become plain ones, so that all who look for a name find it. An event that has
// a name twice is refused; the objects in a wrapper are looked at when their turn comes.
void TextDecoder::take_odd_names(model::RecordBatch& batch, std::string_view text, Place place) {
  const auto plain = json::plain_names(text);
  if (!plain.text.empty()) {
    const auto& owned = batch.made.emplace_back(json::padded_copy(plain.text));
    text = std::string_view(owned).substr(0, plain.text.size());
  }
  const size_t first_slot = batch.slots.size();
  batch.slots.resize(first_slot + plan_.slots());
  const auto found = model::scan_object(text.data(), text.data() + text.size(), plan_,
                                        batch.slots.data() + first_slot);
  if (!plain.repeated.empty() && (plain.outermost_repeats || looks_like_event(found))) {
    batch.slots.resize(first_slot);
    ++number_;
    return refuse(fmt::format("an object has the name '{}' twice", printable(plain.repeated)),
                  place);
  }
  place.names_plain = true;
  take_object(batch, text, found, first_slot, place);
}

// True when `text` was a wrapper, whatever came of it.
bool TextDecoder::take_wrapper(model::RecordBatch& batch, std::string_view text,
                               const ObjectScan& found, Place place) {
  if (place.depth >= kWrappersMax) return false;
  const Place inner{place.offset, place.depth + 1};
  if (found.has(Field::digest_s3_object)) {
    notes_.left_out = "a digest file";
    return true;
  }
  if (found.has(Field::detail) && found.has(Field::detail_type)) {
    take_bridge_event(batch, text, inner);
    return true;
  }
  for (const Field field :
       {Field::cloudtrail_event, Field::event_json, Field::raw, Field::sns_message}) {
    if (!found.has(field)) continue;
    const auto value = member(text, field);
    if (!json::is_string(value) && !json::is_object(value)) continue;
    json::is_string(value) ? take_embedded(batch, value, inner) : take_value(batch, value, inner);
    return true;
  }
  if (found.has(Field::kinesis) || found.has(Field::awslogs)) {
    const auto carrier = member(text, found.has(Field::kinesis) ? Field::kinesis : Field::awslogs);
    const auto data = json::is_object(carrier) ? member(carrier, Field::data) : std::string_view{};
    if (!json::is_string(data)) return false;
    take_base64(batch, data, inner);
    return true;
  }
  if (take_wrapped_array(batch, text, found, place)) return true;
  if (found.has(Field::result) && json::is_object(member(text, Field::result))) {
    take_value(batch, member(text, Field::result), inner);
    return true;
  }
  if (found.has(Field::message) && json::is_string(member(text, Field::message)) &&
      !found.has(Field::event_name)) {
    take_embedded(batch, member(text, Field::message), inner);
    return true;
  }
  if (found.has(Field::data) && json::is_string(member(text, Field::data))) {
    take_base64(batch, member(text, Field::data), inner);
    return true;
  }
  if (found.has(Field::s3_object_key)) {
    notes_.left_out = "a delivery notice: it names log files, but holds no events";
    return true;
  }
  return false;
}

bool TextDecoder::take_wrapped_array(model::RecordBatch& batch, std::string_view text,
                                     const ObjectScan& found, Place place) {
  if (found.has(Field::message_type) &&
      is_text(member(text, Field::message_type), "CONTROL_MESSAGE")) {
    notes_.recognised = true;
    return true;
  }
  for (const Field field : {Field::records, Field::log_events, Field::lookup_events, Field::events,
                            Field::firehose_records, Field::query_result_rows}) {
    if (!found.has(field)) continue;
    const auto array = member(text, field);
    if (!json::is_array(array)) continue;
    notes_.recognised = true;
    json::for_each_element(array, [&](std::string_view element) {
      const Place at{place.offset + static_cast<uint64_t>(element.data() - text.data()),
                     place.depth + 1};
      if (field == Field::query_result_rows && json::is_array(element)) {
        take_query_row(batch, element, at);
      } else {
        take_value(batch, element, at);
      }
      return true;
    });
    return true;
  }
  return false;
}

// EventBridge: {"detail-type": "AWS API Call via CloudTrail", "detail": {the record}}.
void TextDecoder::take_bridge_event(model::RecordBatch& batch, std::string_view text, Place place) {
  const auto type = member(text, Field::detail_type);
  const auto detail = member(text, Field::detail);
  notes_.recognised = true;
  if (!json::is_string(type) || !type.substr(0, type.size() - 1).ends_with("via CloudTrail")) {
    ++number_;
    ++notes_.records_skipped;
    return;
  }
  take_value(batch, detail, place);
}

// GetQueryResults of CloudTrail Lake: a row is an array of one-member objects, column name to
// value.
void TextDecoder::take_query_row(model::RecordBatch& batch, std::string_view row, Place place) {
  bool taken = false;
  json::for_each_element(row, [&](std::string_view cell) {
    if (!json::is_object(cell)) return true;
    json::for_each_member(cell, [&](std::string_view key, std::string_view value) {
      if (!equals_ignoring_case(key, "eventJson") || !json::is_string(value)) return true;
      take_embedded(batch, value, {place.offset, place.depth + 1});
      taken = true;
      return false;
    });
    return !taken;
  });
  if (taken) return;
  ++number_;
  refuse("a query result without the column eventJson: select eventJson to keep whole events",
         place);
}

void TextDecoder::take_embedded(model::RecordBatch& batch, std::string_view raw_string,
                                Place place) {
  std::string text;
  json::append_unescaped(text, raw_string);
  take_text(batch, text, place);
}

void TextDecoder::take_base64(model::RecordBatch& batch, std::string_view raw_string, Place place) {
  std::string scratch;
  auto bytes = decode_base64(json::string_content(raw_string, scratch));
  if (!bytes) {
    ++number_;
    return refuse("data that is not base64", place);
  }
  if (sniff_compression(*bytes) == Compression::gzip) {
    Buffer text;
    if (!Gunzip().decompress(*bytes, kEmbeddedBytesMax, text)) {
      ++number_;
      return refuse("damaged gzip data within base64", place);
    }
    *bytes = std::string(text.view());
  }
  take_text(batch, *bytes, place);
}

// A text within a value: one document, or several in a row.
void TextDecoder::take_text(model::RecordBatch& batch, std::string_view text, Place place) {
  const auto& owned = batch.made.emplace_back(json::padded_copy(text));
  const char* const end = owned.data() + text.size();
  const char* p = json::skip_space(owned.data());
  // A prefix such as syslog's may stand before the event.
  if (*p != '{' && *p != '[') {
    const auto brace = owned.find('{');
    if (brace != std::string::npos) p = owned.data() + brace;
  }
  do {
    const auto scan = json::scan_value(p, end);
    if (scan.fault != Fault::none) {
      ++number_;
      return refuse(fmt::format("within the wrapper: {}", json::describe(scan.fault)), place);
    }
    take_value(batch, {p, static_cast<size_t>(scan.at - p)}, place);
    p = json::skip_space(scan.at);
  } while (p < end);
}

}  // namespace cairn::source

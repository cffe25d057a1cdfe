#include "source/internal/text_decoder.h"

#include "model/event_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cairn::source {
namespace {

using json::Fault;
using model::Field;

/// A text that is damaged in more places is given up: each costs a scan of what follows.
constexpr int kResyncsMax = 1000;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Arrays that are read element by element, so that the document may be larger than memory.
bool is_container(Field field) {
  return field == Field::records || field == Field::lookup_events || field == Field::log_events ||
         field == Field::events || field == Field::firehose_records ||
         field == Field::query_result_rows;
}

}  // namespace

bool TextDecoder::next(model::RecordBatch& batch, size_t records_wanted) {
  if (at_ == nullptr) at_ = window_.begin();
  const size_t before = batch.heads.size();
  while (state_ != State::finished) {
    if (step(batch) == Step::done) {
      if (batch.heads.size() - before >= records_wanted && state_ != State::finished) return true;
      continue;
    }
    // Slices point into the window, so it may move only when nobody holds any.
    if (batch.heads.size() > before && !window_.ended()) return true;
    auto more = window_.more(at_);
    if (!more.ok()) {
      notes_.fault = more.error().message();
      notes_.fault_offset = window_.offset(at_);
      state_ = State::finished;
    }
  }
  return false;
}

TextDecoder::Step TextDecoder::step(model::RecordBatch& batch) {
  switch (state_) {
    case State::start:
      return step_start();
    case State::document:
      return step_document(batch);
    case State::object:
      return step_object();
    case State::array:
      return step_array(batch);
    case State::behind_array:
      return step_behind_array();
    case State::lines:
      return step_line(batch);
    case State::csv:
      return step_csv(batch);
    case State::resync:
      return step_resync();
    case State::finished:
      break;
  }
  return Step::done;
}

TextDecoder::Step TextDecoder::refuse_text(std::string reason, const char* at) {
  if (notes_.fault.empty()) {
    notes_.fault = std::move(reason);
    notes_.fault_offset = window_.offset(at);
  }
  const bool go_on = salvage_ && at < window_.end() && resyncs_++ < kResyncsMax;
  at_ = go_on ? std::max(at, at_ + 1) : at_;
  state_ = go_on ? State::resync : State::finished;
  return Step::done;
}

// After a fault: on to the next place where a record seems to begin. AWS writes "eventVersion"
// first.
TextDecoder::Step TextDecoder::step_resync() {
  const char* const end = window_.end();
  while (at_ < end) {
    const auto* brace =
        static_cast<const char*>(std::memchr(at_, '{', static_cast<size_t>(end - at_)));
    at_ = brace == nullptr ? end : brace;
    if (brace == nullptr) break;
    const char* name = json::skip_space(brace + 1);
    if (end - name < 6 && !window_.ended()) return Step::more;
    if (end - name >= 6 && std::memcmp(name, "\"event", 6) == 0) {
      state_ = State::array;
      container_ = Field::records;
      after_comma_ = in_object_ = false;
      return Step::done;
    }
    at_ = brace + 1;
  }
  if (!window_.ended()) return Step::more;
  state_ = State::finished;
  return Step::done;
}

TextDecoder::Step TextDecoder::incomplete(Fault fault, const char* at) {
  if (fault == Fault::incomplete && !window_.ended()) return Step::more;
  return refuse_text(std::string(json::describe(fault)), at);
}

TextDecoder::Step TextDecoder::step_start() {
  if (window_.end() - at_ < 4 && !window_.ended()) return Step::more;
  const std::string_view front(at_, static_cast<size_t>(window_.end() - at_));
  if (front.empty()) return refuse_text("the file is empty", at_);
  if (front.substr(0, 2) == "\xFF\xFE" || front.substr(0, 2) == "\xFE\xFF")
    return refuse_text(
        "UTF-16 text; CloudTrail writes UTF-8 (iconv -f UTF-16 -t UTF-8 converts it)", at_);
  if (front.substr(0, 3) == kByteOrderMark) at_ += 3;
  state_ = State::document;
  return Step::done;
}

// At the start of a JSON document, or at the end of the text.
TextDecoder::Step TextDecoder::step_document(model::RecordBatch& batch) {
  const char* p = at_;
  while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
    if (*p == '\n') after_container_ = false;
    ++p;
  }
  at_ = p;
  if (p >= window_.end()) {
    if (!window_.ended()) return Step::more;
    state_ = State::finished;
    return Step::done;
  }
  if (*p == '[') {
    ++documents_;
    in_object_ = false;
    container_ = Field::records;
    after_comma_ = false;
    at_ = p + 1;
    state_ = State::array;
    return Step::done;
  }
  if (*p != '{') {
    state_ = State::lines;
    return Step::done;
  }
  const char* key_at = json::skip_space(p + 1);
  if (*key_at == '"') {
    const auto key = json::scan_string(key_at, window_.end());
    if (key.fault == Fault::incomplete && !window_.ended()) return Step::more;
    if (key.fault == Fault::none &&
        is_container(model::find_field({key_at + 1, static_cast<size_t>(key.at - key_at - 2)}))) {
      if (after_container_)
        warn("a second document follows the first without a line end", {window_.offset(p), 0});
      ++documents_;
      in_object_ = true;
      at_ = key_at;
      state_ = State::object;
      return Step::done;
    }
  }
  const size_t first_slot = batch.slots.size();
  batch.slots.resize(first_slot + plan_.slots());
  const auto found = model::scan_object(p, window_.end(), plan_, batch.slots.data() + first_slot);
  if (found.scan.fault != Fault::none) {
    batch.slots.resize(first_slot);
    if (found.scan.fault == Fault::incomplete && !window_.ended()) return Step::more;
    return bad_document(p, found.scan.at, found.scan.fault);
  }
  ++documents_;
  container_last_ = false;
  at_ = found.scan.at;
  take_object(batch, {p, static_cast<size_t>(found.scan.at - p)}, found, first_slot,
              {window_.offset(p), 0});
  return Step::done;
}

// A document that is no JSON counts as one refused record, and reading goes on at the next line.
TextDecoder::Step TextDecoder::bad_document(const char* begin, const char* at, Fault fault) {
  const char* line_end = begin;
  at_ = begin;
  if (!find_line_end(line_end) && !window_.ended()) return Step::more;
  ++number_;
  const uint64_t within = window_.offset(at) - window_.offset(begin);
  refuse(fmt::format("{}, at byte {} of the record", json::describe(fault), within),
         {window_.offset(begin), 0});
  at_ = line_end;
  state_ = State::document;
  return Step::done;
}

// Moves `line_end` to the next line feed, or to the window's end; true if there was one.
bool TextDecoder::find_line_end(const char*& line_end) const {
  const auto* found = static_cast<const char*>(
      std::memchr(line_end, '\n', static_cast<size_t>(window_.end() - line_end)));
  line_end = found == nullptr ? window_.end() : found;
  return found != nullptr;
}

// Within a container document, at a member's name.
TextDecoder::Step TextDecoder::step_object() {
  const char* p = json::skip_space(at_);
  if (*p != '"') return incomplete(p >= window_.end() ? Fault::incomplete : Fault::bad_object, p);
  const auto key = json::scan_string(p, window_.end());
  if (key.fault != Fault::none) return incomplete(key.fault, key.at);
  const Field field = model::find_field({p + 1, static_cast<size_t>(key.at - p - 2)});
  const char* colon = json::skip_space(key.at);
  if (*colon != ':')
    return incomplete(colon >= window_.end() ? Fault::incomplete : Fault::bad_object, colon);
  const char* value = json::skip_space(colon + 1);
  if (value >= window_.end()) return incomplete(Fault::incomplete, value);
  if (is_container(field) && *value == '[') {
    container_ = field;
    after_comma_ = false;
    at_ = value + 1;
    state_ = State::array;
    notes_.recognised = true;
    return Step::done;
  }
  const auto scan = json::scan_value(value, window_.end());
  if (scan.fault != Fault::none) return incomplete(scan.fault, scan.at);
  if (field == Field::records) {
    return refuse_text("'Records' is not an array", value);
  }
  at_ = scan.at;
  state_ = State::behind_array;
  return Step::done;
}

// Behind the value of a container document's member.
TextDecoder::Step TextDecoder::step_behind_array() {
  const char* p = json::skip_space(at_);
  if (p >= window_.end()) return incomplete(Fault::incomplete, p);
  if (*p == ',') {
    at_ = p + 1;
    state_ = State::object;
    return Step::done;
  }
  if (*p != '}') return incomplete(Fault::bad_object, p);
  at_ = p + 1;
  after_container_ = container_last_ = true;
  state_ = State::document;
  return Step::done;
}

// Within an array: at an element, a comma, or the end. One element per step.
TextDecoder::Step TextDecoder::step_array(model::RecordBatch& batch) {
  const char* const end = window_.end();
  const char* p = json::skip_space(at_);
  if (p >= end) return incomplete(Fault::incomplete, p);
  if (*p == ']') {
    if (after_comma_) return incomplete(Fault::bad_array, p);
    at_ = p + 1;
    state_ = in_object_ ? State::behind_array : State::document;
    after_container_ = container_last_ = !in_object_;
    return Step::done;
  }
  const Place place{window_.offset(p), 0};
  const size_t first_slot = batch.slots.size();
  model::ObjectScan found;
  const bool object = *p == '{';
  if (object) {
    batch.slots.resize(first_slot + plan_.slots());
    found = model::scan_object(p, end, plan_, batch.slots.data() + first_slot);
  } else {
    found.scan = json::scan_value(p, end);
  }
  // The comma or bracket behind belongs to the step, so that a number at the window's edge is
  // whole.
  const char* behind =
      found.scan.fault == Fault::none ? json::skip_space(found.scan.at) : found.scan.at;
  Fault fault = found.scan.fault;
  if (fault == Fault::none && behind >= end) fault = Fault::incomplete;
  if (fault == Fault::none && *behind != ',' && *behind != ']') fault = Fault::bad_array;
  if (fault != Fault::none) {
    batch.slots.resize(first_slot);
    return incomplete(fault, behind);
  }
  const std::string_view text(p, static_cast<size_t>(found.scan.at - p));
  after_comma_ = *behind == ',';
  at_ = after_comma_ ? behind + 1 : behind;
  if (object) {
    take_object(batch, text, found, first_slot, place);
  } else if (container_ == Field::query_result_rows && json::is_array(text)) {
    take_query_row(batch, text, place);
  } else {
    ++number_;
    refuse("not an event: no JSON object", place);
  }
  return Step::done;
}

// A line of text that is no JSON document: an event behind a prefix (syslog, a log group's export),
// a table in CSV, or nothing that we know.
TextDecoder::Step TextDecoder::step_line(model::RecordBatch& batch) {
  const char* line_end = at_;
  if (!find_line_end(line_end) && !window_.ended()) return Step::more;
  const std::string_view line(at_, static_cast<size_t>(line_end - at_));
  state_ = State::document;
  if (documents_ == 0 && number_ == 0) {
    read_csv_header(line);
    if (state_ != State::document) {
      at_ = line_end;
      return Step::done;
    }
    if (line.substr(0, 2) == "//" || line.substr(0, 2) == "/*")
      return refuse_text("a comment, which JSON does not have", at_);
  }
  const uint64_t offset = window_.offset(at_);
  const auto brace = line.find('{');
  const char* const begin = at_;
  at_ = line_end;
  if (brace != std::string_view::npos) {
    const auto scan = json::scan_value(begin + brace, line_end);
    const std::string_view value(begin + brace, static_cast<size_t>(scan.at - begin) - brace);
    if (scan.fault == Fault::none && json::skip_space(scan.at) >= line_end) {
      ++documents_;
      take_value(batch, value, {offset + brace, 0});
      return Step::done;
    }
  }
  if (container_last_ && brace == std::string_view::npos) {
    warn(fmt::format("{} bytes of text after the document were passed over", line.size()),
         {offset, 0});
    return Step::done;
  }
  ++number_;
  refuse("neither JSON nor a line with an event in it", {offset, 0});
  return Step::done;
}

void TextDecoder::keep(model::RecordBatch& batch, std::string_view text, int64_t event_time_us,
                       const model::ObjectScan& found, Place place) {
  batch.heads.push_back({text, event_time_us, place.offset, ++number_});
  auto fault = model::scope_fault(found.recipient_account, found.region);
  if (!fault.empty()) warn(std::move(fault), place);
  ++notes_.records_taken;
  notes_.recognised = true;
}

void TextDecoder::refuse(std::string reason, Place place) {
  ++notes_.records_refused;
  if (notes_.problems.size() < DecodeNotes::kProblemsMax)
    notes_.problems.push_back({"", number_, place.offset, std::move(reason), false});
}

void TextDecoder::warn(std::string reason, Place place) {
  ++notes_.warnings;
  if (notes_.problems.size() < DecodeNotes::kProblemsMax)
    notes_.problems.push_back({"", number_, place.offset, std::move(reason), true});
}

}  // namespace cairn::source

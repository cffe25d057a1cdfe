#include "history/lookup_json.h"

#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"

namespace cairn::history {
namespace {

/// Builds a JSON object, on one line or indented as Python's json.dumps(indent=4) does.
class ObjectWriter {
 public:
  ObjectWriter(std::string& out, int indent) : out_(out), indent_(indent) { out_ += '{'; }

  void text(std::string_view key, std::string_view value) {
    next(key);
    append_json_string(out_, repair_utf8(value));
  }

  void text_unless_empty(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }

  /// What follows is the value, written by the caller.
  void next(std::string_view key) {
    if (!first_) out_ += indent_ < 0 ? ", " : ",";
    first_ = false;
    new_line(indent_ + 4);
    append_json_string(out_, key);
    out_ += ": ";
  }

  void end() {
    new_line(indent_);
    out_ += '}';
  }

  void new_line(int spaces) {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(static_cast<size_t>(spaces), ' ');
  }

 private:
  std::string& out_;
  int indent_;  ///< of the braces; negative: all on one line
  bool first_ = true;
};

std::string time_text(int64_t micros) {
  std::string text = format_iso8601(micros);
  text.pop_back();  // the Z
  return text + "+00:00";
}

void append_resources(std::string& out, const Event& event, int indent) {
  out += '[';
  const int inner = indent < 0 ? -1 : indent + 4;
  for (size_t i = 0; i < event.resources.size(); ++i) {
    if (i > 0) out += indent < 0 ? ", " : ",";
    if (indent >= 0) {
      out += '\n';
      out.append(static_cast<size_t>(inner), ' ');
    }
    ObjectWriter object(out, inner);
    object.text_unless_empty("ResourceType", event.resources[i].type);
    object.text_unless_empty("ResourceName", event.resources[i].name);
    object.end();
  }
  if (indent >= 0 && !event.resources.empty()) {
    out += '\n';
    out.append(static_cast<size_t>(indent), ' ');
  }
  out += ']';
}

/// `indent` is that of the event's braces; negative: one line.
std::string write_event(const Event& event, int indent) {
  std::string out;
  out.reserve(event.record.size() * 5 / 4 + 512);
  ObjectWriter object(out, indent);
  object.text_unless_empty("EventId", event.event_id);
  object.text_unless_empty("EventName", event.event_name);
  if (event.read_only) object.text("ReadOnly", *event.read_only ? "true" : "false");
  object.text_unless_empty("AccessKeyId", event.access_key_id);
  if (event.time_us) object.text("EventTime", time_text(*event.time_us));
  object.text_unless_empty("EventSource", event.event_source);
  object.text_unless_empty("Username", event.username);
  object.next("Resources");
  append_resources(out, event, indent < 0 ? -1 : indent + 4);
  object.text("CloudTrailEvent", event.record);
  object.end();
  return out;
}

}  // namespace

std::string event_json(const Event& event) {
  return write_event(event, -1);
}

std::string LookupJson::begin() {
  return "{\n    \"Events\": [";
}

std::string LookupJson::event(const Event& event) {
  std::string out = first_ ? "\n        " : ",\n        ";
  first_ = false;
  return out + write_event(event, 8);
}

std::string LookupJson::end(std::string_view next_token) const {
  std::string out = first_ ? "]" : "\n    ]";
  if (!next_token.empty()) {
    out += ",\n    \"NextToken\": ";
    append_json_string(out, next_token);
  }
  return out + "\n}\n";
}

}  // namespace cairn::history

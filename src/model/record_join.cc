#include "base/json_scan.h"
#include "base/text.h"
#include "base/time.h"
#include "model/fields.h"
#include "model/record_parts.h"

#include <algorithm>
#include <array>

namespace cairn::model {
namespace {

/// An object in the making. Values are JSON texts; a member with `object` set is one itself.
struct Member {
  std::string_view key;
  std::string value;
  bool object = false;
  std::vector<Member> members;

  Member& at(std::string_view name) {
    object = true;
    for (auto& known : members)
      if (known.key == name) return known;
    return members.emplace_back(Member{name, {}, false, {}});
  }

  void write(std::string& out) const {
    if (!object) {
      out += value;
      return;
    }
    out += '{';
    for (size_t i = 0; i < members.size(); ++i) {
      out.append(i == 0 ? "\"" : ",\"").append(members[i].key).append("\":");
      members[i].write(out);
    }
    out += '}';
  }
};

/// As CloudTrail writes them.
constexpr std::array kOrder{
    Field::event_version,
    Field::user_identity,
    Field::event_time,
    Field::event_source,
    Field::event_name,
    Field::aws_region,
    Field::source_ip_address,
    Field::user_agent,
    Field::error_code,
    Field::error_message,
    Field::request_parameters,
    Field::response_elements,
    Field::additional_event_data,
    Field::request_id,
    Field::event_id,
    Field::read_only,
    Field::resources,
    Field::event_type,
    Field::api_version,
    Field::management_event,
    Field::recipient_account_id,
    Field::shared_event_id,
    Field::vpc_endpoint_id,
    Field::vpc_endpoint_account_id,
    Field::event_category,
    Field::addendum,
    Field::session_credential_from_console,
    Field::edge_device_details,
    Field::tls_details,
    Field::service_event_details,
    Field::insight_details,
    Field::event_context,
    Field::event_data,
};
static_assert(kOrder.size() == kRecordFieldCount);

/// Indices of stored columns in the order of kOrder.
std::vector<size_t> column_order() {
  std::vector<size_t> order;
  for (const Field field : kOrder)
    for (size_t i = 0; i < columns().size(); ++i)
      if (const auto& column = columns()[i];
          column.lake_id != 0 && find_field(column.name.substr(0, column.name.find('.'))) == field)
        order.push_back(i);
  return order;
}

size_t rank(std::string_view key) {
  const auto* const at = std::find(kOrder.begin(), kOrder.end(), find_field(key));
  return static_cast<size_t>(at - kOrder.begin());
}

void put(Member& record, std::string_view path, std::string value) {
  Member* member = &record;
  for (;;) {
    const size_t dot = path.find('.');
    member = &member->at(path.substr(0, dot));
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  member->value = std::move(value);
}

std::string text_of(const Column& column, const ColumnValue& value) {
  std::string text;
  switch (value.kind) {
    case ColumnValue::Kind::null:
      return "null";
    case ColumnValue::Kind::text:
      if (column.type == ColumnType::json)
        text = value.text;
      else
        append_json_string(text, value.text);
      return text;
    case ColumnValue::Kind::boolean:
      text = value.boolean ? "true" : "false";
      // The one flag that CloudTrail writes as a string.
      return column.name.ends_with(".mfaAuthenticated") ? '"' + text + '"' : text;
    case ColumnValue::Kind::number:
      append_json_string(text, format_iso8601(value.number));
      return text;
  }
  return text;
}

template <class Visit>
void for_each_of(std::string_view patch, std::string_view part, Visit&& visit) {
  const auto list = json::find_member(patch, part);
  if (json::is_array(list)) json::for_each_element(list, visit);
}

/// `patch` is one that split() made, or (from a lake that somebody else wrote) any JSON object.
void apply(Member& record, std::string_view patch) {
  for_each_of(patch, "set", [&](std::string_view entry) {
    if (!json::is_array(entry)) return true;
    Member* member = &record;
    int part = 0;
    json::for_each_element(entry, [&](std::string_view element) {
      if (part++ == 0) {
        if (!json::is_array(element)) return false;
        json::for_each_element(element, [&](std::string_view name) {
          if (json::is_string(name)) member = &member->at(name.substr(1, name.size() - 2));
          return true;
        });
      } else if (member != &record) {
        member->object = false;
        member->members.clear();
        member->value = element;
      }
      return true;
    });
    return true;
  });
  for_each_of(patch, "drop", [&](std::string_view name) {
    if (!json::is_string(name)) return true;
    const auto key = name.substr(1, name.size() - 2);
    auto& members = record.members;
    members.erase(std::remove_if(members.begin(), members.end(),
                                 [&](const Member& member) { return member.key == key; }),
                  members.end());
    return true;
  });
}

}  // namespace

void append_record(std::string& out, std::span<const ColumnValue> values, std::string_view patch) {
  static const std::vector<size_t> kOrder = column_order();
  static const auto kOtherFields = static_cast<size_t>(find_column("otherFields"));
  Member record;
  record.object = true;
  for (const size_t i : kOrder) {
    const auto& column = columns()[i];
    const bool usually_null = column.name == field_name(Field::request_parameters) ||
                              column.name == field_name(Field::response_elements);
    if (values[i].kind != ColumnValue::Kind::null || usually_null)
      put(record, column.name, text_of(column, values[i]));
  }
  if (values[kOtherFields].kind == ColumnValue::Kind::text) {
    const std::string padded = json::padded_copy(values[kOtherFields].text);
    json::for_each_member({padded.data(), values[kOtherFields].text.size()},
                          [&](std::string_view key, std::string_view value) {
                            record.members.emplace_back(Member{
                                values[kOtherFields].text.substr(
                                    static_cast<size_t>(key.data() - padded.data()), key.size()),
                                std::string(value),
                                false,
                                {}});
                            return true;
                          });
  }
  std::string padded;
  if (!patch.empty()) {
    padded = json::padded_copy(patch);
    apply(record, {padded.data(), patch.size()});
    std::stable_sort(record.members.begin(), record.members.end(),
                     [](const Member& a, const Member& b) { return rank(a.key) < rank(b.key); });
  }
  record.write(out);
}

}  // namespace cairn::model

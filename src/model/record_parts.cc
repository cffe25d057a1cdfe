#include "model/record_parts.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "base/time.h"
#include "model/column_reader.h"
#include "model/fields.h"

#include <algorithm>
#include <array>

namespace cairn::model {
namespace {

constexpr std::string_view kEventTime = "eventTime";
constexpr std::string_view kOtherFields = "otherFields";
constexpr std::string_view kMfaAuthenticated =
    "userIdentity.sessionContext.attributes.mfaAuthenticated";

/// Members that a record has as null where nothing is to say. Of all others, absent is usual.
bool is_usually_null(std::string_view name) {
  return name == field_name(Field::request_parameters) ||
         name == field_name(Field::response_elements);
}

/// Whether `raw`, which is a valid time, is written as CloudTrail does: "2025-03-14T09:00:00Z", and
/// none of the other names of an instant (24:00:00, leap seconds).
bool is_usual_time(std::string_view raw) {
  return raw.size() == 22 && raw[11] == 'T' && raw[20] == 'Z' && raw.substr(12, 2) != "24" &&
         raw.substr(18, 2) != "60";
}

/// A lone surrogate has no UTF-8, so that the column cannot hold it.
bool may_hold_surrogate(std::string_view raw) {
  for (size_t at = raw.find("\\u"); at != std::string_view::npos; at = raw.find("\\u", at + 2))
    if (at + 2 < raw.size() && (raw[at + 2] == 'd' || raw[at + 2] == 'D')) return true;
  return false;
}

}  // namespace

struct RecordSplitter::Node {
  std::string_view key;
  int column = -1;
  std::vector<Node> children;
  std::vector<size_t> leaves;  ///< columns at or below

  Node& child(std::string_view name) {
    for (auto& known : children)
      if (known.key == name) return known;
    return children.emplace_back(Node{name, -1, {}, {}});
  }
};

RecordSplitter::RecordSplitter() : roots_(kRecordFieldCount), values_(columns().size()) {
  for (size_t i = 0; i < columns().size(); ++i) {
    auto path = columns()[i].name;
    const auto top = path.substr(0, path.find('.'));
    const auto field = static_cast<size_t>(find_field(top));
    if (field >= kRecordFieldCount || columns()[i].lake_id == 0) continue;
    Node* node = &roots_[field];
    node->key = field_name(static_cast<Field>(field));
    node->leaves.push_back(i);
    for (path.remove_prefix(top.size()); !path.empty();) {
      path.remove_prefix(1);  // the dot
      const auto key = path.substr(0, path.find('.'));
      path.remove_prefix(key.size());
      node = &node->child(key);
      node->leaves.push_back(i);
    }
    node->column = static_cast<int>(i);
  }
}

RecordSplitter::~RecordSplitter() = default;

std::string& RecordSplitter::scratch() {
  if (scratch_used_ == scratch_.size()) scratch_.emplace_back();
  auto& text = scratch_[scratch_used_++];
  text.clear();
  return text;
}

void RecordSplitter::split(std::string_view record, int64_t event_time_us) {
  std::fill(values_.begin(), values_.end(), ColumnValue{});
  patch_.clear();
  other_.clear();
  path_.clear();
  resource_arns_.clear();
  scratch_used_ = 0;
  std::array<std::string_view, kRecordFieldCount> fields{};
  json::for_each_member(record, [&](std::string_view key, std::string_view value) {
    const auto field = static_cast<size_t>(find_field(key));
    if (field < kRecordFieldCount) {
      fields[field] = value;
      return true;
    }
    other_ += other_.empty() ? '{' : ',';
    other_.append(1, '"').append(key).append("\":").append(value);
    return true;
  });
  std::string dropped;
  for (size_t i = 0; i < kRecordFieldCount; ++i) {
    const auto& root = roots_[i];
    if (!fields[i].empty()) {
      path_.assign(1, root.key);
      put_node(root, fields[i], 0);
    } else if (is_usually_null(root.key) || root.key == kEventTime) {
      dropped += dropped.empty() ? "\"" : ",\"";
      dropped.append(root.key).append(1, '"');
    }
  }
  static const auto kTimePlace = static_cast<size_t>(find_column(kEventTime));
  static const auto kOthersPlace = static_cast<size_t>(find_column(kOtherFields));
  values_[kTimePlace].kind = ColumnValue::Kind::number;
  values_[kTimePlace].number = event_time_us;
  if (!other_.empty()) {
    other_ += '}';
    values_[kOthersPlace].kind = ColumnValue::Kind::text;
    values_[kOthersPlace].text = other_;
  }
  if (!patch_.empty()) patch_ += ']';
  if (!dropped.empty())
    patch_.append(patch_.empty() ? "{" : ",").append("\"drop\":[").append(dropped).append("]");
  if (!patch_.empty()) patch_ += '}';
  read_resource_arns(fields[static_cast<size_t>(Field::resources)]);
}

void RecordSplitter::put_node(const Node& node, std::string_view raw, int depth) {
  if (node.column >= 0)
    put_leaf(static_cast<size_t>(node.column), raw);
  else if (json::is_object(raw))
    put_object(node, raw, depth);
  else
    patch_set(raw);
}

void RecordSplitter::put_object(const Node& node, std::string_view raw, int depth) {
  for (const size_t column : node.leaves) values_[column].parents = static_cast<int16_t>(depth + 1);
  bool empty = true;
  json::for_each_member(raw, [&](std::string_view key, std::string_view value) {
    empty = false;
    path_.push_back(key);
    const auto child = std::find_if(node.children.begin(), node.children.end(),
                                    [&](const Node& known) { return known.key == key; });
    if (child != node.children.end())
      put_node(*child, value, depth + 1);
    else
      patch_set(value);
    path_.pop_back();
    return true;
  });
  if (empty) patch_set("{}");
}

void RecordSplitter::put_leaf(size_t column, std::string_view raw) {
  auto& value = values_[column];
  const auto& facts = columns()[column];
  using Kind = ColumnValue::Kind;
  value.kind = Kind::null;
  switch (facts.type) {
    case ColumnType::varchar: {
      if (json::is_null(raw) || json::is_object(raw) || json::is_array(raw)) return patch_set(raw);
      value.kind = Kind::text;
      if (!json::is_string(raw)) {
        value.text = raw;
        return patch_set(raw);
      }
      value.text = raw.substr(1, raw.size() - 2);
      if (value.text.find('\\') == std::string_view::npos) return;
      auto& text = scratch();
      json::append_unescaped(text, raw);
      value.text = text;
      if (may_hold_surrogate(raw)) patch_set(raw);
      return;
    }
    case ColumnType::boolean: {
      const auto read = boolean_of(raw);
      if (read) {
        value.kind = Kind::boolean;
        value.boolean = *read;
      }
      const bool usual = facts.name == kMfaAuthenticated ? raw == "\"true\"" || raw == "\"false\""
                                                         : raw == "true" || raw == "false";
      if (!usual) patch_set(raw);
      return;
    }
    case ColumnType::timestamp: {
      const auto read = event_time_of(raw);
      if (read) {
        value.kind = Kind::number;
        value.number = *read;
      }
      if (!read || !is_usual_time(raw)) patch_set(raw);
      return;
    }
    case ColumnType::json:
      if (json::is_null(raw)) {
        if (!is_usually_null(facts.name)) patch_set(raw);
        return;
      }
      value.kind = Kind::text;
      value.text = raw;
      return;
    case ColumnType::bigint:
      return;  // none is a part of the record
  }
}

void RecordSplitter::patch_set(std::string_view raw) {
  patch_ += patch_.empty() ? "{\"set\":[[[" : ",[[";
  for (size_t i = 0; i < path_.size(); ++i)
    patch_.append(i == 0 ? "\"" : ",\"").append(path_[i]).append(1, '"');
  patch_.append("],").append(raw).append(1, ']');
}

void RecordSplitter::read_resource_arns(std::string_view raw) {
  if (!json::is_array(raw)) return;
  json::for_each_element(raw, [&](std::string_view element) {
    if (!json::is_object(element)) return true;
    auto arn = json::find_member(element, "ARN");
    if (arn.empty()) arn = json::find_member(element, "arn");
    if (json::is_string(arn)) resource_arns_.push_back(json::string_content(arn, scratch()));
    return true;
  });
}

}  // namespace cairn::model

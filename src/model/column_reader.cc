#include "model/column_reader.h"

#include "base/text.h"

namespace cairn::model {

ColumnReader::ColumnReader(const std::vector<int>& column_indices) {
  for (size_t i = 0; i < column_indices.size(); ++i) {
    const auto& name = columns()[static_cast<size_t>(column_indices[i])].name;
    add(name == "eventTimeText" ? field_name(Field::event_time) : name, static_cast<int>(i));
  }
}

void ColumnReader::add(std::string_view path, int column) {
  const auto top = path.substr(0, path.find('.'));
  const Field field = find_field(top);
  if (field == Field::end) return;  // made by the reader of files, not a part of the record
  const int slot = plan_.want(field);
  Root* root = nullptr;
  for (auto& known : roots_)
    if (known.slot == slot) root = &known;
  if (root == nullptr) root = &roots_.emplace_back(Root{slot, Node{top, -1, {}}});
  Node* node = &root->node;
  path.remove_prefix(top.size());
  while (!path.empty()) {
    path.remove_prefix(1);  // the dot
    const auto key = path.substr(0, path.find('.'));
    path.remove_prefix(key.size());
    Node* child = nullptr;
    for (auto& known : node->children)
      if (known.key == key) child = &known;
    if (child == nullptr) child = &node->children.emplace_back(Node{key, -1, {}});
    node = child;
  }
  // eventTime and eventTimeText want the same value.
  if (node->column >= 0) {
    roots_.emplace_back(Root{slot, Node{top, column, {}}});
  } else {
    node->column = column;
  }
}

void ColumnReader::read(const std::string_view* slots, std::vector<std::string_view>& raw) const {
  for (auto& value : raw) value = {};
  for (const auto& root : roots_) descend(root.node, slots[root.slot], raw);
}

void ColumnReader::descend(const Node& node, std::string_view value,
                           std::vector<std::string_view>& raw) {
  if (node.column >= 0) raw[static_cast<size_t>(node.column)] = value;
  if (node.children.empty() || !json::is_object(value)) return;
  json::for_each_member(value, [&](std::string_view key, std::string_view member) {
    for (const auto& child : node.children) {
      if (child.key == key) {
        descend(child, member, raw);
        break;
      }
    }
    return true;
  });
}

std::optional<std::string_view> varchar_of(std::string_view raw, std::string& scratch) {
  if (raw.empty() || json::is_object(raw) || json::is_array(raw) || json::is_null(raw))
    return std::nullopt;
  if (json::is_string(raw)) return json::string_content(raw, scratch);
  return raw;
}

std::optional<bool> boolean_of(std::string_view raw) {
  if (json::is_string(raw)) raw = raw.substr(1, raw.size() - 2);
  if (equals_ignoring_case(raw, "true")) return true;
  if (equals_ignoring_case(raw, "false")) return false;
  return std::nullopt;
}

std::optional<std::string> other_fields_of(std::string_view record) {
  std::string out;
  json::for_each_member(record, [&](std::string_view key, std::string_view value) {
    const Field field = find_field(key);
    if (static_cast<size_t>(field) < kRecordFieldCount) return true;
    out += out.empty() ? '{' : ',';
    out += '"';
    out += key;
    out += "\":";
    out += value;
    return true;
  });
  if (out.empty()) return std::nullopt;
  out += '}';
  return out;
}

}  // namespace cairn::model

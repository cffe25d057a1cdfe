#include "parquet/schema.h"

namespace cairn::parquet {
namespace {

void add_leaves(const Field& field, std::vector<std::string> path, int16_t definition,
                std::vector<Leaf>& leaves) {
  path.push_back(field.name);
  ++definition;
  if (!field.children.empty()) {
    for (const auto& child : field.children) add_leaves(child, path, definition, leaves);
    return;
  }
  Leaf leaf;
  leaf.field = field;
  if (field.list) {
    path.insert(path.end(), {"list", "element"});
    definition = static_cast<int16_t>(definition + 2);
    leaf.repetition_max = 1;
  }
  leaf.path = std::move(path);
  leaf.definition_max = definition;
  leaves.push_back(std::move(leaf));
}

}  // namespace

std::vector<Leaf> leaves_of(const std::vector<Field>& fields) {
  std::vector<Leaf> leaves;
  for (const auto& field : fields) add_leaves(field, {}, 0, leaves);
  return leaves;
}

}  // namespace cairn::parquet

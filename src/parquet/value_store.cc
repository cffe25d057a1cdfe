#include "parquet/internal/value_store.h"

#include <xxhash.h>

namespace cairn::parquet {
namespace {

/// After so many values it is seen whether they repeat.
constexpr size_t kTrial = 4096;
constexpr size_t kTableMin = 256;

}  // namespace

void StringStore::push(std::string_view value, uint32_t hash) {
  entries_.push_back({bytes_.size(), static_cast<uint32_t>(value.size()), hash});
  bytes_.append(value);
}

void StringStore::add(std::string_view value) {
  if (!dictionary_) return push(value, 0);
  if (entries_.size() * 2 >= table_.size()) grow_table();
  const auto hash = static_cast<uint32_t>(XXH3_64bits(value.data(), value.size()));
  const size_t mask = table_.size() - 1;
  size_t at = hash & mask;
  for (; table_[at] != 0; at = (at + 1) & mask) {
    const auto& known = entries_[table_[at] - 1];
    if (known.hash == hash && entry(table_[at] - 1) == value) {
      indices_.push_back(table_[at] - 1);
      return;
    }
  }
  push(value, hash);
  table_[at] = static_cast<uint32_t>(entries_.size());
  indices_.push_back(static_cast<uint32_t>(entries_.size() - 1));
  const bool tried = indices_.size() == kTrial;
  if (bytes_.size() > bytes_max_ || (tried && entries_.size() > kTrial * 3 / 5)) drop_dictionary();
}

void StringStore::grow_table() {
  table_.assign(table_.empty() ? kTableMin : table_.size() * 2, 0);
  const size_t mask = table_.size() - 1;
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t at = entries_[i].hash & mask;
    while (table_[at] != 0) at = (at + 1) & mask;
    table_[at] = static_cast<uint32_t>(i + 1);
  }
}

void StringStore::settle() {
  if (dictionary_ && entries_.size() > 8 && entries_.size() * 3 > indices_.size() * 2)
    drop_dictionary();
}

void StringStore::drop_dictionary() {
  dictionary_ = false;
  std::string bytes;
  std::vector<Entry> entries;
  bytes.swap(bytes_);
  entries.swap(entries_);
  entries_.reserve(indices_.size() * 2);
  bytes_.reserve(bytes.size() * 2);
  for (const uint32_t index : indices_)
    push({bytes.data() + entries[index].at, entries[index].size}, 0);
  indices_ = {};
  table_ = {};
}

void StringStore::clear() {
  dictionary_ = true;
  bytes_.clear();
  entries_.clear();
  indices_.clear();
  table_.clear();
}

}  // namespace cairn::parquet

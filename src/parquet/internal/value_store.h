// The values of a column in the making: strings once each while they repeat, integers, booleans.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::parquet {

/// Strings, as a dictionary with indices for as long as that pays, then one after the other.
class StringStore {
 public:
  explicit StringStore(size_t dictionary_bytes_max) : bytes_max_(dictionary_bytes_max) {}

  void add(std::string_view value);
  void clear();

  /// Undoes the dictionary if the values hardly repeat. Call it before encoding.
  void settle();

  bool has_dictionary() const { return dictionary_; }

  size_t values() const { return dictionary_ ? indices_.size() : entries_.size(); }

  /// Distinct values with a dictionary, else all.
  size_t entries() const { return entries_.size(); }

  std::string_view entry(size_t index) const {
    const auto& entry = entries_[index];
    return {bytes_.data() + entry.at, entry.size};
  }

  /// The bytes of entries [from, to), which lie one after the other.
  std::string_view run(size_t from, size_t to) const {
    if (from == to) return {};
    const auto& last = entries_[to - 1];
    return {bytes_.data() + entries_[from].at, last.at + last.size - entries_[from].at};
  }

  std::span<const uint32_t> indices() const { return indices_; }

  size_t bytes() const {
    return bytes_.capacity() + entries_.capacity() * sizeof(Entry) +
           (indices_.capacity() + table_.capacity()) * sizeof(uint32_t);
  }

 private:
  struct Entry {
    uint64_t at = 0;
    uint32_t size = 0;
    uint32_t hash = 0;
  };

  void push(std::string_view value, uint32_t hash);
  void grow_table();
  void drop_dictionary();

  size_t bytes_max_;
  bool dictionary_ = true;
  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> indices_;
  std::vector<uint32_t> table_;  ///< entry + 1, or 0
};

}  // namespace cairn::parquet

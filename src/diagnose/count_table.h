// Counts by name, with a bound on how many names are kept apart.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn::diagnose {

struct Count {
  std::string name;
  uint64_t events = 0;
};

/// Lets maps with std::string keys be asked with a string_view.
struct TextHash {
  using is_transparent = void;

  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

class CountTable {
 public:
  /// Names beyond this many are counted together, in others().
  static constexpr size_t kNamesMax = 100'000;

  void add(std::string_view name, uint64_t events);

  uint64_t of(std::string_view name) const;

  size_t size() const { return counts_.size(); }

  uint64_t others() const { return others_; }

  /// Most first, equal counts by name; at most `most` of them.
  std::vector<Count> top(size_t most) const;

  /// The lines of `sort | uniq -c | sort -nr` in the C locale: the count right-aligned to seven
  /// characters, a blank, the name; equal counts in reverse order of the whole line.
  std::string uniq_lines() const;

 private:
  TextMap<uint64_t> counts_;
  uint64_t others_ = 0;
};

}  // namespace cairn::diagnose

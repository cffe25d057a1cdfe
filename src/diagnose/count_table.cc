#include "diagnose/count_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::diagnose {

void CountTable::add(std::string_view name, uint64_t events) {
  const auto found = counts_.find(name);
  if (found != counts_.end())
    found->second += events;
  else if (counts_.size() < kNamesMax)
    counts_.emplace(name, events);
  else
    others_ += events;
}

uint64_t CountTable::of(std::string_view name) const {
  const auto found = counts_.find(name);
  return found == counts_.end() ? 0 : found->second;
}

std::vector<Count> CountTable::top(size_t most) const {
  std::vector<Count> all;
  all.reserve(counts_.size());
  for (const auto& [name, events] : counts_) all.push_back({name, events});
  const auto before = [](const Count& a, const Count& b) {
    return a.events != b.events ? a.events > b.events : a.name < b.name;
  };
  const auto kept = static_cast<std::ptrdiff_t>(std::min(most, all.size()));
  std::partial_sort(all.begin(), all.begin() + kept, all.end(), before);
  all.resize(static_cast<size_t>(kept));
  return all;
}

std::string CountTable::uniq_lines() const {
  std::vector<Count> all;
  all.reserve(counts_.size());
  for (const auto& [name, events] : counts_) all.push_back({name, events});
  std::sort(all.begin(), all.end(), [](const Count& a, const Count& b) {
    return a.events != b.events ? a.events > b.events : a.name > b.name;
  });
  std::string out;
  for (const auto& [name, events] : all) out += fmt::format("{:>7} {}\n", events, name);
  return out;
}

}  // namespace cairn::diagnose

#include "app/key_changes.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace cairn::app {
namespace {

constexpr size_t kChangesAtOnce = 1'000;
/// An append is in the segment that was open when the process died, or in the one before.
constexpr size_t kSegmentsLookedAt = 3;

}  // namespace

Status KeyChanges::settle() {
  const std::lock_guard lock(mutex_);
  for (;;) {
    const auto changes = CAIRN_TRY(keys_.recorded_changes(kChangesAtOnce));
    std::map<std::string_view, int64_t> waiting;
    for (const auto& change : changes) waiting.emplace(change.record, change.id);
    int64_t last_put = 0;
    const auto segments = waiting.empty() ? std::vector<spool::Segment>() : spool_.sealed(0);
    const size_t first = segments.size() - std::min(segments.size(), kSegmentsLookedAt);
    for (size_t i = first; i < segments.size(); ++i)
      CAIRN_TRY(spool_.read(segments[i], [&](std::string_view record) {
        const auto found = waiting.find(record);
        if (found != waiting.end()) last_put = std::max(last_put, found->second);
        return true;
      }));
    if (last_put == 0) return {};
    CAIRN_TRY(keys_.forget_changes(last_put));  // they are put in order
  }
}

Status KeyChanges::take() {
  const std::lock_guard lock(mutex_);
  for (;;) {
    const auto changes = CAIRN_TRY(keys_.recorded_changes(kChangesAtOnce));
    if (changes.empty()) return {};
    std::vector<std::string_view> records;
    records.reserve(changes.size());
    for (const auto& change : changes) records.push_back(change.record);
    CAIRN_TRY(spool_.append(records));
    CAIRN_TRY(keys_.forget_changes(changes.back().id));
  }
}

}  // namespace cairn::app

#include "app/key_changes.h"

#include <string_view>
#include <vector>

namespace cairn::app {
namespace {

constexpr size_t kChangesAtOnce = 1'000;

}  // namespace

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

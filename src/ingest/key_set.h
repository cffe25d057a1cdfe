// A set of event keys: open addressing, 16 bytes an event and as much again of room.
#pragma once

#include "ingest/identity.h"

#include <cstddef>
#include <vector>

namespace cairn::ingest {

class KeySet {
 public:
  /// False when it was there already.
  bool insert(const EventKey& key) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    auto& slot = find(key.low == 0 && key.high == 0 ? EventKey{1, 0} : key);
    if (!is_free(slot)) return false;
    slot = key.low == 0 && key.high == 0 ? EventKey{1, 0} : key;
    ++size_;
    return true;
  }

  size_t size() const { return size_; }

  size_t bytes() const { return slots_.capacity() * sizeof(EventKey); }

 private:
  static bool is_free(const EventKey& slot) { return slot.low == 0 && slot.high == 0; }

  EventKey& find(const EventKey& key) {
    const size_t mask = slots_.size() - 1;
    for (size_t at = key.low & mask;; at = (at + 1) & mask)
      if (is_free(slots_[at]) || slots_[at] == key) return slots_[at];
  }

  void grow() {
    std::vector<EventKey> old(slots_.empty() ? 1024 : slots_.size() * 2);
    old.swap(slots_);
    for (const auto& key : old)
      if (!is_free(key)) find(key) = key;
  }

  std::vector<EventKey> slots_;
  size_t size_ = 0;
};

}  // namespace cairn::ingest

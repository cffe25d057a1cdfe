// A set of event keys: open addressing, 16 bytes an event and up to two thirds of room.
#pragma once

#include "ingest/identity.h"

#include <cstddef>
#include <vector>

namespace cairn::ingest {

class KeySet {
 public:
  /// False when it was there already.
  bool insert(const EventKey& key) {
    if ((size_ + 1) * 4 > slots_.size() * 3) resize(size_ + 1);
    auto& slot = find(key.low == 0 && key.high == 0 ? EventKey{1, 0} : key);
    if (!is_free(slot)) return false;
    slot = key.low == 0 && key.high == 0 ? EventKey{1, 0} : key;
    ++size_;
    return true;
  }

  /// Room for so many keys in all.
  void reserve(size_t keys) {
    if (slots_for(keys) > slots_.size()) resize(keys);
  }

  size_t size() const { return size_; }

  size_t bytes() const { return slots_.capacity() * sizeof(EventKey); }

  /// What a set of so many keys takes.
  static size_t bytes_of(size_t keys) { return slots_for(keys) * sizeof(EventKey); }

 private:
  static bool is_free(const EventKey& slot) { return slot.low == 0 && slot.high == 0; }

  EventKey& find(const EventKey& key) {
    const size_t mask = slots_.size() - 1;
    for (size_t at = key.low & mask;; at = (at + 1) & mask)
      if (is_free(slots_[at]) || slots_[at] == key) return slots_[at];
  }

  static size_t slots_for(size_t keys) {
    size_t slots = 1024;
    while (keys * 4 > slots * 3) slots *= 2;
    return slots;
  }

  void resize(size_t keys) {
    std::vector<EventKey> old(slots_for(keys));
    old.swap(slots_);
    for (const auto& key : old)
      if (!is_free(key)) find(key) = key;
  }

  std::vector<EventKey> slots_;
  size_t size_ = 0;
};

}  // namespace cairn::ingest

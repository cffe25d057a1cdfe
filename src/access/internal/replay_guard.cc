#include "access/internal/replay_guard.h"

#include <algorithm>

namespace cairn::access {
namespace {

/// 64 bits of an HMAC: that two of 200,000 meet is less likely than one in 10^9.
uint64_t key_of(std::string_view signature) {
  uint64_t key = 0;
  for (const char c : signature.substr(0, 16))
    key = key << 4 | static_cast<uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return key;
}

}  // namespace

bool ReplayGuard::admit(std::string_view signature, int64_t now_us, int64_t keep_us) {
  const std::lock_guard lock(mutex_);
  forget(now_us);
  const auto key = key_of(signature);
  const auto [entry, fresh] = first_seen_us_.emplace(key, now_us);
  if (!fresh) return now_us - entry->second <= grace_us_;
  order_.push_back({key, now_us + keep_us});
  if (order_.size() > entries_max_) {
    first_seen_us_.erase(order_.front().key);
    order_.pop_front();
  }
  return true;
}

size_t ReplayGuard::size() const {
  const std::lock_guard lock(mutex_);
  return order_.size();
}

void ReplayGuard::forget(int64_t now_us) {
  while (!order_.empty() && order_.front().until_us < now_us) {
    first_seen_us_.erase(order_.front().key);
    order_.pop_front();
  }
}

}  // namespace cairn::access

#include "access/internal/replay_guard.h"

#include <algorithm>
#include <utility>
#include <vector>

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
  const SeenSignature seen{
      .key = key_of(signature), .first_us = now_us, .until_us = now_us + keep_us};
  if (!add(seen)) return now_us - first_seen_us_[seen.key] <= grace_us_;
  // A full disk must not keep requests from being answered; this process remembers anyway.
  if (journal_) (void)journal_->add(seen).ok();
  return true;
}

bool ReplayGuard::add(const SeenSignature& seen) {
  if (!first_seen_us_.emplace(seen.key, seen.first_us).second) return false;
  order_.push_back(seen);
  if (order_.size() > entries_max_) {
    first_seen_us_.erase(order_.front().key);
    order_.pop_front();
  }
  return true;
}

Status ReplayGuard::remember_in(const std::string& path, int64_t now_us) {
  std::vector<SeenSignature> known;
  auto journal = CAIRN_TRY(ReplayJournal::open(path, entries_max_, known));
  std::erase_if(known, [&](const auto& seen) { return seen.until_us < now_us; });
  std::sort(known.begin(), known.end(),
            [](const auto& a, const auto& b) { return a.first_us < b.first_us; });
  const std::lock_guard lock(mutex_);
  for (const auto& seen : known) add(seen);
  journal_ = std::move(journal);
  return {};
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

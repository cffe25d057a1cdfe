#include "server/body_budget.h"

#include "base/check.h"

namespace cairn::server {

BodyBudget::Grant BodyBudget::take(const std::string& share, uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto known = shares_.find(share);
  const auto of_share = known == shares_.end() ? 0 : known->second;
  if (of_share + bytes > limits_.address_bytes_max) return Grant::share_taken;
  if (bytes_ + bytes > limits_.bytes_max) return Grant::all_taken;
  if (bytes == 0) return Grant::given;
  bytes_ += bytes;
  shares_[share] += bytes;
  return Grant::given;
}

void BodyBudget::give_back(const std::string& share, uint64_t bytes) {
  if (bytes == 0) return;
  const std::lock_guard lock(mutex_);
  const auto known = shares_.find(share);
  CAIRN_CHECK(known != shares_.end() && known->second >= bytes && bytes_ >= bytes);
  bytes_ -= bytes;
  known->second -= bytes;
  if (known->second == 0) shares_.erase(known);
}

uint64_t BodyBudget::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

bool BodyBudget::is_nearly_full() const {
  return bytes() > limits_.bytes_max / 10 * 9;
}

}  // namespace cairn::server

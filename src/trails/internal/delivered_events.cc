#include "trails/internal/delivered_events.h"

#include "base/base64.h"
#include "base/crypto.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cairn::trails {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr size_t kKeyBytes = sizeof(uint64_t);

/// Its length in front keeps neighbours apart.
void append_part(std::string& out, std::string_view part) {
  const auto size = static_cast<uint32_t>(part.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size).append(part);
}

}  // namespace

size_t EventKeySet::place_of(uint64_t key) const {
  const size_t mask = slots_.size() - 1;
  size_t at = key & mask;
  while (slots_[at] != 0 && slots_[at] != key) at = (at + 1) & mask;
  return at;
}

bool EventKeySet::contains(uint64_t key) const {
  return slots_[place_of(key)] == key;
}

bool EventKeySet::insert(uint64_t key) {
  if ((size_ + 1) * 4 > slots_.size() * 3) grow();
  auto& slot = slots_[place_of(key)];
  if (slot == key) return false;
  slot = key;
  ++size_;
  return true;
}

void EventKeySet::grow() {
  std::vector<uint64_t> old(slots_.size() * 2);
  old.swap(slots_);
  for (const auto key : old)
    if (key != 0) slots_[place_of(key)] = key;
}

Status DeliveredEvents::prepare() {
  const auto rows = CAIRN_TRY(state_.query("SELECT secret FROM trail_delivered_secret", {}));
  if (!rows.empty()) {
    secret_ = rows.front().text(0);
    return {};
  }
  std::string bytes;
  while (bytes.size() < kSecretBytes) {
    const auto bits = random_.next();
    bytes.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  }
  secret_ = encode_base64(bytes);
  CAIRN_TRY(state_.execute("INSERT INTO trail_delivered_secret VALUES (?)", {secret_}));
  return {};
}

Status DeliveredEvents::begin(int64_t trail) {
  trail_ = trail;
  batch_ = {};
  batch_keys_.clear();
  auto known = known_.find(trail);
  if (known != known_.end() && known->second.size() <= limits_.events_max) return {};
  if (known != known_.end()) {
    known_.erase(known);
    CAIRN_TRY(forget_oldest(trail));
  }
  EventKeySet keys;
  CAIRN_TRY(load(trail, keys));
  known_[trail] = std::move(keys);
  return {};
}

Status DeliveredEvents::load(int64_t trail, EventKeySet& keys) {
  const auto ids =
      CAIRN_TRY(state_.query("SELECT id FROM trail_delivered WHERE trail = ?", {trail}));
  for (const auto& id : ids) {  // one at a time: all of them may be large
    const auto rows =
        CAIRN_TRY(state_.query("SELECT keys FROM trail_delivered WHERE id = ?", {id.number(0)}));
    const auto bytes = rows.empty() ? std::nullopt : decode_base64(rows.front().text(0));
    if (!bytes || bytes->size() % kKeyBytes != 0)
      return Error{ErrorKind::corrupt, "a row of delivered events is damaged"};
    for (size_t at = 0; at < bytes->size(); at += kKeyBytes) {
      uint64_t key = 0;
      std::memcpy(&key, bytes->data() + at, kKeyBytes);
      keys.insert(key);
    }
  }
  return {};
}

Status DeliveredEvents::forget_oldest(int64_t trail) {
  const auto rows = CAIRN_TRY(state_.query(
      "SELECT id, events FROM trail_delivered WHERE trail = ? ORDER BY id DESC", {trail}));
  size_t kept = 0;
  for (const auto& row : rows) {
    kept += static_cast<size_t>(row.number(1));
    if (kept <= limits_.events_max / 4 * 3) continue;
    CAIRN_TRY(state_.execute("DELETE FROM trail_delivered WHERE trail = ? AND id <= ?",
                             {trail, row.number(0)}));
    return {};
  }
  return {};
}

uint64_t DeliveredEvents::key_of(const EventFacts& facts) const {
  std::string text = secret_;
  append_part(text, facts.account);
  append_part(text, facts.region);
  append_part(text, facts.event_id);
  append_part(text, facts.insight_state);
  uint64_t key = 0;
  std::memcpy(&key, sha256(text).data(), kKeyBytes);
  return key == 0 ? 1 : key;
}

bool DeliveredEvents::take(const EventFacts& facts) {
  if (facts.event_id.empty()) return true;
  const auto key = key_of(facts);
  if (known_.at(trail_).contains(key) || !batch_.insert(key)) return false;
  batch_keys_.push_back(key);
  return true;
}

Status DeliveredEvents::write(int64_t now_us) {
  CAIRN_TRY(state_.execute("DELETE FROM trail_delivered WHERE trail = ? AND planned_us < ?",
                           {trail_, now_us - limits_.kept_us}));
  if (batch_keys_.empty()) return {};
  const std::string_view bytes(reinterpret_cast<const char*>(batch_keys_.data()),
                               batch_keys_.size() * kKeyBytes);
  CAIRN_TRY(state_.execute(
      "INSERT INTO trail_delivered (trail, planned_us, events, keys) VALUES (?, ?, ?, ?)",
      {trail_, now_us, static_cast<int64_t>(batch_keys_.size()), encode_base64(bytes)}));
  return {};
}

void DeliveredEvents::committed() {
  auto& known = known_.at(trail_);
  for (const auto key : batch_keys_) known.insert(key);
  batch_ = {};
  batch_keys_.clear();
}

void DeliveredEvents::keep_only(const std::vector<int64_t>& trails) {
  std::erase_if(known_, [&](const auto& known) {
    return std::find(trails.begin(), trails.end(), known.first) == trails.end();
  });
}

}  // namespace cairn::trails

#include "api/s3/bucket_rights.h"

#include "api/s3/s3_sight.h"
#include "trails/names.h"
#include "trails/trails.h"

#include <algorithm>

namespace cairn::api {
namespace {

/// Walks the bucket until `stop` is true of a key, and returns whether it was. After each key it
/// goes on behind `leap_to(key)`; that is the key itself if nothing can be left out. Fails closed:
/// `if_unreadable` is the answer for a bucket that cannot be listed.
template <class Stop, class Leap>
bool find_key(io::ObjectStore& store, bool if_unreadable, Stop stop, Leap leap_to) {
  bool found = false;
  std::string after;
  for (bool leaps = true; leaps && !found;) {
    leaps = false;
    const auto listed = store.list("", after, [&](const io::ObjectInfo& info) {
      found = stop(info.key);
      if (found) return false;
      auto behind = leap_to(info.key);
      leaps = behind != info.key;
      if (leaps) after = std::move(behind);
      return !leaps;
    });
    if (!listed.ok()) return if_unreadable;
  }
  return found;
}

bool sees_anything(io::ObjectStore& store, const Sight& sight) {
  return find_key(
      store, false, [&](const std::string& key) { return sight.sees(key); },
      [&](const std::string& key) { return sight.behind(key); });
}

bool holds_hidden(io::ObjectStore& store, const Sight& sight) {
  return find_key(
      store, true, [&](const std::string& key) { return !sight.sees(key); },
      [&](const std::string& key) { return sight.past(key); });
}

bool is_of(const access::Caller& caller, const trails::Trail& trail) {
  return !trail.organization && caller.may_see(trail.account);
}

}  // namespace

bool BucketRights::knows_of(const access::Caller& caller, const std::string& bucket,
                            io::ObjectStore& store) const {
  if (caller.accounts.empty()) return true;
  const auto owner = shelf_.owner(bucket);
  if (!owner.empty() && caller.may_see(owner)) return true;
  if (trails_ != nullptr) {
    const auto trails = trails_->delivering_to(bucket);
    const auto theirs = [&](const trails::Trail& trail) { return is_of(caller, trail); };
    if (trails.ok() && std::any_of(trails.value().begin(), trails.value().end(), theirs))
      return true;
  }
  return sees_anything(store, Sight(caller));
}

bool BucketRights::is_free_for(const access::Caller& caller, const std::string& bucket,
                               io::ObjectStore& store) const {
  const auto owner = shelf_.owner(bucket);
  if (!owner.empty() && !caller.may_see(owner)) return false;
  if (trails_ != nullptr) {
    const auto trails = trails_->delivering_to(bucket);
    if (!trails.ok()) return false;
    for (const auto& trail : trails.value())
      if (!is_of(caller, trail)) return false;
  }
  return !holds_hidden(store, Sight(caller));
}

Status BucketRights::check_delivery(const access::Caller& caller, const std::string& bucket) const {
  if (caller.accounts.empty()) return {};
  const auto store = shelf_.open(bucket);
  if (!store.ok()) return {};  // which the trail finds out, and tells
  if (is_free_for(caller, bucket, *store.value())) return {};
  return knows_of(caller, bucket, *store.value()) ? trails::closed_bucket(bucket)
                                                  : trails::unknown_bucket(bucket);
}

}  // namespace cairn::api

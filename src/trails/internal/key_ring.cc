#include "trails/internal/key_ring.h"

#include "base/base64.h"
#include "base/seal.h"

#include <utility>

namespace cairn::trails {
namespace {

constexpr size_t kOpenedMax = 256;

std::string bound_to(const std::string& region, const std::string& fingerprint) {
  return "trail signing key " + region + " " + fingerprint;
}

}  // namespace

Result<integrity::SigningKey> KeyRing::current(const std::string& region, int64_t at_us) {
  const std::lock_guard lock(mutex_);
  // The youngest that is valid; once it is near its end, the next one.
  const auto rows = CAIRN_TRY(state_.query(
      "SELECT fingerprint, private_key, valid_to_us FROM trail_signing_keys WHERE region = ? AND "
      "valid_from_us <= ? ORDER BY valid_from_us DESC LIMIT 1",
      {region, at_us}));
  if (rows.empty() || rows.front().number(2) - options_.key_overlap_us <= at_us)
    return make(region, at_us - options_.digest_interval_us);
  return unseal(rows.front().text(0), rows.front().text(1), region);
}

Result<integrity::SigningKey> KeyRing::unseal(const std::string& fingerprint,
                                              const std::string& sealed,
                                              const std::string& region) {
  if (const auto at = opened_.find(fingerprint); at != opened_.end()) return at->second;
  const auto bytes = decode_base64(sealed);
  if (!bytes) return Error{ErrorKind::corrupt, "the signing key of " + region + " is damaged"};
  auto plain = CAIRN_TRY(secrets_.open(*bytes, bound_to(region, fingerprint)));
  auto key = integrity::SigningKey::from_private_der(plain);
  wipe(plain);
  if (!key.ok()) return std::move(key).error().context("the signing key of " + region);
  if (opened_.size() >= kOpenedMax) opened_.clear();
  opened_.emplace(fingerprint, key.value());
  return key;
}

Result<integrity::SigningKey> KeyRing::make(const std::string& region, int64_t from_us) {
  auto key = CAIRN_TRY(integrity::SigningKey::generate());
  auto plain = key.private_der();
  auto sealed = secrets_.seal(plain, bound_to(region, key.fingerprint()));
  wipe(plain);
  if (!sealed.ok()) return std::move(sealed).error();
  CAIRN_TRY(state_.execute(
      "INSERT INTO trail_signing_keys (fingerprint, region, public_key, private_key, "
      "valid_from_us, valid_to_us) VALUES (?, ?, ?, ?, ?, ?)",
      {key.fingerprint(), region, encode_base64(key.public_der()), encode_base64(sealed.value()),
       from_us, from_us + options_.key_life_us}));
  return key;
}

Result<size_t> KeyRing::count_regions() {
  const auto rows =
      CAIRN_TRY(state_.query("SELECT count(DISTINCT region) FROM trail_signing_keys", {}));
  return static_cast<size_t>(rows.front().number(0));
}

Result<std::vector<PublicKey>> KeyRing::list(const std::string& region, int64_t start_us,
                                             int64_t end_us) {
  const auto rows = CAIRN_TRY(state_.query(
      "SELECT public_key, fingerprint, valid_from_us, valid_to_us FROM trail_signing_keys WHERE "
      "region = ? AND valid_from_us <= ? AND valid_to_us >= ? ORDER BY valid_from_us",
      {region, end_us, start_us}));
  std::vector<PublicKey> keys;
  for (const auto& row : rows)
    keys.push_back({.der = decode_base64(row.text(0)).value_or(""),
                    .fingerprint = row.text(1),
                    .valid_from_us = row.number(2),
                    .valid_to_us = row.number(3)});
  return keys;
}

}  // namespace cairn::trails

#include "integrity/public_keys.h"

#include "base/base64.h"
#include "base/text.h"
#include "base/time.h"
#include "integrity/signing_key.h"
#include "io/file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace cairn::integrity {
namespace {

/// A file of keys that is larger is none.
constexpr uint64_t kFileBytesMax = 16 << 20;
constexpr std::string_view kPemBegin = "-----BEGIN ";

/// Seconds since 1970, or ISO 8601. Absent when it is neither.
std::optional<int64_t> parse_time(const nlohmann::json& value) {
  if (value.is_string()) return parse_iso8601(value.get_ref<const std::string&>());
  if (!value.is_number()) return std::nullopt;
  const auto seconds = value.get<double>();
  constexpr double kSecondsMax = 253'402'300'799;  // the year 9999
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kSecondsMax) return std::nullopt;
  return static_cast<int64_t>(seconds * 1e6);
}

std::optional<int64_t> time_member(const nlohmann::json& entry, const char* name) {
  const auto at = entry.find(name);
  return at == entry.end() ? std::nullopt : parse_time(*at);
}

const std::string* text_member(const nlohmann::json& entry, const char* name) {
  const auto at = entry.find(name);
  return at == entry.end() ? nullptr : at->get_ptr<const std::string*>();
}

Error corrupt(std::string message) {
  return Error{ErrorKind::corrupt, std::move(message)};
}

bool may_hold_keys(const std::string& path) {
  constexpr std::array<std::string_view, 5> kEndings{".json", ".pem", ".der", ".pub", ".key"};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

}  // namespace

Status PublicKeys::add_list(std::string_view json) {
  const auto list = nlohmann::json::parse(json, nullptr, false);
  if (!list.is_object() || !list.contains("PublicKeyList") || !list["PublicKeyList"].is_array())
    return corrupt("it is no list of public keys: a JSON object with 'PublicKeyList'");
  size_t number = 0;
  for (const auto& entry : list["PublicKeyList"]) {
    ++number;
    const auto* const name = entry.is_object() ? text_member(entry, "Fingerprint") : nullptr;
    const auto* const value = entry.is_object() ? text_member(entry, "Value") : nullptr;
    if (name == nullptr || value == nullptr)
      return corrupt(fmt::format("key {} of 'PublicKeyList' has no {}", number,
                                 name == nullptr ? "'Fingerprint'" : "'Value'"));
    PublicKey& key = keys_[*name];
    const auto der = decode_base64(*value);
    auto loaded = RsaPublicKey::from_pkcs1(der.value_or(""));
    if (loaded.ok()) key.key = std::move(loaded).value();
    key.valid_from_us = time_member(entry, "ValidityStartTime");
    key.valid_to_us = time_member(entry, "ValidityEndTime");
  }
  return {};
}

Status PublicKeys::add_file(std::string_view bytes) {
  const auto first = bytes.find_first_not_of(" \t\r\n");
  if (first != bytes.npos && bytes[first] == '{') return add_list(bytes);
  if (bytes.find(kPemBegin) == bytes.npos) {
    auto key = RsaPublicKey::from_pkcs1(bytes);
    if (!key.ok()) key = RsaPublicKey::from_subject_public_key_info(bytes);
    if (!key.ok()) return corrupt("it holds neither a list of public keys nor one in PEM or DER");
    add(key.value());
    return {};
  }
  for (auto at = bytes.find(kPemBegin); at != bytes.npos;) {
    const auto next = bytes.find(kPemBegin, at + 1);
    const auto key = CAIRN_TRY(RsaPublicKey::from_pem(bytes.substr(at, next - at)));
    add(key);
    at = next;
  }
  return {};
}

void PublicKeys::add(const RsaPublicKey& key) {
  keys_[fingerprint(key)].key = key;
}

void PublicKeys::add(const PublicKeys& others) {
  for (const auto& [name, key] : others.keys_) keys_[name] = key;
}

const PublicKey* PublicKeys::find(const std::string& fingerprint) const {
  const auto at = keys_.find(fingerprint);
  return at == keys_.end() ? nullptr : &at->second;
}

Result<PublicKeys> read_public_keys(const std::string& path) {
  const auto files = CAIRN_TRY(io::find_files({path}));
  PublicKeys keys;
  for (const auto& file : files) {
    if (file.listed && !may_hold_keys(file.path)) continue;
    const auto doing = fmt::format("cannot use '{}' as public keys", printable(file.path));
    const auto bytes = io::read_file(file.path, kFileBytesMax);
    if (!bytes.ok()) return Error(bytes.error()).context(doing);
    auto added = keys.add_file(bytes.value());
    if (!added.ok()) return std::move(added).error().context(doing);
  }
  if (keys.empty())
    return Error{ErrorKind::not_found,
                 fmt::format("'{}' holds no public keys\nhint: `aws cloudtrail list-public-keys "
                             "--start-time … --end-time … > keys.json` gets them",
                             printable(path))};
  return keys;
}

}  // namespace cairn::integrity

#include "store/internal/cached_objects.h"

#include "base/crypto.h"
#include "base/text.h"
#include "store/lake.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::store {
namespace {

constexpr uint64_t kRangeKeptMin = 4096;
constexpr size_t kHashDigits = 32;
constexpr size_t kLeafMax = 80;

bool is_metadata(std::string_view key) {
  return key.starts_with(kMetadataPrefix) &&
         (key.ends_with(".avro") || key.ends_with(".metadata.json"));
}

bool is_data(std::string_view key) {
  return key.starts_with(kDataPrefix);
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

}  // namespace

std::string CachedObjects::cached_name(const std::string& key) const {
  auto leaf = key.substr(key.rfind('/') + 1);
  if (leaf.size() > kLeafMax) leaf.erase(0, leaf.size() - kLeafMax);
  std::replace_if(
      leaf.begin(), leaf.end(), [](char c) { return !is_plain(c); }, '_');
  return fmt::format("{}-{}", to_hex(sha256(uri(key))).substr(0, kHashDigits), leaf);
}

Result<std::string> CachedObjects::get(const std::string& key, uint64_t bytes_max) {
  if (!is_metadata(key)) return far_->get(key, bytes_max);
  const auto name = cached_name(key);
  if (auto kept = cache_->read(name)) return std::move(*kept);
  auto bytes = CAIRN_TRY(far_->get(key, bytes_max));
  cache_->keep(name, bytes);
  return bytes;
}

Result<std::string> CachedObjects::get_range(const std::string& key, uint64_t offset,
                                             uint64_t length) {
  if (!is_data(key)) return far_->get_range(key, offset, length);
  const auto whole = cached_name(key);
  if (auto here = cache_->read_part(whole, offset, length)) return std::move(*here);
  if (length < kRangeKeptMin) return far_->get_range(key, offset, length);
  const auto name = fmt::format("{}.{}-{}", whole, offset, length);
  if (auto kept = cache_->read(name)) return std::move(*kept);
  auto bytes = CAIRN_TRY(far_->get_range(key, offset, length));
  if (bytes.size() == length) cache_->keep(name, bytes);
  return bytes;
}

Status CachedObjects::put(const std::string& key, std::string_view bytes) {
  CAIRN_TRY(far_->put(key, bytes));
  if (is_metadata(key)) cache_->keep(cached_name(key), bytes);
  if (!is_data(key)) return {};
  // This machine will look into it again: for what the lake holds, or to merge it.
  cache_->make_room(bytes.size());
  auto copy = cache_->begin(cached_name(key), bytes.size());
  if (copy.ok() && copy.value() && copy.value()->write(0, bytes).ok())
    (void)copy.value()->finish();  // a copy is a help, no duty
  return {};
}

Status CachedObjects::remove(const std::string& key) {
  return remove_all({key});
}

Status CachedObjects::remove_all(const std::vector<std::string>& keys) {
  for (const auto& key : keys)
    if (is_metadata(key) || is_data(key)) cache_->drop(cached_name(key));
  return far_->remove_all(keys);
}

}  // namespace cairn::store

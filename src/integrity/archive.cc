#include "integrity/archive.h"

namespace cairn::integrity {
namespace {

std::string joined(std::string_view folder, std::string_view key) {
  return folder.empty() ? std::string(key) : std::string(folder) + "/" + std::string(key);
}

/// `key` without `folder/` before it; nullopt when it is not below it.
std::optional<std::string_view> below(std::string_view folder, std::string_view key) {
  if (folder.empty()) return key;
  if (!key.starts_with(folder) || key.size() <= folder.size() || key[folder.size()] != '/')
    return std::nullopt;
  return key.substr(folder.size() + 1);
}

}  // namespace

Result<Located> OriginalBuckets::locate(const std::string& bucket, const std::string& key) {
  const std::lock_guard lock(mutex_);
  io::ObjectStore* const store = CAIRN_TRY(open_(bucket));
  return Located{store, key};
}

Result<Located> CopiedBucket::locate(const std::string& bucket, const std::string& key) {
  if (names_.actual_prefix == joined(names_.bucket, names_.recorded_prefix))
    return Located{&store_, joined(bucket, key)};
  if (const auto rest = below(names_.recorded_prefix, key))
    return Located{&store_, joined(names_.actual_prefix, *rest)};
  return Located{&store_, key};
}

}  // namespace cairn::integrity

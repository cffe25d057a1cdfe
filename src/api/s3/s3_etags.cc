#include "api/s3/s3_etags.h"

#include "base/crypto.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace cairn::api {

std::optional<EtagBook::Md5> EtagBook::known(const Name& name) {
  const std::lock_guard lock(mutex_);
  if (const auto at = young_.find(name); at != young_.end()) return at->second;
  const auto at = old_.find(name);
  if (at == old_.end()) return std::nullopt;
  const auto md5 = at->second;
  remember(name, md5);
  return md5;
}

void EtagBook::keep(const Name& name, const Md5& md5) {
  const std::lock_guard lock(mutex_);
  remember(name, md5);
}

void EtagBook::remember(const Name& name, const Md5& md5) {
  young_.emplace(name, md5);
  if (young_.size() < generation_max_) return;
  old_ = std::exchange(young_, {});
}

std::string EtagBook::etag(io::ObjectStore& store, const io::ObjectInfo& info,
                           uint64_t& read_bytes) {
  if (!store.local_path(info.key)) return info.etag;  // a real S3's own
  const auto identity =
      sha256(fmt::format("{}\n{}\n{}", store.uri(info.key), info.size_bytes, info.etag));
  const auto in_parts = [&] {
    return fmt::format("{}-{}", to_hex(md5(identity)),
                       std::max<uint64_t>(1, (info.size_bytes + kPartBytes - 1) / kPartBytes));
  };
  if (info.size_bytes > kHashedBytesMax) return in_parts();
  Name name{};
  std::memcpy(name.data(), identity.data(), sizeof name);
  if (const auto found = known(name)) return to_hex({found->data(), found->size()});
  const auto bytes = store.get(info.key, kHashedBytesMax);
  if (!bytes.ok()) return in_parts();  // not to be read: its reader is told
  read_bytes += bytes.value().size();
  const auto hash = md5(bytes.value());
  Md5 made{};
  std::memcpy(made.data(), hash.data(), sizeof made);
  const auto after = store.head(info.key);
  if (after.ok() && after.value().etag == info.etag && bytes.value().size() == info.size_bytes)
    keep(name, made);
  return to_hex(hash);
}

}  // namespace cairn::api

// ETags as S3 gives them: the MD5 of what was put at once, and for what is large a text of the form
// that S3 gives to what was put in parts.
#pragma once

#include "base/result.h"
#include "io/object_store.h"

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::api {

/// Remembers the MD5 of objects by name, size and time, so that each is read once. Thread-safe.
class EtagBook {
 public:
  /// As large objects as the AWS CLI puts at once. Larger ones are never read for their ETag.
  static constexpr uint64_t kHashedBytesMax = 8 << 20;
  static constexpr uint64_t kPartBytes = 8 << 20;

  /// Remembers at least `entries_max`/2 and at most so many; an entry takes about 80 bytes.
  explicit EtagBook(size_t entries_max = 200'000) : generation_max_(entries_max / 2) {}

  /// Without quotes. `read_bytes` grows by what had to be read for it.
  std::string etag(io::ObjectStore& store, const io::ObjectInfo& info, uint64_t& read_bytes);

 private:
  using Name = std::array<uint64_t, 4>;  ///< SHA-256 of an object's place, size and time
  using Md5 = std::array<char, 16>;

  std::optional<Md5> known(const Name& name);
  void keep(const Name& name, const Md5& md5);
  void remember(const Name& name, const Md5& md5);  ///< with the mutex

  const size_t generation_max_;
  std::mutex mutex_;
  std::map<Name, Md5> young_;
  std::map<Name, Md5> old_;  // goes when the young ones are many
};

}  // namespace cairn::api

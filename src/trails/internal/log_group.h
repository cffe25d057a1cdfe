// A trail's events as the lines of a log group, as CloudWatch Logs would hold them: gzip files of
// JSON lines, docs/formats/trails.md says where and how.
#pragma once

#include "base/result.h"
#include "io/object_store.h"
#include "trails/internal/selection.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::trails {

/// CloudWatch Logs takes no longer ones; CloudTrail leaves them out.
inline constexpr size_t kLogEventBytesMax = 256 << 10;

/// Where the files of a group lie in the store: `ACCOUNT/REGION/NAME`, the name percent-encoded.
std::string log_group_folder(std::string_view group_arn);

/// The lines of one batch.
class LogGroupWriter {
 public:
  /// `organization`: its id for an organization's trail, else empty.
  LogGroupWriter(std::string_view organization, int64_t ingested_us)
      : organization_(organization), ingested_us_(ingested_us) {}

  void add(const EventFacts& facts, std::string_view record);

  uint64_t too_large() const { return too_large_; }

  bool empty() const { return lines_.empty(); }

  /// Stores the lines under this key, durably.
  Status write(io::ObjectStore& store, const std::string& key, int gzip_level) const;

 private:
  const std::string organization_;
  const int64_t ingested_us_;
  std::string lines_;
  uint64_t too_large_ = 0;
};

}  // namespace cairn::trails

#include "app/disk_watch.h"

#include "io/disk_space.h"
#include "io/s3_store.h"

#include <algorithm>
#include <limits>

namespace cairn::app {
namespace {

constexpr uint64_t kUsualMinimum = 512ULL << 20;
constexpr uint64_t kShareOfDisk = 20;

}  // namespace

DiskWatch::DiskWatch(const std::vector<std::string>& places) {
  for (const auto& place : places)
    if (!place.empty() && !io::is_s3_url(place)) folders_.push_back(place);
}

Result<uint64_t> DiskWatch::free_bytes() const {
  uint64_t least = std::numeric_limits<uint64_t>::max();
  for (const auto& folder : folders_) {
    const auto space = io::disk_space(folder);
    // The lake's folder is made later.
    if (!space.ok() && space.error().kind() == ErrorKind::not_found) continue;
    if (!space.ok()) return space.error();
    least = std::min(least, space.value().free_bytes);
  }
  return least;
}

uint64_t DiskWatch::default_minimum() const {
  uint64_t minimum = kUsualMinimum;
  for (const auto& folder : folders_) {
    const auto space = io::disk_space(folder);
    if (space.ok()) minimum = std::min(minimum, space.value().total_bytes / kShareOfDisk);
  }
  return minimum;
}

}  // namespace cairn::app

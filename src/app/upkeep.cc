#include "app/upkeep.h"

#include "ingest/compact.h"
#include "io/background.h"
#include "io/process_memory.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace cairn::app {
namespace {

constexpr int64_t kMicrosPerHour = 3'600'000'000;
/// Upper bounds of the classes of size of files that are merged.
constexpr std::array<uint64_t, 3> kSmallBytes{1'000'000, 12'000'000, 96'000'000};

}  // namespace

Upkeep::Upkeep(store::Lake lake, const io::Clock& clock, io::Waiter& waiter, Log& log,
               UpkeepOptions options, std::function<Status()> clean_spool)
    : lake_(std::move(lake)),
      clock_(clock),
      waiter_(waiter),
      log_(log),
      options_(options),
      clean_spool_(std::move(clean_spool)) {}

Result<std::unique_ptr<Upkeep>> Upkeep::start(const store::LakeOptions& lake,
                                              const io::Clock& clock, io::Waiter& waiter, Log& log,
                                              UpkeepOptions options,
                                              std::function<Status()> clean_spool) {
  auto opened = CAIRN_TRY(store::Lake::open(lake, clock, true));
  std::unique_ptr<Upkeep> upkeep(
      new Upkeep(std::move(opened), clock, waiter, log, options, std::move(clean_spool)));
  upkeep->thread_ = std::thread([raw = upkeep.get()] { raw->work(); });
  return upkeep;
}

Upkeep::~Upkeep() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

UpkeepStatus Upkeep::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Upkeep::work() {
  io::yield_to_others();
  bool failing = false;
  while (!cancelled_) {
    {
      std::unique_lock lock(mutex_);
      waiter_.wait_until(wake_, lock, waiter_.steady_us() + options_.interval_us,
                         [this] { return cancelled_.load(); });
    }
    if (cancelled_) return;
    const auto done = round();
    if (!done.ok()) {
      const std::lock_guard lock(mutex_);
      ++status_.failures;
    }
    if (!done.ok() && !failing)
      log_.write(Level::warning, "the lake's upkeep failed; it is tried again",
                 {{"reason", done.error().message()}});
    failing = !done.ok();
    io::return_unused_memory();
  }
}

Status Upkeep::round() {
  CAIRN_TRY(clean_spool_());
  const auto small_bytes = CAIRN_TRY(too_many_below());
  if (small_bytes) {
    ingest::CompactProgress progress;
    const auto report = CAIRN_TRY(ingest::compact(
        lake_, {.small_bytes = *small_bytes, .threads = options_.threads}, cancelled_, progress));
    const std::lock_guard lock(mutex_);
    ++status_.compactions;
    status_.files_merged += report.files_before;
  }
  return thin_snapshots();
}

Status Upkeep::thin_snapshots() {
  auto table = CAIRN_TRY(lake_.open_table());
  const auto now = clock_.now_us();
  const bool many = table.snapshots().size() >= snapshots_kept_ + options_.snapshots_added_max;
  if (!many && thinned_us_ != 0 && now - thinned_us_ < options_.keep_all_us && now >= thinned_us_)
    return {};
  const auto hour_ago = std::min(now - kMicrosPerHour, now - options_.keep_all_us);
  uint64_t expired = 0;
  for (const auto& [before_us, one_per_us] :
       {std::pair(now - options_.keep_hourly_us, int64_t{0}), std::pair(hour_ago, kMicrosPerHour),
        std::pair(now - options_.keep_all_us, options_.keep_all_us)}) {
    const auto gone = CAIRN_TRY(table.expire_snapshots(before_us / 1000, false, one_per_us / 1000));
    expired += gone.snapshots.size();
  }
  snapshots_kept_ = table.snapshots().size();
  thinned_us_ = now;
  const std::lock_guard lock(mutex_);
  status_.snapshots_expired += expired;
  return {};
}

Result<std::optional<uint64_t>> Upkeep::too_many_below() {
  auto table = CAIRN_TRY(lake_.open_table());
  const auto snapshot = table.current();
  if (!snapshot) return std::optional<uint64_t>();
  const auto files = CAIRN_TRY(table.files(*snapshot, {}));
  for (const auto bytes : kSmallBytes) {
    std::map<int32_t, uint64_t> small;
    for (const auto& file : files) {
      const bool counts = static_cast<uint64_t>(file.size_bytes) < bytes &&
                          !file.partition_days.empty() && file.partition_days[0];
      if (counts && ++small[*file.partition_days[0]] > options_.small_files_max)
        return std::optional<uint64_t>(bytes);
    }
  }
  return std::optional<uint64_t>();
}

}  // namespace cairn::app

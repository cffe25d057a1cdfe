#include "app/upkeep.h"

#include "ingest/compact.h"
#include "io/background.h"

#include <array>
#include <map>
#include <utility>

namespace cairn::app {
namespace {

constexpr int64_t kMillisPerHour = 3'600'000;
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
  auto table = CAIRN_TRY(lake_.open_table());
  const auto now = clock_.now_us();
  auto expired =
      CAIRN_TRY(table.expire_snapshots((now - options_.keep_all_us) / 1000, false, kMillisPerHour));
  const auto hourly =
      CAIRN_TRY(table.expire_snapshots((now - options_.keep_hourly_us) / 1000, false));
  const std::lock_guard lock(mutex_);
  status_.snapshots_expired += expired.snapshots.size() + hourly.snapshots.size();
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

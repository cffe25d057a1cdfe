#include "app/lake_feed.h"

#include "io/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace cairn::app {
namespace {

constexpr uint64_t kRunBytesMax = 512 << 20;  // segments of one run, so that commits stay small
constexpr int64_t kPauseAfterFailureUs = 5'000'000;

constexpr std::string_view kTables[] = {
    "CREATE TABLE feed_cursor (id INTEGER PRIMARY KEY CHECK (id = 1), next_segment INTEGER NOT "
    "NULL);"
    "INSERT INTO feed_cursor VALUES (1, 1);"};

/// Segments as objects without a name in the ledger: what was fed is noted in the service's state.
class SegmentSource final : public ingest::Source {
 public:
  explicit SegmentSource(const std::vector<spool::Segment>& segments) : segments_(segments) {}

  Status list(const std::function<void(ingest::SourceObject)>& visit) override {
    for (const auto& segment : segments_)
      visit({.source = "", .key = segment.path, .name = segment.path, .size_bytes = segment.bytes});
    return {};
  }

  Result<bool> fetch(const ingest::SourceObject& /*object*/, Buffer& /*bytes*/) override {
    return false;
  }

 private:
  const std::vector<spool::Segment>& segments_;
};

}  // namespace

LakeFeed::LakeFeed(store::Lake& lake, spool::Spool& spool, store::StateDatabase& state,
                   const io::Clock& clock, io::Waiter& waiter, Log& log, LakeFeedOptions options)
    : lake_(lake),
      spool_(spool),
      state_(state),
      clock_(clock),
      waiter_(waiter),
      log_(log),
      options_(std::move(options)) {}

Result<std::unique_ptr<LakeFeed>> LakeFeed::start(store::Lake& lake, spool::Spool& spool,
                                                  store::StateDatabase& state,
                                                  const io::Clock& clock, io::Waiter& waiter,
                                                  Log& log, LakeFeedOptions options) {
  std::unique_ptr<LakeFeed> feed(
      new LakeFeed(lake, spool, state, clock, waiter, log, std::move(options)));
  CAIRN_TRY(state.migrate("feed", {std::begin(kTables), std::end(kTables)}));
  const auto rows = CAIRN_TRY(state.query("SELECT next_segment FROM feed_cursor", {}));
  if (!rows.empty())
    feed->status_.next_segment = static_cast<uint64_t>(std::max<int64_t>(1, rows[0].number(0)));
  feed->thread_ = std::thread([raw = feed.get()] { raw->work(); });
  return feed;
}

LakeFeed::~LakeFeed() {
  stop();
}

void LakeFeed::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

LakeFeedStatus LakeFeed::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void LakeFeed::work() {
  FeedPace pace(options_.pace);
  bool failing = false;
  bool first = true;
  for (bool last = false; !last; first = false) {
    {
      std::unique_lock lock(mutex_);
      const auto pause_us = failing ? kPauseAfterFailureUs : options_.pace.interval_us;
      waiter_.wait_until(wake_, lock, waiter_.steady_us() + pause_us, [this] { return stopping_; });
      last = stopping_;
    }
    if (!first && !last && !failing && !is_due(pace)) continue;
    const auto commits = status().commits;
    const auto done = feed();
    if (status().commits != commits) pace.committed(waiter_.steady_us());
    {
      const std::lock_guard lock(mutex_);
      status_.failing = !done.ok();
      if (!done.ok()) ++status_.failures;
    }
    if (!done.ok() && !failing)
      log_.write(Level::error, "accepted events cannot be brought into the lake; they wait",
                 {{"reason", done.error().message()}});
    if (done.ok() && failing) log_.write(Level::info, "events are brought into the lake again");
    failing = !done.ok();
  }
}

// Records in the reserve are in no segment yet; roll() moves them there once there is space.
bool LakeFeed::is_due(FeedPace& pace) const {
  return pace.is_due(waiter_.steady_us(), spool_.records_appended() - records_seen_) ||
         spool_.space().reserve_used_bytes > 0;
}

Status LakeFeed::feed() {
  const auto appended = spool_.records_appended();
  CAIRN_TRY(spool_.roll());
  for (;;) {
    auto segments = spool_.sealed(status().next_segment);
    uint64_t bytes = 0;
    const auto end = std::find_if(segments.begin(), segments.end(), [&](const auto& segment) {
      return (bytes += segment.bytes) > kRunBytesMax;
    });
    segments.erase(end == segments.begin() && !segments.empty() ? end + 1 : end, segments.end());
    if (segments.empty()) break;
    CAIRN_TRY(take(segments));
  }
  records_seen_ = appended;
  return {};
}

Status LakeFeed::take(const std::vector<spool::Segment>& segments) {
  const auto begun = clock_.now_us();
  SegmentSource source(segments);
  ingest::IngestOptions options;
  options.threads = options_.threads;
  ingest::IngestProgress progress;
  const auto report =
      CAIRN_TRY(ingest::ingest(lake_, source, options, clock_, never_, progress, memory_));
  if (report.objects_failed > 0)
    return Error{ErrorKind::unavailable,
                 report.problems.empty() ? "a segment cannot be read" : report.problems[0].reason};
  if (report.records_rejected > 0 || report.objects_rejected > 0) {
    CAIRN_TRY(keep_rejected(segments));
    log_.write(Level::error, "accepted events could not be taken into the lake",
               {{"records", std::to_string(report.records_rejected)},
                {"kept_in", options_.rejected_folder},
                {"reason", report.problems.empty() ? "" : report.problems[0].reason}});
  }
  const auto next = segments.back().number + 1;
  CAIRN_TRY(
      state_.execute("UPDATE feed_cursor SET next_segment = ?", {static_cast<int64_t>(next)}));
  const std::lock_guard lock(mutex_);
  status_.events += report.events_new;
  status_.duplicates += report.events_duplicate;
  status_.rejected += report.records_rejected;
  status_.commits += report.commits;
  status_.next_segment = next;
  status_.last_commit_us = clock_.now_us();
  status_.last_run_us = status_.last_commit_us - begun;
  return {};
}

Status LakeFeed::keep_rejected(const std::vector<spool::Segment>& segments) {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::create_directories(options_.rejected_folder, failed);
  for (const auto& segment : segments) {
    const auto kept = fs::path(options_.rejected_folder) / fs::path(segment.path).filename();
    fs::copy_file(segment.path, kept, fs::copy_options::overwrite_existing, failed);
    if (failed)
      return Error{ErrorKind::unavailable,
                   fmt::format("cannot keep '{}': {}", kept.string(), failed.message())};
  }
  return {};
}

}  // namespace cairn::app

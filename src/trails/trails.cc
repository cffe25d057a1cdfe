#include "trails/trails.h"

#include "base/text.h"
#include "trails/internal/context.h"
#include "trails/internal/courier.h"
#include "trails/internal/digester.h"
#include "trails/internal/impl.h"
#include "trails/internal/planner.h"
#include "trails/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace cairn::trails {
namespace {

constexpr int64_t kTickUs = 1'000'000;
constexpr int64_t kShortestTickUs = 50'000;
constexpr size_t kCrewThreads = 64;
constexpr size_t kCrewSlowMax = 32;  ///< threads for places that did not answer
constexpr int64_t kStalledMillis = 2'000;
constexpr int64_t kWaitMillis = 50;
constexpr size_t kRegionsMax = 128;  // more than AWS has

}  // namespace

Trails::Trails(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Trails::~Trails() {
  impl_->end_thread();
}

Result<std::unique_ptr<Trails>> Trails::open(TrailsOptions options, TrailsWorld world) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(world));
  CAIRN_TRY(impl->context.table.prepare());
  CAIRN_TRY(impl->planner.prepare());
  CAIRN_TRY(impl->courier.tidy_outbox());
  return std::unique_ptr<Trails>(new Trails(std::move(impl)));
}

Result<RunReport> Trails::run_once(int64_t now_us) {
  return impl_->run(now_us, false);
}

Result<RunReport> Trails::flush() {
  return impl_->run(impl_->context.world.clock.now_us(), true);
}

Result<RunReport> Trails::Impl::run(int64_t now_us, bool impatient) {
  const std::lock_guard running(run_mutex);
  RunReport report;
  // A full disk keeps log files from being made; delivering those that are there makes room.
  const auto planned = plan(now_us, impatient, report);
  const auto log_files = CAIRN_TRY(courier.due(now_us, impatient));
  for (const auto& to : log_files) CAIRN_TRY(courier.deliver_to(to, now_us, Turn::all, report));
  CAIRN_TRY(digester.make_due(now_us));
  const auto digests = CAIRN_TRY(digester.due(now_us, impatient));
  for (const auto& to : digests) CAIRN_TRY(digester.deliver_to(to, now_us, Turn::all, report));
  const auto targets = CAIRN_TRY(courier.due_targets(now_us, impatient));
  for (const auto& target : targets) CAIRN_TRY(courier.notify(target, now_us, impatient, report));
  CAIRN_TRY(context.table.purge(now_us));
  report.refusing = courier.refusing() + digester.refusing();
  if (!planned.ok()) return planned.error();
  return report;
}

template <class Deliver>
void Trails::Impl::add_work(const std::string& name, bool slow, Deliver deliver) {
  crew->add(name, slow, [this, deliver = std::move(deliver)] {
    RunReport report;
    const Result<bool> more = deliver(context.world.clock.now_us(), report);
    progress += report.files_delivered + report.digests_delivered + report.notices_sent;
    const std::lock_guard lock(report_mutex);
    done.files_delivered += report.files_delivered;
    done.digests_delivered += report.digests_delivered;
    done.notices_sent += report.notices_sent;
    for (auto& problem : report.problems) done.problems.push_back(std::move(problem));
    if (!more.ok() && done_status.ok()) done_status = more.error();
    return more.ok() && more.value();
  });
}

Status Trails::Impl::hand_out(int64_t now_us, bool impatient) {
  const auto log_files = CAIRN_TRY(courier.due(now_us, impatient));
  for (const auto& to : log_files)
    add_work(fmt::format("log files {} {}", to.trail, to.bucket), courier.refuses(to),
             [this, to](int64_t at_us, RunReport& report) {
               return courier.deliver_to(to, at_us, Turn::fair, report);
             });
  CAIRN_TRY(digester.make_due(now_us));
  const auto digests = CAIRN_TRY(digester.due(now_us, impatient));
  for (const auto& to : digests)
    add_work(fmt::format("digests {} {}", to.trail, to.bucket), digester.refuses(to),
             [this, to](int64_t at_us, RunReport& report) {
               return digester.deliver_to(to, at_us, Turn::fair, report);
             });
  const auto targets = CAIRN_TRY(courier.due_targets(now_us, impatient));
  for (const auto& target : targets)
    add_work("notices " + target, courier.refuses(target),
             [this, target, impatient](int64_t at_us, RunReport& report) -> Result<bool> {
               CAIRN_TRY(courier.notify(target, at_us, impatient, report));
               return false;
             });
  return context.table.purge(now_us);
}

Result<RunReport> Trails::Impl::round(int64_t now_us, bool impatient) {
  const std::lock_guard running(run_mutex);
  RunReport report;
  const auto planned = plan(now_us, impatient, report);
  const auto handed_out = hand_out(now_us, impatient);
  const std::lock_guard lock(report_mutex);
  const auto worked = std::exchange(done_status, {});
  CAIRN_TRY(planned);  // what was done is told by the next round that works
  CAIRN_TRY(handed_out);
  CAIRN_TRY(worked);
  auto all = std::exchange(done, {});
  all.files_made = report.files_made;
  all.events = report.events;
  all.duplicates = report.duplicates;
  for (auto& problem : report.problems) all.problems.push_back(std::move(problem));
  all.refusing = courier.refusing() + digester.refusing();
  return all;
}

void Trails::Impl::wait_for_crew(int64_t most_ms) {
  int64_t idle_ms = 0;
  for (int64_t waited_ms = 0; waited_ms < most_ms && idle_ms < kStalledMillis;
       waited_ms += kWaitMillis) {
    const auto before = progress.load();
    if (crew->wait_idle(kWaitMillis)) return;
    idle_ms = progress == before ? idle_ms + kWaitMillis : 0;
  }
}

Status Trails::Impl::plan(int64_t now_us, bool impatient, RunReport& report) {
  const std::lock_guard planning(span_mutex);
  const auto& options = context.options;
  const auto spans = CAIRN_TRY(context.table.spans());
  if (spans.empty()) return {};
  // When the clock was set back, a delivery comes early rather than late.
  const bool due =
      impatient || now_us - last_plan_us >= options.interval_us || now_us < last_plan_us;
  bool ended = false;
  auto from = std::numeric_limits<uint64_t>::max();
  for (const auto& span : spans) {
    ended = ended || span.end != Span::kOpen;
    from = std::min(from, span.planned_to);
  }
  uint64_t bytes = 0;
  for (const auto& segment : context.world.spool.sealed(from)) bytes += segment.bytes;
  if (!due && !ended && bytes < options.file_bytes_max) return {};
  auto end = context.world.spool.current();
  if (due) {
    end = CAIRN_TRY(context.world.spool.roll());
    last_plan_us = now_us;
  }
  auto planned = planner.plan(end, now_us, report);
  if (!planned.ok()) last_plan_us = now_us - options.interval_us + options.retry_us;
  return planned;
}

Result<uint64_t> Trails::least_segment() {
  // First: what begins to log from now on begins there, or later.
  auto least = impl_->context.world.spool.current();
  const auto spans = CAIRN_TRY(impl_->context.table.spans());
  for (const auto& span : spans) least = std::min(least, span.planned_to);
  return least;
}

Result<std::vector<PublicKey>> Trails::public_keys(const std::string& region, int64_t start_us,
                                                   int64_t end_us) {
  if (!is_region_name(region))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is not a Region", printable(region)),
                 "InvalidParameterException"};
  auto& keys = impl_->context.keys;
  const auto ever = CAIRN_TRY(keys.list(region, 0, std::numeric_limits<int64_t>::max()));
  const auto regions = CAIRN_TRY(keys.count_regions());
  // Asking about made-up Regions must not make keys without end.
  if (ever.empty() && regions < kRegionsMax)
    CAIRN_TRY(keys.current(region, impl_->context.world.clock.now_us()));
  return keys.list(region, start_us, end_us);
}

void Trails::start(std::function<void(const Result<RunReport>&)> on_run) {
  impl_->end_thread();
  impl_->stopping = false;
  impl_->crew = std::make_unique<Crew>(kCrewThreads, kCrewSlowMax, impl_->context.world.waiter);
  impl_->thread = std::thread([this, on_run = std::move(on_run)] {
    auto& waiter = impl_->context.world.waiter;
    const auto tick_us =
        std::clamp(impl_->context.options.interval_us / 4, kShortestTickUs, kTickUs);
    std::unique_lock lock(impl_->thread_mutex);
    while (!impl_->stopping) {
      lock.unlock();
      const auto report = impl_->round(impl_->context.world.clock.now_us(), false);
      if (on_run) on_run(report);
      lock.lock();
      waiter.wait_until(impl_->wake, lock, waiter.steady_us() + tick_us,
                        [&] { return impl_->stopping; });
    }
  });
}

void Trails::stop(int64_t most_ms) {
  auto& impl = *impl_;
  if (!impl.crew) return;
  impl.end_scheduler();
  // Log files first: digests and notices tell of those that were delivered.
  for (int i = 0; i < 2; ++i) {
    (void)impl.round(impl.context.world.clock.now_us(), i == 0).ok();
    impl.wait_for_crew(most_ms / 2);
  }
  impl.end_thread();
}

void Trails::Impl::end_scheduler() {
  {
    const std::lock_guard lock(thread_mutex);
    stopping = true;
  }
  wake.notify_all();
  if (thread.joinable()) thread.join();
}

void Trails::Impl::end_thread() {
  end_scheduler();
  if (!crew) return;
  context.ending = true;
  if (context.world.cancel && !crew->wait_idle(0)) context.world.cancel();
  crew->end();
  crew.reset();
  context.ending = false;
}

}  // namespace cairn::trails

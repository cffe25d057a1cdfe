// What Trails is made of.
#pragma once

#include "trails/internal/context.h"
#include "trails/internal/courier.h"
#include "trails/internal/crew.h"
#include "trails/internal/digester.h"
#include "trails/internal/planner.h"
#include "trails/names.h"
#include "trails/trails.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace cairn::trails {

struct Trails::Impl {
  Impl(TrailsOptions options, TrailsWorld world)
      : context(std::move(options), std::move(world)),
        planner(context),
        courier(context),
        digester(context) {}

  Result<RunReport> run(int64_t now_us, bool impatient);
  Status plan(int64_t now_us, bool impatient, RunReport& report);

  /// Plans, makes digests, and gives the crew what is due. What the crew has done since the last
  /// round is in the report.
  Result<RunReport> round(int64_t now_us, bool impatient);
  Status hand_out(int64_t now_us, bool impatient);
  /// Does a turn of a delivery, on a thread of the crew.
  template <class Deliver>
  void add_work(const std::string& name, bool slow, Deliver deliver);
  /// Waits for the crew as long as it delivers anything.
  void wait_for_crew(int64_t most_ms);
  void end_scheduler();
  void end_thread();

  /// The trail that a request names, as its account sees it: its own, and the organization's. By
  /// name in this Region; by ARN also those of other Regions that cover this one.
  Result<Trail> find(const Scope& scope, const std::string& trail);
  /// The same, to change it: at its home, by its owner.
  Result<Trail> find_to_change(const Scope& scope, const std::string& trail);
  /// Of any Region, for tags.
  Result<Trail> find_by_arn(const std::string& arn);

  /// Applies what was given to `trail`, checking it.
  Status apply(const Scope& scope, const TrailSettings& settings, Trail& trail);
  Status check_organization(const Scope& scope, const Trail& trail) const;
  Status check_bucket(const Trail& trail);
  Status check_quota(const Scope& scope);

  /// Stores a changed trail. `restart`: what it selects or how it is digested changed, so that its
  /// logging goes on in a new span.
  Status store(const Trail& before, const Trail& after, bool restart);

  Context context;
  Planner planner;
  Courier courier;
  Digester digester;

  std::mutex run_mutex;     ///< one run at a time
  std::mutex change_mutex;  ///< one change of trails at a time
  std::mutex span_mutex;    ///< spans are planned, or begun and ended, not both; taken last
  int64_t last_plan_us = 0;

  std::mutex report_mutex;
  RunReport done;        ///< by the crew, not told yet
  Status done_status{};  ///< the first failure of our own state
  std::atomic<uint64_t> progress{0};

  std::unique_ptr<Crew> crew;
  std::thread thread;
  std::mutex thread_mutex;
  std::condition_variable wake;
  bool stopping = true;
};

}  // namespace cairn::trails

// Planning: the segments of a trail's spans become log files in the outbox, and lines of its log
// group, and it is written down how far the span has come. Done again after a crash it makes the
// same files anew; their final names are given only in the commit.
#pragma once

#include "trails/internal/context.h"
#include "trails/internal/delivered_events.h"
#include "trails/internal/log_group.h"
#include "trails/internal/log_writer.h"

#include <cstdint>
#include <vector>

namespace cairn::trails {

class Planner {
 public:
  explicit Planner(Context& context)
      : context_(context),
        delivered_(context.world.state, context.world.random,
                   {.kept_us = context.options.remember_us,
                    .events_max = context.options.remember_events_max}) {}

  /// To be called once, after the tables are there.
  Status prepare() { return delivered_.prepare(); }

  /// Plans all segments below `end`. Fails as the spool, the outbox and the state do.
  Status plan(uint64_t end, int64_t now_us, RunReport& report);

 private:
  /// What fits one batch, from where the span has come; false when there is no more.
  Result<bool> plan_batch(Span& span, uint64_t end, int64_t now_us, RunReport& report);

  /// Says where a file goes, and under which name for good.
  void name(MadeFile& made, const Span& span, int64_t now_us);
  Status commit(const Span& span, const std::vector<MadeFile>& made, const LogGroupWriter& lines,
                uint64_t planned_to, int64_t now_us);

  Context& context_;
  DeliveredEvents delivered_;
};

}  // namespace cairn::trails

#include "trails/internal/planner.h"

#include "model/key_layout.h"
#include "trails/internal/selection.h"

#include <fmt/format.h>

namespace cairn::trails {
namespace {

constexpr size_t kUniqueLength = 16;
constexpr uint64_t kSegmentsPerFolder = 10'000;

/// The random part of a log file's name.
std::string unique_part(io::Random& random) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string out;
  while (out.size() < kUniqueLength) {
    uint64_t bits = random.next();
    // 10 digits of 62 out of 64 bits are all but evenly spread.
    for (int i = 0; i < 10 && out.size() < kUniqueLength; ++i, bits /= kDigits.size())
      out += kDigits[bits % kDigits.size()];
  }
  return out;
}

/// The next segments of the span, as many as may be worked on at once.
std::vector<spool::Segment> next_batch(const spool::Spool& spool, const Span& span, uint64_t end,
                                       uint64_t bytes_max) {
  std::vector<spool::Segment> batch;
  uint64_t bytes = 0;
  for (auto& segment : spool.sealed(span.planned_to)) {
    if (segment.number >= std::min(end, span.end)) break;
    bytes += segment.bytes;
    if (!batch.empty() && bytes > bytes_max) break;
    batch.push_back(std::move(segment));
  }
  return batch;
}

}  // namespace

Status Planner::plan(uint64_t end, int64_t now_us, RunReport& report) {
  auto spans = CAIRN_TRY(context_.table.spans());
  std::vector<int64_t> trails;
  for (const auto& span : spans) trails.push_back(span.trail.id);
  delivered_.keep_only(trails);
  for (auto& span : spans) {
    for (;;) {
      const bool more = CAIRN_TRY(plan_batch(span, end, now_us, report));
      if (!more) break;
    }
  }
  return {};
}

Result<bool> Planner::plan_batch(Span& span, uint64_t end, int64_t now_us, RunReport& report) {
  const auto& options = context_.options;
  const auto& world = context_.world;
  const Trail& trail = span.trail;
  const auto batch = next_batch(world.spool, span, end, options.batch_bytes_max);
  if (batch.empty()) {
    // Of a span that goes on nothing needs to be written down.
    if (span.end <= end) CAIRN_TRY(context_.table.advance_span(span, span.end));
    return false;
  }

  const auto first = batch.front().number;
  CAIRN_TRY(delivered_.begin(trail.id));
  Selection selection(trail);
  LogWriter files(world.outbox, {.outbox_stem = fmt::format("{}/{:020}", span.id, first),
                                 .file_bytes_max = options.file_bytes_max,
                                 .gzip_level = options.gzip_level});
  LogGroupWriter lines(context_.organization(trail), now_us);
  Status added;
  for (const auto& segment : batch) {
    CAIRN_TRY(world.spool.read(segment, [&](std::string_view record) {
      EventFacts facts;
      if (!selection.takes(record, facts)) return true;
      if (!delivered_.take(facts)) {
        ++report.duplicates;
        return true;
      }
      if (world.on_event) world.on_event(trail, record);
      if (!trail.log_group_arn.empty() && !facts.insight) lines.add(facts, record);
      added = files.add(facts, record);
      return added.ok();
    }));
    if (!added.ok()) return std::move(added).error();
  }
  if (!lines.empty()) {
    // Of the first segment only, so that doing it again replaces what a crash left.
    const auto key =
        fmt::format("{}/{:010}/{:020}-{}.jsonl.gz", log_group_folder(trail.log_group_arn),
                    first / kSegmentsPerFolder, first, span.id);
    CAIRN_TRY(lines.write(world.log_groups, key, options.gzip_level));
  }

  auto made = CAIRN_TRY(files.finish());
  for (auto& one : made) {
    name(one, span, now_us);
    one.file.batch = fmt::format("{}-{}", span.id, first);
    report.events += one.events;
  }
  report.files_made += made.size();
  const auto planned_to = batch.back().number + 1;
  CAIRN_TRY(commit(span, made, lines, planned_to, now_us));
  delivered_.committed();
  span.planned_to = planned_to;
  return planned_to < span.end;
}

void Planner::name(MadeFile& made, const Span& span, int64_t now_us) {
  const Trail& trail = span.trail;
  made.file.trail = trail.id;
  made.file.bucket = trail.bucket;
  made.file.kms_key = trail.kms_key;
  made.file.digest_due = trail.validation;
  const auto unique = unique_part(context_.world.random);
  made.file.key = model::log_file_key({.prefix = trail.prefix,
                                       .organization = context_.organization(trail),
                                       .account = made.file.account,
                                       .region = made.file.region,
                                       .insight = made.insight,
                                       .delivered_us = now_us,
                                       .unique = unique});
}

Status Planner::commit(const Span& span, const std::vector<MadeFile>& made,
                       const LogGroupWriter& lines, uint64_t planned_to, int64_t now_us) {
  auto& table = context_.table;
  const Trail& trail = span.trail;
  return table.state().transaction([&]() -> Status {
    for (const auto& one : made) CAIRN_TRY(table.insert_file(one.file, now_us));
    CAIRN_TRY(delivered_.write(now_us));
    if (!trail.log_group_arn.empty() && (!lines.empty() || lines.too_large() > 0))
      CAIRN_TRY(table.change_status(trail.id, [&](TrailStatus& status) {
        status.log_group = {
            .delivered_us = now_us, .attempt_us = now_us, .attempt_worked_us = now_us};
        status.events_too_large += lines.too_large();
      }));
    return table.advance_span(span, planned_to);
  });
}

}  // namespace cairn::trails

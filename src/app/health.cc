#include "app/health.h"

#include <fmt/format.h>

namespace cairn::app {
namespace {

aws::ServerResponse text(int status, std::string body) {
  aws::ServerResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  response.body = std::move(body);
  response.service = "health";
  return response;
}

aws::ServerResponse ready(const Health& health) {
  if (health.feed.status().failing)
    return text(503, "accepted events cannot be brought into the lake; the log says why\n");
  if (health.spool.bytes() > health.spool_bytes_max / 10 * 9)
    return text(503, fmt::format("the spool holds {} of {} bytes\n", health.spool.bytes(),
                                 health.spool_bytes_max));
  const auto space = health.spool.space();
  if (space.is_low())
    return text(503, fmt::format("{} bytes of disk space are free, fewer than {}: events are "
                                 "refused\n",
                                 space.free_bytes, space.free_bytes_min));
  if (space.reserve_bytes == 0 || space.reserve_used_bytes > 0)
    return text(503, fmt::format("the disk is full: records of calls use {} of {} bytes that are "
                                 "reserved for them\n",
                                 space.reserve_used_bytes, space.reserve_bytes));
  if (health.bodies.is_nearly_full())
    return text(503, fmt::format("bodies of requests take {} of {} bytes\n", health.bodies.bytes(),
                                 health.bodies.limits().bytes_max));
  return text(200, "ready\n");
}

}  // namespace

void add_health_paths(const Health& health,
                      std::map<std::string, api::PathHandler, std::less<>>& paths) {
  paths["/healthz"] = [](const aws::ServerRequest&) { return text(200, "ok\n"); };
  paths["/readyz"] = [health](const aws::ServerRequest&) { return ready(health); };
  paths["/metrics"] = [health](const aws::ServerRequest&) {
    auto response = text(200, health.metrics.text());
    response.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}};
    return response;
  };
}

void add_numbers(const LakeFeed& feed, const Upkeep& upkeep, const spool::Spool& spool,
                 server::Metrics& metrics) {
  const auto set = [&](const char* name, uint64_t value) {
    metrics.set(name, {}, static_cast<double>(value));
  };
  const auto fed = feed.status();
  set("cairn_lake_events_total", fed.events);
  set("cairn_lake_duplicates_total", fed.duplicates);
  set("cairn_lake_rejected_total", fed.rejected);
  set("cairn_lake_commits_total", fed.commits);
  set("cairn_lake_feed_failures_total", fed.failures);
  metrics.set("cairn_lake_last_commit_timestamp_seconds", {},
              static_cast<double>(fed.last_commit_us) / 1e6);
  set("cairn_spool_bytes", spool.bytes());
  set("cairn_spool_records_total", spool.records_appended());
  const auto kept = upkeep.status();
  set("cairn_lake_compactions_total", kept.compactions);
  set("cairn_lake_files_merged_total", kept.files_merged);
  set("cairn_lake_snapshots_expired_total", kept.snapshots_expired);
  set("cairn_lake_upkeep_failures_total", kept.failures);
}

void describe_space(server::Metrics& metrics) {
  metrics.describe("cairn_disk_free_bytes", "gauge", "Free disk space where events end.");
  metrics.describe("cairn_disk_free_min_bytes", "gauge",
                   "Free disk space below which events from outside are refused.");
  metrics.describe("cairn_spool_reserve_bytes", "gauge",
                   "Disk space that is reserved for records of calls.");
  metrics.describe("cairn_spool_reserve_used_bytes", "gauge",
                   "Reserved disk space that records use until there is other space.");
  metrics.describe("cairn_calls_refused_without_space_total", "counter",
                   "Calls refused because their records could not have been kept.");
  metrics.describe("cairn_calls_unrecorded_total", "counter",
                   "Calls that were carried out and could not be recorded.");
  metrics.add("cairn_calls_refused_without_space_total", {}, 0);
  metrics.add("cairn_calls_unrecorded_total", {}, 0);
}

void add_space(const spool::Spool& spool, server::Metrics& metrics) {
  const auto set = [&](const char* name, uint64_t value) {
    metrics.set(name, {}, static_cast<double>(value));
  };
  const auto space = spool.space();
  set("cairn_disk_free_bytes", space.free_bytes);
  set("cairn_disk_free_min_bytes", space.free_bytes_min);
  set("cairn_spool_reserve_bytes", space.reserve_bytes);
  set("cairn_spool_reserve_used_bytes", space.reserve_used_bytes);
}

}  // namespace cairn::app

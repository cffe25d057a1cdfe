#include "app/numbers.h"

#include "io/process.h"

#include <utility>
#include <vector>

namespace cairn::app {
namespace {

using TrailValues = std::vector<std::pair<server::Labels, double>>;

double seconds_of(int64_t micros) {
  return static_cast<double>(micros) / 1e6;
}

}  // namespace

void describe_numbers(server::Metrics& metrics) {
  const auto counter = [&](const char* name, const char* help) {
    metrics.describe(name, "counter", help);
  };
  const auto gauge = [&](const char* name, const char* help) {
    metrics.describe(name, "gauge", help);
  };
  counter("cairn_lake_events_total", "Events that are new in the lake since the start.");
  counter("cairn_lake_duplicates_total", "Accepted events that the lake held already.");
  counter("cairn_lake_rejected_total", "Accepted records that the lake could not take.");
  counter("cairn_lake_commits_total", "Commits to the lake.");
  counter("cairn_lake_feed_failures_total", "Runs that could not bring events into the lake.");
  gauge("cairn_lake_last_commit_timestamp_seconds",
        "When the last commit to the lake was made; 0 before the first one.");
  gauge("cairn_spool_bytes", "Size of the accepted events that lake or trails still need.");
  counter("cairn_spool_records_total", "Events accepted since the start.");
  counter("cairn_lake_compactions_total", "Days of the lake that were compacted.");
  counter("cairn_lake_files_merged_total", "Files of the lake that were merged into larger ones.");
  counter("cairn_lake_snapshots_expired_total", "Snapshots of the lake that were removed.");
  counter("cairn_lake_upkeep_failures_total", "Rounds of the lake's upkeep that failed.");
  counter("cairn_trail_files_delivered_total", "Log files put into buckets.");
  counter("cairn_trail_digests_delivered_total", "Digests put into buckets.");
  counter("cairn_trail_problems_total", "Deliveries that failed.");
  gauge("cairn_trail_logging", "1 while the trail is logging.");
  gauge("cairn_trail_files_waiting", "Log files that were made and are not in the bucket yet.");
  gauge("cairn_trail_backlog_age_seconds",
        "How long the oldest of the waiting log files has waited; 0 if none waits.");
  gauge("cairn_trail_last_delivery_age_seconds",
        "Time since a log file was last put into the bucket; absent before the first one.");
  gauge("cairn_trail_failing", "1 if the last try to put a log file into the bucket failed.");
  gauge("cairn_build_info", "1, with the version of cairn.");
  counter("process_cpu_seconds_total", "Processor time of the process, user and system.");
  gauge("process_start_time_seconds", "When the process started, since 1970.");
  gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.");
  gauge("process_virtual_memory_bytes", "Address space of the process.");
  gauge("process_open_fds", "Open file descriptors.");
  gauge("process_max_fds", "File descriptors that the process may open.");
  gauge("process_threads", "Threads of the process.");
  for (const char* name : {"cairn_trail_files_delivered_total",
                           "cairn_trail_digests_delivered_total", "cairn_trail_problems_total"})
    metrics.add(name, {}, 0);
}

void set_trail_numbers(trails::Trails& trails, const io::Clock& clock, server::Metrics& metrics) {
  const auto statuses = trails.statuses();
  TrailValues logging;
  TrailValues waiting;
  TrailValues backlog_age;
  TrailValues delivery_age;
  TrailValues failing;
  if (statuses.ok()) {
    const auto now_us = clock.now_us();
    for (const auto& [trail, status] : statuses.value()) {
      const server::Labels labels = {
          {"account", trail.account}, {"region", trail.region}, {"trail", trail.name}};
      const auto since_us = status.waiting_since_us;
      const auto last_us = status.log_files.delivered_us;
      logging.emplace_back(labels, status.logging ? 1 : 0);
      waiting.emplace_back(labels, static_cast<double>(status.files_waiting));
      backlog_age.emplace_back(labels, since_us == 0 ? 0 : seconds_of(now_us - since_us));
      if (last_us != 0) delivery_age.emplace_back(labels, seconds_of(now_us - last_us));
      failing.emplace_back(labels, status.log_files.error.empty() ? 0 : 1);
    }
  }
  metrics.replace("cairn_trail_logging", logging);
  metrics.replace("cairn_trail_files_waiting", waiting);
  metrics.replace("cairn_trail_backlog_age_seconds", backlog_age);
  metrics.replace("cairn_trail_last_delivery_age_seconds", delivery_age);
  metrics.replace("cairn_trail_failing", failing);
}

void set_process_numbers(const std::string& version, server::Metrics& metrics) {
  metrics.set("cairn_build_info", {{"version", version}}, 1);
  const auto read = io::read_process_numbers();
  if (!read.ok()) return;  // no /proc here; the others are still worth reading
  const auto& numbers = read.value();
  metrics.set("process_cpu_seconds_total", {}, numbers.cpu_seconds);
  metrics.set("process_start_time_seconds", {}, numbers.start_seconds);
  metrics.set("process_resident_memory_bytes", {}, static_cast<double>(numbers.resident_bytes));
  metrics.set("process_virtual_memory_bytes", {}, static_cast<double>(numbers.virtual_bytes));
  metrics.set("process_open_fds", {}, static_cast<double>(numbers.open_descriptors));
  metrics.set("process_max_fds", {}, static_cast<double>(numbers.max_descriptors));
  metrics.set("process_threads", {}, static_cast<double>(numbers.threads));
}

}  // namespace cairn::app

#include "base/time.h"
#include "cli/collect.h"
#include "cli/command.h"
#include "cli/ingest_report.h"
#include "cli/progress_watch.h"
#include "cli/terminal.h"
#include "ingest/bucket_source.h"
#include "io/clock.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atomic>
#include <chrono>

namespace cairn::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Objects lie under the day of their delivery. One that S3 shows late, or that is delivered under
/// the day before, is still found within these.
constexpr int64_t kListedAgainUs = 3 * kMicrosPerDay;
/// Now and then all is listed, for what came by other ways (copied by hand, restored).
constexpr int64_t kFullListingUs = 30 * kMicrosPerDay;
/// Key of the ledger's entry that remembers a complete run; no object has such a key.
constexpr std::string_view kListedKey = "\x01listed\x01";

/// When the last full listing, and the last complete run, began.
struct Listed {
  int64_t full_us = 0;
  int64_t run_us = 0;
};

Result<Listed> read_listed(store::Lake& lake, const std::string& source, const std::string& key) {
  Listed listed;
  CAIRN_TRY(lake.catalog().visit_ledger(source, key, [&](const store::LedgerEntry& entry) {
    if (entry.key != key) return;
    listed.run_us = entry.taken_us;
    listed.full_us = static_cast<int64_t>(entry.size_bytes);
  }));
  return listed;
}

Result<OpenSource> open_bucket(const std::string& url, const CollectArguments& arguments,
                               store::Lake& lake, AwsAccess& access, int64_t now_us) {
  const auto parsed = CAIRN_TRY(io::parse_s3_url(url));
  io::S3Store* const bucket = CAIRN_TRY(access.bucket(parsed.bucket));
  const std::string source = "s3://" + parsed.bucket;
  const std::string key = std::string(kListedKey) + parsed.prefix;
  const auto listed = CAIRN_TRY(read_listed(lake, source, key));
  const bool full = arguments.full_listing || listed.full_us + kFullListingUs < now_us;
  ingest::BucketOptions options;
  options.bucket = parsed.bucket;
  options.prefix = parsed.prefix;
  if (!full) options.since_us = listed.run_us - kListedAgainUs;
  store::LedgerEntry finished;
  finished.source = source;
  finished.key = key;
  finished.size_bytes = static_cast<uint64_t>(full ? now_us : listed.full_us);
  finished.state = store::ObjectState::left_out;
  finished.taken_us = now_us;
  return OpenSource{url, ingest::make_bucket_source(*bucket, std::move(options)),
                    std::move(finished)};
}

}  // namespace

Result<std::vector<OpenSource>> open_sources(const CollectArguments& arguments, store::Lake& lake,
                                             AwsAccess& access, int64_t now_us) {
  std::vector<OpenSource> sources;
  std::vector<std::string> paths;
  for (const auto& word : arguments.sources) {
    if (!io::is_s3_url(word)) {
      paths.push_back(word);
      continue;
    }
    auto bucket = CAIRN_TRY(open_bucket(word, arguments, lake, access, now_us));
    sources.push_back(std::move(bucket));
  }
  if (!paths.empty())
    sources.insert(sources.begin(), OpenSource{"", ingest::make_file_source(std::move(paths)), {}});
  return sources;
}

Result<int> run_and_report(store::Lake& lake, OpenSource& source, const CollectArguments& arguments,
                           std::atomic<bool>& cancelled) {
  const io::SystemClock clock;
  ingest::IngestProgress progress;
  const auto began = Clock::now();
  Result<ingest::IngestReport> done = Error{ErrorKind::internal, "not run"};
  {
    const ProgressWatch watch(cancelled,
                              [&](double seconds) { return progress_text(progress, seconds); });
    done = ingest::ingest(lake, *source.source, arguments.options, clock, cancelled, progress);
  }
  const auto report = CAIRN_TRY(std::move(done));
  if (source.finished && !report.interrupted && report.objects_failed == 0)
    CAIRN_TRY(lake.catalog().record({*source.finished}));
  const double seconds = seconds_since(began);
  const auto& where = lake.options().location;
  if (arguments.json)
    print(report_json(report, where, seconds) + "\n");
  else
    print_error((source.name.empty() ? "" : fmt::format("source   {}\n", source.name)) +
                report_text(report, where, seconds));
  if (report.interrupted) return static_cast<int>(exit_interrupted);
  return static_cast<int>(has_failures(report) ? exit_failed : exit_done);
}

}  // namespace cairn::cli

// Sources of ingest and collect: words of the command line, folders and buckets alike.
#pragma once

#include "base/result.h"
#include "cli/bucket_arguments.h"
#include "cli/lake_arguments.h"
#include "ingest/ingest.h"
#include "ingest/source.h"
#include "store/lake.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn::cli {

struct CollectArguments {
  LakeArguments lake;
  BucketArguments buckets;
  std::vector<std::string> sources;  ///< paths, and s3://bucket/prefix
  ingest::IngestOptions options;
  uint64_t batch_megabytes = 160;
  bool json = false;
  bool full_listing = false;
};

/// Options that both commands have.
void add_collect_options(CLI::App& command, CollectArguments& arguments);

/// One thing to ingest from, and what has to be done when all of it is in the lake.
struct OpenSource {
  std::string name;
  std::unique_ptr<ingest::Source> source;
  std::optional<store::LedgerEntry> finished{};  ///< remembers how far a bucket was listed
};

/// All paths as one source, each bucket as one of its own. Buckets are listed from the days on that
/// the last complete run may have missed, unless `full_listing`.
Result<std::vector<OpenSource>> open_sources(const CollectArguments& arguments, store::Lake& lake,
                                             AwsAccess& access, int64_t now_us);

/// Runs one ingest, with progress on a terminal, and prints its report. The exit code.
Result<int> run_and_report(store::Lake& lake, OpenSource& source, const CollectArguments& arguments,
                           std::atomic<bool>& cancelled);

}  // namespace cairn::cli

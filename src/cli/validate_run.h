// What `cairn validate-logs` does, once its arguments are known.
#pragma once

#include "base/result.h"
#include "cli/bucket_arguments.h"
#include "cli/lake_arguments.h"
#include "cli/validate_report.h"

#include <atomic>
#include <string>

namespace cairn::cli {

struct ValidateArguments {
  std::string source;
  std::string trail_arn;
  std::string start;
  std::string end;
  std::string s3_bucket;
  std::string s3_prefix;
  bool has_prefix = false;
  std::string account;
  std::string public_keys;
  std::string event;
  std::string output = "text";
  bool verbose = false;
  bool deep = false;
  bool moved = false;
  int threads = 0;
  BucketArguments buckets;
  LakeArguments lake;

  bool asks_lake() const { return !lake.lake.empty() || !lake.catalog.empty(); }
};

/// Validates all sources: the one that is named, or those that the lake took from. The exit code,
/// exit_done or exit_failed; fails when it could not look.
Result<int> validate_all(const ValidateArguments& arguments, std::atomic<bool>& cancelled,
                         ValidateOutput& output);

}  // namespace cairn::cli

// Whether what a lake took is what signed digests prove: its ledger against a walk along the
// digests of the bucket.
#pragma once

#include "base/result.h"
#include "cli/validate_report.h"
#include "integrity/scrutiny.h"
#include "store/lake.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn::cli {

/// Where a lake took log files from: `s3://bucket`, or a folder that holds `AWSLogs`.
Result<std::vector<std::string>> sources_of(store::Lake& lake);

/// One chain, where its log files lie, and what the walk found.
struct LakeQuestion {
  const ChainSubject& subject;
  const integrity::ChainNotes& notes;
  io::ObjectStore& store;
  std::string source{};  ///< as the ledger has it: "s3://bucket", "file://"
  std::string root{};    ///< what the ledger's keys have before the store's; "" of buckets
  std::string folder{};  ///< of the log files in the store, as integrity::log_folder() gives it
};

/// The ledger keeps size and ETag (of files: the modification time) of what it took, not a hash. So
/// a log file is proven when a valid digest names it, its bytes in the bucket have the hash that
/// the digest names, and size and ETag are those that the lake took.
Result<LakeAnswer> check_lake(store::Lake& lake, const LakeQuestion& question);

}  // namespace cairn::cli

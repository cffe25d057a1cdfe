// Makes CloudTrail log files of any amount, the same ones for the same options on every machine and
// for any number of threads: each delivery (an account, a Region, five minutes) has random numbers
// of its own.
#pragma once

#include "base/result.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace cairn::generate {

struct GenerateOptions {
  uint64_t events = 100'000;  ///< without those of stories and repetitions
  uint64_t seed = 1;
  int days = 1;         ///< 1..3653
  size_t accounts = 2;  ///< 1..1000
  size_t regions = 2;   ///< 1..17
  std::vector<std::string> stories{};
  int64_t start_us = 1'790'812'800'000'000;  ///< 2026-10-01T00:00:00Z
  int batch_minutes =
      5;  ///< of events in a log file: CloudTrail's 5, or any divisor of a day's 1,440
  double duplicates = 0;       ///< share of records that are delivered twice, 0..1
  std::string organization{};  ///< "o-…": an organisation trail's layout
  int threads = 0;             ///< 0: one per core
  int level = 6;               ///< of gzip, 1..12
  std::string output{};
};

struct GenerateReport {
  uint64_t files = 0;
  uint64_t events = 0;
  uint64_t story_events = 0;
  uint64_t repeated_events = 0;
  uint64_t json_bytes = 0;
  uint64_t gzip_bytes = 0;
};

/// How far it is; any thread may look. Setting `cancelled` stops it soon.
struct GenerateProgress {
  std::atomic<uint64_t> events{0};
  std::atomic<uint64_t> json_bytes{0};
  std::atomic<bool> cancelled{false};
};

/// Writes `output`/AWSLogs/… and, with stories, `output`/truth.jsonl. The folder must be there.
/// Files appear whole or not at all. Fails with `invalid_argument` for options out of range, and
/// with what the disk says.
Result<GenerateReport> generate(const GenerateOptions& options, GenerateProgress& progress);

}  // namespace cairn::generate

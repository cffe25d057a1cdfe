// Finds the files that a query has to read, before any is opened.
#pragma once

#include "base/result.h"
#include "source/coverage.h"
#include "source/options.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn::source {

/// CloudTrail delivers within minutes as a rule, but does not promise it. A file delivered later
/// than this after the wanted time is taken to hold nothing of it.
inline constexpr int64_t kDeliveryDelayMaxUs = 3LL * 24 * 3600 * 1'000'000;
/// How far the clocks of services may run ahead of the delivery's.
inline constexpr int64_t kClockSkewMaxUs = 15LL * 60 * 1'000'000;

struct SourceFile {
  std::string path;
  uint64_t size_bytes = 0;
  /// Set for files that are not opened: left_out or pruned, and why.
  std::optional<FileFate> fate;
  std::string reason;
};

/// In path order. Fails when a path is not there or may not be listed.
Result<std::vector<SourceFile>> discover(const SourceOptions& options, const Wanted& wanted);

/// Whether the name says that the file should be a log; if it does not and nothing in it is known,
/// it is left out rather than refused.
bool has_log_name(std::string_view path);

}  // namespace cairn::source

// Hashes one log file and, if asked, looks for an event in it.
#pragma once

#include "integrity/archive.h"
#include "integrity/check.h"
#include "integrity/internal/work_pool.h"

#include <string>

namespace cairn::integrity::internal {

struct LogOutcome {
  LogFault fault = LogFault::none;
  std::string hash{};  ///< lower-case hex
  uint64_t size_bytes = 0;
  uint64_t text_bytes = 0;
  bool holds_event = false;
};

/// The log file at `bucket` and `key`, against `hash` ("": any). Fails as reading does, but not
/// with `not_found`.
Result<LogOutcome> check_log(Archive& archive, const std::string& bucket, const std::string& key,
                             const std::string& hash, const std::string& event_id,
                             Scratch& scratch);

/// The raw text of the record with that eventID in a log file's text; empty when it has none.
std::string_view find_event(std::string_view text, const std::string& event_id);

}  // namespace cairn::integrity::internal

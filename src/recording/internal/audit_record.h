// One event of PutAuditEvents: checked, and made into the record that the lake keeps. Pure. Source:
// CloudTrail User Guide, "CloudTrail Lake integrations event schema".
#pragma once

#include "base/result.h"
#include "recording/recording.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::recording::internal {

inline constexpr int kEventDepthMax = 64;

/// An eventTime may be so much after the arrival: clocks differ. AWS documents no limit for
/// PutAuditEvents; this is what it allows the clock of a signed request.
inline constexpr int64_t kFutureUsMax = 15 * 60 * 1'000'000LL;

/// Why an event is refused; `code` empty: it is not.
struct Refusal {
  std::string code{};
  std::string message{};
};

/// Checks eventData: JSON, each name once in an object, its required fields and their types, an
/// eventTime that is not in the future (`now_us`, kFutureUsMax). `plain` gets the text with plain
/// names, see base/json_names.h.
Refusal check_event_data(std::string_view data, int64_t now_us, std::string& plain);

/// A UUID (version 8) that is the same for the same texts.
std::string name_based_uuid(std::string_view space, std::string_view name, std::string_view bytes);

/// The record, in one line. `data` is what check_event_data() made of it.
std::string audit_record(const Channel& channel, std::string_view event_id, std::string_view data,
                         int64_t now_us);

/// JSON text without line ends between its tokens.
std::string one_line(std::string_view json);

}  // namespace cairn::recording::internal

// What makes an event one and the same, however often and by whichever way it comes: its account,
// region and eventID. An Insights event's start and end share ids with care for `insightDetails`;
// a record without an eventID is the same as another when all its columns are.
#pragma once

#include "model/record_parts.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cairn::ingest {

/// 128 bits of a hash that is keyed anew by each process, so that nobody can make an event that
/// passes for another one.
struct EventKey {
  uint64_t low = 0;
  uint64_t high = 0;

  bool operator==(const EventKey&) const = default;
};

struct IdentityParts {
  std::string_view account;  ///< recipientAccountId, else userIdentity.accountId
  std::string_view region;
  std::string_view event_id;
  std::string_view insight_state;  ///< Start or End, of Insights events
};

/// `state` of a record's insightDetails (padded JSON text or any other text): "" if it has none.
std::string insight_state(std::string_view insight_details);

class Identity {
 public:
  explicit Identity(uint64_t seed) : seed_(seed) {}

  EventKey of(const IdentityParts& parts) const;

  /// Of a record without an eventID.
  EventKey of(std::span<const model::ColumnValue> values, std::string_view patch) const;

 private:
  uint64_t seed_;
};

}  // namespace cairn::ingest

// Which events a trail takes.
#pragma once

#include "lang/predicate.h"
#include "model/record.h"
#include "trails/trail.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::trails {

/// What the delivery needs to know of an event; slices of its text, or of `Selection`'s buffers
/// until the next call.
struct EventFacts {
  std::string_view account{};   ///< 12 digits; zeros where the event tells none
  std::string_view region{};    ///< the trail's where the event tells none
  std::string_view event_id{};  ///< "" where the event has none
  std::string_view insight_state{};
  int64_t time_us = 0;
  bool insight = false;
};

/// Not thread-safe.
class Selection {
 public:
  explicit Selection(const Trail& trail);

  /// Whether the trail takes the record (a JSON object on one line); then `facts` are told. What is
  /// no record is not taken.
  bool takes(std::string_view record, EventFacts& facts);

 private:
  std::string_view text_of(model::Field field, std::string& buffer) const;

  const Trail& trail_;
  model::FieldPlan plan_;
  lang::PredicateMatcher wanted_;
  lang::PredicateMatcher insight_;
  std::vector<std::string_view> slots_;
  std::string padded_;
  std::string account_;
  std::string region_;
  std::string source_;
  std::string event_id_;
  std::string insight_state_;
};

}  // namespace cairn::trails

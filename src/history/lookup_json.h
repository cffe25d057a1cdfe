// Events in the JSON that `aws cloudtrail lookup-events` prints (AWS CLI 2, local time UTC).
#pragma once

#include "history/lookup.h"

#include <string>
#include <string_view>

namespace cairn::history {

/// One event on one line.
std::string event_json(const Event& event);

/// Writes the answer piece by piece, so that a long one need not be held: `{"Events": […]}`,
/// indented by four, and NextToken if there is more. Concatenate begin(), event() of each, end().
class LookupJson {
 public:
  static std::string begin();
  std::string event(const Event& event);
  std::string end(std::string_view next_token) const;

 private:
  bool first_ = true;
};

}  // namespace cairn::history

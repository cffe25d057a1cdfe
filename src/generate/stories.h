// Incidents told in events, with the truth about them beside: what a diagnosis or detection ought
// to find.
#pragma once

#include "base/result.h"
#include "generate/record_writer.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::generate {

struct StoryEvent {
  size_t account = 0;
  size_t region = 0;
  int64_t time_us = 0;
  std::string record;
};

/// What happened, for truth.jsonl.
struct Truth {
  std::string story;
  std::string finding;  ///< what ought to be found, in a sentence
  std::string who;      ///< ARN of the one who did it
  std::string account;
  std::string region;
  int64_t from_us = 0;
  int64_t to_us = 0;
  std::map<std::string, std::vector<std::string>> events;  ///< part of the story -> eventIDs
};

struct Story {
  std::vector<StoryEvent> events;
  Truth truth;
};

/// Names that `tell_story` knows, in the order of the manual.
std::span<const std::string_view> story_names();

/// Tells a story within [start_us, end_us), which must span a day at least. Fails with
/// `invalid_argument` for an unknown name.
Result<Story> tell_story(std::string_view name, const World& world, int64_t start_us,
                         int64_t end_us);

/// One line of truth.jsonl.
std::string to_json(const Truth& truth);

}  // namespace cairn::generate

// The outcome of a diagnosis: all facts, in no particular output's form. console.h, markdown.h and
// json.h write it down.
#pragma once

#include "diagnose/classic.h"
#include "diagnose/diagnosis.h"
#include "diagnose/findings.h"
#include "diagnose/policy.h"
#include "diagnose/tally.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::diagnose {

/// Which part of the logs was looked at. Both ends belong to it.
struct Window {
  int64_t start_us = 0;
  int64_t end_us = 0;
  bool ends_at_newest = false;  ///< the end is the newest event in the logs, since nothing was said
  bool whole = false;           ///< all of the logs
  bool empty = false;           ///< the logs hold no event at all
};

struct Report {
  const Diagnosis* diagnosis = nullptr;
  Window window;
  std::string region;  ///< the only Region looked at; empty: all
  std::string folder;  ///< where files were written; empty: nowhere
  Tally tally;
  uint64_t duplicates = 0;                  ///< events that were delivered again; not counted
  std::optional<ClassicTally> classic;      ///< set when the original's rules were asked for
  std::optional<int64_t> newest_of_set_us;  ///< newest event that the diagnosis is about, anywhere
  std::vector<Finding> findings;
  std::vector<Storm> storms;
  std::vector<ClientBackoff> backoffs;
  std::vector<PolicySuggestion> policies;
  std::vector<std::string> incomplete;  ///< why the totals may be too low, a sentence each

  /// Calls failed: the `[ISSUE]` line is there.
  bool has_issues() const;
};

/// The window in words: `2026-11-16T08:40:20Z to 2026-11-18T08:40:20Z (2d, ends at the newest event
/// in the logs)`.
std::string window_text(const Report& report);

/// `12x DeleteNetworkInterface by arn:…: Client.X (message)`
std::string evidence_text(const Evidence& evidence);
/// When, where, on what, which events.
std::string evidence_details(const Evidence& evidence);

/// Messages are shown up to this many bytes.
inline constexpr size_t kShownMax = 300;

/// `text`, cut at kShownMax between characters.
std::string shortened(std::string_view text);

}  // namespace cairn::diagnose

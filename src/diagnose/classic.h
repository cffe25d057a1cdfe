// The rules of the shell tool that the ENI diagnosis follows (eksPodNetworkDebug,
// sgfp_api_diag.sh): what it calls an error, and what it counts. Only `--classic` uses them;
// error_class.h does better.
#pragma once

#include "diagnose/count_table.h"
#include "diagnose/event.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::diagnose {

/// The three overlapping classes of the original.
struct ClassicClass {
  bool real_error = false;  ///< a code other than the dry run's, or a message that speaks of limits
  bool dry_run = false;
  bool any_issue = false;  ///< any code
};

ClassicClass classify_classic(std::string_view code, std::string_view message);

struct ClassicTally {
  static constexpr size_t kFirstErrors = 5;

  struct Row {
    std::string call;
    std::string code;
    std::string message;
  };

  uint64_t events = 0;
  uint64_t real_errors = 0;
  uint64_t dry_runs = 0;
  uint64_t any_issues = 0;
  CountTable calls;               ///< top_api_calls.txt
  CountTable users;               ///< calls_by_user.txt
  CountTable errors_by_call;      ///< throttle_by_action.txt
  CountTable errors_by_user;      ///< throttle_by_caller.txt
  CountTable codes;               ///< error_codes_summary.txt
  std::vector<Row> first_errors;  ///< head of eni_errors.tsv

  /// In the order of the files.
  void add(const Event& event, const ClassicClass& classes);
};

/// `userIdentity.arn`, or what the original writes without one.
std::string_view classic_user(const Event& event);
std::string_view classic_ip(const Event& event);

}  // namespace cairn::diagnose

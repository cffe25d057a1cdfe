// Tells of a walk in the words of `aws cloudtrail validate-logs`, byte for byte (validation.py of
// the AWS CLI), with control characters made visible.
#pragma once

#include "base/result.h"
#include "integrity/walk.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::integrity {

/// `INVALID: not found`, as the AWS CLI has it; `valid` without a fault.
std::string verdict(const CheckedDigest& digest, const std::string& home_region);
std::string_view verdict(LogFault fault);

struct Tally {
  uint64_t valid = 0;
  uint64_t invalid = 0;

  uint64_t all() const { return valid + invalid; }
};

/// What a walk found, in numbers.
struct WalkTotals {
  Tally digests{};
  Tally backfill_digests{};
  Tally logs{};
  uint64_t log_bytes = 0;                   ///< compressed
  uint64_t log_text_bytes = 0;              ///< uncompressed
  std::optional<int64_t> found_start_us{};  ///< of valid digests, within what was asked for
  std::optional<int64_t> found_end_us{};

  bool all_valid() const { return digests.invalid + backfill_digests.invalid + logs.invalid == 0; }

  void add(const CheckedDigest& digest, int64_t start_us, int64_t end_us);
  void add(const CheckedLog& log);
};

class AwsReport final : public WalkVisitor {
 public:
  /// Takes text for standard output, or for standard error; false: nobody reads any more.
  using Write = std::function<bool(bool is_error, std::string_view text)>;

  struct Subject {
    std::string trail_arn{};
    std::string home_region{};
    int64_t start_us = 0;
    int64_t end_us = 0;
    bool verbose = false;
  };

  AwsReport(Subject subject, Write write)
      : subject_(std::move(subject)), write_(std::move(write)) {}

  void begin();
  bool digest(const std::shared_ptr<const CheckedDigest>& digest) override;
  bool log(const CheckedLog& log) override;
  bool gap(const DigestGap& gap) override;
  void end();

  const WalkTotals& totals() const { return totals_; }

 private:
  bool status(const std::string& message, bool is_error);
  void out(std::string_view text);
  void ratio(const Tally& tally, std::string_view name);

  const Subject subject_;
  const Write write_;
  WalkTotals totals_;
  bool after_blank_ = true;  ///< the last status line was followed by a blank one
  bool read_ = true;
};

}  // namespace cairn::integrity

// How `cairn validate-logs` tells of its walks: in the AWS CLI's words with more of its own behind
// them, or as JSON.
#pragma once

#include "cli/output_file.h"
#include "integrity/aws_report.h"
#include "integrity/proof.h"
#include "integrity/scrutiny.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cairn::cli {

/// Standard output and standard error, in the order of writing, and on a terminal a line that shows
/// how far the walk is.
class ValidateOutput {
 public:
  /// Passes Ctrl-C on to `cancelled`.
  ValidateOutput(bool shows_progress, std::atomic<bool>& cancelled);
  ValidateOutput(const ValidateOutput&) = delete;
  ValidateOutput& operator=(const ValidateOutput&) = delete;
  ~ValidateOutput();

  /// False when nobody reads standard output any more.
  bool out(std::string_view text);
  void err(std::string_view text);

  /// For the progress line.
  void count(const integrity::CheckedLog& log);
  void count(const integrity::CheckedDigest& digest);

  /// Ends the progress line; what is left of the output.
  Status finish();

  bool reader_gone() const { return sink_.reader_gone(); }

 private:
  void watch();
  void hide_progress();

  const bool shows_progress_;
  std::atomic<bool>& cancelled_;
  std::mutex mutex_;
  DescriptorSink sink_;
  bool progress_shown_ = false;
  std::atomic<uint64_t> digests_{0};
  std::atomic<uint64_t> logs_{0};
  std::atomic<uint64_t> bytes_{0};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

/// One chain, as it is going to be walked.
struct ChainSubject {
  integrity::DigestChain chain{};  ///< as the digests have it
  std::string bucket{};            ///< the same
  std::string trail{};             ///< its ARN, or another name when that is not known
  std::string place{};             ///< where it is read, when that is a copy
  int64_t start_us = 0;
  int64_t end_us = 0;
  bool one_of_several = false;  ///< chains, that are told of one after the other
};

/// What is proven of the log files of a chain that a lake took.
struct LakeAnswer {
  struct Unproven {
    std::string key{};  ///< as the digests have it
    std::string why{};
  };

  std::string lake{};  ///< its folder
  uint64_t taken = 0;
  uint64_t proven = 0;
  std::vector<Unproven> unproven{};
  std::vector<std::string> not_taken{};  ///< keys of proven log files that the lake lacks
};

/// A walk's visitor with a beginning and an end.
class ChainReport : public integrity::WalkVisitor {
 public:
  virtual void begin() = 0;
  virtual void finding(const integrity::Finding& finding) = 0;

  struct More {
    std::optional<integrity::ScrutinyCounts> counts{};
    std::optional<LakeAnswer> lake{};
  };

  virtual void end(const More& more) = 0;
  virtual const integrity::WalkTotals& totals() const = 0;
};

std::unique_ptr<ChainReport> make_text_report(ValidateOutput& output, const ChainSubject& subject,
                                              bool verbose);

/// Writes an object; `first` says whether no comma goes before it.
std::unique_ptr<ChainReport> make_json_report(ValidateOutput& output, const ChainSubject& subject,
                                              bool first);

/// What is known of a single event.
struct EventAnswer {
  std::string event_id{};
  std::optional<integrity::EventPlace> place{};  ///< in a log file that a digest names
  std::optional<integrity::EventRecord> record{};
  std::string unnamed_bucket{};  ///< else, in a file that none names
  std::string unnamed_key{};
  const integrity::PublicKey* key = nullptr;
  uint64_t logs_searched = 0;

  /// What the next digest says of the digest; nullopt when there is none yet.
  std::optional<bool> next_agrees() const;

  /// All checks passed.
  bool proven() const;
};

std::string event_text(const EventAnswer& answer);
std::string event_json(const EventAnswer& answer);

}  // namespace cairn::cli

#include "integrity/aws_report.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::integrity {
namespace {

std::string shown(int64_t micros) {
  return format_iso8601(micros - micros % kMicrosPerSecond);
}

std::string uri(std::string_view bucket, std::string_view key) {
  return fmt::format("s3://{}/{}", printable(bucket), printable(key));
}

}  // namespace

std::string verdict(const CheckedDigest& digest, const std::string& home_region) {
  const auto name = [&] { return printable(digest.digest->fingerprint); };
  switch (digest.fault) {
    case DigestFault::none:
      return "valid";
    case DigestFault::not_found:
      return "INVALID: not found";
    case DigestFault::format:
      return "INVALID: invalid format";
    case DigestFault::signature:
      return "INVALID: signature verification failed";
    case DigestFault::moved:
      return "INVALID: has been moved from its original location";
    case DigestFault::unknown_key:
      return fmt::format("INVALID: public key not found in region {} for fingerprint {}",
                         printable(home_region), name());
    case DigestFault::unusable_key:
      return fmt::format("INVALID: Unable to load PKCS #1 key with fingerprint {}", name());
    case DigestFault::other:
      return "INVALID: " + printable(digest.detail);
  }
  return {};
}

std::string_view verdict(LogFault fault) {
  switch (fault) {
    case LogFault::none:
      return "valid";
    case LogFault::not_found:
      return "INVALID: not found";
    case LogFault::format:
      return "INVALID: invalid format";
    case LogFault::trailing_data:
      return "INVALID: unexpected data after end of compressed stream";
    case LogFault::hash:
      return "INVALID: hash value doesn't match";
  }
  return {};
}

void WalkTotals::add(const CheckedDigest& digest, int64_t start_us, int64_t end_us) {
  Tally& tally = digest.backfill ? backfill_digests : digests;
  if (!digest.valid()) {
    ++tally.invalid;
    return;
  }
  ++tally.valid;
  const auto start = std::max(parse_iso8601(digest.digest->start_time).value_or(0), start_us);
  const auto end = std::min(parse_iso8601(digest.digest->end_time).value_or(0), end_us);
  found_start_us = std::min(found_start_us.value_or(start), start);
  found_end_us = std::max(found_end_us.value_or(end), end);
}

void WalkTotals::add(const CheckedLog& log) {
  ++(log.valid() ? logs.valid : logs.invalid);
  log_bytes += log.size_bytes;
  log_text_bytes += log.text_bytes;
}

void AwsReport::begin() {
  out(fmt::format("Validating log files for trail {} between {} and {}\n\n",
                  printable(subject_.trail_arn), shown(subject_.start_us), shown(subject_.end_us)));
}

bool AwsReport::digest(const std::shared_ptr<const CheckedDigest>& digest) {
  totals_.add(*digest, subject_.start_us, subject_.end_us);
  return status(
      fmt::format("{}Digest file\t{}\t{}", digest->backfill ? "(backfill) " : "",
                  uri(digest->bucket, digest->key), verdict(*digest, subject_.home_region)),
      !digest->valid());
}

bool AwsReport::log(const CheckedLog& log) {
  totals_.add(log);
  return status(fmt::format("Log file\t{}\t{}", uri(log.file().bucket, log.file().object),
                            verdict(log.fault)),
                !log.valid());
}

bool AwsReport::gap(const DigestGap& gap) {
  return status(fmt::format("{}No log files were delivered by CloudTrail between {} and {}",
                            gap.backfill ? "(backfill) " : "", shown(gap.older_end_us),
                            shown(gap.newer_start_us)),
                true);
}

bool AwsReport::status(const std::string& message, bool is_error) {
  if (is_error) {
    read_ = write_(true, fmt::format("{}{}\n\n", after_blank_ ? "" : "\n", message)) && read_;
    after_blank_ = true;
  } else if (subject_.verbose) {
    after_blank_ = false;
    out(message + "\n");
  }
  return read_;
}

void AwsReport::out(std::string_view text) {
  read_ = write_(false, text) && read_;
}

void AwsReport::end() {
  if (!after_blank_) out("\n");
  out(fmt::format("Results requested for {} to {}\n", shown(subject_.start_us),
                  shown(subject_.end_us)));
  if (totals_.digests.all() + totals_.backfill_digests.all() == 0) {
    out("No digests found\n");
    return;
  }
  if (!totals_.found_start_us)
    out("No valid digests found in range\n");
  else
    out(fmt::format("Results found for {} to {}:\n", shown(*totals_.found_start_us),
                    shown(*totals_.found_end_us)));
  ratio(totals_.digests, "digest");
  ratio(totals_.backfill_digests, "backfill digest");
  ratio(totals_.logs, "log");
  out("\n");
}

void AwsReport::ratio(const Tally& tally, std::string_view name) {
  if (tally.all() == 0) return;
  out(fmt::format("\n{}/{} {} files valid", tally.valid, tally.all(), name));
  if (tally.invalid > 0)
    out(fmt::format(", {}/{} {} files INVALID", tally.invalid, tally.all(), name));
}

}  // namespace cairn::integrity

// One digest, one log file: what is wrong with it. The faults, and the order in which they are
// looked for, are those of `aws cloudtrail validate-logs` (validation.py of the AWS CLI).
#pragma once

#include "base/result.h"
#include "integrity/archive.h"
#include "integrity/digest.h"
#include "integrity/public_keys.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cairn::integrity {

enum class DigestFault : uint8_t {
  none,
  not_found,
  format,        ///< no gzip, no JSON, or a field is missing
  signature,     ///< wrong, or the object has none
  moved,         ///< it says that it belongs elsewhere
  unknown_key,   ///< no public key of its fingerprint
  unusable_key,  ///< there is one, which is no RSA key
  other,         ///< CheckedDigest::detail says what
};

struct CheckedDigest {
  std::string bucket{};  ///< as digests name it, wherever it lies
  std::string key{};
  bool backfill = false;
  DigestFault fault = DigestFault::none;
  std::string detail{};            ///< why `format` or `other`
  std::optional<Digest> digest{};  ///< what could be read of it; trust it only without a fault
  std::string hash{};              ///< SHA-256 of the uncompressed file, lower-case hex
  std::string signature{};         ///< by which it was checked
  /// The object had lost its metadata; the signature is the one that the next digest names.
  bool signature_from_next = false;

  bool valid() const { return fault == DigestFault::none; }
};

enum class LogFault : uint8_t {
  none,
  not_found,
  format,         ///< no gzip, or damaged
  trailing_data,  ///< something follows the compressed data
  hash,           ///< not the bytes that the digest names
};

struct CheckedLog {
  std::shared_ptr<const CheckedDigest> digest{};  ///< that names it
  size_t index = 0;                               ///< in Digest::log_files
  LogFault fault = LogFault::none;
  std::string hash{};  ///< of what is there, lower-case hex; empty when it could not be read
  uint64_t size_bytes = 0;
  uint64_t text_bytes = 0;   ///< uncompressed
  bool holds_event = false;  ///< the event that was looked for

  const DigestLogFile& file() const { return digest->digest->log_files[index]; }

  bool valid() const { return fault == LogFault::none; }
};

/// A digest file as it was found, not judged yet.
struct LoadedDigest {
  bool found = false;
  bool is_json = false;
  std::optional<Digest> digest{};
  std::string problem{};  ///< why there is no `digest`
  std::string hash{};
  std::optional<std::string> signature{};  ///< these three from the object's metadata
  std::optional<std::string> signature_algorithm{};
  std::optional<std::string> backfill_time{};
};

/// Longer log files are refused. CloudTrail's have up to 50 MB.
inline constexpr uint64_t kLogBytesMax = 1 << 30;

/// Fails as reading from the archive does, but not with `not_found`. Thread-safe.
Result<LoadedDigest> load_digest(Archive& archive, const std::string& bucket,
                                 const std::string& key);

/// What to judge a digest by.
struct DigestContext {
  std::string bucket{};  ///< where it was looked for
  std::string key{};
  bool backfill = false;
  const PublicKeys* keys = nullptr;
  /// In a copy: what the valid digest after it says of its signature.
  std::optional<std::string> signature_from_next{};
};

CheckedDigest check_digest(LoadedDigest loaded, const DigestContext& context);

}  // namespace cairn::integrity

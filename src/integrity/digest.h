// The digest file: what CloudTrail delivers every hour to say which log files it delivered before,
// signed, and chained to the digest before it. Pure. Source: AWS CloudTrail User Guide, "CloudTrail
// digest file structure" and "Custom implementations of CloudTrail log file integrity validation".
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::integrity {

inline constexpr std::string_view kSignatureAlgorithm = "SHA256withRSA";
inline constexpr std::string_view kHashAlgorithm = "SHA-256";

/// Names of the S3 user metadata of a digest object (without `x-amz-meta-`).
inline constexpr std::string_view kSignatureMetadata = "signature";
inline constexpr std::string_view kSignatureAlgorithmMetadata = "signature-algorithm";
/// When a backfill digest was made; only those have it. ISO 8601.
inline constexpr std::string_view kBackfillMetadata = "backfill-generation-timestamp";

/// Longer digest files are refused. An hour of 100,000 log files needs 50 MB.
inline constexpr uint64_t kDigestBytesMax = 64 << 20;

/// One log file as a digest names it. Texts are as they stand in the file.
struct DigestLogFile {
  std::string bucket{};
  std::string object{};  ///< its key
  std::string hash{};    ///< SHA-256 of the log file's uncompressed bytes, lower-case hex
  std::string hash_algorithm{kHashAlgorithm};
  std::optional<std::string> newest_event_time{};
  std::optional<std::string> oldest_event_time{};

  bool operator==(const DigestLogFile&) const = default;
};

/// Times are kept as texts (`2025-03-14T09:11:22Z`), because the end time's text is signed.
struct Digest {
  std::string account{};
  std::string start_time{};
  std::string end_time{};
  std::string bucket{};  ///< where this very digest was delivered
  std::string object{};
  std::string fingerprint{};  ///< of the public key, lower-case hex
  std::string signature_algorithm{kSignatureAlgorithm};
  std::optional<std::string> newest_event_time{};  ///< over all log files; absent without any
  std::optional<std::string> oldest_event_time{};
  // The digest before; all absent in a starting digest, which begins a chain.
  std::optional<std::string> previous_bucket{};
  std::optional<std::string> previous_object{};
  std::optional<std::string> previous_hash{};  ///< SHA-256 of its uncompressed bytes
  std::optional<std::string> previous_hash_algorithm{};
  std::optional<std::string> previous_signature{};  ///< lower-case hex
  std::vector<DigestLogFile> log_files{};

  bool operator==(const Digest&) const = default;
};

/// The bytes of the file before compression: fields in AWS's order, null for what is absent, no
/// blanks. What is not UTF-8 must have been repaired before.
std::string write_digest_json(const Digest& digest);

/// Reads the uncompressed bytes of a digest file. Fields may come in any order, unknown ones are
/// passed over, of repeated ones the last one counts. What a signature needs must be there
/// (`digestPublicKeyFingerprint`, `digestS3Bucket`, `digestS3Object`, `previousDigestSignature`,
/// `digestStartTime`, `digestEndTime`), everything else may be absent, as `aws cloudtrail
/// validate-logs` has it; `logFiles` may be null. Fails with `corrupt`, naming the field, and with
/// `exhausted` above kDigestBytesMax.
Result<Digest> parse_digest(std::string_view json);

/// Whether `text` is one JSON object, whatever it says.
bool is_json_object(std::string_view text);

/// What is signed: end time, place, `hash_hex` (SHA-256 of the uncompressed file, lower-case hex)
/// and the previous signature (or `null`), a line each, with no line end after the last one.
std::string string_to_sign(const Digest& digest, std::string_view hash_hex);

}  // namespace cairn::integrity

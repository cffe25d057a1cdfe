// Sets of public keys: out of files, or as CloudTrail lists them.
#pragma once

#include "base/result.h"
#include "base/rsa.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::integrity {

struct PublicKey {
  /// Absent when the key is listed, but its value is no PKCS#1 RSAPublicKey.
  std::optional<RsaPublicKey> key{};
  std::optional<int64_t> valid_from_us{};
  std::optional<int64_t> valid_to_us{};
};

/// By fingerprint.
class PublicKeys {
 public:
  /// Adds the keys of `json`: what `aws cloudtrail list-public-keys` prints, or the service answers
  /// (times as text or as seconds). A fingerprint is taken as it is listed. Fails with `corrupt`.
  Status add_list(std::string_view json);

  /// Adds what a file holds: such a list, public keys in PEM, or one in DER (PKCS#1 or X.509).
  /// Fails with `corrupt`.
  Status add_file(std::string_view bytes);

  void add(const RsaPublicKey& key);
  void add(const PublicKeys& others);

  /// nullptr when there is none.
  const PublicKey* find(const std::string& fingerprint) const;

  bool empty() const { return keys_.empty(); }

  size_t size() const { return keys_.size(); }

 private:
  std::map<std::string, PublicKey> keys_;
};

/// The keys of a file, or of all `.json`, `.pem`, `.der`, `.pub` and `.key` files in a folder and
/// below it. Fails with `not_found` when there are none, and, naming the file, with `corrupt` and
/// as reading it fails.
Result<PublicKeys> read_public_keys(const std::string& path);

/// Where the walk along digests gets keys.
class KeySource {
 public:
  virtual ~KeySource() = default;

  /// At least those whose validity meets [start, end] (microseconds) in `region`; none is no
  /// fault.
  virtual Result<PublicKeys> keys(const std::string& region, int64_t start_us, int64_t end_us) = 0;
};

/// The same keys for every time and region.
class FixedKeys final : public KeySource {
 public:
  explicit FixedKeys(PublicKeys keys) : keys_(std::move(keys)) {}

  Result<PublicKeys> keys(const std::string&, int64_t, int64_t) override { return keys_; }

 private:
  PublicKeys keys_;
};

}  // namespace cairn::integrity

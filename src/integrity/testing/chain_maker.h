// Makes chains of digests with their log files, in memory, for tests that then do harm to them.
#pragma once

#include "base/crypto.h"
#include "base/gzip.h"
#include "base/time.h"
#include "integrity/digest.h"
#include "integrity/digest_key.h"
#include "integrity/public_keys.h"
#include "integrity/signing_key.h"
#include "io/object_store.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace cairn::integrity::testing {

/// Objects in memory. Reads are counted.
class MemoryStore final : public io::ObjectStore {
 public:
  struct Object {
    std::string bytes;
    io::ObjectAttributes attributes;
    int64_t modified_us = 0;
  };

  Result<std::string> get(const std::string& key, uint64_t) override {
    const std::lock_guard lock(mutex_);
    if (key == broken) return Error{ErrorKind::permission_denied, "cannot read '" + key + "'"};
    const auto at = objects.find(key);
    if (at == objects.end()) return Error{ErrorKind::not_found, "no '" + key + "'"};
    return at->second.bytes;
  }

  Result<std::string> get_range(const std::string& key, uint64_t offset, uint64_t size) override {
    const auto bytes = CAIRN_TRY(get(key, 0));
    return bytes.substr(offset, size);
  }

  Result<io::ObjectInfo> head(const std::string& key) override {
    const auto bytes = CAIRN_TRY(get(key, 0));
    return io::ObjectInfo{key, bytes.size()};
  }

  Status put(const std::string& key, std::string_view bytes) override {
    objects[key].bytes = bytes;
    return {};
  }

  Status put_with(const std::string& key, std::string_view bytes,
                  const io::ObjectAttributes& attributes) override {
    objects[key] = {std::string(bytes), attributes, 0};
    return {};
  }

  Result<io::ObjectAttributes> attributes(const std::string& key) override {
    CAIRN_TRY(get(key, 0));
    return objects[key].attributes;
  }

  Status remove(const std::string& key) override {
    objects.erase(key);
    return {};
  }

  Status list(const std::string& prefix, const std::string& start_after,
              const std::function<bool(const io::ObjectInfo&)>& visit) override {
    for (auto at = objects.upper_bound(std::max(prefix, start_after));
         at != objects.end() && at->first.starts_with(prefix); ++at)
      if (!visit({.key = at->first,
                  .size_bytes = at->second.bytes.size(),
                  .modified_us = at->second.modified_us}))
        break;
    return {};
  }

  std::string uri(std::string_view key) const override { return "memory://" + std::string(key); }

  std::optional<std::string> local_path(std::string_view) const override { return std::nullopt; }

  std::map<std::string, Object> objects;
  std::string broken;  ///< the key of an object that may not be read

 private:
  std::mutex mutex_;
};

/// Keys are costly to make; tests share this one.
inline const SigningKey& test_key() {
  static const SigningKey kKey = SigningKey::generate().value();
  return kKey;
}

inline std::string gzipped(std::string_view text) {
  std::string out;
  (void)Gzip(6).compress(text, out);
  return out;
}

class ChainMaker {
 public:
  ChainMaker(MemoryStore& store, DigestChain chain, std::string bucket)
      : store_(store), chain_(std::move(chain)), bucket_(std::move(bucket)) {}

  /// A digest of the hour (or `length_us`) before `end_us`, with log files of these texts, put in
  /// the middle of it; its key.
  std::string add(int64_t end_us, const std::vector<std::string>& logs, bool starting = false,
                  bool backfill = false, int64_t length_us = kMicrosPerHour) {
    Digest digest;
    digest.account = chain_.account;
    digest.start_time = format_iso8601(end_us - length_us);
    digest.end_time = format_iso8601(end_us);
    digest.bucket = bucket_;
    digest.object = digest_key(chain_, end_us, backfill);
    digest.fingerprint = test_key().fingerprint();
    if (last_ && !starting) {
      digest.previous_bucket = last_->bucket;
      digest.previous_object = last_->object;
      digest.previous_hash = last_hash_;
      digest.previous_hash_algorithm = kHashAlgorithm;
      digest.previous_signature = last_signature_;
    }
    for (size_t i = 0; i < logs.size(); ++i) {
      const auto number = length_us == kMicrosPerHour ? i : end_us / kMicrosPerSecond + i;
      const auto key = log_key(end_us - length_us / 2, number);
      (void)store_.put(key, gzipped(logs[i]));
      digest.log_files.push_back({bucket_, key, to_hex(sha256(logs[i]))});
    }
    return put(digest, backfill);
  }

  /// Signs and stores a digest, and lets the next one name it.
  std::string put(const Digest& digest, bool backfill = false) {
    const auto json = write_digest_json(digest);
    const auto signature = test_key().sign(digest, json).value();
    io::ObjectAttributes attributes;
    attributes.metadata[std::string(kSignatureMetadata)] = signature;
    attributes.metadata[std::string(kSignatureAlgorithmMetadata)] = kSignatureAlgorithm;
    if (backfill) attributes.metadata[std::string(kBackfillMetadata)] = digest.end_time;
    (void)store_.put_with(digest.object, gzipped(json), attributes);
    last_ = digest;
    last_hash_ = to_hex(sha256(json));
    last_signature_ = signature;
    return digest.object;
  }

  std::string log_key(int64_t time_us, uint64_t number) const {
    const auto time = to_civil(time_us);
    return fmt::format("{}{}/{}_CloudTrail_{}_{:04}{:02}{:02}T{:02}{:02}Z_{:016}.json.gz",
                       log_folder(chain_), day_folder(time_us), chain_.account, chain_.region,
                       time.year, time.month, time.day, time.hour, time.minute, number);
  }

  const Digest& last() const { return *last_; }

  static PublicKeys keys() {
    PublicKeys keys;
    keys.add(RsaPublicKey::from_pkcs1(test_key().public_der()).value());
    return keys;
  }

 private:
  MemoryStore& store_;
  const DigestChain chain_;
  const std::string bucket_;
  std::optional<Digest> last_;
  std::string last_hash_;
  std::string last_signature_;
};

}  // namespace cairn::integrity::testing

// What the AWS CLI does not look at: digests that are missing one after the other, digests that
// were exchanged for others, log files that no digest names. These are never mixed with its own
// words: docs/decisions tells why.
#pragma once

#include "base/result.h"
#include "integrity/walk.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace cairn::integrity {

struct Finding {
  enum class Kind : uint8_t {
    digest_missing,    ///< digests come every hour, and this one is not there
    time_unproven,     ///< between two digests that are linked through others, without a pattern
    digest_exchanged,  ///< signed, but not the one that the digest after it names
    digest_stray,      ///< lies among the digests, but the chain does not lead to it
    log_unnamed,       ///< a valid digest covers its time, and none names it
    log_unproven,      ///< no valid digest covers its time
    log_overdue,       ///< came after the newest digest, which should have been followed by others
  };

  Kind kind = Kind::digest_missing;
  bool backfill = false;
  std::string bucket{};
  std::string key{};     ///< of the file that it is about; empty for time_unproven
  int64_t start_us = 0;  ///< the time that is not proven, where it is about one
  int64_t end_us = 0;
  std::string detail{};
};

/// `digest_missing`, for programs.
std::string_view name_of(Finding::Kind kind);

/// One line in the manner of the AWS CLI: `Log file\ts3://b/k\tUNPROVEN: no digest names it`.
/// Control characters are made visible.
std::string describe(const Finding& finding);

/// Passes a walk on to another visitor and takes notes on the chain.
class ChainNotes final : public WalkVisitor {
 public:
  using Found = std::function<void(const Finding&)>;

  /// `next` may be null. `found` is told while the walk goes on.
  ChainNotes(DigestChain chain, WalkVisitor* next, Found found)
      : chain_(std::move(chain)), next_(next), found_(std::move(found)) {}

  bool digest(const std::shared_ptr<const CheckedDigest>& digest) override;
  bool log(const CheckedLog& log) override;
  bool gap(const DigestGap& gap) override;

  /// Whether a valid digest names the log file. 16 bytes are kept of each name.
  bool names(const std::string& bucket, const std::string& key) const;

  /// Whether one does, and the file's bytes are those that it names. Another 16 bytes of each.
  bool proves(const std::string& bucket, const std::string& key) const;

  /// Whether the walk came to the digest.
  bool came_to(const std::string& key) const { return keys_.contains(key); }

  /// A digest that the walk did not come to.
  void add_names(const CheckedDigest& digest);

  struct Span {
    int64_t start_us = 0;
    int64_t end_us = 0;
  };

  /// What valid digests cover, in no order.
  const std::vector<Span>& covered() const { return covered_; }

  /// The buckets in which valid digests have named log files.
  const std::set<std::string>& buckets() const { return buckets_; }

 private:
  using NameHash = std::array<uint64_t, 2>;

  struct HashOfHash {
    size_t operator()(const NameHash& hash) const { return hash[0]; }
  };

  struct Track {
    std::shared_ptr<const CheckedDigest> newer{};  ///< the valid digest before this one
    std::set<int64_t> told{};                      ///< times in the names of invalid ones since
  };

  static NameHash hash_of(const std::string& bucket, const std::string& key);
  void compare(const CheckedDigest& newer, const CheckedDigest& older);
  void infer_missing(const CheckedDigest& newer, const CheckedDigest& older, const Track& track);

  const DigestChain chain_;
  WalkVisitor* const next_;
  const Found found_;
  Track standard_;
  Track backfill_;
  std::set<std::string> keys_;
  std::unordered_set<NameHash, HashOfHash> names_;
  std::unordered_set<NameHash, HashOfHash> proven_;
  std::set<std::string> buckets_;
  std::vector<Span> covered_;
};

struct ScrutinyCounts {
  uint64_t logs = 0;     ///< log files that lie there in the time
  uint64_t pending = 0;  ///< that the next digest will name, if all is well
};

/// Looks through the folders of the chain, after its walk: at digests that the walk did not come
/// to, and at log files that no digest names. (Digests of other trails that deliver to the same
/// folders are read too, for they name theirs.) `now_us` tells which digests are overdue. Findings
/// come in order of time. Fails as walk() does.
Result<ScrutinyCounts> scrutinize(Archive& archive, KeySource& keys, const DigestChain& chain,
                                  const std::string& bucket, const WalkOptions& options,
                                  int64_t now_us, ChainNotes& notes,
                                  const ChainNotes::Found& found);

}  // namespace cairn::integrity

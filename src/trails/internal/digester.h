// Digests: every hour, for each account and Region of a trail with validation, a signed list of the
// log files that were delivered, chained to the one before.
#pragma once

#include "integrity/digest_key.h"
#include "trails/internal/context.h"
#include "trails/internal/courier.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::trails {

class Digester {
 public:
  explicit Digester(Context& context)
      : context_(context), backoff_(context.options.retry_us, context.options.retry_max_us) {}

  /// Makes what is due. Fails only as our own state and keys do.
  Status make_due(int64_t now_us);

  /// Places for which digests wait; as Courier::due().
  Result<std::vector<Destination>> due(int64_t now_us, bool impatient);

  /// As Courier::deliver_to().
  Result<bool> deliver_to(const Destination& to, int64_t now_us, Turn turn, RunReport& report);

  bool refuses(const Destination& to) const { return backoff_.refuses(to); }

  /// Buckets that refused at their last try.
  size_t refusing() const { return backoff_.refusing(); }

  // To be called within a transaction.

  /// The trail begins to be digested: a chain for its own account and Region.
  Status begin(const Trail& trail, int64_t now_us);
  /// It ends: a last digest comes when all that it took is delivered.
  Status end(int64_t trail);

 private:
  struct Chain {
    int64_t id = 0;
    std::string account{};
    std::string region{};
    int64_t start_us = 0;
    std::optional<std::string> previous_bucket{};
    std::optional<std::string> previous_key{};
    std::optional<std::string> previous_hash{};
    std::optional<std::string> previous_signature{};
    bool ending = false;
  };

  Result<std::vector<Chain>> chains(int64_t trail);
  /// Chains for accounts and Regions of which log files were delivered for the first time.
  Status begin_new_chains(const Trail& trail);
  Status make_due_of(const Trail& trail, int64_t now_us);
  /// `last`: of a chain that ends.
  Status make(const Trail& trail, const Chain& chain, int64_t end_us, bool last);

  Context& context_;
  Backoff backoff_;
};

}  // namespace cairn::trails

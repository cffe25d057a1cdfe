#include "integrity/walk.h"

#include "base/text.h"
#include "base/time.h"
#include "integrity/internal/log_check.h"
#include "integrity/internal/work_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <future>
#include <map>
#include <set>
#include <variant>

namespace cairn::integrity {
namespace {

using internal::LogOutcome;
using internal::Scratch;

/// Log files that are under way or done, but not told of yet, for each thread.
constexpr size_t kAheadPerThread = 32;

int64_t whole_seconds(int64_t micros) {
  return micros - micros % kMicrosPerSecond;
}

std::string no_keys(int64_t start_us, int64_t end_us) {
  return fmt::format("No public keys found between {} and {}",
                     format_iso8601(whole_seconds(start_us)),
                     format_iso8601(whole_seconds(end_us)));
}

/// Tells the visitor in order of what threads finish in any order.
class Teller {
 public:
  Teller(WalkVisitor& visitor, size_t ahead_max) : visitor_(visitor), ahead_max_(ahead_max) {}

  Status add(std::shared_ptr<const CheckedDigest> digest) { return push(std::move(digest)); }

  Status add(const DigestGap& gap) { return push(gap); }

  Status add(CheckedLog log, std::future<Result<LogOutcome>> outcome) {
    return push(PendingLog{std::move(log), std::move(outcome)});
  }

  Status finish() {
    while (!items_.empty() && !stopped_) CAIRN_TRY(tell_first());
    return {};
  }

  bool stopped() const { return stopped_; }

 private:
  struct PendingLog {
    CheckedLog log;
    std::future<Result<LogOutcome>> outcome;
  };

  using Item = std::variant<std::shared_ptr<const CheckedDigest>, DigestGap, PendingLog>;

  Status push(Item item) {
    items_.push_back(std::move(item));
    // What is ready goes out at once, so that a person sees that something happens.
    while (!items_.empty() && !stopped_ && (items_.size() > ahead_max_ || first_is_ready()))
      CAIRN_TRY(tell_first());
    return {};
  }

  bool first_is_ready() const {
    const auto* const pending = std::get_if<PendingLog>(&items_.front());
    return pending == nullptr ||
           pending->outcome.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  Status tell_first() {
    Item item = std::move(items_.front());
    items_.pop_front();
    bool go_on = true;
    if (const auto* digest = std::get_if<std::shared_ptr<const CheckedDigest>>(&item)) {
      go_on = visitor_.digest(*digest);
    } else if (const auto* gap = std::get_if<DigestGap>(&item)) {
      go_on = visitor_.gap(*gap);
    } else {
      auto& pending = std::get<PendingLog>(item);
      auto outcome = CAIRN_TRY(pending.outcome.get());
      pending.log.fault = outcome.fault;
      pending.log.hash = std::move(outcome.hash);
      pending.log.size_bytes = outcome.size_bytes;
      pending.log.text_bytes = outcome.text_bytes;
      pending.log.holds_event = outcome.holds_event;
      go_on = visitor_.log(pending.log);
    }
    stopped_ = !go_on;
    return {};
  }

  WalkVisitor& visitor_;
  const size_t ahead_max_;
  std::deque<Item> items_;
  bool stopped_ = false;
};

/// One walk over the standard or the backfill digests.
class Walker {
 public:
  Walker(Archive& archive, KeySource& key_source, DigestChain chain, const WalkOptions& options,
         internal::WorkPool& pool, Teller& teller, bool backfill)
      : archive_(archive),
        key_source_(key_source),
        chain_(std::move(chain)),
        options_(options),
        pool_(pool),
        teller_(teller),
        backfill_(backfill) {}

  Status run(const std::string& bucket, std::vector<int64_t> times) {
    bucket_ = bucket;
    times_ = std::move(times);
    if (!backfill_) {
      // Validity ends while digests of the key are still to come: the AWS CLI asks for 2 h more.
      const int64_t end_us = options_.end_us + 2 * kMicrosPerHour;
      auto keys = key_source_.keys(chain_.region, options_.start_us, end_us);
      if (!keys.ok()) return std::move(keys).error().context("cannot get the public keys");
      keys_ = std::move(keys).value();
      if (keys_.empty()) return Error{ErrorKind::not_found, no_keys(options_.start_us, end_us)};
    }
    if (times_.empty()) return {};
    last_start_us_ = take_last();
    while (!key_.empty() && options_.start_us <= last_start_us_ && !teller_.stopped()) {
      if (options_.cancelled != nullptr && *options_.cancelled)
        return Error{ErrorKind::unavailable, "interrupted"};
      CAIRN_TRY(step());
    }
    return {};
  }

 private:
  /// Makes the newest digest of the list the next one, and takes it off; its time.
  int64_t take_last() {
    const int64_t end_us = times_.back();
    times_.pop_back();
    key_ = digest_key(chain_, end_us, backfill_);
    next_signature_.reset();
    return end_us;
  }

  /// Goes on with the newest digest of the list that is older than the current one.
  std::optional<int64_t> find_older() {
    const auto name = parse_digest_key(key_);
    const int64_t before_us = name ? name->end_us : last_start_us_;
    next_signature_.reset();
    key_.clear();
    while (!times_.empty()) {
      const int64_t end_us = take_last();
      if (end_us < before_us) return end_us;
      key_.clear();
    }
    return std::nullopt;
  }

  Status step() {
    seen_.insert(key_);
    auto loaded = CAIRN_TRY(load());
    std::string lack;  // of keys for a backfill digest
    CAIRN_TRY(get_backfill_keys(loaded, lack));
    auto checked =
        check_digest(std::move(loaded), {bucket_, key_, backfill_, &keys_, next_signature_});
    if (!lack.empty() && checked.fault == DigestFault::unknown_key) {
      checked.fault = DigestFault::other;
      checked.detail = std::move(lack);
    }
    if (checked.valid()) read_times(checked);
    const auto digest = std::make_shared<const CheckedDigest>(std::move(checked));
    CAIRN_TRY(teller_.add(digest));
    if (!digest->valid()) {
      find_older();
      // A signature proves itself, wherever it was found.
      if (archive_.is_copy() && digest->digest && digest->digest->previous_object == key_)
        next_signature_ = digest->digest->previous_signature;
      return {};
    }
    if (options_.logs) CAIRN_TRY(add_logs(digest));
    return go_back(*digest->digest);
  }

  /// A digest whose times cannot be read is none.
  void read_times(CheckedDigest& checked) {
    const auto start = parse_iso8601(checked.digest->start_time);
    const auto end = parse_iso8601(checked.digest->end_time);
    if (start && end) {
      last_start_us_ = *start;
      last_end_us_ = *end;
      return;
    }
    checked.fault = DigestFault::other;
    checked.detail = fmt::format("Unable to parse date value: {}",
                                 start ? checked.digest->end_time : checked.digest->start_time);
  }

  Status add_logs(const std::shared_ptr<const CheckedDigest>& digest) {
    for (size_t i = 0; i < digest->digest->log_files.size() && !teller_.stopped(); ++i) {
      if (options_.cancelled != nullptr && *options_.cancelled)
        return Error{ErrorKind::unavailable, "interrupted"};
      CheckedLog log;
      log.digest = digest;
      log.index = i;
      auto outcome = pool_.submit(
          [this_archive = &archive_, digest, i, event = &options_.event_id](Scratch& scratch) {
            const auto& file = digest->digest->log_files[i];
            return internal::check_log(*this_archive, file.bucket, file.object, file.hash, *event,
                                       scratch);
          });
      CAIRN_TRY(teller_.add(std::move(log), std::move(outcome)));
    }
    return {};
  }

  /// To the digest that the current one names, or else to an older one of the list.
  Status go_back(const Digest& digest) {
    if (!digest.previous_bucket || !digest.previous_object) {
      if (const auto older_end = find_older())
        return teller_.add(DigestGap{backfill_, *older_end, last_start_us_});
      return {};
    }
    if (seen_.contains(*digest.previous_object)) {  // only whoever has the key can make a circle
      find_older();
      return {};
    }
    key_ = *digest.previous_object;
    next_signature_ = archive_.is_copy() ? digest.previous_signature : std::nullopt;
    if (*digest.previous_bucket == bucket_) return {};
    bucket_ = *digest.previous_bucket;
    seen_.clear();
    ahead_.clear();
    auto listed =
        CAIRN_TRY(list_digests(archive_, bucket_, chain_, options_.start_us, last_end_us_));
    times_ = std::move(backfill_ ? listed.backfill : listed.standard);
    return {};
  }

  /// The current digest, read ahead if it stands where the list says, and some older ones begun.
  Result<LoadedDigest> load() {
    std::future<Result<LoadedDigest>> current;
    if (const auto at = ahead_.find(key_); at != ahead_.end()) {
      current = std::move(at->second);
      ahead_.erase(at);
    } else {
      current = begin_load(key_);
    }
    const size_t ahead_max = pool_.threads() + 1;
    for (size_t i = times_.size(); i-- > 0 && ahead_.size() < ahead_max;) {
      auto key = digest_key(chain_, times_[i], backfill_);
      if (seen_.contains(key) || ahead_.contains(key)) continue;
      if (times_.size() - i > 2 * ahead_max) break;  // the chain leaves the list
      auto loading = begin_load(key);
      ahead_.emplace(std::move(key), std::move(loading));
    }
    return current.get();
  }

  std::future<Result<LoadedDigest>> begin_load(const std::string& key) {
    return pool_.submit([archive = &archive_, bucket = bucket_, key](Scratch&) {
      return load_digest(*archive, bucket, key);
    });
  }

  /// Keys of backfill digests are those of the time when they were made.
  Status get_backfill_keys(const LoadedDigest& loaded, std::string& lack) {
    if (!backfill_ || !loaded.digest || keys_.find(loaded.digest->fingerprint) != nullptr)
      return {};
    const auto time = parse_iso8601(loaded.backfill_time.value_or(loaded.digest->end_time));
    if (!time) return {};
    const int64_t start_us = *time - kMicrosPerHour;
    const int64_t end_us = *time + kMicrosPerHour;
    const auto keys = CAIRN_TRY(key_source_.keys(chain_.region, start_us, end_us));
    if (keys.empty()) lack = no_keys(start_us, end_us);
    keys_.add(keys);
    return {};
  }

  Archive& archive_;
  KeySource& key_source_;
  const DigestChain chain_;
  const WalkOptions& options_;
  internal::WorkPool& pool_;
  Teller& teller_;
  const bool backfill_;
  PublicKeys keys_;
  std::string bucket_;
  std::vector<int64_t> times_;                 ///< of the list, those not looked at yet; ascending
  std::string key_;                            ///< the digest to look at next; "": none
  std::optional<std::string> next_signature_;  ///< what the digest after `key_` says of it
  int64_t last_start_us_ = 0;
  int64_t last_end_us_ = 0;
  std::set<std::string> seen_;
  std::map<std::string, std::future<Result<LoadedDigest>>> ahead_;
};

}  // namespace

Result<DigestTimes> list_digests(Archive& archive, const std::string& bucket,
                                 const DigestChain& chain, int64_t start_us, int64_t end_us) {
  const int64_t first_us = whole_seconds(start_us);
  const int64_t last_us = whole_seconds(end_us + kMicrosPerHour);
  const auto place = CAIRN_TRY(archive.locate(bucket, digest_folder(chain)));
  const auto after = CAIRN_TRY(
      archive.locate(bucket, digest_folder(chain) + day_folder(first_us - kMicrosPerMinute)));
  DigestTimes times;
  CAIRN_TRY(place.store->list(place.key, after.key, [&](const io::ObjectInfo& object) {
    const auto name = parse_digest_key(object.key);
    if (!name || name->chain.trail != chain.trail || name->chain.home_region != chain.home_region)
      return true;
    if (name->end_us > last_us) return false;
    if (name->end_us >= first_us)
      (name->backfill ? times.backfill : times.standard).push_back(name->end_us);
    return true;
  }));
  // Keys are in the order of their times already, unless somebody put files into odd folders.
  std::sort(times.standard.begin(), times.standard.end());
  std::sort(times.backfill.begin(), times.backfill.end());
  return times;
}

Status walk(Archive& archive, KeySource& keys, const DigestChain& chain, const std::string& bucket,
            const WalkOptions& options, WalkVisitor& visitor) {
  internal::WorkPool pool(std::max(options.threads, 1));
  Teller teller(visitor, pool.threads() * kAheadPerThread);
  auto times = CAIRN_TRY(list_digests(archive, bucket, chain, options.start_us, options.end_us));
  Walker standard(archive, keys, chain, options, pool, teller, false);
  auto status = standard.run(bucket, std::move(times.standard));
  if (status.ok()) {
    Walker backfill(archive, keys, chain, options, pool, teller, true);
    status = backfill.run(bucket, std::move(times.backfill));
  }
  // What was found before a failure is told of first.
  auto told = teller.finish();
  return told.ok() ? std::move(status) : std::move(told);
}

}  // namespace cairn::integrity

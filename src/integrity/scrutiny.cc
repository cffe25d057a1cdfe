#include "integrity/scrutiny.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "integrity/aws_report.h"
#include "model/key_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cairn::integrity {
namespace {

/// Digests that are looked for between two others. A year has 8,760.
constexpr int64_t kMissingMax = 20'000;
/// How far the times of digests may be from whole steps.
constexpr int64_t kJitter = kMicrosPerMinute;
/// Log files are named by the minute in which they are made; they lie there some minutes later.
constexpr int64_t kGrace = 15 * kMicrosPerMinute;
/// Between the time that a store says a file was put and the one that its digest goes by.
constexpr int64_t kSlackMin = 5 * kMicrosPerSecond;

std::string subject(const Finding& finding, std::string_view what) {
  return fmt::format("{}{}\ts3://{}/{}", finding.backfill ? "(backfill) " : "", what,
                     printable(finding.bucket), printable(finding.key));
}

std::string span(const Finding& finding) {
  return fmt::format("{} to {}", format_iso8601(finding.start_us), format_iso8601(finding.end_us));
}

/// The digests of all trails in the chain's folder: whose, and when.
Result<std::vector<DigestName>> folder_of(Archive& archive, const DigestChain& chain,
                                          const std::string& bucket, const WalkOptions& options) {
  std::vector<DigestName> names;
  const auto place = CAIRN_TRY(archive.locate(bucket, digest_folder(chain)));
  const auto after =
      place.key + day_folder(std::max<int64_t>(options.start_us - kMicrosPerMinute, 0));
  const int64_t last_us = options.end_us + kMicrosPerHour;
  CAIRN_TRY(place.store->list(place.key, after, [&](const io::ObjectInfo& object) {
    auto name = parse_digest_key(object.key);
    if (!name) return true;
    name->chain.prefix = chain.prefix;
    const int64_t end_us = name->end_us;
    if (end_us >= options.start_us - options.start_us % kMicrosPerSecond && end_us <= last_us)
      names.push_back(std::move(*name));
    return end_us <= last_us + kMicrosPerDay;
  }));
  return names;
}

class Scrutiny {
 public:
  Scrutiny(Archive& archive, KeySource& keys, const DigestChain& chain, const std::string& bucket,
           const WalkOptions& options, int64_t now_us, ChainNotes& notes,
           const ChainNotes::Found& found)
      : archive_(archive),
        keys_(keys),
        chain_(chain),
        bucket_(bucket),
        options_(options),
        now_us_(now_us),
        notes_(notes),
        found_(found) {}

  Result<ScrutinyCounts> run() {
    const auto digests = CAIRN_TRY(folder_of(archive_, chain_, bucket_, options_));
    std::set<DigestChain> others;
    for (const auto& name : digests) {
      if (name.chain != chain_)
        others.insert(name.chain);
      else if (!notes_.came_to(digest_key(name.chain, name.end_us, name.backfill)))
        CAIRN_TRY(stray(name));
    }
    for (const auto& other : others) {
      ChainNotes their_notes(other, nullptr, [](const Finding&) {});
      auto options = options_;
      options.logs = false;
      CAIRN_TRY(walk(archive_, keys_, other, bucket_, options, their_notes));
      others_.push_back(std::move(their_notes));
    }
    find_spans();
    auto buckets = notes_.buckets();
    buckets.insert(bucket_);
    for (const auto& bucket : buckets) CAIRN_TRY(logs_of(bucket));
    return counts_;
  }

 private:
  Status stray(const DigestName& name) {
    const auto key = digest_key(name.chain, name.end_us, name.backfill);
    const auto keys = CAIRN_TRY(
        keys_.keys(chain_.region, options_.start_us, options_.end_us + 2 * kMicrosPerHour));
    auto loaded = CAIRN_TRY(load_digest(archive_, bucket_, key));
    const auto checked =
        check_digest(std::move(loaded), {bucket_, key, name.backfill, &keys, std::nullopt});
    Finding finding{Finding::Kind::digest_stray, name.backfill, bucket_, key};
    finding.detail = checked.valid() ? "INVALID: valid by itself, but no digest leads to it"
                                     : verdict(checked, chain_.home_region);
    found_(finding);
    if (checked.valid()) notes_.add_names(checked);
    return {};
  }

  void find_spans() {
    spans_ = notes_.covered();
    for (const auto& other : others_)
      spans_.insert(spans_.end(), other.covered().begin(), other.covered().end());
    for (const auto& span : spans_) {
      first_us_ = std::min(first_us_.value_or(span.start_us), span.start_us);
      last_us_ = std::max(last_us_.value_or(span.end_us), span.end_us);
      length_us_ = std::max(length_us_, span.end_us - span.start_us);
    }
  }

  bool is_named(const std::string& bucket, const std::string& key) const {
    return notes_.names(bucket, key) ||
           std::any_of(others_.begin(), others_.end(),
                       [&](const ChainNotes& other) { return other.names(bucket, key); });
  }

  Status logs_of(const std::string& bucket) {
    const auto place = CAIRN_TRY(archive_.locate(bucket, log_folder(chain_)));
    const int64_t from_us = first_us_.value_or(options_.start_us);
    const auto after = place.key + day_folder(std::max<int64_t>(from_us, 0));
    return place.store->list(place.key, after, [&](const io::ObjectInfo& object) {
      const auto facts = model::read_key(object.key);
      if (facts.kind != model::KeyKind::log || !facts.delivered_min_us) return true;
      const int64_t time_us = *facts.delivered_min_us;
      if (time_us > options_.end_us) return time_us < options_.end_us + kMicrosPerDay;
      if (time_us + kMicrosPerMinute <= from_us) return true;
      const auto key = log_folder(chain_) + object.key.substr(place.key.size());
      const LogTime time{.named_us = time_us, .put_us = put_time(object, time_us)};
      // It may have come before the first digest began.
      if (time.put_us.value_or(time_us) < from_us && !is_named(bucket, key)) return true;
      ++counts_.logs;
      judge(bucket, key, time);
      return true;
    });
  }

  struct LogTime {
    int64_t named_us = 0;             ///< the minute in its name
    std::optional<int64_t> put_us{};  ///< when it came to lie there
  };

  /// As the store says, if that can be: files that were copied may have the copy's time.
  static std::optional<int64_t> put_time(const io::ObjectInfo& object, int64_t named_us) {
    const auto put_us = object.modified_us;
    const bool can_be = put_us >= named_us && put_us < named_us + kMicrosPerMinute + kGrace;
    return can_be ? std::optional(put_us) : std::nullopt;
  }

  void judge(const std::string& bucket, const std::string& key, const LogTime& time) {
    if (is_named(bucket, key)) return;
    const int64_t time_us = time.named_us;
    const int64_t came_us = time.put_us.value_or(time_us);
    const int64_t slack = time.put_us ? std::clamp(length_us_ / 4, kSlackMin, kGrace) : kGrace;
    // A digest comes as often as those before it, up to so much late.
    const int64_t overdue = 2 * length_us_ + slack;
    Finding finding{Finding::Kind::log_unnamed, false, bucket, key, time_us, time_us};
    if (!first_us_) {
      finding.kind = Finding::Kind::log_unproven;
    } else if (came_us + slack >= *last_us_) {
      if (std::min(now_us_, options_.end_us + overdue) < came_us + overdue) {
        ++counts_.pending;
        return;
      }
      finding.kind = Finding::Kind::log_overdue;
    } else if (!is_covered(time_us)) {
      finding.kind = Finding::Kind::log_unproven;
    }
    found_(finding);
  }

  bool is_covered(int64_t time_us) const {
    return std::any_of(spans_.begin(), spans_.end(), [&](const ChainNotes::Span& span) {
      return time_us + kMicrosPerMinute > span.start_us && time_us < span.end_us;
    });
  }

  Archive& archive_;
  KeySource& keys_;
  const DigestChain& chain_;
  const std::string& bucket_;
  const WalkOptions& options_;
  const int64_t now_us_;
  ChainNotes& notes_;
  const ChainNotes::Found& found_;
  std::vector<ChainNotes> others_;
  std::vector<ChainNotes::Span> spans_;
  std::optional<int64_t> first_us_;
  std::optional<int64_t> last_us_;
  int64_t length_us_ = 0;  ///< of the longest digest
  ScrutinyCounts counts_;
};

}  // namespace

std::string_view name_of(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::digest_missing:
      return "digest_missing";
    case Finding::Kind::time_unproven:
      return "time_unproven";
    case Finding::Kind::digest_exchanged:
      return "digest_exchanged";
    case Finding::Kind::digest_stray:
      return "digest_stray";
    case Finding::Kind::log_unnamed:
      return "log_unnamed";
    case Finding::Kind::log_unproven:
      return "log_unproven";
    case Finding::Kind::log_overdue:
      return "log_overdue";
  }
  return {};
}

std::string describe(const Finding& finding) {
  switch (finding.kind) {
    case Finding::Kind::digest_missing:
      return fmt::format("{}\tMISSING: nothing proves {}", subject(finding, "Digest file"),
                         span(finding));
    case Finding::Kind::time_unproven:
      return fmt::format("{}No digest proves {}", finding.backfill ? "(backfill) " : "",
                         span(finding));
    case Finding::Kind::digest_exchanged:
      return fmt::format("{}\tINVALID: {}", subject(finding, "Digest file"), finding.detail);
    case Finding::Kind::digest_stray:
      return fmt::format("{}\t{} (outside of the chain)", subject(finding, "Digest file"),
                         finding.detail);
    case Finding::Kind::log_unnamed:
      return subject(finding, "Log file") + "\tUNPROVEN: no digest names it";
    case Finding::Kind::log_unproven:
      return subject(finding, "Log file") + "\tUNPROVEN: no valid digest covers its time";
    case Finding::Kind::log_overdue:
      return subject(finding, "Log file") + "\tUNPROVEN: the digest that should name it is missing";
  }
  return {};
}

bool ChainNotes::digest(const std::shared_ptr<const CheckedDigest>& digest) {
  Track& track = digest->backfill ? backfill_ : standard_;
  keys_.insert(digest->key);
  if (!digest->valid()) {
    if (const auto name = parse_digest_key(digest->key)) track.told.insert(name->end_us);
  } else {
    if (track.newer != nullptr) {
      const Digest& newer = *track.newer->digest;
      if (newer.previous_object == digest->key && newer.previous_bucket == digest->bucket)
        compare(*track.newer, *digest);
      else if (newer.previous_object)
        infer_missing(*track.newer, *digest, track);
    }
    track.newer = digest;
    track.told.clear();
    add_names(*digest);
  }
  return next_ == nullptr || next_->digest(digest);
}

bool ChainNotes::log(const CheckedLog& log) {
  if (log.valid()) proven_.insert(hash_of(log.file().bucket, log.file().object));
  return next_ == nullptr || next_->log(log);
}

bool ChainNotes::gap(const DigestGap& gap) {
  return next_ == nullptr || next_->gap(gap);
}

bool ChainNotes::names(const std::string& bucket, const std::string& key) const {
  return names_.contains(hash_of(bucket, key));
}

bool ChainNotes::proves(const std::string& bucket, const std::string& key) const {
  return proven_.contains(hash_of(bucket, key));
}

void ChainNotes::add_names(const CheckedDigest& digest) {
  for (const auto& file : digest.digest->log_files) {
    names_.insert(hash_of(file.bucket, file.object));
    if (!buckets_.contains(file.bucket)) buckets_.insert(file.bucket);
  }
  covered_.push_back({parse_iso8601(digest.digest->start_time).value_or(0),
                      parse_iso8601(digest.digest->end_time).value_or(0)});
}

ChainNotes::NameHash ChainNotes::hash_of(const std::string& bucket, const std::string& key) {
  const auto bytes = sha256(bucket + "/" + key);
  NameHash hash{};
  std::memcpy(hash.data(), bytes.data(), sizeof hash);
  return hash;
}

void ChainNotes::compare(const CheckedDigest& newer, const CheckedDigest& older) {
  Finding finding{Finding::Kind::digest_exchanged, older.backfill, older.bucket, older.key};
  const Digest& next = *newer.digest;
  if (next.previous_hash && to_lower(*next.previous_hash) != older.hash)
    finding.detail = "its hash value is not the one that the next digest names";
  else if (next.previous_signature &&
           to_lower(*next.previous_signature) != to_lower(older.signature))
    finding.detail = "its signature is not the one that the next digest names";
  else if (next.start_time != older.digest->end_time)
    finding.detail = fmt::format("it ends at {}, but the next digest begins at {}",
                                 older.digest->end_time, next.start_time);
  else
    return;
  found_(finding);
}

void ChainNotes::infer_missing(const CheckedDigest& newer, const CheckedDigest& older,
                               const Track& track) {
  const auto start = parse_iso8601(newer.digest->start_time);
  const auto newer_end = parse_iso8601(newer.digest->end_time);
  const auto end = parse_iso8601(older.digest->end_time);
  if (!start || !end || *end >= *start) return;
  // CloudTrail's digests are an hour long; other services' may be set to another length.
  const int64_t step = newer_end ? *newer_end - *start : kMicrosPerHour;
  if (step <= 0) return;
  const int64_t count = (*start - *end + step / 2) / step;
  const int64_t off = *start - *end - count * step;
  Finding finding{Finding::Kind::time_unproven, newer.backfill, newer.bucket};
  const int64_t jitter = std::min(kJitter, step / 4);
  if (std::abs(off) > jitter || count > kMissingMax) {
    finding.start_us = *end;
    finding.end_us = *start;
    found_(finding);
    return;
  }
  finding.kind = Finding::Kind::digest_missing;
  for (int64_t i = 0; i < count; ++i) {
    finding.end_us = *start - i * step;
    finding.start_us = i + 1 == count ? *end : finding.end_us - step;
    const auto told = track.told.lower_bound(finding.end_us - jitter);
    if (told != track.told.end() && *told <= finding.end_us + jitter) continue;
    finding.key = digest_key(chain_, finding.end_us, newer.backfill);
    found_(finding);
  }
}

Result<ScrutinyCounts> scrutinize(Archive& archive, KeySource& keys, const DigestChain& chain,
                                  const std::string& bucket, const WalkOptions& options,
                                  int64_t now_us, ChainNotes& notes,
                                  const ChainNotes::Found& found) {
  return Scrutiny(archive, keys, chain, bucket, options, now_us, notes, found).run();
}

}  // namespace cairn::integrity

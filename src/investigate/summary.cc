#include "investigate/summary.h"

#include "base/time.h"
#include "investigate/internal/summary_sql.h"
#include "model/key_layout.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace cairn::investigate {
namespace {

bool more(const Entry& a, const Entry& b) {
  if (a.tally.events != b.tally.events) return a.tally.events > b.tally.events;
  return std::tie(a.name, a.detail) < std::tie(b.name, b.detail);
}

/// Keeps the most frequent of entries of which each comes once.
class Top {
 public:
  explicit Top(size_t keep) : keep_(std::max<size_t>(keep, 1)) {}

  void add(Entry entry) {
    if (!entry.name.empty()) ++distinct_;
    entries_.push_back(std::move(entry));
    if (entries_.size() >= keep_ * 4 + 64) cut();
  }

  TopList take() {
    cut();
    return {std::move(entries_), distinct_};
  }

 private:
  void cut() {
    std::sort(entries_.begin(), entries_.end(), more);
    if (entries_.size() > keep_) entries_.resize(keep_);
  }

  size_t keep_;
  uint64_t distinct_ = 0;
  std::vector<Entry> entries_;
};

std::string text_of(const engine::ResultSet& rows, SummaryColumn column, size_t row) {
  const engine::Cell cell = rows.cell(column, row);
  return cell.is_null() ? std::string() : std::string(cell.text());
}

Tally tally_of(const engine::ResultSet& rows, size_t row) {
  const auto count = [&](SummaryColumn column) {
    return static_cast<uint64_t>(rows.cell(column, row).integer());
  };
  Tally tally{.events = count(column_events),
              .errors = count(column_errors),
              .reads = count(column_reads),
              .writes = count(column_writes)};
  if (const auto cell = rows.cell(column_first, row); !cell.is_null())
    tally.first_us = cell.timestamp_us();
  if (const auto cell = rows.cell(column_last, row); !cell.is_null())
    tally.last_us = cell.timestamp_us();
  return tally;
}

using Place = std::pair<std::string, std::string>;  ///< account, region

/// Takes the rows of the query apart.
class Collector {
 public:
  explicit Collector(const SummaryOptions& options)
      : options_(options),
        categories_(options.top),
        services_(options.top),
        calls_(options.top),
        addresses_(options.top),
        agents_(options.top),
        errors_(options.top) {}

  void take(const engine::ResultSet& rows, size_t row) {
    const Question* const question = find_question(rows.cell(column_grouping, row).integer());
    if (question != nullptr) answer(*question, rows, row);
  }

  Summary finish() {
    summary_.categories = categories_.take();
    summary_.services = services_.take();
    summary_.calls = calls_.take();
    summary_.addresses = addresses_.take();
    summary_.agents = agents_.take();
    summary_.errors = errors_.take();
    summary_.callers = top_of(callers_);
    summary_.identity_types = top_of(types_);
    finish_places();
    std::sort(summary_.minutes.begin(), summary_.minutes.end(),
              [](const Minute& a, const Minute& b) { return a.start_us < b.start_us; });
    finish_notables();
    return std::move(summary_);
  }

  /// Five-minute slots with events, for when no delivery times are known.
  std::vector<Pulse> event_pulses() const {
    std::vector<Pulse> pulses;
    for (const auto& [place, times] : slots_)
      pulses.push_back({.account = place.first, .region = place.second, .times_us = times});
    return pulses;
  }

 private:
  void answer(Question question, const engine::ResultSet& rows, size_t row) {
    const Tally tally = tally_of(rows, row);
    switch (question) {
      case Question::total:
        summary_.total = tally;
        break;
      case Question::place:
        places_[place_of(rows, row)] = tally;
        break;
      case Question::slot:
        if (const auto slot = rows.cell(column_slot, row); !slot.is_null())
          slots_[place_of(rows, row)].push_back(slot.integer() * kSlotMinutes * kMicrosPerMinute);
        break;
      case Question::minute:
        if (const auto minute = rows.cell(column_minute, row); !minute.is_null())
          summary_.minutes.push_back(
              {minute.integer() * kMicrosPerMinute, tally.events, tally.errors});
        break;
      case Question::category:
        add(categories_, column_category, rows, row, tally);
        break;
      case Question::service:
        add(services_, column_service, rows, row, tally);
        break;
      case Question::call:
        calls_.add({.name = text_of(rows, column_name, row),
                    .detail = text_of(rows, column_service, row),
                    .tally = tally});
        break;
      case Question::identity:
        add_identity(rows, row, tally);
        break;
      case Question::caller:
        add_caller(rows, row, tally);
        break;
      case Question::address:
        add(addresses_, column_address, rows, row, tally);
        break;
      case Question::agent:
        add(agents_, column_agent, rows, row, tally);
        break;
      case Question::error:
        if (!rows.cell(column_error, row).is_null()) add(errors_, column_error, rows, row, tally);
        break;
      case Question::notable:
        notables_[text_of(rows, column_notable, row)] = tally;
        break;
      case Question::repeated:
        ++summary_.repeated_ids;
        summary_.repeated += tally.events - 1;
        break;
    }
  }

  static Place place_of(const engine::ResultSet& rows, size_t row) {
    return {text_of(rows, column_account, row), text_of(rows, column_region, row)};
  }

  static void add(Top& top, SummaryColumn column, const engine::ResultSet& rows, size_t row,
                  const Tally& tally) {
    top.add({.name = text_of(rows, column, row), .detail = {}, .tally = tally});
  }

  void add_identity(const engine::ResultSet& rows, size_t row, const Tally& tally) {
    const std::string type = text_of(rows, column_type, row);
    const std::string key = text_of(rows, column_key, row);
    types_[type].tally.add(tally);
    Identities& who = summary_.identities;
    uint64_t* count = &who.other;
    if (type.empty()) count = &who.none;
    if (type == "Root") count = &who.root;
    if (type == "AssumedRole") count = &who.assumed_role;
    if (type == "AWSService") count = &who.aws_service;
    if (type == "AWSAccount") count = &who.other_account;
    if (type == "FederatedUser" || type == "SAMLUser" || type == "WebIdentityUser" ||
        type == "IdentityCenterUser")
      count = &who.federated;
    if (type == "IAMUser")
      count = key == "AKIA"   ? &who.iam_user_key
              : key == "ASIA" ? &who.iam_user_session
                              : &who.iam_user_other;
    *count += tally.events;
    const auto behalf = rows.cell(column_on_behalf, row);
    if (!behalf.is_null() && behalf.boolean()) who.on_behalf += tally.events;
  }

  void add_caller(const engine::ResultSet& rows, size_t row, const Tally& tally) {
    Entry& entry = callers_[text_of(rows, column_caller, row)];
    entry.tally.add(tally);
    if (!rows.cell(column_session, row).is_null()) ++entry.sessions;
  }

  template <class Map>
  TopList top_of(const Map& map) const {
    Top top(options_.top);
    for (const auto& [name, entry] : map) {
      Entry copy = entry;
      copy.name = name;
      top.add(std::move(copy));
    }
    return top.take();
  }

  void finish_places() {
    std::map<std::string, Entry> accounts;
    std::map<std::string, Entry> regions;
    for (auto& [place, tally] : places_) {
      accounts[place.first].tally.add(tally);
      regions[place.second].tally.add(tally);
      summary_.places.push_back({place.first, place.second, tally});
    }
    summary_.accounts = top_of(accounts);
    summary_.regions = top_of(regions);
  }

  void finish_notables() {
    for (Notable& notable : notable_kinds()) {
      const auto found = notables_.find(notable.code);
      if (found == notables_.end()) continue;
      notable.tally = found->second;
      summary_.notables.push_back(std::move(notable));
    }
  }

  SummaryOptions options_;
  Summary summary_;
  Top categories_;
  Top services_;
  Top calls_;
  Top addresses_;
  Top agents_;
  Top errors_;
  std::unordered_map<std::string, Entry> callers_;
  std::map<std::string, Entry> types_;
  std::map<Place, Tally> places_;
  std::map<Place, std::vector<int64_t>> slots_;
  std::map<std::string, Tally> notables_;
};

/// Delivery times out of the names of the log files; empty unless every file that was read has one.
std::vector<Pulse> delivery_pulses(const source::Coverage& coverage) {
  std::map<Place, std::vector<int64_t>> times;
  uint64_t named = 0;
  for (const source::FileReport& file : coverage.files) {
    if (file.fate != source::FileFate::read && file.fate != source::FileFate::partial) continue;
    const model::KeyFacts facts = model::read_key(file.path);
    if (facts.kind == model::KeyKind::insight || facts.kind == model::KeyKind::aggregated) {
      ++named;
      continue;
    }
    if (facts.kind != model::KeyKind::log || facts.account.empty() || facts.region.empty() ||
        !facts.delivered_min_us ||
        *facts.delivered_max_us - *facts.delivered_min_us > kMicrosPerMinute)
      return {};
    ++named;
    times[{std::string(facts.account), std::string(facts.region)}].push_back(
        *facts.delivered_min_us);
  }
  if (named != coverage.files_read + coverage.files_partial) return {};
  std::vector<Pulse> pulses;
  for (auto& [place, list] : times)
    pulses.push_back({.account = place.first, .region = place.second, .times_us = std::move(list)});
  return pulses;
}

}  // namespace

void Tally::add(const Tally& other) {
  events += other.events;
  errors += other.errors;
  reads += other.reads;
  writes += other.writes;
  if (other.first_us && (!first_us || *other.first_us < *first_us)) first_us = other.first_us;
  if (other.last_us && (!last_us || *other.last_us > *last_us)) last_us = other.last_us;
}

Result<Summary> summarize(query::Session& session, const SummaryOptions& options) {
  auto rows = CAIRN_TRY(session.sql(summary_sql()));
  Collector collector(options);
  while (true) {
    const bool has_rows = CAIRN_TRY(rows.next());
    if (!has_rows) break;
    for (size_t row = 0; row < rows.rows(); ++row) collector.take(rows, row);
  }
  Summary summary = collector.finish();
  const source::Coverage& coverage = session.coverage();
  summary.files = coverage.files_read + coverage.files_partial;
  auto pulses = delivery_pulses(coverage);
  const auto basis = pulses.empty() ? GapBasis::event_times : GapBasis::delivery_times;
  if (pulses.empty()) pulses = collector.event_pulses();
  summary.gaps = find_gaps(std::move(pulses), basis, GapRules{});
  return summary;
}

}  // namespace cairn::investigate

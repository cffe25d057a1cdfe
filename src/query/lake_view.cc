#include "query/internal/lake_view.h"

#include "engine/record_function.h"
#include "io/in_parallel.h"
#include "model/columns.h"
#include "parquet/bloom_probe.h"
#include "query/internal/scope.h"
#include "store/cloudtrail_schema.h"
#include "store/lake_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace cairn::query {
namespace {

bool has_filter(const store::Fields& fields, std::string_view path) {
  const auto name = path.substr(0, path.find('.'));
  for (const auto& field : fields) {
    if (field.name != name) continue;
    if (name.size() == path.size()) return field.bloom;
    return has_filter(field.children, path.substr(name.size() + 1));
  }
  return false;
}

/// Per scan; empty when some scan wants more than single values.
std::vector<std::vector<Needle>> needles_of(const std::vector<lang::athena::ScanBounds>& scans) {
  std::vector<std::vector<Needle>> all;
  for (const auto& bounds : scans) {
    auto& needles = all.emplace_back();
    for (const auto& bound : bounds) {
      if (bound.field != lang::athena::Bound::Field::other) continue;
      const std::string path(model::columns()[static_cast<size_t>(bound.column)].name);
      if (has_filter(store::cloudtrail_table().fields, path))
        needles.push_back({path, bound.values});
    }
    if (needles.empty()) return {};
  }
  return all;
}

/// Whether the file may have rows for one of the scans. A file that cannot be asked may: the query
/// itself will say what is wrong with it.
bool may_hold(io::ObjectStore& objects, const store::DataFile& file,
              const std::vector<std::vector<Needle>>& scans) {
  const auto probe = parquet::BloomProbe::open(
      [&](uint64_t offset, uint64_t length) { return objects.get_range(file.key, offset, length); },
      static_cast<uint64_t>(file.size_bytes));
  if (!probe.ok()) return true;
  return std::any_of(scans.begin(), scans.end(), [&](const std::vector<Needle>& needles) {
    return std::all_of(needles.begin(), needles.end(), [&](const Needle& needle) {
      const auto held = probe.value().may_hold(needle.column, needle.values);
      return !held.ok() || held.value();
    });
  });
}

std::optional<int32_t> day(const std::optional<int64_t>& time_us) {
  if (!time_us) return std::nullopt;
  return static_cast<int32_t>(store::day_of(*time_us));
}

}  // namespace

Result<std::unique_ptr<LakeView>> LakeView::open(const LakeSource& from,
                                                 std::optional<std::vector<std::string>> accounts,
                                                 engine::Connection& connection) {
  static const io::SystemClock kClock;
  auto lake = CAIRN_TRY(store::Lake::open(from.lake, kClock, false));
  std::unique_ptr<LakeView> view(new LakeView(std::move(lake), from, std::move(accounts)));
  view->table_ = CAIRN_TRY(view->lake_.open_table());
  CAIRN_TRY(view->snapshot());
  CAIRN_TRY(engine::register_lake_functions(connection));
  return view;
}

std::vector<std::string> LakeView::folders() {
  auto data = lake_.objects().local_path(store::kDataPrefix);
  return {data ? std::move(*data) : store::ReadableFiles::folder(lake_)};
}

Result<std::optional<store::Snapshot>> LakeView::snapshot() {
  using Found = std::optional<store::Snapshot>;
  if (from_.snapshot_id) {
    auto found = CAIRN_TRY(table_->snapshot_by_id(*from_.snapshot_id));
    return Found(std::move(found));
  }
  if (from_.as_of_us) {
    auto found = CAIRN_TRY(table_->snapshot_as_of(*from_.as_of_us / 1000));
    return Found(std::move(found));
  }
  return table_->current();
}

Status LakeView::refresh(const source::Wanted& wanted) {
  CAIRN_TRY(table_->refresh());
  const auto current = CAIRN_TRY(snapshot());
  if (!current) {
    files_.clear();
    files_of_.reset();
    return {};
  }
  const store::Table::DayRange days{.min = day(wanted.event_time_min_us),
                                    .max = day(wanted.event_time_max_us)};
  if (files_of_ && files_of_->snapshot_id == current->id && files_of_->holds(days)) return {};
  files_of_.reset();
  files_.clear();
  auto files = CAIRN_TRY(table_->files(*current, days, &cancelled_));
  files_.reserve(files.size());
  for (auto& file : files) {
    const auto first_us = store::first_event_us(file);
    const auto last_us = store::last_event_us(file);
    const auto nulls = file.null_counts.find(store::event_time_field_id());
    const bool untimed = nulls == file.null_counts.end() || nulls->second > 0;
    files_.push_back({std::move(file), first_us, last_us, untimed});
  }
  std::stable_sort(files_.begin(), files_.end(),
                   [](const Timed& a, const Timed& b) { return a.last_us > b.last_us; });
  files_of_ = FilesOf{.snapshot_id = current->id, .days = days};
  return {};
}

Status LakeView::choose(const source::Wanted& wanted,
                        const std::vector<std::vector<Needle>>& scans) {
  cancelled_ = false;
  progress_.files_total = progress_.files_done = 0;
  progress_.bytes_total = progress_.bytes_done = 0;
  CAIRN_TRY(refresh(wanted));
  std::vector<char> wants(files_.size(), 0);
  const auto look_at = [&](size_t i) -> Status {
    const auto& timed = files_[i];
    if (wanted.event_time_min_us && timed.last_us < *wanted.event_time_min_us) return {};
    if (wanted.event_time_max_us && timed.first_us > *wanted.event_time_max_us) return {};
    wants[i] = scans.empty() || may_hold(lake_.objects(), timed.file, scans) ? 1 : 0;
    return {};
  };
  // Files that lie here are looked at so quickly that a thread has to get some.
  const size_t worth_a_thread = lake_.cached_objects() == nullptr ? 8 : 1;
  CAIRN_TRY(io::in_parallel(
      files_.size(), std::min(lake_.objects().requests_at_once(), files_.size() / worth_a_thread),
      look_at, &cancelled_));
  coverage_ = {};
  std::vector<store::DataFile> chosen;
  for (size_t i = 0; i < files_.size(); ++i) {
    const auto& file = files_[i].file;
    const bool read = wants[i] != 0;
    if (!accounts_)
      coverage_.add({.path = file.key,
                     .fate = read ? source::FileFate::read : source::FileFate::pruned,
                     .reason = read ? "" : "holds nothing that was asked for",
                     .bytes = static_cast<uint64_t>(file.size_bytes),
                     .events = read ? static_cast<uint64_t>(file.rows) : 0,
                     .records_refused = 0},
                    {}, 0);
    if (read) chosen.push_back(file);
  }
  readable_ = CAIRN_TRY(store::ReadableFiles::open(
      lake_, chosen, {.progress = &progress_, .cancelled = &cancelled_}));
  return {};
}

Status LakeView::begin(const source::Wanted& wanted, const lang::athena::Rewritten& query,
                       engine::Connection& connection) {
  CAIRN_TRY(choose(wanted, needles_of(query.scans)));
  // The engine binds all columns that there are, twice.
  auto source =
      store::lake_source_sql(readable_, {wanted.event_time_min_us, wanted.event_time_max_us},
                             accounts_ ? nullptr : &query.columns);
  if (accounts_) source = scoped_source_sql(source, *accounts_, query.scans);
  return connection.execute(
      fmt::format("CREATE OR REPLACE TEMP MACRO read_cloudtrail() AS TABLE {}", source));
}

Result<std::string> LakeView::relation(const Question& question) {
  std::vector<std::vector<Needle>> scans;
  if (!question.needles.empty()) scans.push_back(question.needles);
  CAIRN_TRY(choose(question.wanted, scans));
  auto source = store::stored_source_sql(readable_, question.records);
  return accounts_ ? scoped_stored_sql(source, *accounts_) : source;
}

double LakeView::Timed::rows_within(int64_t since_us, int64_t until_us) const {
  const auto rows = static_cast<double>(file.rows);
  if (since_us <= first_us && last_us <= until_us) return rows;
  const int64_t begin = std::max(since_us, first_us);
  const int64_t end = std::min(until_us, last_us);
  if (end < begin) return 0;
  const auto length = [](int64_t from, int64_t to) {
    return static_cast<double>(to) - static_cast<double>(from) + 1;
  };
  return rows * length(begin, end) / length(first_us, last_us);
}

Result<Newest> LakeView::newest(const source::Wanted& wanted, uint64_t rows) {
  cancelled_ = false;
  CAIRN_TRY(refresh(wanted));
  constexpr int64_t kNever = std::numeric_limits<int64_t>::min();
  const int64_t lowest = wanted.event_time_min_us.value_or(kNever);
  int64_t until = wanted.event_time_max_us.value_or(std::numeric_limits<int64_t>::max());
  Newest found;
  // Files whose times are not known would make every guess one over all of time.
  int64_t first = until;
  int64_t last = lowest;
  for (const auto& timed : files_) {
    found.untimed = found.untimed || timed.untimed;
    if (timed.untimed) continue;
    first = std::min(first, std::max(timed.first_us, lowest));
    last = std::max(last, std::min(timed.last_us, until));
  }
  const auto enough = [&](int64_t since_us) {
    double sum = 0;
    for (const auto& timed : files_) {
      if (timed.last_us < since_us) break;
      sum += timed.rows_within(since_us, until);
    }
    return sum >= static_cast<double>(rows);
  };
  if (last <= first || !enough(first + 1)) return found;
  // The latest instant that has enough behind it.
  while (last - first > 1) {
    const int64_t middle = first + (last - first) / 2;
    (enough(middle) ? first : last) = middle;
  }
  found.since_us = first;
  return found;
}

}  // namespace cairn::query

#include "query/internal/lake_view.h"

#include "engine/record_function.h"
#include "model/columns.h"
#include "parquet/bloom_probe.h"
#include "store/cloudtrail_schema.h"
#include "store/lake_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

namespace cairn::query {
namespace {

bool can_hold(const store::DataFile& file, const source::Wanted& wanted) {
  if (wanted.event_time_min_us && store::last_event_us(file) < *wanted.event_time_min_us)
    return false;
  return !wanted.event_time_max_us || store::first_event_us(file) <= *wanted.event_time_max_us;
}

/// Values that a scan asks for in a column whose files have bloom filters.
struct Needle {
  std::string path;
  std::vector<std::string> values;
};

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
      const auto held = probe.value().may_hold(needle.path, needle.values);
      return !held.ok() || held.value();
    });
  });
}

/// Calls `work(i)` for each i below `count`, on all cores.
void on_all_cores(size_t count, const std::function<void(size_t)>& work) {
  constexpr size_t worth_a_thread = 8;
  const size_t cores = std::max<size_t>(1, std::thread::hardware_concurrency());
  std::atomic<size_t> next{0};
  const auto run = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min(cores, count / worth_a_thread); ++i) threads.emplace_back(run);
  run();
  for (auto& thread : threads) thread.join();
}

std::optional<int32_t> day(const std::optional<int64_t>& time_us) {
  if (!time_us) return std::nullopt;
  return static_cast<int32_t>(store::day_of(*time_us));
}

}  // namespace

Result<std::unique_ptr<LakeView>> LakeView::open(const LakeSource& from,
                                                 engine::Connection& connection) {
  static const io::SystemClock clock;
  auto lake = CAIRN_TRY(store::Lake::open(from.lake, clock, false));
  std::unique_ptr<LakeView> view(new LakeView(std::move(lake), from));
  view->table_ = CAIRN_TRY(view->lake_.open_table());
  CAIRN_TRY(view->snapshot());
  CAIRN_TRY(engine::register_lake_functions(connection));
  return view;
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

Status LakeView::begin(const source::Wanted& wanted,
                       const std::vector<lang::athena::ScanBounds>& scans,
                       engine::Connection& connection) {
  CAIRN_TRY(table_->refresh());
  const auto current = CAIRN_TRY(snapshot());
  coverage_ = {};
  std::vector<std::string> paths;
  if (current) {
    const auto files = CAIRN_TRY(table_->files(
        *current, {.min = day(wanted.event_time_min_us), .max = day(wanted.event_time_max_us)}));
    const auto needles = needles_of(scans);
    std::vector<char> wants(files.size(), 0);
    on_all_cores(files.size(), [&](size_t i) {
      const bool local = lake_.objects().local_path(files[i].key).has_value();
      wants[i] = can_hold(files[i], wanted) &&
                         (needles.empty() || !local || may_hold(lake_.objects(), files[i], needles))
                     ? 1
                     : 0;
    });
    for (size_t i = 0; i < files.size(); ++i) {
      const auto& file = files[i];
      const bool read = wants[i] != 0;
      coverage_.add({.path = file.key,
                     .fate = read ? source::FileFate::read : source::FileFate::pruned,
                     .reason = read ? "" : "holds nothing that was asked for",
                     .bytes = static_cast<uint64_t>(file.size_bytes),
                     .events = read ? static_cast<uint64_t>(file.rows) : 0,
                     .records_refused = 0},
                    {}, 0);
      if (!read) continue;
      auto path = CAIRN_TRY(store::readable_path(lake_, file));
      paths.push_back(std::move(path));
    }
  }
  return connection.execute(fmt::format(
      "CREATE OR REPLACE TEMP MACRO read_cloudtrail() AS TABLE {}",
      store::lake_source_sql(paths, {wanted.event_time_min_us, wanted.event_time_max_us})));
}

}  // namespace cairn::query

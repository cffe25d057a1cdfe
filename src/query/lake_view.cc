#include "query/internal/lake_view.h"

#include "engine/record_function.h"
#include "store/lake_sql.h"

#include <fmt/format.h>

namespace cairn::query {
namespace {

bool can_hold(const store::DataFile& file, const source::Wanted& wanted) {
  if (wanted.event_time_min_us && store::last_event_us(file) < *wanted.event_time_min_us)
    return false;
  return !wanted.event_time_max_us || store::first_event_us(file) <= *wanted.event_time_max_us;
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

Status LakeView::begin(const source::Wanted& wanted, engine::Connection& connection) {
  CAIRN_TRY(table_->refresh());
  const auto current = CAIRN_TRY(snapshot());
  coverage_ = {};
  std::vector<std::string> paths;
  if (current) {
    const auto files = CAIRN_TRY(table_->files(
        *current, {.min = day(wanted.event_time_min_us), .max = day(wanted.event_time_max_us)}));
    for (const auto& file : files) {
      const bool read = can_hold(file, wanted);
      coverage_.add({.path = file.key,
                     .fate = read ? source::FileFate::read : source::FileFate::pruned,
                     .reason = read ? "" : "holds no events of the wanted time",
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

#include "ingest/lake_rows.h"

#include "model/columns.h"
#include "store/cloudtrail_schema.h"
#include "store/lake_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::ingest {
namespace {

/// What the query selects, in order: the patch, the resource ARNs, whether each struct is there,
/// each stored column.
struct Layout {
  std::vector<std::string> structs;     ///< "userIdentity", "userIdentity.sessionContext", …
  std::vector<size_t> columns;          ///< indices in model::columns()
  std::vector<std::vector<size_t>> of;  ///< per column: its structs, outermost first
};

Layout make_layout() {
  Layout layout;
  for (size_t i = 0; i < model::columns().size(); ++i) {
    const auto& column = model::columns()[i];
    if (column.lake_id == 0) continue;
    layout.columns.push_back(i);
    auto& structs = layout.of.emplace_back();
    for (size_t dot = column.name.find('.'); dot != std::string_view::npos;
         dot = column.name.find('.', dot + 1)) {
      const std::string path(column.name.substr(0, dot));
      auto at = std::find(layout.structs.begin(), layout.structs.end(), path);
      if (at == layout.structs.end()) at = layout.structs.insert(at, path);
      structs.push_back(static_cast<size_t>(at - layout.structs.begin()));
    }
  }
  return layout;
}

const Layout& layout() {
  static const Layout kMade = make_layout();
  return kMade;
}

constexpr size_t kStructsAt = 2;

}  // namespace

Result<LakeRows> LakeRows::open(engine::Connection connection, const std::string& path) {
  std::string list = fmt::format("{}, {}", store::kRecordPatch, store::kResourceArns);
  for (const auto& name : layout().structs)
    list += fmt::format(", {} IS NOT NULL", store::column_path(name));
  for (const size_t column : layout().columns)
    list += ", " + store::column_path(model::columns()[column].name);
  auto rows = CAIRN_TRY(
      connection.query(fmt::format("SELECT {} FROM {}", list, store::all_columns_sql({path}))));
  LakeRows made(std::move(connection), std::move(rows));
  made.values_.resize(model::columns().size());
  return made;
}

Result<bool> LakeRows::next() {
  if (in_chunk_ && ++row_ < rows_.rows()) {
    read_row();
    return true;
  }
  do {
    in_chunk_ = CAIRN_TRY(rows_.next());
    if (!in_chunk_) return false;
  } while (rows_.rows() == 0);
  row_ = 0;
  read_row();
  return true;
}

void LakeRows::read_row() {
  const auto patch = rows_.cell(0, row_);
  patch_ = patch.is_null() ? std::string_view() : patch.text();
  arns_.clear();
  const auto arns = rows_.cell(1, row_);
  if (!arns.is_null())
    for (size_t i = 0; i < arns.size(); ++i)
      if (const auto arn = arns.at(i); !arn.is_null()) arns_.push_back(arn.text());
  std::array<bool, 64> there{};
  for (size_t i = 0; i < layout().structs.size(); ++i)
    there[i] = rows_.cell(kStructsAt + i, row_).boolean();
  const size_t columns_at = kStructsAt + layout().structs.size();
  for (size_t i = 0; i < layout().columns.size(); ++i) {
    const size_t column = layout().columns[i];
    auto& value = values_[column];
    value = store::column_value(model::columns()[column], rows_.cell(columns_at + i, row_));
    for (const size_t parent : layout().of[i])
      if (there[parent]) ++value.parents;
  }
}

int64_t LakeRows::time_us() const {
  static const auto kEventTime = static_cast<size_t>(model::find_column("eventTime"));
  return values_[kEventTime].number;
}

}  // namespace cairn::ingest

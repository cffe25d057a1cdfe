// TextDecoder's part for tables: exports of CloudTrail Lake and Athena with the column eventJson.
#include "base/text.h"
#include "source/internal/text_decoder.h"

#include <array>

namespace cairn::source {
namespace {

struct CsvRow {
  std::vector<std::string> cells;
  const char* at = nullptr;  ///< behind the row's line end
  bool whole = false;
};

// RFC 4180; `ended` says that no text follows `end`.
CsvRow parse_row(const char* p, const char* end, bool ended) {
  CsvRow row;
  std::string cell;
  bool quoted = false;
  for (; p < end; ++p) {
    if (quoted) {
      if (*p != '"') {
        cell += *p;
      } else if (p + 1 < end && p[1] == '"') {
        cell += *p++;
      } else {
        quoted = false;
      }
    } else if (*p == '"') {
      quoted = true;
    } else if (*p == ',') {
      row.cells.push_back(std::move(cell));
      cell.clear();
    } else if (*p == '\n') {
      row.whole = true;
      ++p;
      break;
    } else if (*p != '\r') {
      cell += *p;
    }
  }
  row.cells.push_back(std::move(cell));
  row.at = p;
  row.whole = row.whole || (ended && !quoted);
  return row;
}

}  // namespace

// Decides whether the text is a table, by its first line.
void TextDecoder::read_csv_header(std::string_view line) {
  const auto header = parse_row(line.data(), line.data() + line.size(), true);
  bool known = false;
  for (size_t i = 0; i < header.cells.size(); ++i) {
    const auto& name = header.cells[i];
    if (equals_ignoring_case(name, "eventJson")) {
      csv_column_ = i;
      csv_columns_ = header.cells.size();
      state_ = State::csv;
      notes_.recognised = true;
      return;
    }
    for (const std::string_view column :
         {"eventName", "Event name", "eventTime", "Event time", "userIdentity"})
      known = known || equals_ignoring_case(name, column);
  }
  if (known && header.cells.size() > 1) {
    refuse_text(
        "a table of single columns: whole events cannot be had from it; select eventJson, or use "
        "the "
        "JSON download",
        line.data());
  }
}

TextDecoder::Step TextDecoder::step_csv(model::RecordBatch& batch) {
  while (at_ < window_.end() && (*at_ == '\n' || *at_ == '\r')) ++at_;
  if (at_ >= window_.end()) {
    if (!window_.ended()) return Step::more;
    state_ = State::finished;
    return Step::done;
  }
  const auto row = parse_row(at_, window_.end(), window_.ended());
  if (!row.whole && !window_.ended()) return Step::more;
  const Place place{window_.offset(at_), 0};
  at_ = row.at;
  ++documents_;
  if (!row.whole || row.cells.size() != csv_columns_) {
    ++number_;
    refuse("a table row with an open quote or another number of cells than the header", place);
  } else {
    take_text(batch, row.cells[csv_column_], {place.offset, 1});
  }
  return Step::done;
}

}  // namespace cairn::source

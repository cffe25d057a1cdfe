#include "exporter/exporter.h"

#include "base/sql_text.h"
#include "base/time.h"
#include "exporter/internal/log_files.h"

#include <fmt/format.h>

namespace cairn::exporter {
namespace {

std::string instant(int64_t time_us) {
  return fmt::format("TIMESTAMP {}", sql_literal(format_iso8601(time_us)));
}

}  // namespace

std::string where_clause(const Filter& filter) {
  std::string out;
  const auto add = [&](const std::string& condition) {
    out += fmt::format("{}({})", out.empty() ? " WHERE " : " AND ", condition);
  };
  if (filter.start_us) add("eventTime >= " + instant(*filter.start_us));
  if (filter.end_us) add("eventTime <= " + instant(*filter.end_us));
  if (!filter.accounts.empty())
    add(fmt::format("recipientAccountId IN ({})", sql_list(filter.accounts)));
  if (!filter.regions.empty()) add(fmt::format("awsRegion IN ({})", sql_list(filter.regions)));
  if (!filter.where.empty()) add(filter.where + '\n');  // it may end in a comment
  return out;
}

Result<ExportReport> export_lines(query::Session& session, const Filter& filter,
                                  const std::function<Status(std::string_view)>& write) {
  ExportReport report;
  auto rows = CAIRN_TRY(session.sql(
      fmt::format("SELECT eventJson FROM cloudtrail{} ORDER BY eventTime", where_clause(filter))));
  std::string line;
  for (;;) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) return report;
    for (size_t row = 0; row < rows.rows(); ++row) {
      append_on_one_line(line, rows.cell(0, row).text());
      report.json_bytes += line.size();
      line += '\n';
      CAIRN_TRY(write(line));
      line.clear();
      ++report.events;
    }
  }
}

}  // namespace cairn::exporter

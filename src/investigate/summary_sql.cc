#include "investigate/internal/summary_sql.h"

#include "query/event_expressions.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

namespace cairn::investigate {
namespace {

constexpr std::array<std::string_view, 17> kGroupColumns{
    "account", "region", "slot", "minute",  "category", "service", "name",    "type", "key",
    "behalf",  "caller", "run",  "address", "agent",    "error",   "notable", "id"};

struct Set {
  Question question;
  std::array<std::string_view, 3> columns;  ///< unused ones are empty
};

constexpr std::array kSets{
    Set{Question::total, {}},
    Set{Question::place, {"account", "region"}},
    Set{Question::slot, {"account", "region", "slot"}},
    Set{Question::minute, {"minute"}},
    Set{Question::category, {"category"}},
    Set{Question::service, {"service"}},
    Set{Question::call, {"service", "name"}},
    Set{Question::identity, {"type", "key", "behalf"}},
    Set{Question::caller, {"caller", "run"}},
    Set{Question::address, {"address"}},
    Set{Question::agent, {"agent"}},
    Set{Question::error, {"error"}},
    Set{Question::notable, {"notable"}},
    Set{Question::repeated, {"id"}},
};

std::string notable_sql() {
  std::string sql = "CASE";
  for (const Notable& kind : notable_kinds())
    sql += fmt::format(" WHEN {} THEN '{}'", kind.where, kind.code);
  return sql + " END";
}

bool has(const Set& set, std::string_view column) {
  for (const auto name : set.columns)
    if (name == column) return true;
  return false;
}

/// GROUPING() has a bit for each column, the first one highest, that is 1 if it is not grouped by.
constexpr int64_t bits(const Set& set) {
  int64_t value = 0;
  for (const auto column : kGroupColumns) {
    bool grouped = false;
    for (const auto name : set.columns) grouped = grouped || name == column;
    value = value * 2 + (grouped ? 0 : 1);
  }
  return value;
}

std::string sets_sql() {
  std::vector<std::string> sets;
  for (const Set& set : kSets) {
    std::vector<std::string_view> columns;
    for (const auto column : kGroupColumns)
      if (has(set, column)) columns.push_back(column);
    sets.push_back(fmt::format("({})", fmt::join(columns, ", ")));
  }
  return fmt::format("{}", fmt::join(sets, ", "));
}

}  // namespace

std::string summary_sql() {
  const std::string columns = fmt::format("{}", fmt::join(kGroupColumns, ", "));
  const std::string inner = fmt::format(
      "SELECT coalesce(recipientAccountId, userIdentity.accountId) AS account,"
      " awsRegion AS region,"
      " epoch_us(eventTime) // {} AS slot, epoch_us(eventTime) // 60000000 AS minute,"
      " {} AS category,"
      " coalesce(eventSource, json_extract_string(insightDetails, '$.eventSource')) AS service,"
      " coalesce(eventName, json_extract_string(insightDetails, '$.eventName')) AS name,"
      " userIdentity.type AS type, substr(userIdentity.accessKeyId, 1, 4) AS key,"
      " userIdentity.invokedBy <> '' AND userIdentity.type <> 'AWSService' AS behalf,"
      " {} AS caller,"
      " CASE WHEN userIdentity.type = 'AssumedRole' THEN userIdentity.arn END AS run,"
      " sourceIPAddress AS address, userAgent AS agent, errorCode AS error, {} AS notable,"
      " hash(eventID) AS id, eventID IS NOT NULL AS has_id, readOnly AS reads, eventTime AS time"
      " FROM cloudtrail",
      kSlotMinutes * 60'000'000, query::kCategorySql, query::kCallerSql, notable_sql());
  return fmt::format(
      "SELECT GROUPING({0}) AS grouped, {0}, count(*), count(error),"
      " count(*) FILTER (WHERE reads), count(*) FILTER (WHERE NOT reads), min(time), max(time)"
      " FROM ({1}) AS events GROUP BY GROUPING SETS ({2})"
      " HAVING GROUPING(id) = 1 OR (count(*) > 1 AND bool_and(has_id))",
      columns, inner, sets_sql());
}

const Question* find_question(int64_t grouping) {
  for (const Set& set : kSets)
    if (bits(set) == grouping) return &set.question;
  return nullptr;
}

}  // namespace cairn::investigate

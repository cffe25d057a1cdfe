#include "query/internal/scope.h"

#include "base/sql_text.h"
#include "base/text.h"
#include "model/columns.h"
#include "model/event_account.h"
#include "query/session.h"

#include <fmt/format.h>

namespace cairn::query {
namespace {

std::string_view column_of(const lang::athena::Bound& bound) {
  using Field = lang::athena::Bound::Field;
  if (bound.field == Field::account) return model::kRecipientAccountColumn;
  if (bound.field == Field::region) return "awsRegion";
  if (bound.field != Field::other || bound.column < 0) return {};
  return model::columns()[static_cast<size_t>(bound.column)].name;
}

/// Comparisons of columns with texts, which cannot fail; "" when some scan has none.
std::string values_asked_for(const std::vector<lang::athena::ScanBounds>& scans) {
  constexpr size_t kBoundValuesMax = 1000;
  std::string any;
  for (const auto& bounds : scans) {
    std::string all;
    for (const auto& bound : bounds) {
      const auto column = column_of(bound);
      if (column.empty() || bound.values.empty() || bound.values.size() > kBoundValuesMax) continue;
      all += fmt::format("{}\"{}\" IN ({})", all.empty() ? "" : " AND ", column,
                         sql_list(bound.values));
    }
    if (all.empty()) return {};
    any += fmt::format("{}({})", any.empty() ? "" : " OR ", all);
  }
  return any;
}

std::string wall_of(std::string_view account_sql, const std::vector<std::string>& accounts) {
  return accounts.empty() ? "false" : fmt::format("{} IN ({})", account_sql, sql_list(accounts));
}

}  // namespace

Status check_accounts(const std::vector<std::string>& accounts) {
  for (const auto& account : accounts)
    if (!is_account_id(account))
      return Error{ErrorKind::invalid_argument,
                   fmt::format("'{}' is no account id: it has 12 digits", account)};
  return {};
}

std::string scoped_source_sql(std::string_view source, const std::vector<std::string>& accounts,
                              const std::vector<lang::athena::ScanBounds>& scans) {
  const auto asked = values_asked_for(scans);
  const auto wall = wall_of(model::kEventAccountSql, accounts);
  // OFFSET 0 passes all rows on, and is what the optimizer moves no condition through.
  // recordNumber would tell how many records of others stand before the event's.
  return fmt::format(
      "SELECT * REPLACE (CAST(NULL AS BIGINT) AS recordNumber) FROM (SELECT * FROM ({}) WHERE "
      "{}{}) OFFSET 0",
      source, wall, asked.empty() ? "" : " AND (" + asked + ")");
}

std::string scoped_stored_sql(std::string_view source, const std::vector<std::string>& accounts) {
  return fmt::format("(SELECT * FROM {} WHERE {})", source,
                     wall_of(model::kStoredEventAccountSql, accounts));
}

}  // namespace cairn::query

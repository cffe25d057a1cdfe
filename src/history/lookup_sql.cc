#include "history/internal/lookup_sql.h"

#include "base/time.h"
#include "query/event_expressions.h"

#include <fmt/format.h>

#include <map>

namespace cairn::history {
namespace {

using query::sql_literal;

// Insights events name the call they are about within their details.
constexpr std::string_view kEventNameSql =
    "coalesce(eventName, json_extract_string(insightDetails, '$.eventName'))";
constexpr std::string_view kEventSourceSql =
    "coalesce(eventSource, json_extract_string(insightDetails, '$.eventSource'))";

std::string timestamp_sql(int64_t micros) {
  const CivilTime civil = to_civil(micros);
  return fmt::format("TIMESTAMP '{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}'", civil.year,
                     civil.month, civil.day, civil.hour, civil.minute, civil.second, civil.micros);
}

std::string_view category_name(Category category) {
  switch (category) {
    case Category::any:
      return "";
    case Category::management:
      return "Management";
    case Category::data:
      return "Data";
    case Category::network_activity:
      return "NetworkActivity";
    case Category::insight:
      return "Insight";
  }
  return "";
}

std::string contains_sql(std::string_view part) {
  return fmt::format("contains(CAST(eventJson AS VARCHAR), {})", sql_literal(part));
}

/// What an event must hold somewhere to be about resources of this type.
std::string resource_type_sql(std::string_view type) {
  std::string sql = contains_sql(unescaped_part(type));
  for (const auto parameter : parameters_naming(type)) sql += " OR " + contains_sql(parameter);
  return sql + " OR resources IS NOT NULL";  // older records list ARNs without a type
}

std::string attribute_sql(const Attribute& attribute) {
  const std::string value = sql_literal(attribute.value);
  switch (attribute.key) {
    case AttributeKey::event_id:
      return "eventID = " + value;
    case AttributeKey::event_name:
      return fmt::format("{} = {}", kEventNameSql, value);
    case AttributeKey::read_only:
      return attribute.value == "true" ? "readOnly" : "NOT readOnly";
    case AttributeKey::username:
      return fmt::format("({}) = {}", query::kUsernameSql, value);
    case AttributeKey::resource_type:
      return resource_type_sql(attribute.value);
    case AttributeKey::resource_name:
      return contains_sql(unescaped_part(short_name(attribute.value)));
    case AttributeKey::event_source:
      return fmt::format("{} = {}", kEventSourceSql, value);
    case AttributeKey::access_key_id:
      return "userIdentity.accessKeyId = " + value;
  }
  return "false";
}

std::string one_of_sql(std::string_view column, const std::vector<std::string>& values) {
  std::string list;
  for (const auto& value : values) list += (list.empty() ? "" : ", ") + sql_literal(value);
  return fmt::format("{} IN ({})", column, list);
}

std::string behind_sql(const Cursor& cursor) {
  const std::string id = sql_literal(cursor.event_id);
  std::string tie = fmt::format("coalesce(eventID, '') > {}", id);
  if (cursor.event_id.empty())
    tie += fmt::format(
        " OR (coalesce(eventID, '') = '' AND (sourceFile > {0} OR (sourceFile = {0} AND "
        "recordNumber > {1})))",
        sql_literal(cursor.file), cursor.record);
  if (!cursor.time_us) return fmt::format("eventTime IS NULL AND ({})", tie);
  const std::string time = timestamp_sql(*cursor.time_us);
  return fmt::format("eventTime < {0} OR eventTime IS NULL OR (eventTime = {0} AND ({1}))", time,
                     tie);
}

std::vector<std::string> conditions(const LookupRequest& request,
                                    const std::optional<Cursor>& after) {
  std::vector<std::string> all;
  if (request.start_us) all.push_back("eventTime >= " + timestamp_sql(*request.start_us));
  if (request.oldest_us) all.push_back("eventTime >= " + timestamp_sql(*request.oldest_us));
  if (request.end_us) all.push_back("eventTime <= " + timestamp_sql(*request.end_us));
  if (!request.accounts.empty()) all.push_back(one_of_sql("recipientAccountId", request.accounts));
  if (!request.regions.empty()) all.push_back(one_of_sql("awsRegion", request.regions));
  if (request.category != Category::any)
    all.push_back(fmt::format("({}) = '{}'", query::kCategorySql, category_name(request.category)));
  std::map<AttributeKey, std::string> by_key;
  for (const auto& attribute : request.attributes) {
    std::string& sql = by_key[attribute.key];
    sql += (sql.empty() ? "" : " OR ") + attribute_sql(attribute);
  }
  for (const auto& [key, sql] : by_key) all.push_back("(" + sql + ")");
  if (after) all.push_back("(" + behind_sql(*after) + ")");
  return all;
}

std::string where_sql(const std::vector<std::string>& conditions) {
  std::string sql;
  for (const auto& condition : conditions) {
    sql += sql.empty() ? " WHERE " : " AND ";
    sql += condition;
  }
  return sql;
}

}  // namespace

std::string_view unescaped_part(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  };
  std::string_view best;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && plain(text[i])) continue;
    if (i - begin > best.size()) best = text.substr(begin, i - begin);
    begin = i + 1;
  }
  return best;
}

std::string lookup_floor_sql(const LookupRequest& request, const std::optional<Cursor>& after,
                             uint64_t rows_max) {
  return fmt::format(
      "SELECT count(*), min(eventTime) FROM (SELECT eventTime FROM cloudtrail{} ORDER BY eventTime "
      "DESC NULLS LAST LIMIT {})",
      where_sql(conditions(request, after)), rows_max);
}

std::string lookup_sql(const LookupRequest& request, const std::optional<Cursor>& after,
                       std::optional<uint64_t> rows_max, std::optional<int64_t> floor_us) {
  std::string sql = fmt::format(
      "SELECT eventTime, eventID, {}, readOnly, userIdentity.accessKeyId, {}, {}, {}, errorCode, "
      "sourceIPAddress, awsRegion, recipientAccountId, eventJson, sourceFile, recordNumber "
      "FROM cloudtrail",
      kEventNameSql, kEventSourceSql, query::kUsernameSql, query::kCallerSql);
  auto all = conditions(request, after);
  if (floor_us) all.push_back("eventTime >= " + timestamp_sql(*floor_us));
  sql += where_sql(all);
  sql += " ORDER BY eventTime DESC NULLS LAST, coalesce(eventID, ''), sourceFile, recordNumber";
  if (rows_max) sql += fmt::format(" LIMIT {}", *rows_max);
  return sql;
}

}  // namespace cairn::history

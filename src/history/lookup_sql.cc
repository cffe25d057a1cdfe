#include "history/internal/lookup_sql.h"

#include "base/sql_text.h"
#include "base/time.h"
#include "model/event_account.h"
#include "query/event_expressions.h"

#include <fmt/format.h>

#include <map>

namespace cairn::history {
namespace {

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

/// Whether one of the members that name resources (see resources.cc) has `part` in it.
std::string contains_sql(const LookupSource& source, std::string_view part) {
  const std::string text = sql_literal(part);
  if (!source.stored) return fmt::format("contains(CAST(eventJson AS VARCHAR), {})", text);
  return fmt::format(
      "contains(requestParameters, {0}) OR contains(responseElements, {0}) OR "
      "contains(resources, {0}) OR contains(recordPatch, {0})",
      text);
}

/// What an event must hold somewhere to be about resources of this type.
std::string resource_type_sql(const LookupSource& source, std::string_view type) {
  std::string sql = contains_sql(source, unescaped_part(type));
  for (const auto parameter : parameters_naming(type))
    sql += " OR " + contains_sql(source, parameter);
  return sql + " OR resources IS NOT NULL";  // older records list ARNs without a type
}

/// The expression behind AND says it; those before it are quick to say no.
std::string username_sql(const std::string& value) {
  return fmt::format(
      "(userIdentity.userName = {1} OR suffix(userIdentity.arn, {1}) OR "
      "suffix(userIdentity.principalId, {1}) OR {1} = 'root') AND ({0}) = {1}",
      query::kUsernameSql, value);
}

std::string attribute_sql(const LookupSource& source, Category category,
                          const Attribute& attribute) {
  const std::string value = sql_literal(attribute.value);
  // A comparison of a plain column lets whole files and row groups be left out.
  const bool plain = category != Category::any && category != Category::insight;
  switch (attribute.key) {
    case AttributeKey::event_id:
      return "eventID = " + value;
    case AttributeKey::event_name:
      return fmt::format("{} = {}", plain ? "eventName" : kEventNameSql, value);
    case AttributeKey::read_only:
      return attribute.value == "true" ? "readOnly" : "NOT readOnly";
    case AttributeKey::username:
      return username_sql(value);
    case AttributeKey::resource_type:
      return resource_type_sql(source, attribute.value);
    case AttributeKey::resource_name:
      return contains_sql(source, unescaped_part(short_name(attribute.value)));
    case AttributeKey::event_source:
      return fmt::format("{} = {}", plain ? "eventSource" : kEventSourceSql, value);
    case AttributeKey::access_key_id:
      return "userIdentity.accessKeyId = " + value;
  }
  return "false";
}

std::string one_of_sql(std::string_view column, const std::vector<std::string>& values) {
  return fmt::format("{} IN ({})", column, sql_list(values));
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

std::vector<std::string> conditions(const LookupSource& source, const LookupRequest& request,
                                    const std::optional<Cursor>& after, const Span& span) {
  std::vector<std::string> all;
  if (span.min_us) all.push_back("eventTime >= " + timestamp_sql(*span.min_us));
  if (span.max_us) all.push_back("eventTime <= " + timestamp_sql(*span.max_us));
  if (request.start_us) all.push_back("eventTime >= " + timestamp_sql(*request.start_us));
  if (request.oldest_us) all.push_back("eventTime >= " + timestamp_sql(*request.oldest_us));
  if (request.end_us) all.push_back("eventTime <= " + timestamp_sql(*request.end_us));
  if (request.newest_us) all.push_back("eventTime <= " + timestamp_sql(*request.newest_us));
  // Of log files those of other accounts are left out by their keys, which knows this column only.
  if (!request.accounts.empty())
    all.push_back(
        one_of_sql(source.stored ? model::kStoredEventAccountSql : model::kRecipientAccountColumn,
                   request.accounts));
  if (!request.regions.empty()) all.push_back(one_of_sql("awsRegion", request.regions));
  if (request.category != Category::any)
    all.push_back(fmt::format("({}) = '{}'", query::kCategorySql, category_name(request.category)));
  std::map<AttributeKey, std::string> by_key;
  for (const auto& attribute : request.attributes) {
    std::string& sql = by_key[attribute.key];
    sql += (sql.empty() ? "" : " OR ") + attribute_sql(source, request.category, attribute);
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

std::string lookup_span_sql(const LookupSource& source, const LookupRequest& request,
                            const std::optional<Cursor>& after, uint64_t rows_max,
                            const Span& span) {
  return fmt::format(
      "SELECT count(*), count(eventTime), min(eventTime), max(eventTime) FROM (SELECT eventTime "
      "FROM {}{} ORDER BY eventTime DESC NULLS LAST LIMIT {})",
      source.events, where_sql(conditions(source, request, after, span)), rows_max);
}

std::string lookup_sql(const LookupSource& source, const LookupRequest& request,
                       const std::optional<Cursor>& after, std::optional<uint64_t> rows_max,
                       const Span& span) {
  std::string sql = fmt::format(
      "SELECT eventTime, eventID, {}, readOnly, userIdentity.accessKeyId, {}, {}, {}, errorCode, "
      "sourceIPAddress, awsRegion, recipientAccountId, eventJson, sourceFile, recordNumber "
      "FROM {}{}",
      kEventNameSql, kEventSourceSql, query::kUsernameSql, query::kCallerSql, source.events,
      where_sql(conditions(source, request, after, span)));
  sql += " ORDER BY eventTime DESC NULLS LAST, coalesce(eventID, ''), sourceFile, recordNumber";
  if (rows_max) sql += fmt::format(" LIMIT {}", *rows_max);
  return sql;
}

}  // namespace cairn::history

#include "investigate/timeline.h"

#include "base/time.h"
#include "investigate/internal/subject_sql.h"

#include <fmt/format.h>

#include <array>
#include <unordered_map>

namespace cairn::investigate {
namespace {

/// What may be new about an event, and the SQL that says it.
struct Trait {
  std::string_view name;
  std::string_view sql;
};

constexpr std::array kTraits{
    Trait{"address", "sourceIPAddress"},
    Trait{"agent", "userAgent"},
    Trait{"region", "awsRegion"},
    Trait{"service", "eventSource"},
    Trait{"call", "eventSource || ':' || eventName"},
    Trait{"identity", "coalesce(userIdentity.arn, userIdentity.principalId)"},
};

/// Columns in front of those of kTraits.
enum Column : size_t {
  column_time,
  column_name,
  column_source,
  column_region,
  column_account,
  column_address,
  column_agent,
  column_error,
  column_arn,
  column_key,
  column_event_id,
  column_read_only,
  column_traits,
};

std::string window_clause(const TimelineRequest& request) {
  std::string out;
  const auto add = [&](std::string_view comparison, std::optional<int64_t> time) {
    if (time)
      out += fmt::format("{}t {} TIMESTAMP '{}'", out.empty() ? " WHERE " : " AND ", comparison,
                         format_iso8601(*time));
  };
  add(">=", request.start_us);
  add("<=", request.end_us);
  return out;
}

// What is new is judged by all the subject's events, also those before the wanted time.
std::string timeline_sql(const TimelineRequest& request, const Chain& chain) {
  std::string traits;
  for (const auto& trait : kTraits)
    traits += fmt::format(
        ", {0} IS NOT NULL AND row_number() OVER (PARTITION BY {0} ORDER BY eventTime, eventID) = "
        "1",
        trait.sql);
  return fmt::format(
      "SELECT * FROM (SELECT eventTime AS t, eventName, eventSource, awsRegion, "
      "recipientAccountId, "
      "sourceIPAddress, userAgent, errorCode, coalesce(userIdentity.arn, userIdentity.principalId, "
      "userIdentity.invokedBy), userIdentity.accessKeyId, eventID AS id, readOnly{} "
      "FROM cloudtrail WHERE {}){} ORDER BY t, id",
      traits, subject_condition(request, chain), window_clause(request));
}

TimelineEvent event_of(const engine::ResultSet& rows, size_t row,
                       const std::unordered_map<std::string, size_t>& links) {
  const auto text = [&](Column column) { return rows.cell(column, row).to_text(); };
  TimelineEvent event;
  event.time_us = rows.cell(column_time, row).timestamp_us();
  event.name = text(column_name);
  event.source = text(column_source);
  event.region = text(column_region);
  event.account = text(column_account);
  event.address = text(column_address);
  event.agent = text(column_agent);
  event.error = text(column_error);
  event.arn = text(column_arn);
  event.key = text(column_key);
  event.event_id = text(column_event_id);
  const auto read_only = rows.cell(column_read_only, row);
  if (!read_only.is_null()) event.read_only = read_only.boolean();
  for (size_t i = 0; i < kTraits.size(); ++i) {
    const auto first = rows.cell(column_traits + i, row);
    if (!first.is_null() && first.boolean()) event.first_seen.emplace_back(kTraits[i].name);
  }
  const auto link = links.find(event.key);
  if (link != links.end()) event.link = link->second;
  return event;
}

}  // namespace

Result<uint64_t> read_timeline(query::Session& session, const TimelineRequest& request,
                               const Chain& chain,
                               const std::function<bool(const TimelineEvent&)>& visit) {
  std::unordered_map<std::string, size_t> links;
  for (size_t i = 0; i < chain.links.size(); ++i)
    if (!chain.links[i].key.empty()) links.emplace(chain.links[i].key, i);
  auto rows = CAIRN_TRY(session.sql(timeline_sql(request, chain)));
  uint64_t events = 0;
  for (;;) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) return events;
    for (size_t row = 0; row < rows.rows(); ++row) {
      ++events;
      if (!visit(event_of(rows, row, links))) return events;
    }
  }
}

}  // namespace cairn::investigate

#include "investigate/timeline.h"

#include "base/crypto.h"
#include "base/time.h"
#include "investigate/internal/subject_sql.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <unordered_map>
#include <utility>

namespace cairn::investigate {
namespace {

enum Column : size_t {
  column_time,
  column_name,
  column_source,
  column_region,
  column_account,
  column_address,
  column_agent,
  column_error,
  column_identity,
  column_invoked_by,
  column_key,
  column_event_id,
  column_read_only,
};

constexpr std::string_view kIdentity = "coalesce(userIdentity.arn, userIdentity.principalId)";

/// What may be new about an event. Empty where the event does not say.
class Traits {
 public:
  static constexpr size_t kCount = 6;
  static constexpr std::array<std::string_view, kCount> kNames{"address", "agent", "region",
                                                               "service", "call",  "identity"};

  /// Notes a value; whether it is the first of its kind.
  bool is_new(size_t trait, std::string_view value) {
    if (value.size() <= kWholeMax) return note(trait, value);
    return note(trait, sha256(value));
  }

 private:
  /// Of longer values, which an attacker may send many of, only a hash is kept.
  static constexpr size_t kWholeMax = 256;

  bool note(size_t trait, std::string_view value) {
    auto& seen = seen_[trait];
    const auto at = seen.lower_bound(value);
    if (at != seen.end() && *at == value) return false;
    seen.emplace_hint(at, value);
    return true;
  }

  std::array<std::set<std::string, std::less<>>, kCount> seen_;
};

std::string instant(int64_t time_us) {
  return fmt::format("TIMESTAMP '{}'", format_iso8601(time_us));
}

std::string timeline_sql(const TimelineRequest& request, const std::string& subject) {
  std::string within;
  if (request.start_us) within += fmt::format(" AND eventTime >= {}", instant(*request.start_us));
  if (request.end_us) within += fmt::format(" AND eventTime <= {}", instant(*request.end_us));
  return fmt::format(
      "SELECT eventTime, eventName, eventSource, awsRegion, recipientAccountId, sourceIPAddress, "
      "userAgent, errorCode, {}, userIdentity.invokedBy, userIdentity.accessKeyId, eventID, "
      "readOnly FROM cloudtrail WHERE ({}){} ORDER BY eventTime, eventID",
      kIdentity, subject, within);
}

/// What the subject had shown before an instant: in each row one of the traits, in their order.
std::string traits_before_sql(const std::string& subject, int64_t time_us) {
  return fmt::format(
      "SELECT sourceIPAddress AS a, userAgent AS b, awsRegion AS c, eventSource AS d, eventSource "
      "|| ':' || eventName AS e, {} AS f FROM cloudtrail WHERE ({}) AND eventTime < {} "
      "GROUP BY GROUPING SETS ((a), (b), (c), (d), (e), (f))",
      kIdentity, subject, instant(time_us));
}

Status note_traits_before(query::Session& session, const std::string& sql, Traits& traits) {
  auto rows = CAIRN_TRY(session.sql(sql));
  for (;;) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) return {};
    for (size_t row = 0; row < rows.rows(); ++row)
      for (size_t trait = 0; trait < Traits::kCount; ++trait)
        if (const auto cell = rows.cell(trait, row); !cell.is_null())
          (void)traits.is_new(trait, cell.text());
  }
}

/// Events come in the order of time.
std::vector<std::string> first_seen(const engine::ResultSet& rows, size_t row, Traits& traits) {
  std::vector<std::string> found;
  const auto look = [&](std::optional<std::string_view> value, size_t trait) {
    if (value && traits.is_new(trait, *value)) found.emplace_back(Traits::kNames[trait]);
  };
  const auto text = [&](Column column) -> std::optional<std::string_view> {
    const auto cell = rows.cell(column, row);
    return cell.is_null() ? std::nullopt : std::optional(cell.text());
  };
  const auto source = text(column_source);
  const auto name = text(column_name);
  look(text(column_address), 0);
  look(text(column_agent), 1);
  look(text(column_region), 2);
  look(source, 3);
  if (source && name) look(fmt::format("{}:{}", *source, *name), 4);
  look(text(column_identity), 5);
  return found;
}

TimelineEvent event_of(const engine::ResultSet& rows, size_t row,
                       const std::unordered_map<std::string, size_t>& links) {
  const auto text = [&](Column column) { return rows.cell(column, row).to_text(); };
  const bool identified = !rows.cell(column_identity, row).is_null();
  TimelineEvent event;
  event.time_us = rows.cell(column_time, row).timestamp_us();
  event.name = text(column_name);
  event.source = text(column_source);
  event.region = text(column_region);
  event.account = text(column_account);
  event.address = text(column_address);
  event.agent = text(column_agent);
  event.error = text(column_error);
  event.arn = text(identified ? column_identity : column_invoked_by);
  event.key = text(column_key);
  event.event_id = text(column_event_id);
  const auto read_only = rows.cell(column_read_only, row);
  if (!read_only.is_null()) event.read_only = read_only.boolean();
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
  const auto subject = subject_condition(request, chain);
  Traits traits;
  if (request.start_us)
    CAIRN_TRY(note_traits_before(session, traits_before_sql(subject, *request.start_us), traits));
  auto rows = CAIRN_TRY(session.sql(timeline_sql(request, subject)));
  uint64_t events = 0;
  for (;;) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) return events;
    for (size_t row = 0; row < rows.rows(); ++row) {
      ++events;
      auto event = event_of(rows, row, links);
      event.first_seen = first_seen(rows, row, traits);
      if (!visit(event)) return events;
    }
  }
}

}  // namespace cairn::investigate

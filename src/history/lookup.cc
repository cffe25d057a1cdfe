#include "history/lookup.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "history/internal/lookup_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::history {
namespace {

/// Rows asked for beyond the page, since the second copies of events do not count.
constexpr uint64_t kRowsSpare = 16;
/// Rows that are looked at together for a resource: sorting all that may fit needs their records.
constexpr uint64_t kResourceRows = 500;

Error invalid(std::string message, std::string_view aws_code) {
  return Error{ErrorKind::invalid_argument, std::move(message), aws_code};
}

/// The record without the blanks between its parts, as CloudTrail writes it.
std::string compact_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  bool escaped = false;
  for (const char c : json) {
    if (in_string) {
      in_string = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      continue;
    } else {
      in_string = c == '"';
    }
    out += c;
  }
  return out;
}

std::string text_of(const engine::ResultSet& rows, LookupColumn column, size_t row) {
  const engine::Cell cell = rows.cell(column, row);
  return cell.is_null() ? std::string() : std::string(cell.text());
}

Event read_event(const engine::ResultSet& rows, size_t row, ResourceRules rules) {
  Event event{
      .event_id = text_of(rows, column_event_id, row),
      .event_name = text_of(rows, column_event_name, row),
      .access_key_id = text_of(rows, column_access_key_id, row),
      .event_source = text_of(rows, column_event_source, row),
      .username = text_of(rows, column_username, row),
      .record = compact_json(repair_utf8(text_of(rows, column_record, row))),
      .error_code = text_of(rows, column_error_code, row),
      .source_ip = text_of(rows, column_source_ip, row),
      .region = text_of(rows, column_region, row),
      .account = text_of(rows, column_account, row),
      .caller = text_of(rows, column_caller, row),
  };
  if (const auto cell = rows.cell(column_read_only, row); !cell.is_null())
    event.read_only = cell.boolean();
  if (const auto cell = rows.cell(column_time, row); !cell.is_null())
    event.time_us = cell.timestamp_us();
  event.resources = resources_of(event.record, rules);
  return event;
}

Cursor cursor_at(const engine::ResultSet& rows, size_t row) {
  Cursor cursor{.event_id = text_of(rows, column_event_id, row)};
  if (const auto cell = rows.cell(column_time, row); !cell.is_null())
    cursor.time_us = cell.timestamp_us();
  if (cursor.event_id.empty()) {
    cursor.file = text_of(rows, column_file, row);
    cursor.record = rows.cell(column_record_number, row).integer();
  }
  return cursor;
}

bool wants(const std::vector<Attribute>& attributes, AttributeKey key) {
  return std::any_of(attributes.begin(), attributes.end(),
                     [key](const Attribute& a) { return a.key == key; });
}

bool has_resource_attribute(const LookupRequest& request) {
  return wants(request.attributes, AttributeKey::resource_name) ||
         wants(request.attributes, AttributeKey::resource_type);
}

bool fits(const Attribute& attribute, const Event& event) {
  return std::any_of(event.resources.begin(), event.resources.end(), [&](const Resource& resource) {
    if (attribute.key == AttributeKey::resource_type) return resource.type == attribute.value;
    return same_resource(attribute.value, resource.name, event.account);
  });
}

/// What SQL could not decide: one attribute of each resource key must fit.
bool resources_fit(const LookupRequest& request, const Event& event) {
  for (const auto key : {AttributeKey::resource_name, AttributeKey::resource_type}) {
    if (!wants(request.attributes, key)) continue;
    const bool any = std::any_of(
        request.attributes.begin(), request.attributes.end(),
        [&](const Attribute& attribute) { return attribute.key == key && fits(attribute, event); });
    if (!any) return false;
  }
  return true;
}

/// The same for requests between which a token may be carried.
std::string identity_of(const LookupRequest& request) {
  std::vector<std::string> parts;
  for (const auto& attribute : request.attributes)
    parts.push_back(fmt::format("{}={}", attribute_name(attribute.key), attribute.value));
  for (const auto& account : request.accounts) parts.push_back("account=" + account);
  for (const auto& region : request.regions) parts.push_back("region=" + region);
  if (request.start_us) parts.push_back(fmt::format("start={}", *request.start_us));
  if (request.end_us) parts.push_back(fmt::format("end={}", *request.end_us));
  parts.push_back(fmt::format("category={} rules={}", static_cast<int>(request.category),
                              static_cast<int>(request.resource_rules)));
  std::sort(parts.begin(), parts.end());
  return fmt::format("{}", fmt::join(parts, "\n"));
}

Status check(const LookupRequest& request) {
  if (request.start_us && request.end_us && *request.start_us > *request.end_us)
    return invalid(fmt::format("the start time {} lies after the end time {}\nhint: swap them",
                               format_iso8601(*request.start_us), format_iso8601(*request.end_us)),
                   "InvalidTimeRangeException");
  if (request.category != Category::insight) return {};
  for (const auto& attribute : request.attributes)
    if (attribute.key != AttributeKey::event_id && attribute.key != AttributeKey::event_name &&
        attribute.key != AttributeKey::event_source)
      return invalid(
          fmt::format("Insights events have no attribute {}\nhint: they can be looked up by "
                      "EventId, EventName and EventSource",
                      attribute_name(attribute.key)),
          "InvalidLookupAttributesException");
  return {};
}

/// One run of the query, from `cursor` on.
class Run {
 public:
  Run(const LookupRequest& request, const Visitor& visit) : request_(request), visit_(visit) {}

  /// Takes rows until the lookup is over or the rows are; whether it is over.
  Result<bool> take(engine::ResultSet& rows) {
    while (true) {
      const bool more = CAIRN_TRY(rows.next());
      if (!more) return false;
      for (size_t row = 0; row < rows.rows(); ++row) {
        ++rows_seen_;
        if (take_row(rows, row)) return true;
      }
    }
  }

  uint64_t events() const { return events_; }

  uint64_t rows_seen() const { return rows_seen_; }

  const std::optional<Cursor>& last_row() const { return last_row_; }

  /// Set when events are left behind the last one given.
  const std::optional<Cursor>& resume_at() const { return resume_at_; }

 private:
  bool take_row(const engine::ResultSet& rows, size_t row) {
    Cursor here = cursor_at(rows, row);
    const bool copy = last_row_ && !here.event_id.empty() && *last_row_ == here;
    last_row_ = std::move(here);
    if (copy) return false;
    Event event = read_event(rows, row, request_.resource_rules);
    if (!resources_fit(request_, event)) return false;
    if (stopped_ || (request_.events_max && events_ == *request_.events_max)) {
      resume_at_ = last_given_;
      return true;
    }
    last_given_ = last_row_;
    ++events_;
    stopped_ = !visit_(std::move(event));
    return false;
  }

  const LookupRequest& request_;
  const Visitor& visit_;
  uint64_t events_ = 0;
  uint64_t rows_seen_ = 0;
  bool stopped_ = false;
  std::optional<Cursor> last_row_;
  std::optional<Cursor> last_given_;
  std::optional<Cursor> resume_at_;
};

/// A lookup over a lake. Its rows are first looked for in the columns that the conditions name,
/// among the newest events, then among more of them; and only those found are read whole.
class LakeLookup {
 public:
  LakeLookup(query::Session& session, const LookupRequest& request)
      : session_(session), request_(request) {
    wanted_.event_time_min_us = request.start_us;
    if (request.oldest_us && request.oldest_us > request.start_us)
      wanted_.event_time_min_us = request.oldest_us;
    wanted_.event_time_max_us = request.end_us;
    if (request.newest_us && (!request.end_us || *request.newest_us < *request.end_us))
      wanted_.event_time_max_us = request.newest_us;
    for (const auto& [key, column] :
         {std::pair(AttributeKey::event_id, "eventID"),
          std::pair(AttributeKey::access_key_id, "userIdentity.accessKeyId")}) {
      query::Needle needle{.column = column, .values = {}};
      for (const auto& attribute : request.attributes)
        if (attribute.key == key) needle.values.push_back(attribute.value);
      if (!needle.values.empty()) needles_.push_back(std::move(needle));
    }
  }

  /// The rows behind `after`, `rows_max` at most; nullopt when there is none.
  Result<std::optional<engine::ResultSet>> rows(const std::optional<Cursor>& after,
                                                std::optional<uint64_t> rows_max) {
    std::optional<Span> span = Span{};
    if (rows_max) span = CAIRN_TRY(find_span(after, *rows_max));
    if (!span) return std::optional<engine::ResultSet>();
    auto question = within(*span);
    question.records = true;
    question.sql = [&](std::string_view events) {
      return lookup_sql({.events = events, .stored = true}, request_, after, rows_max, *span);
    };
    auto rows = CAIRN_TRY(session_.ask(question));
    return std::optional(std::move(rows));
  }

 private:
  static constexpr uint64_t kFirstRows = 2'000;  ///< among which rows are looked for at first
  static constexpr uint64_t kMoreRows = 16;      ///< times as many the next time

  query::Question within(const Span& span) const {
    query::Question question{.sql = {}, .wanted = wanted_, .needles = needles_};
    auto& wanted = question.wanted;
    if (span.min_us) wanted.event_time_min_us = std::max(*span.min_us, lowest());
    if (span.max_us) wanted.event_time_max_us = span.max_us;
    return question;
  }

  int64_t lowest() const { return wanted_.event_time_min_us.value_or(INT64_MIN); }

  /// Where in time the next `rows_max` rows are; nullopt when there is none.
  Result<std::optional<Span>> find_span(const std::optional<Cursor>& after, uint64_t rows_max) {
    auto reachable = wanted_;
    if (after && after->time_us) reachable.event_time_max_us = after->time_us;
    for (uint64_t among = kFirstRows;; among *= kMoreRows) {
      // Bloom filters leave few files to look at, new or not.
      const auto rows_wanted = needles_.empty() ? among : UINT64_MAX;
      const auto newest = CAIRN_TRY(session_.newest(reachable, rows_wanted));
      Span span{.min_us = newest.since_us};
      // Events without a time come last of all, and no bound holds for them.
      if (after && (span.min_us || !newest.untimed)) span.max_us = after->time_us;
      auto question = within(span);
      question.sql = [&](std::string_view events) {
        return lookup_span_sql({.events = events, .stored = true}, request_, after, rows_max, span);
      };
      auto found = CAIRN_TRY(session_.ask(question));
      const bool any = CAIRN_TRY(found.next());
      if (!any) return Error{ErrorKind::internal, "a count without an answer"};
      const auto rows = static_cast<uint64_t>(found.cell(0, 0).integer());
      if (rows < rows_max && span.min_us) continue;
      if (rows == 0) return std::optional<Span>();
      if (found.cell(1, 0).integer() != found.cell(0, 0).integer()) return std::optional(Span{});
      return std::optional(Span{.min_us = found.cell(2, 0).timestamp_us(),
                                .max_us = found.cell(3, 0).timestamp_us()});
    }
  }

  query::Session& session_;
  const LookupRequest& request_;
  source::Wanted wanted_;
  std::vector<query::Needle> needles_;
};

/// The rows behind `after`, `rows_max` at most; nullopt when there is none.
Result<std::optional<engine::ResultSet>> next_rows(query::Session& session,
                                                   const LookupRequest& request,
                                                   const std::optional<Cursor>& after,
                                                   std::optional<uint64_t> rows_max) {
  if (session.has_lake()) return LakeLookup(session, request).rows(after, rows_max);
  auto rows = CAIRN_TRY(session.sql(lookup_sql({}, request, after, rows_max)));
  return std::optional(std::move(rows));
}

}  // namespace

Result<Category> parse_category(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Category>, 5> kCategories{{
      {"management", Category::management},
      {"data", Category::data},
      {"network-activity", Category::network_activity},
      {"insight", Category::insight},
      {"all", Category::any},
  }};
  for (const auto& [name, category] : kCategories)
    if (equals_ignoring_case(name, text)) return category;
  return invalid(fmt::format("there is no event category '{}'\nhint: the categories are "
                             "management, data, network-activity, insight and all",
                             printable(text)),
                 "InvalidEventCategoryException");
}

Result<LookupEnd> lookup(query::Session& session, const LookupRequest& request,
                         const Visitor& visit) {
  CAIRN_TRY(check(request));
  const std::string identity = identity_of(request);
  std::optional<Cursor> after;
  if (!request.next_token.empty()) after = CAIRN_TRY(decode_token(request.next_token, identity));
  Run run(request, visit);
  while (true) {
    std::optional<uint64_t> rows_max;
    if (request.events_max && !has_resource_attribute(request)) {
      const uint64_t left = *request.events_max - run.events();
      const uint64_t copies = run.events() > 0 ? run.rows_seen() / run.events() : 0;
      rows_max = left * (1 + copies) + left / 4 + kRowsSpare;
    } else if (request.events_max && session.has_lake()) {
      rows_max = kResourceRows;  // how many of them fit is known only when they are here
    }
    const uint64_t rows_before = run.rows_seen();
    auto rows = CAIRN_TRY(next_rows(session, request, after, rows_max));
    if (!rows) break;
    const bool over = CAIRN_TRY(run.take(*rows));
    if (over || !rows_max || run.rows_seen() - rows_before < *rows_max) break;
    after = run.last_row();  // so many copies that the page is not full: another query
  }
  LookupEnd end{.events = run.events()};
  if (run.resume_at()) end.next_token = encode_token(*run.resume_at(), identity);
  return end;
}

Result<LookupRequest> as_aws(LookupRequest request) {
  if (request.attributes.size() > 1)
    return invalid(fmt::format("AWS takes one lookup attribute, not {}\nhint: leave out --aws",
                               request.attributes.size()),
                   "InvalidLookupAttributesException");
  if (!request.events_max || *request.events_max < 1 || *request.events_max > kPageMax)
    return invalid(fmt::format("AWS gives 1 to {} events at a time", kPageMax),
                   "InvalidMaxResultsException");
  if (request.category != Category::any && request.category != Category::insight)
    return invalid(
        "AWS knows the event category insight only; without one it gives management "
        "events",
        "InvalidEventCategoryException");
  if (request.category == Category::any) request.category = Category::management;
  request.resource_rules = ResourceRules::as_aws;
  return request;
}

}  // namespace cairn::history

// A lookup as one SQL query over the table `cloudtrail`.
#pragma once

#include "history/internal/page_token.h"
#include "history/lookup.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::history {

/// Columns of the query, in this order.
enum LookupColumn : size_t {
  column_time,
  column_event_id,
  column_event_name,
  column_read_only,
  column_access_key_id,
  column_event_source,
  column_username,
  column_caller,
  column_error_code,
  column_source_ip,
  column_region,
  column_account,
  column_record,
  column_file,
  column_record_number,
};

/// What a lookup runs over.
struct LookupSource {
  std::string_view events = "cloudtrail";  ///< stands behind FROM
  /// The columns are those of a lake's files: recordPatch has what no column holds, and eventJson
  /// takes time to put together.
  bool stored = false;
};

/// A span of time; both ends are inclusive.
struct Span {
  std::optional<int64_t> min_us{};
  std::optional<int64_t> max_us{};
};

/// The events within `span` that fit `request` as far as SQL can tell (of resources: those that may
/// fit), behind `after` if there is such, in the order of a lookup, `rows_max` at most.
std::string lookup_sql(const LookupSource& source, const LookupRequest& request,
                       const std::optional<Cursor>& after, std::optional<uint64_t> rows_max,
                       const Span& span = {});

/// Of the rows that has: how many, how many with a time, and the first and the last time.
std::string lookup_span_sql(const LookupSource& source, const LookupRequest& request,
                            const std::optional<Cursor>& after, uint64_t rows_max,
                            const Span& span);

/// The longest part of `text` that JSON writers never escape: what a search in raw JSON may look
/// for.
std::string_view unescaped_part(std::string_view text);

}  // namespace cairn::history

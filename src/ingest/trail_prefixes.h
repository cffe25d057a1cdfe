// Where CloudTrail's log files lie in a bucket, so that only the days that can have changed are
// listed. Layout: CloudTrail User Guide, "Finding your CloudTrail log files":
// [prefix/]AWSLogs/[o-id/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/FILE, days in UTC and by delivery.
#pragma once

#include "base/result.h"
#include "io/object_store.h"
#include "io/prefix_lister.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cairn::ingest {

/// Days by delivery; each bound is any instant of its day (microseconds since 1970, UTC). Files
/// come up to some hours after their events: leave room before `from_us`.
struct DeliveryDays {
  std::optional<int64_t> from_us{};
  std::optional<int64_t> last_us{};  ///< its day is still in
};

/// One stretch of keys to list.
struct TrailSpan {
  std::string prefix{};  ///< `…/CloudTrail/eu-west-1/`, or the base when nothing is known of it
  std::string start_after{};  ///< before all keys of the first day; empty: from the beginning
  std::string end{};          ///< behind all keys of the last day; empty: no end
  std::string account{};      ///< 12 digits; empty when the path does not tell
  std::string region{};       ///< empty when the path does not tell

  bool contains(const std::string& key) const;
};

/// The spans below `base` ("" or a folder, with or without its last slash): of accounts, of
/// organisations (also Control Tower's `o-id/AWSLogs/o-id/ACCOUNT/…`), of Insights events, and of
/// up to three folders deep that hold an AWSLogs of their own. `base` may be any folder of that
/// layout down to the region's. Digests and other services' logs are left out. When the layout is
/// not CloudTrail's, one span without bounds: the base itself. In order of prefixes.
///
/// Costs one request per folder above the accounts and two per account, eight at once; and in a
/// bucket of another layout not more than 200.
Result<std::vector<TrailSpan>> find_trails(io::PrefixLister& lister, const std::string& base,
                                           const DeliveryDays& days);

/// Lists the spans, eight at once. `visit` is called from several threads, but never twice at once;
/// in no order.
Status list_trails(io::ObjectStore& store, const std::vector<TrailSpan>& spans,
                   const std::function<void(const io::ObjectInfo&)>& visit);

}  // namespace cairn::ingest

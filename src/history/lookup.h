// LookupEvents over whatever a query session reads: the events that fit some attributes, newest
// first, page by page. As AWS defines it, and without its limits where they serve nobody: any age,
// several attributes, accounts and regions at once.
//
// One page is one SQL query with ORDER BY and LIMIT; what AWS's resource lists need, which no SQL
// column holds, is checked on the rows that come back. Memory: a page, or for a lookup without a
// limit what the engine's sort needs (it spills).
// Source: AWS CloudTrail API Reference, LookupEvents.
#pragma once

#include "base/result.h"
#include "history/attributes.h"
#include "history/resources.h"
#include "query/session.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::history {

enum class Category : uint8_t { any, management, data, network_activity, insight };

/// `management`, `data`, `network-activity`, `insight` or `all`, without regard to case. Fails with
/// InvalidEventCategoryException.
Result<Category> parse_category(std::string_view text);

inline constexpr uint64_t kPageMax = 50;  ///< AWS's largest page, and its default

struct LookupRequest {
  /// Attributes of different keys must all hold; of several with the same key, one must.
  std::vector<Attribute> attributes{};
  std::optional<int64_t> start_us{};  ///< inclusive, microseconds since 1970
  std::optional<int64_t> end_us{};    ///< inclusive
  Category category = Category::any;
  std::vector<std::string> accounts{};            ///< see model/event_account.h; empty: all
  std::vector<std::string> regions{};             ///< awsRegion; empty: all
  std::optional<uint64_t> events_max = kPageMax;  ///< nullopt: all
  std::string
      next_token{};  ///< of an earlier lookup with the same other members but for events_max
  ResourceRules resource_rules = ResourceRules::every_event;
  /// Events before and after are not there for this lookup. A token may be used with others.
  std::optional<int64_t> oldest_us{};
  std::optional<int64_t> newest_us{};
};

/// An event as Event history shows it. Empty text: the record does not say.
struct Event {
  std::string event_id{};
  std::string event_name{};
  std::optional<bool> read_only{};
  std::string access_key_id{};
  std::optional<int64_t> time_us{};
  std::string event_source{};
  std::string username{};
  std::vector<Resource> resources{};
  std::string record{};  ///< CloudTrailEvent: the record's JSON without blanks between its parts

  // Not part of AWS's answer.
  std::string error_code{};
  std::string source_ip{};
  std::string region{};
  std::string account{};
  std::string
      caller{};  ///< who acted when there is no user name: a service, an ARN, a principal id
};

struct LookupEnd {
  uint64_t events = 0;       ///< given to the visitor
  std::string next_token{};  ///< empty: there are no more
};

/// Gets one event after the other; false ends the lookup early.
using Visitor = std::function<bool(Event&&)>;

/// Fails with `invalid_argument` and AWS's code when the request breaks a rule that holds for us
/// too: InvalidTimeRangeException, InvalidNextTokenException, InvalidLookupAttributesException (an
/// attribute that Insights events lack).
Result<LookupEnd> lookup(query::Session& session, const LookupRequest& request,
                         const Visitor& visit);

/// AWS's own limits: one attribute, 1 to kPageMax events, no category but Insights; makes the
/// request mean what the same call means there (management events). `wanted_max` is MaxResults.
Result<LookupRequest> as_aws(LookupRequest request);

}  // namespace cairn::history

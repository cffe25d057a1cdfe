#include "base/sql_text.h"
#include "investigate/internal/subject_sql.h"
#include "investigate/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn::investigate {
namespace {

/// Calls that answer with credentials of a new session.
constexpr std::string_view kOpensSession =
    "eventSource = 'sts.amazonaws.com' AND eventName IN ('AssumeRole', 'AssumeRoleWithSAML', "
    "'AssumeRoleWithWebIdentity', 'AssumeRoot', 'GetSessionToken', 'GetFederationToken')";
constexpr std::string_view kIssuedKey =
    "json_extract_string(responseElements, '$.credentials.accessKeyId')";

struct Opening {
  int64_t time_us = 0;
  std::string event_id{};
  std::string call{};
  std::string caller_key{};
  std::string caller_arn{};
  std::string issued_key{};
  std::string issued_arn{};
};

Result<std::vector<Opening>> openings(query::Session& session, const std::string& condition) {
  auto rows = CAIRN_TRY(session.sql(fmt::format(
      "SELECT eventTime, coalesce(eventID, ''), eventName, coalesce(userIdentity.accessKeyId, ''), "
      "coalesce(userIdentity.arn, userIdentity.principalId, userIdentity.invokedBy, ''), {}, "
      "coalesce(json_extract_string(responseElements, '$.assumedRoleUser.arn'), "
      "json_extract_string(responseElements, '$.federatedUser.arn'), userIdentity.arn, '') "
      "FROM cloudtrail WHERE {} AND {} IS NOT NULL AND ({}) ORDER BY eventTime LIMIT {}",
      kIssuedKey, kOpensSession, kIssuedKey, condition, kLinksMax + 1)));
  std::vector<Opening> found;
  for (;;) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) return found;
    for (size_t row = 0; row < rows.rows(); ++row) {
      const auto text = [&](size_t column) { return rows.cell(column, row).to_text(); };
      found.push_back({.time_us = rows.cell(0, row).timestamp_us(),
                       .event_id = text(1),
                       .call = text(2),
                       .caller_key = text(3),
                       .caller_arn = text(4),
                       .issued_key = text(5),
                       .issued_arn = text(6)});
    }
  }
}

class ChainFinder {
 public:
  ChainFinder(query::Session& session, const TimelineRequest& request)
      : session_(session), request_(request) {}

  Result<Chain> find() {
    CAIRN_TRY(go_up());
    CAIRN_TRY(go_down());
    return std::move(chain_);
  }

 private:
  // From the key that was asked for to the one that began it.
  Status go_up() {
    ChainLink own{
        .parent = ChainLink::kNone, .key = {}, .arn = {}, .opened_by = {}, .event_id = {}};
    (is_access_key(request_.value) ? own.key : own.arn) = request_.value;
    std::vector<ChainLink> upwards{own};
    while (!upwards.back().key.empty() && upwards.size() < kDepthMax) {
      if (!keys_.insert(upwards.back().key).second || !is_temporary_key(upwards.back().key)) break;
      const auto found = CAIRN_TRY(
          openings(session_, fmt::format("{} = {}", kIssuedKey, sql_literal(upwards.back().key))));
      if (found.empty()) break;
      auto& link = upwards.back();
      const auto& opening = found.front();
      link.arn = opening.issued_arn;
      describe(link, opening);
      ChainLink above;
      above.key = opening.caller_key;
      above.arn = opening.caller_arn;
      above.above = true;
      upwards.push_back(std::move(above));
    }
    std::reverse(upwards.begin(), upwards.end());
    for (size_t i = 0; i < upwards.size(); ++i) {
      upwards[i].parent = i == 0 ? ChainLink::kNone : i - 1;
      keys_.insert(upwards[i].key);
    }
    own_ = upwards.size() - 1;
    chain_.links = std::move(upwards);
    return {};
  }

  // Level by level, the sessions that were opened.
  Status go_down() {
    std::string condition = identity_condition(request_.value);
    for (size_t level = 0; level < kDepthMax; ++level) {
      const auto found = CAIRN_TRY(openings(session_, condition));
      std::vector<std::string> fresh;
      for (const auto& opening : found) {
        if (chain_.links.size() >= kLinksMax) {
          chain_.cut = true;
          return {};
        }
        if (!keys_.insert(opening.issued_key).second) continue;
        ChainLink link;
        link.parent = parent_of(opening);
        link.key = opening.issued_key;
        link.arn = opening.issued_arn;
        describe(link, opening);
        chain_.links.push_back(std::move(link));
        fresh.push_back(opening.issued_key);
      }
      if (fresh.empty()) return {};
      condition = keys_condition(fresh);
    }
    return {};
  }

  size_t parent_of(const Opening& opening) const {
    for (size_t i = own_; i < chain_.links.size(); ++i)
      if (!opening.caller_key.empty() && chain_.links[i].key == opening.caller_key) return i;
    return own_;
  }

  static void describe(ChainLink& link, const Opening& opening) {
    link.opened_by = opening.call;
    link.opened_us = opening.time_us;
    link.event_id = opening.event_id;
  }

  query::Session& session_;
  const TimelineRequest& request_;
  Chain chain_;
  std::set<std::string> keys_;
  size_t own_ = 0;
};

}  // namespace

Result<Chain> find_chain(query::Session& session, const TimelineRequest& request) {
  if (request.value.empty())
    return Error{ErrorKind::invalid_argument, "whose timeline: the name is empty"};
  if (request.subject != TimelineRequest::Subject::identity) return Chain{};
  return ChainFinder(session, request).find();
}

}  // namespace cairn::investigate

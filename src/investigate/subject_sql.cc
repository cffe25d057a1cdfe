#include "investigate/internal/subject_sql.h"

#include "base/sql_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::investigate {
namespace {

/// `text` with what RE2 reads as more than itself escaped.
std::string literal_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       static_cast<unsigned char>(c) >= 0x80 || c == '_' || c == '-' || c == ' ';
    if (!plain) out += '\\';
    out += c;
  }
  return out;
}

std::string resource_condition(std::string_view resource) {
  // In the JSON of requests and answers, not as a part of a longer name.
  const auto name = sql_literal(resource);
  const auto pattern =
      sql_literal(fmt::format("(^|[^A-Za-z0-9_-]){}($|[^A-Za-z0-9_-])", literal_pattern(resource)));
  std::string out;
  for (const std::string_view column : {"resources", "requestParameters", "responseElements"})
    out += fmt::format("{}(contains({}::VARCHAR, {}) AND regexp_matches({}::VARCHAR, {}))",
                       out.empty() ? "" : " OR ", column, name, column, pattern);
  // An ARN of a bucket or an object: S3 names the bucket alone in its requests.
  constexpr std::string_view kBucket = "arn:aws:s3:::";
  if (resource.starts_with(kBucket) && resource.find('/') == std::string_view::npos)
    out += fmt::format(" OR json_extract_string(requestParameters, '$.bucketName') = {}",
                       sql_literal(resource.substr(kBucket.size())));
  return out;
}

}  // namespace

bool is_access_key(std::string_view text) {
  return text.size() >= 16 && text.size() <= 128 &&
         (text.starts_with("AKIA") || text.starts_with("ASIA")) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

bool is_temporary_key(std::string_view text) {
  return is_access_key(text) && text.starts_with("ASIA");
}

std::string identity_condition(std::string_view identity) {
  const auto name = sql_literal(identity);
  if (is_access_key(identity)) return fmt::format("userIdentity.accessKeyId = {}", name);
  if (identity.starts_with("arn:"))
    return fmt::format(
        "userIdentity.arn = {0} OR userIdentity.sessionContext.sessionIssuer.arn = {0}", name);
  return fmt::format(
      "userIdentity.principalId = {0} OR userIdentity.userName = {0} OR "
      "userIdentity.sessionContext.sessionIssuer.principalId = {0}",
      name);
}

std::string keys_condition(const std::vector<std::string>& keys) {
  return fmt::format("userIdentity.accessKeyId IN ({})", sql_list(keys));
}

std::string subject_condition(const TimelineRequest& request, const Chain& chain) {
  switch (request.subject) {
    case TimelineRequest::Subject::resource:
      return resource_condition(request.value);
    case TimelineRequest::Subject::address:
      return fmt::format("sourceIPAddress = {}", sql_literal(request.value));
    case TimelineRequest::Subject::identity:
      break;
  }
  std::vector<std::string> keys;
  for (const auto& link : chain.links)
    if (!link.above && !link.key.empty() && link.key != request.value) keys.push_back(link.key);
  const auto own = identity_condition(request.value);
  return keys.empty() ? own : fmt::format("{} OR {}", own, keys_condition(keys));
}

}  // namespace cairn::investigate

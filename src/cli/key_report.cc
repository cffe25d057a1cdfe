#include "cli/key_report.h"

#include "access/rights.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::cli {
namespace {

std::string time_or_null(const std::optional<int64_t>& time_us) {
  return time_us ? json_string(to_second(*time_us)) : "null";
}

std::string_view state_of(const access::Key& key, int64_t now_us) {
  if (key.expires_us && *key.expires_us <= now_us) return "expired";
  return key.enabled ? "enabled" : "disabled";
}

std::string sees(const access::Key& key) {
  return key.accounts.empty() ? "all" : fmt::format("{}", fmt::join(key.accounts, ","));
}

std::string accounts_json(const access::Key& key) {
  std::string out = "[";
  for (const auto& account : key.accounts)
    out += (out.size() > 1 ? ", " : "") + json_string(account);
  return out + "]";
}

/// The members that all keys have, without braces.
std::string members(const access::Key& key) {
  return fmt::format(R"("Role": {}, "UserName": {}, "Account": {}, "Accounts": {})",
                     json_string(access::role_name(key.role)), json_string(key.name),
                     json_string(key.account), accounts_json(key));
}

}  // namespace

std::string to_second(int64_t time_us) {
  return format_iso8601(time_us - time_us % kMicrosPerSecond);
}

std::string issued_exports(const access::IssuedKey& issued) {
  auto out = fmt::format("export AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\n",
                         issued.key.id, issued.secret);
  if (!issued.session_token.empty())
    out += fmt::format("export AWS_SESSION_TOKEN={}\n", issued.session_token);
  return out;
}

std::string issued_json(const access::IssuedKey& issued) {
  auto out = fmt::format(R"({{"Version": 1, "AccessKeyId": {}, "SecretAccessKey": {}, )",
                         json_string(issued.key.id), json_string(issued.secret));
  if (!issued.session_token.empty())
    out += fmt::format(R"("SessionToken": {}, )", json_string(issued.session_token));
  if (issued.key.expires_us)
    out += fmt::format(R"("Expiration": {}, )", json_string(to_second(*issued.key.expires_us)));
  return out + members(issued.key) + "}\n";
}

std::string issued_note(const access::IssuedKey& issued) {
  const auto& key = issued.key;
  return fmt::format("key {}: {} '{}' of account {}, sees {}, {}\nThe secret is not shown again.\n",
                     key.id, access::role_name(key.role), key.name, key.account,
                     key.accounts.empty() ? "all accounts" : sees(key),
                     key.expires_us ? "expires " + to_second(*key.expires_us) : "never expires");
}

std::string keys_text(const std::vector<access::Key>& keys, int64_t now_us) {
  using Row = std::array<std::string, 9>;
  std::vector<Row> rows = {
      {"KEY", "ROLE", "USER", "ACCOUNT", "SEES", "STATE", "CREATED", "EXPIRES", "LAST USED"}};
  for (const auto& key : keys)
    rows.push_back({key.id, std::string(access::role_name(key.role)), printable(key.name),
                    key.account, sees(key), std::string(state_of(key, now_us)),
                    to_second(key.created_us),
                    key.expires_us ? to_second(*key.expires_us) : "never",
                    key.last_used_us ? to_second(*key.last_used_us) : "never"});
  std::array<size_t, 9> widths{};
  for (const auto& row : rows)
    for (size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], row[column].size());
  std::string out;
  for (const auto& row : rows) {
    for (size_t column = 0; column + 1 < row.size(); ++column)
      out += fmt::format("{:<{}}  ", row[column], widths[column]);
    out += row.back() + '\n';
  }
  return out;
}

std::string keys_json(const std::vector<access::Key>& keys, int64_t now_us) {
  std::string out = "[";
  for (const auto& key : keys) {
    if (out.size() > 1) out += ",\n ";
    out += fmt::format(
        R"({{"AccessKeyId": {}, {}, "State": {}, "Created": {}, "Expires": {}, "LastUsed": {})",
        json_string(key.id), members(key), json_string(state_of(key, now_us)),
        json_string(to_second(key.created_us)), time_or_null(key.expires_us),
        time_or_null(key.last_used_us));
    if (key.temporary()) out += fmt::format(R"(, "ActsFor": {})", json_string(key.parent));
    out += '}';
  }
  return out + "]\n";
}

}  // namespace cairn::cli

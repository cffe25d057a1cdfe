#include "aws/credentials_text.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

namespace cairn::aws {
namespace {

Result<Credentials> checked(Credentials credentials) {
  if (!credentials.access_key.empty() && !credentials.secret_key.empty()) return credentials;
  return Error{ErrorKind::corrupt, "the answer holds no credentials"};
}

}  // namespace

Result<Credentials> parse_sts_credentials(std::string_view xml) {
  pugi::xml_document document;
  (void)document.load_buffer(xml.data(), xml.size());
  // <AssumeRoleResponse><AssumeRoleResult><Credentials>
  const auto node = document.first_child().first_child().child("Credentials");
  return checked({.access_key = node.child_value("AccessKeyId"),
                  .secret_key = node.child_value("SecretAccessKey"),
                  .session_token = node.child_value("SessionToken"),
                  .expires_us = parse_iso8601(node.child_value("Expiration"))});
}

Result<Credentials> parse_json_credentials(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) return Error{ErrorKind::corrupt, "the answer is not a JSON object"};
  const auto text = [&](const char* key) {
    const auto member = parsed.find(key);
    return member != parsed.end() && member->is_string() ? member->get<std::string>() : "";
  };
  if (const auto code = text("Code"); !code.empty() && code != "Success")
    return Error{ErrorKind::permission_denied, fmt::format("it says {}", printable(code))};
  auto token = text("Token");
  if (token.empty()) token = text("SessionToken");
  return checked({.access_key = text("AccessKeyId"),
                  .secret_key = text("SecretAccessKey"),
                  .session_token = std::move(token),
                  .expires_us = parse_iso8601(text("Expiration"))});
}

}  // namespace cairn::aws

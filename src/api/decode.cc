#include "api/decode.h"

#include "aws/uri.h"
#include "base/json_depth.h"
#include "base/json_names.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace cairn::api {
namespace {

Error not_readable(std::string_view why) {
  return Error{ErrorKind::invalid_argument, std::string(why), "SerializationException"};
}

Result<Json> decode_json(std::string_view body) {
  if (body.empty()) return Json::object();
  if (json::nests_deeper(body, kInputDepthMax))
    return not_readable("The request is nested too deeply");
  auto value = Json::parse(body, nullptr, false);
  if (value.is_discarded()) return not_readable("The request body is not valid JSON");
  if (!value.is_object())
    return not_readable("Start of structure or map found where not expected.");
  if (const auto name = json::repeated_name(body))
    return not_readable(
        fmt::format("The request has an object with the name '{}' twice", printable(*name)));
  return value;
}

// Members that the query of the URL names.
void add_parameters(Json& input, std::string_view form) {
  while (!form.empty()) {
    const auto pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(form.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const auto value = equals == pair.size() ? std::string_view() : pair.substr(equals + 1);
    input[aws::form_decode(pair.substr(0, equals))] = aws::form_decode(value);
  }
}

}  // namespace

Result<Json> decode_input(const Route& route, const aws::ServerRequest& request,
                          std::string_view body) {
  if (route.protocol == Protocol::json) return decode_json(body);
  if (route.protocol == Protocol::rest_json) {
    auto input = CAIRN_TRY(decode_json(body));
    add_parameters(input, request.query());
    return input;
  }
  auto input = Json::object();
  add_parameters(input, is_form(request) ? body : request.query());
  for (const auto* const name : {"Action", "Version"}) input.erase(name);
  for (auto member = input.begin(); member != input.end();)  // a presigned request's signature
    member = member.key().starts_with("X-Amz-") ? input.erase(member) : std::next(member);
  // Texts in invalid UTF-8 would stop whoever writes them out.
  if (input.dump(-1, ' ', false, Json::error_handler_t::ignore) !=
      input.dump(-1, ' ', false, Json::error_handler_t::replace))
    return not_readable("The request is not valid UTF-8");
  return input;
}

}  // namespace cairn::api

// Lets a program in another language ask our verifier: makes a key and a temporary one in the
// folder argv[1], prints them as a line of JSON, then answers each line of JSON (a request) with
// one.
#include "access/authenticator.h"
#include "access/keys.h"
#include "aws/sigv4_verify.h"
#include "base/base64.h"
#include "base/time.h"
#include "io/clock.h"
#include "io/random.h"
#include "store/state_database.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>
#include <string>

namespace {

using namespace cairn;  // NOLINT(google-build-using-namespace): a program of one file
using Json = nlohmann::json;

Json described(const access::IssuedKey& issued) {
  return {{"id", issued.key.id}, {"secret", issued.secret}, {"token", issued.session_token}};
}

access::ErrorStyle style_of(const std::string& word) {
  if (word == "s3") return access::ErrorStyle::s3;
  return word == "query" ? access::ErrorStyle::query : access::ErrorStyle::json;
}

Json answer(access::Authenticator& authenticator, const Json& asked) {
  aws::ServerRequest request{.method = asked.at("method"), .target = asked.at("target")};
  for (const auto& header : asked.at("headers")) request.headers.push_back({header[0], header[1]});
  request.body = decode_base64(asked.at("body").get<std::string>()).value_or("");
  const auto result =
      authenticator.authenticate(request, asked.at("service").get_ref<const std::string&>(),
                                 style_of(asked.at("style")), asked.at("now_us").get<int64_t>());
  if (const auto* const refused = std::get_if<access::AuthFailure>(&result))
    return {{"ok", false},
            {"status", refused->status},
            {"code", refused->code},
            {"message", refused->message}};
  const auto& who = std::get<access::Authenticated>(result);
  return {{"ok", true},
          {"key", who.caller.access_key_id},
          {"region", who.region},
          {"service", who.service},
          {"presigned", who.presigned},
          {"body", encode_base64(who.body)}};
}

int serve(const std::string& folder) {
  const io::SystemClock clock;
  io::SystemRandom random;
  auto state = store::StateDatabase::open(folder + "/state.db", true);
  if (!state.ok()) return 1;
  auto keys =
      access::KeyStore::open(*state.value(), {.own = folder + "/master.key"}, clock, random);
  if (!keys.ok()) return 1;
  const auto lasting = keys.value()->create({.name = "peer", .role = access::Role::admin});
  if (!lasting.ok()) return 1;
  const auto session = keys.value()->create_session(lasting.value().key.id, kMicrosPerHour);
  if (!session.ok()) return 1;
  std::cout << Json{{"lasting", described(lasting.value())},
                    {"session", described(session.value())}}
            << std::endl;
  access::Authenticator authenticator(*keys.value(), {});
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(authenticator, Json::parse(line)) << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return argc == 2 ? serve(argv[1]) : 2;
}

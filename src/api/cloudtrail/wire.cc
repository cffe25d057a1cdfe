#include "api/cloudtrail/wire.h"

#include <cmath>

namespace cairn::api {

std::string text_of(const Json& input, const char* member) {
  return optional_text(input, member).value_or("");
}

std::optional<std::string> optional_text(const Json& input, const char* member) {
  const auto at = input.find(member);
  if (at == input.end() || !at->is_string()) return std::nullopt;
  return at->get<std::string>();
}

std::optional<bool> optional_boolean(const Json& input, const char* member) {
  const auto at = input.find(member);
  if (at == input.end() || !at->is_boolean()) return std::nullopt;
  return at->get<bool>();
}

std::vector<std::string> texts_of(const Json& input, const char* member) {
  std::vector<std::string> out;
  const auto at = input.find(member);
  if (at == input.end()) return out;
  for (const auto& one : *at)
    if (one.is_string()) out.push_back(one.get<std::string>());
  return out;
}

std::optional<int64_t> optional_time_us(const Json& input, const char* member) {
  constexpr double kSecondsMax = 9e12;  // microseconds of it still fit
  const auto at = input.find(member);
  if (at == input.end() || !at->is_number()) return std::nullopt;
  const auto seconds = at->get<double>();
  if (!(std::fabs(seconds) < kSecondsMax)) return seconds < 0 ? INT64_MIN : INT64_MAX;
  return static_cast<int64_t>(std::llround(seconds * 1e6));
}

Json epoch_seconds(int64_t micros) {
  const int64_t millis = micros / 1000;  // as AWS has them
  return static_cast<double>(millis) / 1000.0;
}

void put_text(Json& out, const char* member, const std::string& text) {
  if (!text.empty()) out[member] = text;
}

aws::Tags read_tags(const Json& input, const char* member) {
  aws::Tags tags;
  const auto at = input.find(member);
  if (at == input.end()) return tags;
  for (const auto& one : *at) tags.push_back({text_of(one, "Key"), text_of(one, "Value")});
  return tags;
}

Json write_tags(const aws::Tags& tags) {
  Json out = Json::array();
  for (const auto& tag : tags) out.push_back({{"Key", tag.key}, {"Value", tag.value}});
  return out;
}

trails::Scope scope_of(const Call& call) {
  return {.account = call.caller.account, .region = std::string(call.region)};
}

recording::Scope place_of(const Call& call) {
  return {.account = call.caller.account, .region = std::string(call.region)};
}

}  // namespace cairn::api

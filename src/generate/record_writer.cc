#include "generate/record_writer.h"

#include "base/time.h"

#include <fmt/format.h>

#include <iterator>

namespace cairn::generate {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::string_view kToken =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":\"";
  out += text;
  out += '"';
}

}  // namespace

struct RecordWriter::Names {
  const Event& event;
  const Actor& actor;
  size_t account;
  size_t region;
  int64_t time_us;
  uint64_t thing;  ///< chooses instance, volume, …
  std::string_view function;
};

std::string RecordWriter::write(std::string& out, const Event& event, const Actor& actor,
                                size_t account, size_t region, int64_t time_us,
                                Random& random) const {
  const uint64_t service = random.below(24);
  const Names names{
      event, actor, account, region, time_us, random.below(400), function_name(service)};
  // 1.08 is old but common still; the versions of one source do not change from call to call.
  constexpr std::array<std::string_view, 4> kVersions{"1.08", "1.09", "1.10", "1.11"};
  out += "{\"eventVersion\":\"";
  out += kVersions[hash(event.source) % 4];
  out += "\",\"userIdentity\":";
  out += actor.identity;
  append_member(out, "eventTime", format_iso8601(time_us / kMicrosPerSecond * kMicrosPerSecond));
  out += fmt::format(R"(,"eventSource":"{}.amazonaws.com")", event.source);
  append_member(out, "eventName", event.name);
  append_member(out, "awsRegion", world_.region(region));
  append_member(out, "sourceIPAddress", actor.address);
  append_member(out, "userAgent", actor.agent);
  const bool failed = !event.outcome.error_code.empty();
  if (failed) {
    append_member(out, "errorCode", event.outcome.error_code);
    if (!event.outcome.error_message.empty()) {
      out += ",\"errorMessage\":\"";
      expand(out, event.outcome.error_message, names, random);
      out += '"';
    }
  }
  out += ",\"requestParameters\":";
  expand(out, event.request, names, random);
  out += ",\"responseElements\":";
  failed ? void(out += "null") : expand(out, event.response, names, random);
  if (event.source == "s3") {
    out += fmt::format(
        R"(,"additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":{},"AuthenticationMethod":"AuthHeader","bytesTransferredOut":{}}})",
        event.read_only ? 0 : random.below(90'000), event.read_only ? random.below(60'000) : 0);
  }
  out += ",\"requestID\":\"";
  if (event.source == "s3") {
    random.append(out, 16, kUpper);
  } else {
    random.append_uuid(out);
  }
  std::string event_id;
  random.append_uuid(event_id);
  out += '"';
  append_member(out, "eventID", event_id);
  out += event.read_only ? ",\"readOnly\":true" : ",\"readOnly\":false";
  if (!event.resources.empty()) {
    out += ",\"resources\":[";
    expand(out, event.resources, names, random);
    out += ']';
  }
  append_member(out, "eventType", event.type);
  out += event.data ? ",\"managementEvent\":false" : ",\"managementEvent\":true";
  append_member(out, "recipientAccountId", world_.account(account));
  if (event.name == "AssumeRole" || (actor.service && event.source == "s3")) {
    out += ",\"sharedEventID\":\"";
    random.append_uuid(out);
    out += '"';
  }
  append_member(out, "eventCategory", event.data ? "Data" : "Management");
  if (!actor.service && event.type == "AwsApiCall") {
    out += fmt::format(
        R"(,"tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{}.{}.amazonaws.com"}})",
        event.source, world_.region(region));
  }
  expand(out, event.extra, names, random);
  out += '}';
  return event_id;
}

// Copies `text`, with `{name}` replaced. A brace that no known name follows is a brace of JSON.
void RecordWriter::expand(std::string& out, std::string_view text, const Names& names,
                          Random& random) const {
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find('{', at);
    if (open == std::string_view::npos) break;
    size_t close = open + 1;
    while (close < text.size() && ((text[close] >= 'a' && text[close] <= 'z') ||
                                   (text[close] >= '0' && text[close] <= '9')))
      ++close;
    out.append(text, at, open - at);
    if (close == open + 1 || close >= text.size() || text[close] != '}') {
      out += '{';
      at = open + 1;
      continue;
    }
    append_value(out, text.substr(open + 1, close - open - 1), names, random);
    at = close + 1;
  }
  out.append(text, at, text.size() - at);
}

// One `if` for each kind of value.
// NOLINTNEXTLINE(readability-function-size)
void RecordWriter::append_value(std::string& out, std::string_view name, const Names& names,
                                Random& random) const {
  const auto id = [&](std::string_view prefix, std::string_view kind, uint64_t index) {
    out += prefix;
    out += world_.id(kind, names.account, index);
  };
  switch (hash(name)) {
    case hash("account"):
      out += world_.account(names.account);
      return;
    case hash("region"):
      out += world_.region(names.region);
      return;
    case hash("function"):
      out += names.function;
      return;
    case hash("user"):
      out += user_name(names.thing);
      return;
    case hash("role"):
      out += role_name(Caller::automation, names.thing);
      return;
    case hash("cluster"):
      out += names.thing % 3 == 0 ? "prod-eks" : "staging-eks";
      return;
    case hash("session"):
      fmt::format_to(std::back_inserter(out), "{}-{}", names.function,
                     names.time_us / kMicrosPerDay);
      return;
    case hash("arn"):
      out += names.actor.arn.empty() ? names.actor.address : names.actor.arn;
      return;
    case hash("action"):
      fmt::format_to(std::back_inserter(out), "{}:{}", names.event.source, names.event.name);
      return;
    case hash("bucket"):
      fmt::format_to(std::back_inserter(out), "{}-{}", names.function,
                     world_.account(names.account));
      return;
    case hash("key"): {
      const auto time = to_civil(names.time_us);
      fmt::format_to(std::back_inserter(out), "{}/{:04}/{:02}/{:02}/", names.function, time.year,
                     time.month, time.day);
      random.append(out, 12, kHex);
      out += ".json.gz";
      return;
    }
    case hash("kmskey"):
      out += "4c1d5e9a-7b3f-4f0e-9a6d-";
      out += world_.id("kms", names.account, names.thing % 8).substr(0, 12);
      return;
    case hash("instance"):
      return id("i-", "instance", names.thing % 60);
    case hash("volume"):
      return id("vol-", "volume", names.thing);
    case hash("eni"):
      return id("eni-", "eni", names.thing);
    case hash("sg"):
      return id("sg-", "sg", names.thing % 40);
    case hash("subnet"):
      return id("subnet-", "subnet", names.thing % 9);
    case hash("vpc"):
      return id("vpc-", "vpc", names.thing % 3);
    case hash("aroa"):
      out += world_.access_key("AROA", names.thing);
      return;
    case hash("asia"):
      out += world_.access_key("ASIA", random.next());
      return;
    case hash("uuid"):
      random.append_uuid(out);
      return;
    case hash("token"):
      random.append(out, 380, kToken);
      out += '=';
      return;
    case hash("token32"):
      random.append(out, 43, kToken);
      return;
    case hash("upper12"):
      random.append(out, 12, kUpper);
      return;
    case hash("hex2"):
      random.append(out, 2, kHex);
      return;
    case hash("hex6"):
      random.append(out, 6, kHex);
      return;
    case hash("hex8"):
      random.append(out, 8, kHex);
      return;
    case hash("hex16"):
      random.append(out, 16, kHex);
      return;
    case hash("hex17"):
      random.append(out, 17, kHex);
      return;
    case hash("hex32"):
      random.append(out, 32, kHex);
      return;
    case hash("ip10"):
      fmt::format_to(std::back_inserter(out), "10.{}.{}.{}", names.account % 200, names.thing % 250,
                     names.thing / 2);
      return;
    case hash("time"):
      out += format_iso8601(names.time_us);
      return;
    case hash("expiry"):
      out += format_iso8601(names.time_us + kMicrosPerHour);
      return;
    case hash("date"): {
      const auto time = to_civil(names.time_us);
      fmt::format_to(std::back_inserter(out), "{:04}/{:02}/{:02}", time.year, time.month, time.day);
      return;
    }
    default:
      break;
  }
  out += '{';
  out += name;
  out += '}';
}

}  // namespace cairn::generate

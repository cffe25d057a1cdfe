// Pages of Event history over a lake, without the service around it: lookup_pages LAKE [SECONDS]
// One thread; prints for each kind of lookup the median and the slowest hundredth in milliseconds.
#include "base/time.h"
#include "history/lookup.h"
#include "io/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cairn;  // NOLINT(google-build-using-namespace): a program of one file
using history::AttributeKey;

struct Kind {
  std::string_view name;
  AttributeKey key;
  std::string_view value;  ///< empty: no attribute
  bool turns = false;      ///< one page after the other, else the first again and again
};

constexpr Kind kKinds[] = {
    {"newest", AttributeKey::event_id, ""},
    {"newest, page after page", AttributeKey::event_id, "", true},
    {"EventName, common, page after page", AttributeKey::event_name, "AssumeRole", true},
    {"ReadOnly=false, page after page", AttributeKey::read_only, "false", true},
    {"EventName, rare", AttributeKey::event_name, "GetSamplingRules"},
    {"EventName, absent", AttributeKey::event_name, "Absent"},
    {"EventId, absent", AttributeKey::event_id, "absent"},
    {"AccessKeyId, absent", AttributeKey::access_key_id, "AKIAABSENT"},
    {"Username, absent", AttributeKey::username, "absent"},
    {"ResourceName, absent", AttributeKey::resource_name, "absent"},
    {"ResourceType", AttributeKey::resource_type, "AWS::IAM::User", true},
};

Status measure(query::Session& session, const Kind& kind, int64_t micros) {
  const io::SystemClock clock;
  history::LookupRequest request;
  request.category = history::Category::management;
  if (!kind.value.empty()) request.attributes.push_back({kind.key, std::string(kind.value)});
  std::vector<int64_t> taken;
  uint64_t events = 0;
  for (const auto begin = clock.now_us(); clock.now_us() - begin < micros;) {
    const auto started = clock.now_us();
    const auto end =
        CAIRN_TRY(history::lookup(session, request, [](history::Event&&) { return true; }));
    taken.push_back(clock.now_us() - started);
    events = end.events;
    if (kind.turns) request.next_token = end.next_token;
  }
  std::sort(taken.begin(), taken.end());
  const auto millis = [&](size_t percent) {
    return static_cast<double>(taken[std::min(taken.size() - 1, taken.size() * percent / 100)]) /
           1000;
  };
  fmt::print("{:<36} {:>5} pages  p50 {:>8.1f} ms  p99 {:>8.1f} ms  {} events\n", kind.name,
             taken.size(), millis(50), millis(99), events);
  return {};
}

Status run(const std::string& lake, int64_t micros) {
  auto session = CAIRN_TRY(
      query::Session::open({.lake = query::LakeSource{.lake = {.location = lake}}, .threads = 1}));
  for (const auto& kind : kKinds) CAIRN_TRY(measure(session, kind, micros));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "lookup_pages LAKE [SECONDS]\n");
    return 2;
  }
  const int64_t seconds = argc > 2 ? std::atoi(argv[2]) : 5;
  const auto done = run(argv[1], seconds * kMicrosPerSecond);
  if (done.ok()) return 0;
  fmt::print(stderr, "lookup_pages: {}\n", done.error().message());
  return 1;
}

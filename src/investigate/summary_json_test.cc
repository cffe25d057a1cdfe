#include "investigate/summary_json.h"

#include <gtest/gtest.h>

namespace cairn::investigate {
namespace {

TEST(SummaryJson, WritesWhatThereIs) {
  Summary summary;
  summary.total = {
      .events = 2, .errors = 1, .reads = 1, .writes = 1, .first_us = 0, .last_us = 60'000'000};
  summary.files = 1;
  summary.calls = {{{.name = "A\"\x1b", .detail = "s", .tally = {.events = 2}}}, 1};
  summary.minutes = {{0, 2, 1}};
  summary.gaps = {.gaps = {{"1", "r", 0, 7'200'000'000, 300'000'000, true}}, .judged = 1};
  const std::string json = summary_json(summary);
  EXPECT_TRUE(json.starts_with("{\n  \"events\": 2,\n  \"errors\": 1,"));
  EXPECT_TRUE(json.ends_with("}\n"));
  for (const std::string_view part :
       {R"("first": "1970-01-01T00:00:00Z",)", R"("last": "1970-01-01T00:01:00Z",)",
        R"({"name": "A\"\u001b", "service": "s", "events": 2, )",
        R"({"minute": "1970-01-01T00:00:00Z", "events": 2, "errors": 1})",
        R"("from": "1970-01-01T00:00:00Z", "until": "1970-01-01T02:00:00Z", )",
        R"("usualSeconds": 300, "open": true)", R"("basis": "eventTimes")"})
    EXPECT_NE(json.find(part), std::string::npos) << part << "\n" << json;
}

TEST(SummaryJson, OfNothing) {
  const std::string json = summary_json({});
  EXPECT_NE(json.find("\"first\": null"), std::string::npos);
  EXPECT_NE(json.find("\"notable\": []"), std::string::npos) << json;
}

}  // namespace
}  // namespace cairn::investigate

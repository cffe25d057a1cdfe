#include "server/metrics.h"

#include <gtest/gtest.h>

namespace cairn::server {
namespace {

TEST(Metrics, WritesPrometheussText) {
  Metrics metrics;
  metrics.describe("requests_total", "counter", "Requests answered.");
  metrics.add("requests_total", {{"service", "sts"}, {"status", "200"}}, 1);
  metrics.add("requests_total", {{"service", "sts"}, {"status", "200"}}, 2);
  metrics.add("requests_total", {{"service", "a\"b\\"}}, 1.5);
  metrics.on_read([](Metrics& all) { all.set("up", {}, 1); });
  EXPECT_EQ(metrics.text(),
            "# HELP requests_total Requests answered.\n"
            "# TYPE requests_total counter\n"
            "requests_total{service=\"a\\\"b\\\\\"} 1.5\n"
            "requests_total{service=\"sts\",status=\"200\"} 3\n"
            "up 1\n");
}

TEST(Metrics, ReplacesWhatCameBefore) {
  Metrics metrics;
  metrics.describe("waiting", "gauge", "Files that wait.");
  EXPECT_EQ(metrics.text(), "");  // nothing to say yet
  metrics.replace("waiting", {{{{"trail", "a"}}, 1}, {{{"trail", "b"}}, 2}});
  metrics.replace("waiting", {{{{"trail", "b"}}, 3}});
  EXPECT_EQ(metrics.text(),
            "# HELP waiting Files that wait.\n# TYPE waiting gauge\nwaiting{trail=\"b\"} 3\n");
}

TEST(Metrics, CountsIntoBuckets) {
  Metrics metrics;
  metrics.observe_seconds("took", {{"a", "b"}}, 0.004);
  metrics.observe_seconds("took", {{"a", "b"}}, 100);
  const auto text = metrics.text();
  EXPECT_NE(text.find("took_bucket{a=\"b\",le=\"0.0025\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("took_bucket{a=\"b\",le=\"0.005\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("took_bucket{a=\"b\",le=\"30\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("took_bucket{a=\"b\",le=\"+Inf\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("took_count{a=\"b\"} 2\n"), std::string::npos);
}

}  // namespace
}  // namespace cairn::server

#include "server/networks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cairn::server {
namespace {

std::string shared_by(std::string_view text) {
  const auto address = parse_ip(text);
  return address ? share_of(*address) : "";
}

TEST(Networks, ReadsAddresses) {
  const auto shown = [](std::string_view text) {
    const auto address = parse_ip(text);
    return address ? ip_text(*address) : "";
  };
  EXPECT_EQ(shown("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(shown("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(shown("2001:DB8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(shown("fe80::1%eth0"), "fe80::1");
  for (const auto* const bad :
       {"", "unknown", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.4/8", ":::", "_x"})
    EXPECT_EQ(shown(bad), "") << bad;
}

TEST(Networks, ClientsShareByAddressOrNetwork) {
  EXPECT_EQ(shared_by("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(shared_by("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(shared_by("2001:db8:1:2:ffff::"), shared_by("2001:db8:1:2::1"));
  EXPECT_NE(shared_by("2001:db8:1:3::1"), shared_by("2001:db8:1:2::1"));
}

TEST(Networks, ContainWhatTheirPrefixSays) {
  const auto contains = [](std::string_view network, std::string_view address) {
    return Network::parse(network).value().contains(parse_ip(address).value());
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(contains("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(contains("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(contains("::/0", "2001:db8::1"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  for (const auto* const bad : {"", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x",
                                "10.0.0.1/8", "::/129", "2001:db8::1/32", "host", "fe80::1%eth0"})
    EXPECT_EQ(Network::parse(bad).error().kind(), ErrorKind::invalid_argument) << bad;
}

class OriginTest : public ::testing::Test {
 protected:
  Origin origin(std::string_view peer, aws::Headers headers) {
    return origin_of(peer, headers, trusted_);
  }

  std::vector<Network> trusted_ = {Network::parse("10.0.0.0/8").value(),
                                   Network::parse("2001:db8:1::/48").value()};
};

TEST_F(OriginTest, IsThePeerUnlessItIsATrustedProxy) {
  const aws::Headers headers = {{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-Proto", "https"}};
  const auto stranger = origin("192.0.2.7", headers);
  EXPECT_EQ(stranger.address, "192.0.2.7");
  EXPECT_FALSE(stranger.forwarded);
  EXPECT_FALSE(stranger.https.has_value());
  const auto proxied = origin("10.1.2.3", headers);
  EXPECT_EQ(proxied.address, "203.0.113.9");
  EXPECT_TRUE(proxied.forwarded);
  EXPECT_EQ(proxied.https, true);
  EXPECT_EQ(origin("10.1.2.3", {}).address, "10.1.2.3");
  EXPECT_EQ(origin("2001:db8:1::9", headers).address, "203.0.113.9");
}

TEST_F(OriginTest, IsTheRightmostAddressThatIsNotTrusted) {
  const auto address = [&](aws::Headers headers) {
    return origin("10.1.2.3", std::move(headers)).address;
  };
  EXPECT_EQ(address({{"X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.9.9.9"}}), "203.0.113.9");
  EXPECT_EQ(address({{"X-Forwarded-For", "198.51.100.1"}, {"x-forwarded-for", "203.0.113.9"}}),
            "203.0.113.9");
  EXPECT_EQ(address({{"X-Forwarded-For", "10.7.7.7, 10.8.8.8"}}), "10.7.7.7");
  EXPECT_EQ(address({{"X-Forwarded-For", "203.0.113.9:4711"}}), "203.0.113.9");
  EXPECT_EQ(address({{"X-Forwarded-For", "[2001:db8::7]:4711"}}), "2001:db8::7");
  EXPECT_EQ(address({{"X-Forwarded-For", "2001:db8::7"}}), "2001:db8::7");
}

TEST_F(OriginTest, WhatIsNotAnAddressEndsTheSearch) {
  const auto address = [&](aws::Headers headers) {
    return origin("10.1.2.3", std::move(headers)).address;
  };
  EXPECT_EQ(address({{"X-Forwarded-For", "203.0.113.9, unknown"}}), "10.1.2.3");
  EXPECT_EQ(address({{"X-Forwarded-For", "203.0.113.9, unknown, 10.8.8.8"}}), "10.8.8.8");
  EXPECT_EQ(address({{"X-Forwarded-For", ""}}), "10.1.2.3");
  EXPECT_EQ(address({{"X-Forwarded-For", "[::1"}}), "10.1.2.3");
  EXPECT_EQ(origin("10.1.2.3", {{"X-Forwarded-Proto", "https, http"}}).https, false);
  EXPECT_FALSE(origin("10.1.2.3", {{"X-Forwarded-Proto", "gopher"}}).https.has_value());
}

}  // namespace
}  // namespace cairn::server

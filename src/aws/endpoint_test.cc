#include "aws/endpoint.h"

#include "aws/uri.h"

#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

std::string base_url(std::string_view bucket, std::string_view region, std::string_view endpoint,
                     Addressing addressing = Addressing::automatic) {
  const auto at = bucket_endpoint(bucket, region, endpoint, addressing);
  return at.scheme + "://" + at.host + at.path_prefix;
}

TEST(Endpoint, PartitionsHaveTheirSuffix) {
  EXPECT_EQ(service_host("sqs", "eu-west-1"), "sqs.eu-west-1.amazonaws.com");
  EXPECT_EQ(service_host("sts", "cn-north-1"), "sts.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(service_host("sts", "us-gov-west-1"), "sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(partition("cn-north-1"), "aws-cn");
  EXPECT_EQ(partition("us-gov-east-1"), "aws-us-gov");
  EXPECT_EQ(partition("ap-southeast-2"), "aws");
}

TEST(Endpoint, BucketsGetTheirHostOnAws) {
  EXPECT_EQ(base_url("logs-1", "eu-west-1", ""), "https://logs-1.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(base_url("my.logs", "eu-west-1", ""), "https://s3.eu-west-1.amazonaws.com/my.logs");
  EXPECT_EQ(base_url("Logs", "us-east-1", ""), "https://s3.us-east-1.amazonaws.com/Logs");
  EXPECT_EQ(base_url("logs", "us-east-1", "", Addressing::path),
            "https://s3.us-east-1.amazonaws.com/logs");
}

TEST(Endpoint, BucketsStandInThePathElsewhere) {
  EXPECT_EQ(base_url("logs", "us-east-1", "http://127.0.0.1:9000"), "http://127.0.0.1:9000/logs");
  EXPECT_EQ(base_url("logs", "us-east-1", "https://minio.example:9000/s3/"),
            "https://minio.example:9000/s3/logs");
  EXPECT_EQ(base_url("logs", "us-east-1", "https://minio.example", Addressing::virtual_host),
            "https://logs.minio.example");
  EXPECT_EQ(base_url("logs", "us-east-1", "http://[::1]:9000", Addressing::virtual_host),
            "http://[::1]:9000/logs");
  EXPECT_EQ(bucket_endpoint("logs", "us-east-1", "ftp://x", Addressing::path).host, "");
}

TEST(Endpoint, Names) {
  EXPECT_TRUE(is_bucket_name("A_b.c-1"));
  EXPECT_FALSE(is_bucket_name("a/b"));
  EXPECT_FALSE(is_bucket_name(".."));
}

TEST(Uri, EncodesAndDecodes) {
  EXPECT_EQ(uri_encode("a b/ü~"), "a%20b%2F%C3%BC~");
  EXPECT_EQ(uri_encode("a b/c", Slash::keep), "a%20b/c");
  EXPECT_EQ(uri_decode("a%20b+%zz%4"), "a b+%zz%4");
  EXPECT_EQ(form_decode("a+b%2B"), "a b+");
}

TEST(Uri, ParsesUrls) {
  Url url;
  ASSERT_TRUE(parse_url("HTTPS://h.example:8080/a/b?c=d#e", url));
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "h.example:8080");
  EXPECT_EQ(url.path, "/a/b");
  EXPECT_EQ(url.query, "c=d");
  ASSERT_TRUE(parse_url("http://[::1]?x", url));
  EXPECT_EQ(host_without_port(url.host), "::1");
  EXPECT_EQ(url.path, "");
  for (const auto* bad : {"", "http:/x", "file:///x", "http://", "http://:80", "http://u:p@host",
                          "http://ho st", "http://[::1"})
    EXPECT_FALSE(parse_url(bad, url)) << bad;
}

}  // namespace
}  // namespace cairn::aws

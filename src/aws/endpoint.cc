#include "aws/endpoint.h"

#include "aws/uri.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::aws {
namespace {

bool lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_ip_address(std::string_view host) {
  return host.find(':') != std::string_view::npos ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::string_view partition(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

std::string_view dns_suffix(std::string_view region) {
  return partition(region) == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}

std::string service_host(std::string_view service, std::string_view region) {
  return fmt::format("{}.{}.{}", service, region, dns_suffix(region));
}

bool is_host_label(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 && is_region_name(bucket);
}

bool is_bucket_name(std::string_view text) {
  const auto fits = [](char c) {
    return lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= 255 && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), fits);
}

BucketEndpoint bucket_endpoint(std::string_view bucket, std::string_view region,
                               std::string_view endpoint, Addressing addressing) {
  Url url{.scheme = "https", .host = service_host("s3", region)};
  if (!endpoint.empty() && !parse_url(endpoint, url)) return {};
  while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
  BucketEndpoint out{.scheme = url.scheme, .host = url.host, .path_prefix = url.path};
  if (addressing == Addressing::automatic)
    addressing =
        endpoint.empty() && is_host_label(bucket) ? Addressing::virtual_host : Addressing::path;
  // No name can stand before an address of numbers.
  if (addressing == Addressing::virtual_host && !is_ip_address(host_without_port(url.host)))
    out.host = fmt::format("{}.{}", bucket, url.host);
  else
    out.path_prefix += "/" + uri_encode(bucket);
  return out;
}

}  // namespace cairn::aws

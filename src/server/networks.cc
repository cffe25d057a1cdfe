#include "server/networks.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace cairn::server {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned kMappedBits = 96;
constexpr size_t kShareBytes = 8;  // of an IPv6 address: its /64

Error bad_network(std::string_view text) {
  return Error{ErrorKind::invalid_argument,
               fmt::format("'{}' is not a range of addresses\n"
                           "hint: write it as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7",
                           printable(text))};
}

/// The bits of byte `at` that a prefix of so many bits covers.
uint8_t mask_of(unsigned bits, size_t at) {
  const auto before = static_cast<unsigned>(at) * 8;
  if (bits >= before + 8) return 0xFF;
  if (bits <= before) return 0;
  return static_cast<uint8_t>(0xFF00U >> (bits - before));
}

/// Elements of a list that may be spread over headers of one name, left to right.
std::vector<std::string_view> list_of(const aws::Headers& headers, std::string_view name) {
  std::vector<std::string_view> list;
  for (const auto& header : headers) {
    if (!equals_ignoring_case(header.name, name)) continue;
    for (std::string_view rest = header.value;;) {
      const auto comma = std::min(rest.find(','), rest.size());
      list.push_back(trimmed(rest.substr(0, comma)));
      if (comma == rest.size()) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return list;
}

/// Some proxies write a port behind the address: `192.0.2.7:1234`, `[2001:db8::1]:1234`.
std::optional<IpAddress> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    return end == text.npos ? std::nullopt : parse_ip(text.substr(1, end - 1));
  }
  const auto colon = text.find(':');
  const bool one_colon = colon != text.npos && text.find(':', colon + 1) == text.npos;
  return parse_ip(one_colon ? text.substr(0, colon) : text);
}

}  // namespace

bool IpAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string whole(text.substr(0, text.find('%')));
  IpAddress address;
  if (inet_pton(AF_INET6, whole.c_str(), address.bytes.data()) == 1) return address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
  if (inet_pton(AF_INET, whole.c_str(), address.bytes.data() + kMappedPrefix.size()) == 1)
    return address;
  return std::nullopt;
}

std::string ip_text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.is_v4())
    inet_ntop(AF_INET, address.bytes.data() + kMappedPrefix.size(), text, sizeof text);
  else
    inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text);
  return text;
}

std::string share_of(const IpAddress& address) {
  if (address.is_v4()) return ip_text(address);
  IpAddress network = address;
  std::fill(network.bytes.begin() + kShareBytes, network.bytes.end(), uint8_t{0});
  return ip_text(network) + "/64";
}

Result<Network> Network::parse(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto address = parse_ip(text.substr(0, slash));
  if (!address || text.find('%') != text.npos) return bad_network(text);
  Network network;
  network.first_ = *address;
  if (slash < text.size()) {
    const auto digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const bool mapped = address->is_v4() && text.find(':') == text.npos;
    if (wrong != std::errc() || end != digits.data() + digits.size() ||
        bits > (mapped ? 32U : 128U))
      return bad_network(text);
    network.bits_ = mapped ? kMappedBits + bits : bits;
  }
  for (size_t i = 0; i < address->bytes.size(); ++i)
    if ((address->bytes[i] & ~mask_of(network.bits_, i)) != 0) return bad_network(text);
  return network;
}

bool Network::contains(const IpAddress& address) const {
  for (size_t i = 0; i < address.bytes.size(); ++i)
    if ((address.bytes[i] & mask_of(bits_, i)) != first_.bytes[i]) return false;
  return true;
}

Origin origin_of(std::string_view peer, const aws::Headers& headers,
                 std::span<const Network> trusted) {
  Origin origin{.address = std::string(peer)};
  const auto is_trusted = [&](const IpAddress& address) {
    return std::any_of(trusted.begin(), trusted.end(),
                       [&](const Network& network) { return network.contains(address); });
  };
  const auto from = parse_ip(peer);
  if (!from || !is_trusted(*from)) return origin;
  const auto hops = list_of(headers, "x-forwarded-for");
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const auto address = parse_hop(*hop);
    if (!address) break;
    origin.address = ip_text(*address);
    origin.forwarded = true;
    if (!is_trusted(*address)) break;
  }
  const auto schemes = list_of(headers, "x-forwarded-proto");
  if (!schemes.empty() && equals_ignoring_case(schemes.back(), "https")) origin.https = true;
  if (!schemes.empty() && equals_ignoring_case(schemes.back(), "http")) origin.https = false;
  return origin;
}

}  // namespace cairn::server

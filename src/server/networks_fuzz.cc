// Any bytes as what proxies write of their clients. The first line is X-Forwarded-For, the rest
// X-Forwarded-Proto.
#include "server/networks.h"

#include "base/check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using cairn::server::ip_text;
  using cairn::server::Network;
  using cairn::server::origin_of;
  using cairn::server::parse_ip;
  using cairn::server::share_of;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto line = std::min(bytes.find('\n'), bytes.size());
  const cairn::aws::Headers headers = {
      {"X-Forwarded-For", std::string(bytes.substr(0, line))},
      {"X-Forwarded-Proto", std::string(bytes.substr(std::min(line + 1, bytes.size())))}};
  static const std::array kTrusted = {Network::parse("10.0.0.0/8").value(),
                                      Network::parse("2001:db8::/32").value()};
  for (const std::string_view peer : {"10.0.0.1", "2001:db8::1", "192.0.2.1"}) {
    const auto origin = origin_of(peer, headers, kTrusted);
    // Whatever is written, an address comes out, and a stranger is taken for no one else.
    const auto address = parse_ip(origin.address);
    CAIRN_CHECK(address.has_value() && ip_text(*address) == origin.address);
    CAIRN_CHECK(!share_of(*address).empty());
    CAIRN_CHECK(origin.forwarded || origin.address == peer);
    if (peer == "192.0.2.1") CAIRN_CHECK(!origin.forwarded && !origin.https);
  }
  const auto network = Network::parse(bytes.substr(0, line));
  if (network.ok()) CAIRN_CHECK(parse_ip(bytes.substr(0, bytes.find('/'))).has_value());
  return 0;
}

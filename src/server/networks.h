// Addresses of clients: ranges of them, what a trusted proxy says of the client behind it, and
// which addresses count as one client.
#pragma once

#include "aws/http_message.h"
#include "base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn::server {

/// An IPv6 address, or an IPv4 address in IPv6's mapped form.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};

  bool is_v4() const;

  bool operator==(const IpAddress&) const = default;
};

/// `192.0.2.7`, `2001:db8::1`, `::ffff:192.0.2.7`, `fe80::1%eth0` (the zone is dropped). Returns
/// nullopt for anything else.
std::optional<IpAddress> parse_ip(std::string_view text);

/// IPv4 addresses in dotted form.
std::string ip_text(const IpAddress& address);

/// The name of the share that the address draws from: the address itself for IPv4, its /64 network
/// for IPv6, of which one client has all.
std::string share_of(const IpAddress& address);

/// A range of addresses.
class Network {
 public:
  /// `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. Fails with `invalid_argument`, also when an
  /// address has bits set beyond the prefix.
  static Result<Network> parse(std::string_view text);

  bool contains(const IpAddress& address) const;

 private:
  IpAddress first_{};
  unsigned bits_ = 128;  ///< of the mapped form
};

/// Where a request comes from.
struct Origin {
  std::string address{};  ///< of the client
  std::optional<bool>
      https{};             ///< what the proxy says of the client's connection; nullopt: nothing
  bool forwarded = false;  ///< `address` is what a trusted proxy says
};

/// The client of a request that came from `peer`. Only if `peer` is a trusted proxy,
/// X-Forwarded-For counts: its rightmost address that is not a trusted proxy is the client. A value
/// that is not an address ends the search, because whoever wrote it could have made up what stands
/// left of it.
Origin origin_of(std::string_view peer, const aws::Headers& headers,
                 std::span<const Network> trusted);

}  // namespace cairn::server

// The calls that made-up logs consist of: which, how often, by whom, with what parameters. Shares
// and error rates follow what was measured on real trails (docs/manual/generate.md); the texts are
// our own.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cairn::generate {

/// Who makes a call, which decides the identity, address and agent of its record.
enum class Caller : uint8_t {
  service,     ///< an AWS service on its own or a principal's behalf
  automation,  ///< a role's session: agents, controllers, scanners
  deployment,  ///< infrastructure as code, in bursts
  human,       ///< console and CLI users
};

/// `{x}` in the templates stands for a value of that kind, see record_writer.cc.
struct Call {
  Caller caller;
  std::string_view source;  ///< service, without ".amazonaws.com"
  std::string_view name;
  double weight;  ///< within the caller's calls
  bool read_only;
  bool data;                   ///< a data event
  std::string_view request;    ///< JSON; "null" if none
  std::string_view response;   ///< JSON; "null" if none
  std::string_view resources;  ///< JSON array without brackets; "" if none
  double error_rate;
  std::string_view error_code;
  std::string_view error_message;
};

std::span<const Call> calls();

/// Services and nouns of the long tail: `Describe`, `List` or `Get` of a noun, rarely called each.
struct TailService {
  std::string_view source;
  std::string_view nouns;  ///< separated by blanks
};

std::span<const TailService> tail_services();

}  // namespace cairn::generate

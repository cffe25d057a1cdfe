// Randomness from the system, for ids and for spreading retries.
#pragma once

#include <cstdint>
#include <string>

namespace cairn::io {

class Random {
 public:
  virtual ~Random() = default;

  virtual uint64_t next() = 0;
};

/// The kernel's. Thread-safe.
class SystemRandom final : public Random {
 public:
  uint64_t next() override;
};

/// Version 4 (random) UUID, lower case: RFC 9562.
std::string make_uuid(Random& random);

}  // namespace cairn::io

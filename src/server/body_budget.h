// The memory that bodies of requests take together, and how much of it one client may have.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace cairn::server {

struct BodyLimits {
  uint64_t bytes_max = 512ULL << 20;          ///< of all bodies that are being read or answered
  uint64_t address_bytes_max = 128ULL << 20;  ///< of those from one address; share_of() names it
};

/// Thread-safe. Bytes are taken as a body arrives and given back when its request is answered.
class BodyBudget {
 public:
  enum class Grant : uint8_t { given, all_taken, share_taken };

  explicit BodyBudget(BodyLimits limits) : limits_(limits) {}

  /// Takes nothing unless all of `bytes` can be had.
  Grant take(const std::string& share, uint64_t bytes);

  /// `bytes` were taken for the share.
  void give_back(const std::string& share, uint64_t bytes);

  uint64_t bytes() const;

  const BodyLimits& limits() const { return limits_; }

  /// More than nine tenths are taken.
  bool is_nearly_full() const;

 private:
  const BodyLimits limits_;
  mutable std::mutex mutex_;
  uint64_t bytes_ = 0;
  std::map<std::string, uint64_t> shares_;  ///< none of 0 bytes
};

}  // namespace cairn::server

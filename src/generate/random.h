// Random numbers that are the same on every machine and with every library: the standard's
// distributions are not.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::generate {

/// Steele, Lea, Flood: SplitMix64. Turns any number into a well-mixed one.
constexpr uint64_t mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

/// FNV-1a: a number for a name, the same everywhere.
constexpr uint64_t hash(std::string_view text) {
  uint64_t value = 1469598103934665603ULL;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return value;
}

/// A stream of numbers (SplitMix64 as a generator).
class Random {
 public:
  /// Streams of different `parts` under one `seed` have nothing in common.
  explicit Random(uint64_t seed, uint64_t part = 0) : state_(mix(seed) ^ mix(part * 2 + 1)) {}

  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    return mix(state_);
  }

  /// 0 … bound-1; `bound` above 0. The bias of the multiply is below 2^-32 for bounds of our size.
  uint64_t below(uint64_t bound) { return ((next() >> 32U) * bound) >> 32U; }

  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

  bool chance(double probability) { return unit() < probability; }

  template <class Items>
  const auto& pick(const Items& items) {
    return items[below(items.size())];
  }

  /// Appends `count` characters of `alphabet`.
  void append(std::string& out, size_t count, std::string_view alphabet) {
    for (size_t i = 0; i < count; ++i) out += alphabet[below(alphabet.size())];
  }

  /// Appends a version 4 UUID.
  void append_uuid(std::string& out) {
    constexpr std::string_view kHex = "0123456789abcdef";
    uint64_t bits = next();
    for (int i = 0; i < 36; ++i) {
      if (i == 18) bits = next();
      if (i == 8 || i == 13 || i == 18 || i == 23) {
        out += '-';
      } else if (i == 14) {
        out += '4';
      } else if (i == 19) {
        out += "89ab"[bits & 3U];
        bits >>= 2U;
      } else {
        out += kHex[bits & 15U];
        bits >>= 4U;
      }
    }
  }

 private:
  uint64_t state_;
};

/// Picks indices with given weights.
class Weighted {
 public:
  Weighted() = default;

  explicit Weighted(const std::vector<double>& weights) {
    double sum = 0;
    for (const double weight : weights) sums_.push_back(sum += weight);
  }

  /// Zipf's law: the weight of rank r is 1/r^exponent.
  static Weighted zipf(size_t count, double exponent) {
    std::vector<double> weights;
    for (size_t i = 0; i < count; ++i)
      weights.push_back(1 / std::pow(static_cast<double>(i + 1), exponent));
    return Weighted(weights);
  }

  size_t pick(Random& random) const {
    const double at = random.unit() * sums_.back();
    size_t low = 0;
    size_t high = sums_.size() - 1;
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (at < sums_[middle]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /// Share of index i in all.
  double share(size_t i) const { return (sums_[i] - (i == 0 ? 0 : sums_[i - 1])) / sums_.back(); }

  size_t size() const { return sums_.size(); }

 private:
  std::vector<double> sums_;
};

}  // namespace cairn::generate

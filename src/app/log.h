// What the service tells its operator: one JSON object a line, on whatever the sink writes to.
#pragma once

#include "io/clock.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::app {

enum class Level : uint8_t { info, warning, error };

/// Thread-safe. Messages hold no secrets: they are sentences of ours and texts of Errors.
class Log {
 public:
  using Sink = std::function<void(Level level, const std::string& line)>;
  using Fields = std::vector<std::pair<std::string_view, std::string>>;

  /// `sink` gets lines without line end, one at a time. Borrows the clock.
  Log(const io::Clock& clock, Sink sink) : clock_(clock), sink_(std::move(sink)) {}

  void write(Level level, std::string_view message, const Fields& fields = {});

 private:
  const io::Clock& clock_;
  Sink sink_;
  std::mutex mutex_;
};

}  // namespace cairn::app

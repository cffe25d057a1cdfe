// One line of JSON for each request, written beside the requests: a slow disk holds up nobody.
#pragma once

#include "aws/http_message.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace cairn::server {

/// A request that was answered, or was not understood.
struct AccessEntry {
  int64_t time_us = 0;   ///< when its head was there
  std::string remote{};  ///< the client's address
  std::string proxy{};   ///< the trusted proxy's that named it; "" for none
  std::string scheme{};  ///< of the client's own connection: "https" or "http"
  std::string method{};
  std::string target{};
  std::string user_agent{};
  std::string tls{};  ///< version; empty: none
  std::string request_id{};
  int status = 0;
  uint64_t bytes_in = 0;   ///< of the body
  uint64_t bytes_out = 0;  ///< of the body
  int64_t took_us = 0;
  std::string service{};
  std::string operation{};
  std::string access_key_id{};
  std::string error_code{};
};

/// The line, without line end. Of the query, values that grant access (signatures, tokens) are
/// left out.
std::string access_line(const AccessEntry& entry);

/// `X-Amz-Signature=…` and its like with "-" for the value.
std::string redacted_target(std::string_view target);

/// Thread-safe.
class AccessLog {
 public:
  /// Keeps a line. False: it could not, and nothing of the line is there.
  using Sink = std::function<bool(const std::string& line)>;

  /// `sink` is called from a thread of the log's own; null: nothing is kept.
  explicit AccessLog(Sink sink, size_t lines_max = 65'536);
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  /// Writes what waits.
  ~AccessLog();

  void write(const AccessEntry& entry);

  /// Lines that found the queue full, or that the sink could not keep.
  uint64_t dropped() const;

 private:
  void work();

  const Sink sink_;
  const size_t lines_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> lines_;
  uint64_t dropped_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace cairn::server

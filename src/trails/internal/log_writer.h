// Events of a batch, sorted into log files in the outbox: one for each account, Region and kind.
#pragma once

#include "base/gzip.h"
#include "io/object_store.h"
#include "trails/internal/selection.h"
#include "trails/internal/trail_table.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace cairn::trails {

struct LogWriterOptions {
  std::string outbox_stem{};  ///< what keys in the outbox begin with
  uint64_t file_bytes_max = 0;
  int gzip_level = 6;
};

/// A file that is in the outbox, and whose name is yet to be given.
struct MadeFile {
  LogFile file{};
  bool insight = false;
  uint64_t events = 0;
};

class LogWriter {
 public:
  LogWriter(io::ObjectStore& outbox, LogWriterOptions options)
      : outbox_(outbox), options_(std::move(options)), gzip_(options_.gzip_level) {}

  Status add(const EventFacts& facts, std::string_view record);

  /// Ends all files. They are durable in the outbox then.
  Result<std::vector<MadeFile>> finish();

 private:
  using Group = std::tuple<std::string, std::string, bool>;  ///< account, Region, insight

  struct Open {
    std::string text{};
    uint64_t events = 0;
    int64_t oldest_us = 0;
    int64_t newest_us = 0;
  };

  Status close(const Group& group, Open& open);

  io::ObjectStore& outbox_;
  const LogWriterOptions options_;
  Gzip gzip_;
  std::map<Group, Open> open_;
  std::vector<MadeFile> made_;
};

}  // namespace cairn::trails

// Data files of a lake as paths that the engine can open: as they lie there, or fetched.
#pragma once

#include "base/result.h"
#include "io/file_cache.h"
#include "io/waiter.h"
#include "store/lake.h"
#include "store/table.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn::store {

/// Of files that are fetched; those that are here already are not counted. Any thread may look.
struct FetchProgress {
  std::atomic<uint64_t> files_total{0};
  std::atomic<uint64_t> files_done{0};
  std::atomic<uint64_t> bytes_total{0};
  std::atomic<uint64_t> bytes_done{0};
};

struct FetchOptions {
  bool anew = false;  ///< whatever the cache has: reads what lies in the lake
  FetchProgress* progress = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
  io::Waiter* waiter = nullptr;  ///< for files that others fetch; null: the machine's
};

/// The paths are good while this lives. Must not outlive the lake.
class ReadableFiles {
 public:
  ReadableFiles() = default;

  /// Fetches what is not on this machine, in parts, several at once. Fails with `not_found` for a
  /// file that is gone, `corrupt` for one that is not what the table says, `exhausted` when the
  /// cache's disk is full, `unavailable` when it is cancelled or the store cannot be reached.
  static Result<ReadableFiles> open(Lake& lake, const std::vector<DataFile>& files,
                                    const FetchOptions& options = {});

  /// Where the files of a lake are that have to be fetched; ends in a slash.
  static std::string folder(Lake& lake);

  /// In the order of the files.
  const std::vector<std::string>& paths() const { return paths_; }

  /// Paths of those that have every column of cloudtrail_table(), and of the others.
  const std::vector<std::string>& whole() const { return whole_; }

  const std::vector<std::string>& lacking() const { return lacking_; }

 private:
  void sort_out(const std::vector<DataFile>& files);

  std::vector<std::string> paths_;
  std::vector<std::string> whole_;
  std::vector<std::string> lacking_;
  std::optional<io::CachePins> pins_;
};

}  // namespace cairn::store

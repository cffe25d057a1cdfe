// Files that were fetched from elsewhere and never change there, kept in a folder as long as there
// is room: those that were not used for the longest time go first. Any number of processes may
// use one folder at once, and any of them may die at any time.
//
//   files/     what is kept; a name is there only once the file is whole
//   partial/   what is being fetched, locked by who fetches it
//   use/       one folder of hard links for each CachePins, and the lock that says it lives
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::io {

struct FileCacheOptions {
  std::string folder{};  ///< made, for its owner only, when it is not there
  /// Of all files. Those in use are counted but not removed, so a query that needs more has it.
  uint64_t bytes_max = 10'000'000'000;
};

class FileCache;

/// Files that stay where they are while this lives, whatever leaves the cache meanwhile.
/// Thread-safe. Keeps the cache alive.
class CachePins {
 public:
  /// Also clears away what processes that died had in use.
  static Result<CachePins> open(std::shared_ptr<FileCache> cache);
  CachePins(CachePins&&) noexcept;
  CachePins& operator=(CachePins&&) noexcept;
  ~CachePins();

  /// Path of the cached file, now in use; nullopt when there is none of that name. One of another
  /// size is removed: it is torn.
  Result<std::optional<std::string>> take(const std::string& name, uint64_t size_bytes);

  /// Of a file that was taken.
  Result<std::string> read(const std::string& name, uint64_t offset, size_t length);

  /// What was taken turned out to be damaged.
  void discard(const std::string& name);

 private:
  friend class CacheDownload;
  struct State;
  explicit CachePins(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// A file on its way into the cache. Gone without a trace when it is destroyed unfinished.
class CacheDownload {
 public:
  CacheDownload(CacheDownload&&) noexcept;
  CacheDownload& operator=(CacheDownload&&) noexcept;
  ~CacheDownload();

  /// Any thread. Fails with `exhausted` when the disk is full.
  Status write(uint64_t offset, std::string_view bytes);
  /// Of what was written.
  Result<std::string> read(uint64_t offset, size_t length);

  /// Makes it durable and puts it into use; its path. Kept in the cache only if `keep` says so.
  Result<std::string> finish(CachePins& pins, bool keep);
  /// Only into the cache.
  Status finish();

 private:
  friend class FileCache;
  struct State;
  explicit CacheDownload(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// Thread-safe. Names are one part of a path, at most 200 letters, digits, '.', '-' and '_'.
class FileCache {
 public:
  static Result<std::shared_ptr<FileCache>> open(FileCacheOptions options);

  const std::string& folder() const { return options_.folder; }

  /// Below which the paths of all pins are; ends in a slash.
  std::string pins_folder() const { return use(""); }

  /// nullopt while another process, or another thread of this one, fetches the same file.
  Result<std::optional<CacheDownload>> begin(const std::string& name, uint64_t size_bytes);

  /// Bytes of a file that begin() brought; nullopt when it is not there, or ends before.
  std::optional<std::string> read_part(const std::string& name, uint64_t offset, size_t length);

  /// Small files, whole, with a checksum: nullopt when it is not there, or damaged.
  std::optional<std::string> read(const std::string& name);
  /// That it cannot be kept is no fault.
  void keep(const std::string& name, std::string_view bytes);
  void drop(const std::string& name);

  /// Removes what is not in use and was not used for longest, until `bytes` more fit below
  /// `bytes_max`, or nothing is left to remove.
  void make_room(uint64_t bytes);

 private:
  friend class CachePins;
  friend class CacheDownload;

  explicit FileCache(FileCacheOptions options) : options_(std::move(options)) {}

  std::string file(std::string_view name) const;
  std::string partial(std::string_view name) const;
  std::string use(std::string_view name) const;
  uint64_t partial_bytes() const;

  FileCacheOptions options_;
};

}  // namespace cairn::io

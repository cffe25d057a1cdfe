// The files of a spool: names, appends that are whole or not there, and what a crash left.
// docs/formats/spool.md describes the bytes.
#pragma once

#include "base/result.h"
#include "io/descriptor.h"
#include "spool/spool.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::spool::internal {

/// Ends each append: what lies behind the last one was never acknowledged.
inline constexpr std::string_view kEndOfAppend = "\n";

inline constexpr std::string_view kOpenSuffix = ".open";
inline constexpr std::string_view kSealedSuffix = ".jsonl";

std::string open_name(uint64_t number);                      ///< "0000000042.open"
std::string sealed_name(uint64_t number, uint64_t records);  ///< "0000000042-1000.jsonl"

struct SegmentName {
  uint64_t number = 0;
  std::optional<uint64_t> records{};  ///< of sealed ones
};

std::optional<SegmentName> parse_name(std::string_view name);

/// What is whole in the text of an unsealed segment.
struct Salvage {
  std::string whole{};    ///< the appends that are whole, without damaged lines
  std::string damaged{};  ///< lines of whole appends that are no JSON objects
  uint64_t records = 0;
  uint64_t damaged_records = 0;
  uint64_t torn_bytes = 0;  ///< behind the last whole append
};

Salvage salvage(std::string_view text);

/// A segment that is being written. Not thread-safe.
class SegmentFile {
 public:
  /// Makes the file, durably.
  static Result<SegmentFile> create(const std::string& folder, uint64_t number);

  /// Writes and syncs. After a failure the file is as it was, or broken().
  Status append(std::string_view text, uint64_t records);

  /// Closes and renames it, durably.
  Result<Segment> seal(int64_t now_us);

  uint64_t number() const { return number_; }

  uint64_t bytes() const { return bytes_; }

  uint64_t records() const { return records_; }

  /// It cannot take more: what follows its whole appends could not be taken back.
  bool broken() const { return broken_; }

 private:
  SegmentFile(std::string folder, uint64_t number, io::Descriptor file)
      : folder_(std::move(folder)), number_(number), file_(std::move(file)) {}

  std::string folder_;
  uint64_t number_ = 0;
  io::Descriptor file_;
  uint64_t bytes_ = 0;
  uint64_t records_ = 0;
  bool broken_ = false;
};

/// Makes names in the folder durable.
Status sync_folder(const std::string& folder);

/// A whole file, synced under its name; replaces one of that name.
Status write_synced(const std::string& folder, const std::string& name, std::string_view bytes);

/// Cuts the file at `path` to its first `bytes`, synced, and gives it the name.
Status cut_and_rename(const std::string& folder, const std::string& path, const std::string& name,
                      uint64_t bytes);

}  // namespace cairn::spool::internal

// Where objects to ingest come from: folders of this machine, or buckets.
#pragma once

#include "base/buffer.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::ingest {

/// The ledger's name of files of this machine; of a bucket it is `s3://bucket`.
inline constexpr std::string_view kLocalSource = "file://";

/// One file or object, as its source lists it.
struct SourceObject {
  std::string source;  ///< ledger's name of the source
  std::string key;     ///< absolute path; key in the bucket
  std::string name;    ///< for messages and the sourceFile column: path or s3://bucket/key
  uint64_t size_bytes = 0;
  std::string etag{};
};

/// Thread-safe but for list().
class Source {
 public:
  virtual ~Source() = default;

  /// All objects, or those that can be new; any order.
  virtual Status list(const std::function<void(SourceObject)>& visit) = 0;

  /// What will be fetched, in that order: a source may begin.
  virtual void prepare(const std::vector<SourceObject>& /*work*/) {}

  /// The object's bytes into `bytes`; false when it is to be read from the path `key` instead.
  virtual Result<bool> fetch(const SourceObject& object, Buffer& bytes) = 0;
};

/// Files, folders and globs; see io::find_files(). Log files below a folder whose names say that
/// they are digests or other services' are listed too: what they are is decided when they are read.
std::unique_ptr<Source> make_file_source(std::vector<std::string> paths);

}  // namespace cairn::ingest

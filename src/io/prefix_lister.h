// Stores whose keys can be listed a level at a time.
#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace cairn::io {

/// Thread-safe.
class PrefixLister {
 public:
  virtual ~PrefixLister() = default;

  /// The different beginnings of keys below `prefix` up to and with the next '/', in order of their
  /// bytes: of `a/b/1`, `a/b/2`, `a/c` below "a/" it is `a/b/`.
  virtual Result<std::vector<std::string>> common_prefixes(const std::string& prefix) = 0;
};

}  // namespace cairn::io

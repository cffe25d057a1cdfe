// The key that seals the other keys' secrets: 32 random bytes in a file of their own, so that a
// copy of the state alone opens nothing.
#pragma once

#include "base/result.h"
#include "io/random.h"

#include <string>
#include <string_view>

namespace cairn::access {

class MasterKey {
 public:
  explicit MasterKey(std::string bytes) : bytes_(std::move(bytes)) {}

  MasterKey(MasterKey&&) noexcept = default;
  MasterKey& operator=(MasterKey&&) noexcept = default;
  ~MasterKey();

  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads a file that the user named (CAIRN_MASTER_KEY_FILE): 32 bytes as 64 hexadecimal digits or
/// as base64. Fails with `invalid_argument` when it is neither; its text is never repeated.
Result<MasterKey> read_master_key(const std::string& path);

/// The service's own (mode 0600, else `permission_denied`). Made when it is not there and `make`
/// says so.
Result<MasterKey> own_master_key(const std::string& path, bool make, io::Random& random);

}  // namespace cairn::access

#include "io/descriptor.h"

#include <algorithm>
#include <cerrno>

namespace cairn::io {

std::optional<std::string> read_at(int file, uint64_t offset, size_t length) {
  std::string bytes(length, '\0');
  size_t have = 0;
  while (have < length) {
    const ssize_t got =
        pread(file, bytes.data() + have, length - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

std::optional<std::string> read_rest(int file, size_t bytes_max) {
  constexpr size_t kPieceBytes = 1 << 16;
  std::string bytes;
  size_t have = 0;
  while (have < bytes_max) {
    if (have == bytes.size()) bytes.resize(std::min(bytes_max, have + std::max(have, kPieceBytes)));
    const ssize_t got = ::read(file, bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

}  // namespace cairn::io

#include "io/descriptor.h"

#include <algorithm>
#include <cerrno>

namespace cairn::io {

namespace {

/// Until `have` is bytes.size() or there are no more; false: errno tells why. `read` is called with
/// where to put how many bytes at most.
template <class Read>
bool fill(std::string& bytes, size_t& have, bool& ended, const Read& read) {
  while (have < bytes.size() && !ended) {
    const ssize_t got = read(bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    ended = got == 0;
    have += static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

std::optional<std::string> read_at(int file, uint64_t offset, size_t length) {
  std::string bytes(length, '\0');
  size_t have = 0;
  bool ended = false;
  const auto read = [&](char* out, size_t most) {
    return pread(file, out, most, static_cast<off_t>(offset + have));
  };
  if (!fill(bytes, have, ended, read)) return std::nullopt;
  bytes.resize(have);
  return bytes;
}

std::optional<std::string> read_rest(int file, size_t bytes_max) {
  constexpr size_t kPieceBytes = 1 << 16;
  std::string bytes;
  size_t have = 0;
  bool ended = false;
  const auto read = [&](char* out, size_t most) { return ::read(file, out, most); };
  while (have < bytes_max && !ended) {
    bytes.resize(std::min(bytes_max, have + std::max(have, kPieceBytes)));
    if (!fill(bytes, have, ended, read)) return std::nullopt;
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

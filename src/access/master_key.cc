#include "access/master_key.h"

#include "base/base64.h"
#include "base/crypto.h"
#include "base/seal.h"
#include "base/text.h"
#include "io/private_file.h"

#include <fmt/format.h>

#include <utility>

namespace cairn::access {
namespace {

constexpr size_t kKeyFileBytesMax = 256;

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = nibble(text[i]);
    const int low = nibble(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

Result<MasterKey> decode(const std::string& path, std::string text) {
  const auto word = trimmed(text);
  std::string bytes =
      word.size() == 2 * kSealKeyBytes ? from_hex(word) : decode_base64(word).value_or("");
  wipe(text);
  if (bytes.size() == kSealKeyBytes) return MasterKey(std::move(bytes));
  return Error{ErrorKind::invalid_argument,
               fmt::format("'{}' holds no master key: neither 64 hexadecimal digits nor the base64 "
                           "of 32 bytes\nhint: `openssl rand -hex 32` makes one",
                           path)};
}

}  // namespace

MasterKey::~MasterKey() {
  wipe(bytes_);
}

Result<MasterKey> read_master_key(const std::string& path) {
  auto text = CAIRN_TRY(io::read_private_file(path, kKeyFileBytesMax, io::Others::accepted));
  return decode(path, std::move(text));
}

Result<MasterKey> own_master_key(const std::string& path, bool make, io::Random& random) {
  auto text = io::read_private_file(path, kKeyFileBytesMax, io::Others::refused);
  if (!text.ok() && text.error().kind() == ErrorKind::not_found && make) {
    std::string bytes;
    while (bytes.size() < kSealKeyBytes) {
      const uint64_t word = random.next();
      bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    auto made = io::make_private_file(path, to_hex(bytes) + '\n');
    wipe(bytes);
    if (!made.ok() && made.error().kind() != ErrorKind::already_exists)
      return std::move(made).error();
    text = io::read_private_file(path, kKeyFileBytesMax, io::Others::refused);
  }
  if (!text.ok() && text.error().kind() == ErrorKind::not_found)
    return Error{ErrorKind::not_found,
                 fmt::format("there is no master key '{}', and the secrets of the keys are sealed "
                             "under it\nhint: bring it back from a backup, or name it with "
                             "CAIRN_MASTER_KEY_FILE",
                             path)};
  if (!text.ok()) return std::move(text).error();
  return decode(path, std::move(text).value());
}

}  // namespace cairn::access

#include "base/seal.h"

#include "base/check.h"
#include "base/internal/openssl_bytes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace cairn {
namespace {

constexpr size_t kTagBytes = 16;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

int size_of(std::string_view text) {
  return static_cast<int>(text.size());
}

}  // namespace

std::string seal(std::string_view key, std::string_view nonce, std::string_view plain,
                 std::string_view bound_to) {
  CAIRN_CHECK(key.size() == kSealKeyBytes && nonce.size() == kSealNonceBytes);
  const CipherContext context(EVP_CIPHER_CTX_new());
  std::string cipher(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int size = 0;
  CAIRN_CHECK(context != nullptr && EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                                                       bytes_of(key), bytes_of(nonce)) == 1);
  CAIRN_CHECK(
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(bound_to), size_of(bound_to)) == 1);
  CAIRN_CHECK(EVP_EncryptUpdate(context.get(), bytes_of(cipher), &size, bytes_of(plain),
                                size_of(plain)) == 1);
  CAIRN_CHECK(EVP_EncryptFinal_ex(context.get(), bytes_of(tag), &size) == 1);
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1);
  std::string out(nonce);
  out += cipher;
  out += tag;
  return out;
}

std::optional<std::string> open_sealed(std::string_view key, std::string_view sealed,
                                       std::string_view bound_to) {
  CAIRN_CHECK(key.size() == kSealKeyBytes);
  if (sealed.size() < kSealNonceBytes + kTagBytes) return std::nullopt;
  const auto nonce = sealed.substr(0, kSealNonceBytes);
  const auto cipher = sealed.substr(kSealNonceBytes, sealed.size() - kSealNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  const CipherContext context(EVP_CIPHER_CTX_new());
  std::string plain(cipher.size(), '\0');
  int size = 0;
  CAIRN_CHECK(context != nullptr && EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                                                       bytes_of(key), bytes_of(nonce)) == 1);
  CAIRN_CHECK(
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(bound_to), size_of(bound_to)) == 1);
  CAIRN_CHECK(EVP_DecryptUpdate(context.get(), bytes_of(plain), &size, bytes_of(cipher),
                                size_of(cipher)) == 1);
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(context.get(), bytes_of(tag), &size) == 1) return plain;
  wipe(plain);
  return std::nullopt;
}

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace cairn

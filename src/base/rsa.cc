#include "base/rsa.h"

#include "base/check.h"
#include "base/internal/openssl_bytes.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <climits>

namespace cairn {
namespace {

constexpr int kBitsMin = 1024;
constexpr int kBitsMax = 16384;

template <class T, void (*Free)(T*)>
struct Freed {
  void operator()(T* thing) const { Free(thing); }
};

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Pkcs8 =
    std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>>;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

using Bio = std::unique_ptr<BIO, FreeBio>;

// OpenSSL keeps faults of a thread until somebody asks; nothing here needs its words.
Error refused(std::string message) {
  ERR_clear_error();
  return Error{ErrorKind::corrupt, std::move(message)};
}

bool fits(const Key& key) {
  return key && EVP_PKEY_is_a(key.get(), "RSA") == 1 && EVP_PKEY_get_bits(key.get()) >= kBitsMin &&
         EVP_PKEY_get_bits(key.get()) <= kBitsMax;
}

/// What an i2d function of OpenSSL writes.
template <class Thing>
std::string encode(int (*write)(const Thing*, unsigned char**), const Thing* thing) {
  unsigned char* raw = nullptr;
  const int size = write(thing, &raw);
  CAIRN_CHECK(size > 0);
  std::string out(reinterpret_cast<const char*>(raw), static_cast<size_t>(size));
  OPENSSL_clear_free(raw, static_cast<size_t>(size));
  return out;
}

/// Asks nobody for a password: there is nobody.
int no_password(char*, int, int, void*) {
  return -1;
}

Bio reader(std::string_view text) {
  if (text.size() > INT_MAX) return nullptr;
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

struct RsaPublicKey::State {
  Key key;
};

Result<RsaPublicKey> RsaPublicKey::from_pkcs1(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  Key key(der.size() > LONG_MAX
              ? nullptr
              : d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
  if (!fits(key) || at != bytes_of(der) + der.size())
    return refused("it is no PKCS#1 RSA public key");
  return RsaPublicKey(std::make_shared<State>(State{std::move(key)}));
}

Result<RsaPublicKey> RsaPublicKey::from_subject_public_key_info(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  Key key(der.size() > LONG_MAX ? nullptr
                                : d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!fits(key) || at != bytes_of(der) + der.size())
    return refused("it is no X.509 RSA public key");
  return RsaPublicKey(std::make_shared<State>(State{std::move(key)}));
}

Result<RsaPublicKey> RsaPublicKey::from_pem(std::string_view pem) {
  const Bio from = reader(pem);
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (!from || PEM_read_bio(from.get(), &name, &header, &data, &size) != 1)
    return refused("it holds no PEM block");
  const std::string kind = name;
  const std::string der(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  if (kind == "RSA PUBLIC KEY") return from_pkcs1(der);
  if (kind == "PUBLIC KEY") return from_subject_public_key_info(der);
  return refused("its first PEM block is no public key");
}

std::string RsaPublicKey::pkcs1() const {
  return encode<EVP_PKEY>(i2d_PublicKey, state_->key.get());
}

int RsaPublicKey::bits() const {
  return EVP_PKEY_get_bits(state_->key.get());
}

bool RsaPublicKey::verifies(std::string_view text, std::string_view signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  CAIRN_CHECK(context != nullptr);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                       text.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

Result<RsaPrivateKey> RsaPrivateKey::generate(int bits) {
  if (bits < 2048 || bits > 8192)
    return Error{ErrorKind::invalid_argument,
                 "an RSA key of " + std::to_string(bits) + " bits is not made"};
  Key key(EVP_RSA_gen(static_cast<size_t>(bits)));
  if (!key) {
    ERR_clear_error();
    return Error{ErrorKind::unavailable, "OpenSSL cannot make an RSA key"};
  }
  return RsaPrivateKey(std::make_shared<State>(State{std::move(key)}));
}

Result<RsaPrivateKey> RsaPrivateKey::from_pkcs8(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  const Pkcs8 info(der.size() > LONG_MAX
                       ? nullptr
                       : d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  Key key(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
  if (!fits(key) || at != bytes_of(der) + der.size())
    return refused("it is no PKCS#8 RSA private key");
  return RsaPrivateKey(std::make_shared<State>(State{std::move(key)}));
}

Result<RsaPrivateKey> RsaPrivateKey::from_pem(std::string_view pem) {
  const Bio from = reader(pem);
  Key key(from ? PEM_read_bio_PrivateKey(from.get(), nullptr, no_password, nullptr) : nullptr);
  if (!fits(key)) return refused("it holds no unencrypted RSA private key in PEM");
  return RsaPrivateKey(std::make_shared<State>(State{std::move(key)}));
}

std::string RsaPrivateKey::pkcs8() const {
  const Pkcs8 info(EVP_PKEY2PKCS8(state_->key.get()));
  CAIRN_CHECK(info != nullptr);
  return encode<PKCS8_PRIV_KEY_INFO>(i2d_PKCS8_PRIV_KEY_INFO, info.get());
}

std::string RsaPrivateKey::pkcs8_pem() const {
  const Bio to(BIO_new(BIO_s_secmem()));
  CAIRN_CHECK(to != nullptr && PEM_write_bio_PKCS8PrivateKey(to.get(), state_->key.get(), nullptr,
                                                             nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(to.get(), &text);
  return {text, static_cast<size_t>(size)};
}

RsaPublicKey RsaPrivateKey::public_key() const {
  // Through its encoding, so that a public key never carries the private one along.
  return RsaPublicKey::from_pkcs1(encode<EVP_PKEY>(i2d_PublicKey, state_->key.get())).value();
}

Result<std::string> RsaPrivateKey::sign(std::string_view text) const {
  const DigestContext context(EVP_MD_CTX_new());
  CAIRN_CHECK(context != nullptr);
  std::string out(static_cast<size_t>(EVP_PKEY_get_size(state_->key.get())), '\0');
  size_t size = out.size();
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                     bytes_of(text), text.size()) != 1) {
    ERR_clear_error();
    return Error{ErrorKind::unavailable, "OpenSSL cannot sign with the RSA key"};
  }
  out.resize(size);
  return out;
}

}  // namespace cairn

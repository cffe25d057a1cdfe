#include "server/internal/shared.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

namespace cairn::server::internal {
namespace {

constexpr std::string_view kHint =
    "\nhint: --tls-certificate names the certificate's file, --tls-key that of its key, both PEM";

Error cannot_use(std::string_view what, const std::string& path,
                 const boost::system::error_code& code) {
  const auto kind = code == boost::system::errc::no_such_file_or_directory ? ErrorKind::not_found
                    : code == boost::system::errc::permission_denied ? ErrorKind::permission_denied
                                                                     : ErrorKind::corrupt;
  const bool no_pem =
      ERR_GET_REASON(static_cast<unsigned long>(code.value())) == PEM_R_NO_START_LINE &&
      kind == ErrorKind::corrupt;
  return Error{
      kind, fmt::format("cannot use the {} '{}': {}{}", what, path,
                        no_pem ? fmt::format("it holds no PEM text of a {}", what) : code.message(),
                        kHint)};
}

}  // namespace

Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const std::string& certificate,
                                                                    const std::string& key) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code code;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                           ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                           ssl::context::no_tlsv1_1 | ssl::context::no_compression,
                       code);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);  // idle ones cost less
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  context->use_certificate_chain_file(certificate, code);
  if (code) return cannot_use("certificate", certificate, code);
  context->use_private_key_file(key, ssl::context::pem, code);
  const auto reason = ERR_GET_REASON(static_cast<unsigned long>(code.value()));
  const bool others =
      code && (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH);
  if (code && !others) return cannot_use("key", key, code);
  if (others || SSL_CTX_check_private_key(context->native_handle()) != 1)
    return Error{
        ErrorKind::corrupt,
        fmt::format("the key '{}' is not that of the certificate '{}'{}", key, certificate, kHint)};
  return context;
}

}  // namespace cairn::server::internal

#include "server/internal/shared.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

namespace cairn::server::internal {
namespace {

Error cannot_use(std::string_view what, const std::string& path,
                 const boost::system::error_code& code) {
  const auto kind = code == boost::system::errc::no_such_file_or_directory ? ErrorKind::not_found
                    : code == boost::system::errc::permission_denied ? ErrorKind::permission_denied
                                                                     : ErrorKind::corrupt;
  return Error{kind, fmt::format("cannot use the {} '{}': {}", what, path, code.message())};
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
  if (code) return cannot_use("key", key, code);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    return Error{ErrorKind::corrupt,
                 fmt::format("the key '{}' is not that of the certificate '{}'", key, certificate)};
  return context;
}

}  // namespace cairn::server::internal

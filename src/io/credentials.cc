#include "io/credentials.h"

namespace cairn::io {
namespace {

class StaticCredentials final : public CredentialsProvider {
 public:
  explicit StaticCredentials(aws::Credentials credentials) : credentials_(std::move(credentials)) {}

  Result<aws::Credentials> get() override { return credentials_; }

 private:
  const aws::Credentials credentials_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> make_static_credentials(aws::Credentials credentials) {
  return std::make_unique<StaticCredentials>(std::move(credentials));
}

}  // namespace cairn::io

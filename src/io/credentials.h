// Who we are to AWS: where the keys come from.
#pragma once

#include "aws/credentials.h"
#include "base/result.h"

#include <memory>

namespace cairn::io {

/// Thread-safe.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;

  /// Keys that hold for a while yet. Fails with `permission_denied` when there are none, with
  /// `unavailable` when they could not be fetched; messages hold no secret.
  virtual Result<aws::Credentials> get() = 0;

  /// The service said that these have expired: fetch anew next time.
  virtual void forget() {}
};

/// Always the same; without an access key requests go unsigned.
std::unique_ptr<CredentialsProvider> make_static_credentials(aws::Credentials credentials);

}  // namespace cairn::io

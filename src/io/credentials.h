// Who we are to AWS: where the keys come from.
#pragma once

#include "aws/credentials.h"
#include "base/result.h"
#include "io/aws_settings.h"
#include "io/clock.h"
#include "io/random.h"
#include "io/waiter.h"

#include <memory>
#include <string>

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

/// What fetching credentials needs; all must outlive the provider.
struct CredentialsWorld {
  const Clock& clock;
  Waiter& waiter;
  Random& random;
};

/// The usual chain, tried in this order at the first get(): keys in the environment (unless the
/// profile was given by name), the profile's role (source_profile, credential_source or web
/// identity, through STS), web identity in the environment, the profile's keys or
/// credential_process, the container's metadata, the instance's metadata (version 2). What is
/// configured but fails ends the chain with its error. Temporary keys are fetched anew five minutes
/// before they expire.
///
/// Not known: IAM Identity Center (sso_*) and MFA prompts; the error says what to do instead.
std::unique_ptr<CredentialsProvider> make_credentials_chain(AwsSettings settings,
                                                            CredentialsWorld world);

}  // namespace cairn::io

// What the environment and the profile files of AWS's tools say. Names and precedence: AWS SDKs and
// Tools Reference Guide.
#pragma once

#include "aws/profile_file.h"
#include "base/result.h"

#include <functional>
#include <optional>
#include <string>

namespace cairn::io {

/// A variable of the environment, which io/ does not ask by itself.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string&)>;

class AwsSettings {
 public:
  /// Reads AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE (by default ~/.aws/config and
  /// ~/.aws/credentials); that they are absent is no fault. `profile` empty: AWS_PROFILE, else
  /// "default". Fails with `not_found` when a profile that was asked for is in neither file, and
  /// with `invalid_argument` when a file is malformed.
  static Result<AwsSettings> load(EnvironmentLookup environment, std::string profile);

  /// Empty values count as absent.
  std::optional<std::string> variable(const std::string& name) const;

  const std::string& profile() const { return profile_; }

  /// The profile was given by the caller: its keys go before those of the environment.
  bool profile_is_explicit() const { return explicit_; }

  /// A setting of a profile, of the credentials file first; "" when absent.
  std::string setting(const std::string& profile, const std::string& name) const;
  bool has_profile(const std::string& profile) const;

  /// AWS_REGION, AWS_DEFAULT_REGION, the profile's region; else "".
  std::string region() const;

  /// AWS_CA_BUNDLE, the profile's ca_bundle; else "".
  std::string ca_bundle() const;

  /// AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's services section and endpoint_url;
  /// else "". `service` as in "s3", "sqs", "sts".
  std::string endpoint(const std::string& service) const;

  /// HTTPS_PROXY and NO_PROXY, in either case of letters.
  std::string proxy() const;
  std::string no_proxy() const;

 private:
  AwsSettings(EnvironmentLookup environment, std::string profile);

  EnvironmentLookup environment_;
  std::string profile_;
  bool explicit_ = false;
  aws::ProfileFile config_;
  aws::ProfileFile credentials_;
};

}  // namespace cairn::io

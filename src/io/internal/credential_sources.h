// Where temporary credentials are fetched. Each of these makes its calls anew; credentials.cc
// keeps what they bring.
#pragma once

#include "aws/credentials.h"
#include "base/result.h"
#include "io/aws_settings.h"
#include "io/credentials.h"
#include "io/http_client.h"

#include <optional>
#include <string>

namespace cairn::io::internal {

/// A role to take through STS.
struct RoleRequest {
  std::string role_arn{};
  std::string session_name{};  ///< empty: one is made up
  std::string external_id{};
  std::string duration_seconds{};         ///< empty: STS's default, an hour
  std::string web_identity_token_file{};  ///< empty: AssumeRole, signed with the source's keys
};

class CredentialSources {
 public:
  CredentialSources(const AwsSettings& settings, CredentialsWorld world);

  /// `source` signs; it is not asked for web identity.
  Result<aws::Credentials> assume_role(const RoleRequest& role, CredentialsProvider& source);

  /// nullopt: not within a container that has them.
  Result<std::optional<aws::Credentials>> from_container();

  /// nullopt: not on an instance, or it has no role, or the metadata service is turned off.
  Result<std::optional<aws::Credentials>> from_instance();

  Result<aws::Credentials> from_process(const std::string& command);

 private:
  Result<HttpResponse> ask_metadata(HttpRequest request);

  const AwsSettings& settings_;
  const CredentialsWorld world_;
  std::unique_ptr<HttpClient> sts_http_;
  std::unique_ptr<HttpClient> metadata_http_;  ///< never through a proxy
};

}  // namespace cairn::io::internal

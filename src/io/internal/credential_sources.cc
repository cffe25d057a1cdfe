#include "io/internal/credential_sources.h"

#include "aws/credentials_text.h"
#include "aws/endpoint.h"
#include "aws/uri.h"
#include "base/text.h"
#include "io/aws_client.h"
#include "io/internal/small_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::io::internal {
namespace {

constexpr int64_t kProcessTimeoutMs = 60'000;
constexpr int64_t kMetadataTimeoutMs = 1'000;
constexpr int kMetadataAttempts = 2;
constexpr uint64_t kAnswerBytesMax = 1 << 20;

// A token goes in plain text only to where nobody else listens.
bool is_local_host(std::string_view host) {
  constexpr std::array<std::string_view, 6> kLocal = {
      "localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23", "169.254.169.254"};
  const auto bare = aws::host_without_port(host);
  return bare.starts_with("127.") || std::find(kLocal.begin(), kLocal.end(), bare) != kLocal.end();
}

Result<std::string> read_token(const std::string& path) {
  const auto text = CAIRN_TRY(read_small_file(path));
  const auto token = trimmed(text);
  if (!token.empty()) return std::string(token);
  return Error{ErrorKind::permission_denied, fmt::format("the token file '{}' is empty", path)};
}

std::string role_form(const RoleRequest& role, const std::string& session,
                      const std::string& token) {
  auto form = fmt::format("Action={}&Version=2011-06-15&RoleArn={}&RoleSessionName={}",
                          token.empty() ? "AssumeRole" : "AssumeRoleWithWebIdentity",
                          aws::uri_encode(role.role_arn), aws::uri_encode(session));
  if (!role.duration_seconds.empty())
    form += "&DurationSeconds=" + aws::uri_encode(role.duration_seconds);
  if (!role.external_id.empty()) form += "&ExternalId=" + aws::uri_encode(role.external_id);
  if (!token.empty()) form += "&WebIdentityToken=" + aws::uri_encode(token);
  return form;
}

}  // namespace

CredentialSources::CredentialSources(const AwsSettings& settings, CredentialsWorld world)
    : settings_(settings),
      world_(world),
      sts_http_(make_http_client({.ca_bundle = settings.ca_bundle(),
                                  .proxy = settings.proxy(),
                                  .no_proxy = settings.no_proxy()})),
      metadata_http_(make_http_client(
          {.connect_timeout_ms = kMetadataTimeoutMs, .idle_timeout_ms = kMetadataTimeoutMs})) {}

Result<aws::Credentials> CredentialSources::assume_role(const RoleRequest& role,
                                                        CredentialsProvider& source) {
  std::string token;
  if (!role.web_identity_token_file.empty())
    token = CAIRN_TRY(read_token(role.web_identity_token_file));
  const auto region = settings_.region().empty() ? "us-east-1" : settings_.region();
  if (!is_region_name(region))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is not a region's name", printable(region))};
  aws::Url url{.scheme = "https", .host = aws::service_host("sts", region)};
  if (const auto endpoint = settings_.endpoint("sts");
      !endpoint.empty() && !aws::parse_url(endpoint, url))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is not an endpoint; hint: write it as https://host:port",
                             printable(endpoint))};
  const auto session = role.session_name.empty()
                           ? fmt::format("cairn-{}", world_.clock.now_us() / 1'000'000)
                           : role.session_name;
  const auto form = role_form(role, session, token);
  const auto nobody = make_static_credentials({});
  AwsClient client(*sts_http_,
                   {.credentials = token.empty() ? source : *nobody,
                    .clock = world_.clock,
                    .waiter = world_.waiter,
                    .random = world_.random},
                   {.attempts_max = 4, .budget_ms = 30'000});
  const auto answer = CAIRN_TRY(client.send(
      {.service = "sts",
       .region = region,
       .method = "POST",
       .scheme = url.scheme,
       .host = url.host,
       .path = url.path.empty() ? "/" : url.path,
       .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
       .body = form,
       .response_bytes_max = kAnswerBytesMax}));
  if (!answer.ok())
    return answer.refusal(fmt::format("take the role {}", printable(role.role_arn)));
  return aws::parse_sts_credentials(answer.response.body);
}

Result<HttpResponse> CredentialSources::ask_metadata(HttpRequest request) {
  request.response_bytes_max = kAnswerBytesMax;
  request.timeout_ms = kMetadataTimeoutMs;
  for (int attempt = 1;; ++attempt) {
    auto response = metadata_http_->send(request);
    const bool failed = !response.ok() || response.value().status / 100 == 5;
    if (!failed || attempt == kMetadataAttempts) return response;
    world_.waiter.wait_us(100'000);
  }
}

Result<std::optional<aws::Credentials>> CredentialSources::from_container() {
  const auto relative = settings_.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const auto full = settings_.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) return std::optional<aws::Credentials>();
  HttpRequest request{.url = relative ? "http://169.254.170.2" + *relative : *full,
                      .headers = {{"Accept", "application/json"}}};
  aws::Url url;
  if (!aws::parse_url(request.url, url) || (url.scheme != "https" && !is_local_host(url.host)))
    return Error{ErrorKind::invalid_argument,
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http on this host"};
  auto token = settings_.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const auto path = settings_.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"))
    token = CAIRN_TRY(read_token(*path));
  if (token) request.headers.push_back({"Authorization", *token});
  const auto response = CAIRN_TRY(ask_metadata(std::move(request)));
  if (response.status != 200)
    return Error{
        ErrorKind::unavailable,
        fmt::format("the container's metadata answered with HTTP status {}", response.status)};
  auto parsed = aws::parse_json_credentials(response.body);
  if (!parsed.ok()) return std::move(parsed).error().context("cannot use the container's metadata");
  return std::optional(std::move(parsed).value());
}

Result<std::optional<aws::Credentials>> CredentialSources::from_instance() {
  const auto disabled = settings_.variable("AWS_EC2_METADATA_DISABLED");
  if (disabled && to_lower(*disabled) == "true") return std::optional<aws::Credentials>();
  auto base =
      settings_.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("http://169.254.169.254");
  while (!base.empty() && base.back() == '/') base.pop_back();
  const auto token = ask_metadata({.method = "PUT",
                                   .url = base + "/latest/api/token",
                                   .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}}});
  if (!token.ok() || token.value().status != 200) return std::optional<aws::Credentials>();
  const Headers headers = {{"X-aws-ec2-metadata-token", token.value().body}};
  const auto folder = base + "/latest/meta-data/iam/security-credentials/";
  const auto roles = CAIRN_TRY(ask_metadata({.url = folder, .headers = headers}));
  if (roles.status == 404) return std::optional<aws::Credentials>();
  const auto role = trimmed(std::string_view(roles.body).substr(0, roles.body.find('\n')));
  if (roles.status != 200 || role.empty())
    return Error{ErrorKind::unavailable,
                 fmt::format("the instance's metadata answered with HTTP status {}", roles.status)};
  const auto answer =
      CAIRN_TRY(ask_metadata({.url = folder + aws::uri_encode(role), .headers = headers}));
  auto parsed = aws::parse_json_credentials(answer.body);
  if (!parsed.ok()) return std::move(parsed).error().context("cannot use the instance's metadata");
  return std::optional(std::move(parsed).value());
}

Result<aws::Credentials> CredentialSources::from_process(const std::string& command) {
  auto output = run_command(command, kProcessTimeoutMs);
  if (!output.ok()) return std::move(output).error().context("credential_process failed");
  auto parsed = aws::parse_json_credentials(output.value());
  if (!parsed.ok()) return std::move(parsed).error().context("cannot use credential_process");
  return parsed;
}

}  // namespace cairn::io::internal

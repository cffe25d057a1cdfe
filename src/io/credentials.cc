#include "io/credentials.h"

#include "base/text.h"
#include "base/time.h"
#include "io/internal/credential_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace cairn::io {
namespace {

using aws::Credentials;
using internal::CredentialSources;
using internal::RoleRequest;

constexpr int64_t kRenewBeforeUs = 5 * kMicrosPerMinute;
constexpr int64_t kRenewAgainUs = kMicrosPerMinute;  // not sooner, while the old ones hold

class StaticCredentials final : public CredentialsProvider {
 public:
  explicit StaticCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}

  Result<Credentials> get() override { return credentials_; }

 private:
  const Credentials credentials_;
};

using Found = Result<std::optional<Credentials>>;

/// Goes through the chain, without keeping anything.
class Chain {
 public:
  Chain(AwsSettings settings, CredentialsWorld world)
      : settings_(std::move(settings)), sources_(settings_, world) {}

  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  Result<Credentials> find() {
    if (!settings_.profile_is_explicit())
      if (auto keys = from_environment()) return *std::move(keys);
    const auto& profile = settings_.profile();
    const bool has_role = !settings_.setting(profile, "role_arn").empty();
    if (has_role || settings_.profile_is_explicit()) {
      auto found = CAIRN_TRY(from_profile(profile, {}));
      if (found) return *std::move(found);
    }
    const auto token_file = settings_.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    const auto role = settings_.variable("AWS_ROLE_ARN");
    if (token_file && role && !settings_.profile_is_explicit())
      return take_web_identity(
          {.role_arn = *role,
           .session_name = settings_.variable("AWS_ROLE_SESSION_NAME").value_or(""),
           .web_identity_token_file = *token_file});
    auto found = CAIRN_TRY(from_profile(profile, {}));
    if (!found) found = CAIRN_TRY(sources_.from_container());
    if (!found) found = CAIRN_TRY(sources_.from_instance());
    if (found) return *std::move(found);
    return Error{ErrorKind::permission_denied,
                 "no AWS credentials found in the environment, the profile files, or the "
                 "container's or instance's metadata; hint: set AWS_ACCESS_KEY_ID and "
                 "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"};
  }

 private:
  std::optional<Credentials> from_environment() const {
    const auto access = settings_.variable("AWS_ACCESS_KEY_ID");
    const auto secret = settings_.variable("AWS_SECRET_ACCESS_KEY");
    if (!access || !secret) return std::nullopt;
    return Credentials{.access_key = *access,
                       .secret_key = *secret,
                       .session_token = settings_.variable("AWS_SESSION_TOKEN").value_or("")};
  }

  Result<Credentials> take_web_identity(const RoleRequest& role) {
    StaticCredentials nobody({});
    return sources_.assume_role(role, nobody);
  }

  std::optional<Credentials> keys_of(const std::string& profile) const {
    Credentials keys{.access_key = settings_.setting(profile, "aws_access_key_id"),
                     .secret_key = settings_.setting(profile, "aws_secret_access_key"),
                     .session_token = settings_.setting(profile, "aws_session_token")};
    if (keys.access_key.empty() || keys.secret_key.empty()) return std::nullopt;
    return keys;
  }

  // `above`: the profiles whose roles lead here.
  Found from_profile(const std::string& profile, std::vector<std::string> above) {
    const auto setting = [&](const char* name) { return settings_.setting(profile, name); };
    // A profile may be its own source: then its keys are meant.
    const bool own_source = !above.empty() && above.back() == profile;
    if (!setting("role_arn").empty() && !own_source) {
      auto taken = CAIRN_TRY(take_role(profile, std::move(above)));
      return std::optional(std::move(taken));
    }
    if (auto keys = keys_of(profile)) return keys;
    if (const auto command = setting("credential_process"); !command.empty()) {
      auto made = CAIRN_TRY(sources_.from_process(command));
      return std::optional(std::move(made));
    }
    if (!setting("sso_session").empty() || !setting("sso_account_id").empty())
      return Error{ErrorKind::unimplemented,
                   fmt::format("profile '{}' uses IAM Identity Center, which cairn does not speak; "
                               "hint: set in it credential_process = aws configure "
                               "export-credentials --profile {}",
                               printable(profile), printable(profile))};
    return std::optional<Credentials>();
  }

  Result<Credentials> take_role(const std::string& profile, std::vector<std::string> above) {
    const auto setting = [&](const char* name) { return settings_.setting(profile, name); };
    if (std::find(above.begin(), above.end(), profile) != above.end())
      return Error{ErrorKind::invalid_argument,
                   fmt::format("the source_profile of profile '{}' leads back to itself",
                               printable(profile))};
    if (!setting("mfa_serial").empty())
      return Error{ErrorKind::unimplemented,
                   fmt::format("profile '{}' asks for an MFA code, which cairn cannot ask; hint: "
                               "get a session first and put its keys into the environment",
                               printable(profile))};
    const RoleRequest role{.role_arn = setting("role_arn"),
                           .session_name = setting("role_session_name"),
                           .external_id = setting("external_id"),
                           .duration_seconds = setting("duration_seconds"),
                           .web_identity_token_file = setting("web_identity_token_file")};
    if (!role.web_identity_token_file.empty()) return take_web_identity(role);
    above.push_back(profile);
    auto keys = CAIRN_TRY(source_of(profile, std::move(above)));
    StaticCredentials source(std::move(keys));
    return sources_.assume_role(role, source);
  }

  Result<Credentials> source_of(const std::string& profile, std::vector<std::string> above) {
    Found found = std::optional<Credentials>();
    const auto source = settings_.setting(profile, "source_profile");
    const auto kind = settings_.setting(profile, "credential_source");
    if (!source.empty() && !settings_.has_profile(source))
      return Error{ErrorKind::not_found,
                   fmt::format("the source_profile '{}' of profile '{}' is in neither profile file",
                               printable(source), printable(profile))};
    if (!source.empty())
      found = from_profile(source, std::move(above));
    else if (kind == "Environment")
      found = from_environment();
    else if (kind == "EcsContainer")
      found = sources_.from_container();
    else if (kind == "Ec2InstanceMetadata")
      found = sources_.from_instance();
    else
      return Error{ErrorKind::invalid_argument,
                   fmt::format("profile '{}' has a role_arn but neither source_profile nor "
                               "credential_source nor web_identity_token_file",
                               printable(profile))};
    auto keys = CAIRN_TRY(std::move(found));
    if (keys) return *std::move(keys);
    return Error{ErrorKind::permission_denied,
                 fmt::format("profile '{}' takes a role with the credentials of {}, which has none",
                             printable(profile), printable(source.empty() ? kind : source))};
  }

  const AwsSettings settings_;
  CredentialSources sources_;
};

/// Keeps what the chain brings until shortly before it expires.
class ChainCredentials final : public CredentialsProvider {
 public:
  ChainCredentials(AwsSettings settings, CredentialsWorld world)
      : clock_(world.clock), chain_(std::move(settings), world) {}

  Result<Credentials> get() override {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.now_us();
    if (kept_ && (!kept_->expires_us || now < *kept_->expires_us - kRenewBeforeUs)) return *kept_;
    const bool holds = kept_ && now < *kept_->expires_us;
    if (holds && now < tried_us_ + kRenewAgainUs) return *kept_;
    tried_us_ = now;
    auto found = chain_.find();
    if (!found.ok() && holds) return *kept_;
    if (!found.ok()) return found;
    kept_ = std::move(found).value();
    return *kept_;
  }

  void forget() override {
    const std::lock_guard lock(mutex_);
    kept_.reset();
  }

 private:
  const Clock& clock_;
  Chain chain_;
  std::mutex mutex_;
  std::optional<Credentials> kept_;
  int64_t tried_us_ = 0;
};

}  // namespace

std::unique_ptr<CredentialsProvider> make_static_credentials(Credentials credentials) {
  return std::make_unique<StaticCredentials>(std::move(credentials));
}

std::unique_ptr<CredentialsProvider> make_credentials_chain(AwsSettings settings,
                                                            CredentialsWorld world) {
  return std::make_unique<ChainCredentials>(std::move(settings), world);
}

}  // namespace cairn::io

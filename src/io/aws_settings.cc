#include "io/aws_settings.h"

#include "base/text.h"
#include "io/internal/small_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cairn::io {
namespace {

std::string find_in(const std::map<std::string, aws::ProfileSettings>& sections,
                    const std::string& section, const std::string& name) {
  const auto settings = sections.find(section);
  if (settings == sections.end()) return {};
  const auto found = settings->second.find(name);
  return found == settings->second.end() ? "" : found->second;
}

std::string with_home(std::string path, const std::optional<std::string>& home) {
  if (home && (path == "~" || path.starts_with("~/"))) path.replace(0, 1, *home);
  return path;
}

Result<aws::ProfileFile> load_file(const std::string& path, aws::ProfileFileKind kind) {
  auto text = internal::read_small_file(path);
  if (!text.ok() && text.error().kind() == ErrorKind::not_found) return aws::ProfileFile();
  if (!text.ok()) return std::move(text).error();
  auto file = aws::parse_profile_file(text.value(), kind);
  if (!file.ok()) return std::move(file).error().context(fmt::format("cannot read '{}'", path));
  return file;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

}  // namespace

AwsSettings::AwsSettings(EnvironmentLookup environment, std::string profile)
    : environment_(std::move(environment)),
      profile_(std::move(profile)),
      explicit_(!profile_.empty()) {
  for (const auto* name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
    if (profile_.empty()) profile_ = variable(name).value_or("");
}

Result<AwsSettings> AwsSettings::load(EnvironmentLookup environment, std::string profile) {
  AwsSettings out(std::move(environment), std::move(profile));
  const auto home = out.variable("HOME");
  const auto path_of = [&](const char* name, std::string usual) {
    return with_home(out.variable(name).value_or(std::move(usual)), home);
  };
  out.config_ = CAIRN_TRY(
      load_file(path_of("AWS_CONFIG_FILE", "~/.aws/config"), aws::ProfileFileKind::config));
  out.credentials_ =
      CAIRN_TRY(load_file(path_of("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
                          aws::ProfileFileKind::credentials));
  const bool asked = !out.profile_.empty();
  if (!asked) out.profile_ = "default";
  if (!asked || out.has_profile(out.profile_)) return out;
  std::vector<std::string_view> names;
  for (const auto* file : {&out.config_, &out.credentials_})
    for (const auto& [name, settings] : file->profiles) names.push_back(name);
  const auto nearest = nearest_name(out.profile_, names);
  return Error{
      ErrorKind::not_found,
      fmt::format(
          "no AWS profile '{}' in the config and credentials files{}", printable(out.profile_),
          nearest.empty() ? "" : fmt::format("; hint: did you mean '{}'?", printable(nearest)))};
}

std::optional<std::string> AwsSettings::variable(const std::string& name) const {
  auto value = environment_ ? environment_(name) : std::nullopt;
  if (value && value->empty()) return std::nullopt;
  return value;
}

std::string AwsSettings::setting(const std::string& profile, const std::string& name) const {
  auto value = find_in(credentials_.profiles, profile, name);
  return value.empty() ? find_in(config_.profiles, profile, name) : value;
}

bool AwsSettings::has_profile(const std::string& profile) const {
  return credentials_.profiles.contains(profile) || config_.profiles.contains(profile);
}

std::string AwsSettings::region() const {
  for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (auto value = variable(name)) return *value;
  return setting(profile_, "region");
}

std::string AwsSettings::ca_bundle() const {
  if (auto value = variable("AWS_CA_BUNDLE")) return *value;
  return setting(profile_, "ca_bundle");
}

std::string AwsSettings::endpoint(const std::string& service) const {
  if (auto value = variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"); value && *value == "true")
    return {};
  for (const auto& name : {"AWS_ENDPOINT_URL_" + upper(service), std::string("AWS_ENDPOINT_URL")})
    if (auto value = variable(name)) return *value;
  const auto own =
      find_in(config_.services, setting(profile_, "services"), service + ".endpoint_url");
  return own.empty() ? setting(profile_, "endpoint_url") : own;
}

std::string AwsSettings::proxy() const {
  for (const auto* name : {"HTTPS_PROXY", "https_proxy"})
    if (auto value = variable(name)) return *value;
  return {};
}

std::string AwsSettings::no_proxy() const {
  for (const auto* name : {"NO_PROXY", "no_proxy"})
    if (auto value = variable(name)) return *value;
  return {};
}

}  // namespace cairn::io

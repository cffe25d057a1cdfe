// The profile files of AWS's tools: ~/.aws/config and ~/.aws/credentials. Source: AWS SDKs and
// Tools Reference Guide, "Format of the config and credential files".
#pragma once

#include "base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace cairn::aws {

/// Settings of one section by their name (lower case); of nested settings `outer.inner`.
using ProfileSettings = std::map<std::string, std::string>;

struct ProfileFile {
  std::map<std::string, ProfileSettings> profiles{};
  /// `[services NAME]`: endpoints, as `s3.endpoint_url`.
  std::map<std::string, ProfileSettings> services{};
};

enum class ProfileFileKind : uint8_t {
  config,       ///< sections are `[default]` and `[profile NAME]`
  credentials,  ///< sections are `[NAME]`
};

/// Fails with `invalid_argument` at the first line that is neither section, setting nor comment;
/// the message tells the line's number but not the line, which may hold a secret.
Result<ProfileFile> parse_profile_file(std::string_view text, ProfileFileKind kind);

}  // namespace cairn::aws

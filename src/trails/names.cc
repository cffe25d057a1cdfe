#include "trails/names.h"

#include "aws/bucket_name.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cairn::trails {
namespace {

constexpr size_t kNameMin = 3;
constexpr size_t kNameMax = 128;
constexpr size_t kPrefixMax = 200;
constexpr size_t kTopicMax = 256;
constexpr size_t kLogGroupMax = 512;

bool digit(char c) {
  return c >= '0' && c <= '9';
}

bool letter_or_digit(char c) {
  return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool punctuation(char c) {
  return c == '.' || c == '_' || c == '-';
}

template <class Fits>
bool all(std::string_view text, Fits fits) {
  return std::all_of(text.begin(), text.end(), fits);
}

/// Four numbers with dots between.
bool ip_shaped(std::string_view text) {
  return std::count(text.begin(), text.end(), '.') == 3 && letter_or_digit(text.front()) &&
         all(text, [](char c) { return digit(c) || c == '.'; });
}

Error invalid(std::string message, std::string_view code) {
  return Error{ErrorKind::invalid_argument, std::move(message), code};
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:REST` into those six; the last one holds the colons that
/// follow.
std::optional<std::vector<std::string_view>> split_arn(std::string_view arn) {
  std::vector<std::string_view> parts;
  for (int i = 0; i < 5; ++i) {
    const auto colon = arn.find(':');
    if (colon == arn.npos) return std::nullopt;
    parts.push_back(arn.substr(0, colon));
    arn.remove_prefix(colon + 1);
  }
  parts.push_back(arn);
  if (parts[0] != "arn" || !parts[1].starts_with("aws")) return std::nullopt;
  return parts;
}

}  // namespace

std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

std::string Trail::arn() const {
  return fmt::format("arn:{}:cloudtrail:{}:{}:trail/{}", partition_of(region), region, account,
                     name);
}

std::string Trail::topic_arn() const {
  if (topic.empty() || topic.starts_with("arn:")) return topic;
  return fmt::format("arn:{}:sns:{}:{}:{}", partition_of(region), region, account, topic);
}

Status check_trail_name(std::string_view name) {
  constexpr std::string_view kCode = "InvalidTrailNameException";
  if (name.size() < kNameMin)
    return invalid(fmt::format("Trail name too short. Minimum allowed length: {} characters. "
                               "Specified name length: {} characters.",
                               kNameMin, name.size()),
                   kCode);
  if (name.size() > kNameMax)
    return invalid(fmt::format("Trail name too long. Maximum allowed length: {} characters. "
                               "Specified name length: {} characters.",
                               kNameMax, name.size()),
                   kCode);
  if (!all(name, [](char c) { return letter_or_digit(c) || punctuation(c); }))
    return invalid(
        "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, "
        "periods (.), hyphens (-), and underscores (_).",
        kCode);
  if (!letter_or_digit(name.front()))
    return invalid("Trail name must starts with a letter or number.", kCode);
  if (!letter_or_digit(name.back()))
    return invalid("Trail name must ends with a letter or number.", kCode);
  for (size_t i = 1; i < name.size(); ++i)
    if (punctuation(name[i - 1]) && punctuation(name[i]))
      return invalid("Trail name cannot have adjacent periods, underscores, or dashes.", kCode);
  if (ip_shaped(name)) return invalid("Trail name cannot be in IP address format.", kCode);
  return {};
}

Result<TrailId> read_trail_id(std::string_view name_or_arn, const Scope& scope) {
  if (!name_or_arn.starts_with("arn:")) {
    CAIRN_TRY(check_trail_name(name_or_arn));
    return TrailId{
        .account = scope.account, .region = scope.region, .name = std::string(name_or_arn)};
  }
  const auto parts = split_arn(name_or_arn);
  constexpr std::string_view kTrail = "trail/";
  if (!parts || (*parts)[2] != "cloudtrail" || (*parts)[3].empty() || !is_account_id((*parts)[4]) ||
      !(*parts)[5].starts_with(kTrail))
    return invalid(fmt::format("Invalid trail ARN: {}", name_or_arn),
                   "CloudTrailARNInvalidException");
  const auto name = (*parts)[5].substr(kTrail.size());
  CAIRN_TRY(check_trail_name(name));
  return TrailId{.account = std::string((*parts)[4]),
                 .region = std::string((*parts)[3]),
                 .name = std::string(name),
                 .from_arn = true};
}

Error unknown_trail(const TrailId& id, const Scope& scope) {
  const Trail named{.account = id.account, .region = id.region, .name = id.name};
  return Error{ErrorKind::not_found,
               fmt::format("Unknown trail: {} for the user: {}", named.arn(), scope.account),
               "TrailNotFoundException"};
}

Error unknown_bucket(std::string_view name) {
  return Error{ErrorKind::not_found, fmt::format("S3 bucket {} does not exist!", name),
               "S3BucketDoesNotExistException"};
}

Error closed_bucket(std::string_view name) {
  return Error{ErrorKind::permission_denied,
               fmt::format("Incorrect S3 bucket policy is detected for bucket: {}", name),
               "InsufficientS3BucketPolicyException"};
}

Status check_bucket_name(std::string_view name) {
  if (aws::is_new_bucket_name(name)) return {};
  return invalid(fmt::format("Bucket name {} is not valid.", name), "InvalidS3BucketNameException");
}

Status check_prefix(std::string_view prefix) {
  constexpr std::string_view kCode = "InvalidS3PrefixException";
  if (prefix.size() > kPrefixMax)
    return invalid(
        fmt::format("S3 prefix is longer than maximum length: {} characters.", kPrefixMax), kCode);
  // Keys with empty, "." and ".." parts do not exist in folders, and are a mistake elsewhere.
  const auto slashed = fmt::format("/{}/", prefix);
  const bool odd = prefix.starts_with('/') || prefix.ends_with('/') ||
                   slashed.find("/./") != slashed.npos || slashed.find("/../") != slashed.npos ||
                   (!prefix.empty() && slashed.find("//") != slashed.npos) ||
                   !all(prefix, [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  if (odd) return invalid(fmt::format("S3 prefix {} is not valid.", prefix), kCode);
  return {};
}

Status check_new_prefix(std::string_view prefix) {
  if (prefix.find("AWSLogs") == prefix.npos) return check_prefix(prefix);
  return invalid(fmt::format("S3 prefix {} is not valid: it contains AWSLogs.", prefix),
                 "InvalidS3PrefixException");
}

Status check_topic(std::string_view topic) {
  constexpr std::string_view kCode = "InvalidSnsTopicNameException";
  auto name = topic;
  if (topic.starts_with("arn:")) {
    const auto parts = split_arn(topic);
    if (!parts || (*parts)[2] != "sns" || (*parts)[3].empty() || !is_account_id((*parts)[4]))
      return invalid(fmt::format("Invalid SNS topic ARN: {}", topic), kCode);
    name = (*parts)[5];
  }
  const auto fits = [](char c) { return letter_or_digit(c) || c == '_' || c == '-'; };
  if (name.empty() || topic.size() > kTopicMax || !all(name, fits))
    return invalid(fmt::format("Invalid SNS topic name: {}", topic), kCode);
  return {};
}

Result<std::string> qualified_kms_key(std::string_view key, const Scope& scope) {
  const auto id_fits = [](std::string_view id) {
    return !id.empty() && all(id, [](char c) { return letter_or_digit(c) || c == '-'; });
  };
  const auto alias_fits = [](std::string_view alias) {
    return alias.starts_with("alias/") && alias.size() > 6 && all(alias, [](char c) {
             return letter_or_digit(c) || c == '/' || c == '_' || c == '-';
           });
  };
  const auto rest_fits = [&](std::string_view rest) {
    return alias_fits(rest) || (rest.starts_with("key/") && id_fits(rest.substr(4)));
  };
  if (key.starts_with("arn:")) {
    const auto parts = split_arn(key);
    if (parts && (*parts)[2] == "kms" && !(*parts)[3].empty() && is_account_id((*parts)[4]) &&
        rest_fits((*parts)[5]))
      return std::string(key);
  } else {
    const auto head =
        fmt::format("arn:{}:kms:{}:{}:", partition_of(scope.region), scope.region, scope.account);
    if (alias_fits(key)) return head + std::string(key);
    const bool id = (key.size() == 36 && key[8] == '-') || key.starts_with("mrk-");
    if (id && id_fits(key)) return head + "key/" + std::string(key);
  }
  return invalid(fmt::format("Invalid KMS key ID: {}", key), "InvalidKmsKeyIdException");
}

std::optional<std::string> log_group_name(std::string_view arn) {
  const auto parts = split_arn(arn);
  constexpr std::string_view kGroup = "log-group:";
  if (!parts || (*parts)[2] != "logs" || (*parts)[3].empty() || !is_account_id((*parts)[4]) ||
      !(*parts)[5].starts_with(kGroup))
    return std::nullopt;
  auto name = (*parts)[5].substr(kGroup.size());
  if (name.ends_with(":*")) name.remove_suffix(2);
  const auto fits = [](char c) {
    return letter_or_digit(c) || punctuation(c) || c == '/' || c == '#';
  };
  if (name.empty() || name.size() > kLogGroupMax || !all(name, fits)) return std::nullopt;
  return std::string(name);
}

Status check_log_group(std::string_view group_arn, std::string_view role_arn, const Scope& scope) {
  if (group_arn.empty() && role_arn.empty()) return {};
  constexpr std::string_view kRoleCode = "InvalidCloudWatchLogsRoleArnException";
  if (role_arn.empty())
    return invalid("You must specify a role ARN as well as a log group.", kRoleCode);
  if (group_arn.empty())
    return invalid(
        "CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn must be specified together.",
        "InvalidParameterCombinationException");
  const auto group = split_arn(group_arn);
  if (!group || !log_group_name(group_arn) || (*group)[3] != scope.region ||
      (*group)[4] != scope.account)
    return invalid("CloudTrail cannot validate the specified log group ARN.",
                   "InvalidCloudWatchLogsLogGroupArnException");
  const auto role = split_arn(role_arn);
  if (!role || (*role)[2] != "iam" || !is_account_id((*role)[4]) ||
      !(*role)[5].starts_with("role/") || (*role)[5].size() < 6)
    return invalid("CloudTrail cannot validate the specified role ARN.", kRoleCode);
  return {};
}

}  // namespace cairn::trails

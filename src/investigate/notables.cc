#include "investigate/internal/summary_sql.h"

#include <fmt/format.h>

namespace cairn::investigate {
namespace {

constexpr std::string_view kSignIn = "eventName = 'ConsoleLogin'";
constexpr std::string_view kSuccess =
    "json_extract_string(responseElements, '$.ConsoleLogin') = 'Success'";
constexpr std::string_view kWithoutMfa =
    "json_extract_string(additionalEventData, '$.MFAUsed') = 'No'";
constexpr std::string_view kStopsLogging =
    "eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('StopLogging', 'DeleteTrail', "
    "'DeleteEventDataStore', 'StopEventDataStoreIngestion')";
constexpr std::string_view kChangesLogging =
    "eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('UpdateTrail', "
    "'PutEventSelectors', 'PutInsightSelectors', 'PutEventConfiguration', "
    "'UpdateEventDataStore')";
constexpr std::string_view kTurnsDetectionOff =
    "eventName IN ('DeleteDetector', 'StopMonitoringMembers', 'DisassociateFromMasterAccount', "
    "'DisassociateFromAdministratorAccount', 'StopConfigurationRecorder', "
    "'DeleteConfigurationRecorder', 'DeleteDeliveryChannel', 'DisableSecurityHub', "
    "'DeleteFlowLogs', 'LeaveOrganization')";
constexpr std::string_view kCreatesCredentials =
    "eventSource = 'iam.amazonaws.com' AND eventName IN ('CreateUser', 'CreateAccessKey', "
    "'CreateLoginProfile', 'UpdateLoginProfile', 'CreateServiceSpecificCredential')";

constexpr std::string_view kLookSignIn = "--attribute EventName=ConsoleLogin";
constexpr std::string_view kLookRoot =
    "--attribute EventName=ConsoleLogin --attribute Username=root";
constexpr std::string_view kLookStops =
    "--attribute EventName=StopLogging --attribute EventName=DeleteTrail";
constexpr std::string_view kLookChanges =
    "--attribute EventName=UpdateTrail --attribute EventName=PutEventSelectors";
constexpr std::string_view kLookCredentials =
    "--attribute EventName=CreateUser --attribute EventName=CreateAccessKey "
    "--attribute EventName=CreateLoginProfile";

Notable kind(std::string_view code, std::string_view text, std::string where,
             std::string_view lookup) {
  return {.code = std::string(code),
          .text = std::string(text),
          .where = std::move(where),
          .lookup = std::string(lookup)};
}

}  // namespace

std::vector<Notable> notable_kinds() {
  const std::string root = fmt::format("{} AND userIdentity.type = 'Root'", kSignIn);
  const std::string user = fmt::format("{} AND userIdentity.type = 'IAMUser'", kSignIn);
  return {
      kind("root_sign_in_without_mfa", "console sign-ins as root without MFA",
           fmt::format("{} AND {} AND {}", root, kSuccess, kWithoutMfa), kLookRoot),
      kind("root_sign_in", "console sign-ins as root",
           fmt::format("{} AND {} AND ({}) IS NOT TRUE", root, kSuccess, kWithoutMfa), kLookRoot),
      kind("sign_in_failed", "failed console sign-ins",
           fmt::format("{} AND ({}) IS NOT TRUE", kSignIn, kSuccess), kLookSignIn),
      kind("sign_in_without_mfa", "console sign-ins of IAM users without MFA",
           fmt::format("{} AND {} AND {}", user, kSuccess, kWithoutMfa), kLookSignIn),
      kind("logging_stopped", "calls that stopped or deleted CloudTrail logging",
           fmt::format("{} AND errorCode IS NULL", kStopsLogging), kLookStops),
      kind("logging_stop_failed", "failed attempts to stop CloudTrail logging",
           fmt::format("{} AND errorCode IS NOT NULL", kStopsLogging), kLookStops),
      kind("logging_changed", "changes of what CloudTrail logs",
           fmt::format("{} AND errorCode IS NULL", kChangesLogging), kLookChanges),
      kind("detection_turned_off", "calls that turned off detection or other logs",
           fmt::format("{} AND errorCode IS NULL", kTurnsDetectionOff), ""),
      kind("credentials_created", "new IAM users, access keys and passwords",
           fmt::format("{} AND errorCode IS NULL", kCreatesCredentials), kLookCredentials),
  };
}

}  // namespace cairn::investigate

#include "diagnose/error_class.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::diagnose {
namespace {

struct CodeClass {
  std::string_view code;  ///< bare, see bare_code(); compared without case
  ErrorClass error_class;
};

constexpr auto kThrottle = ErrorClass::throttle;
constexpr auto kPermission = ErrorClass::permission;
constexpr auto kInvalid = ErrorClass::invalid_parameter;
constexpr auto kLimit = ErrorClass::limit_exceeded;
constexpr auto kDependency = ErrorClass::dependency;
constexpr auto kNotFound = ErrorClass::not_found;
constexpr auto kFault = ErrorClass::service_fault;

// Sources. Throttles: the set that botocore retries as throttled, with EC2's forms. Permissions:
// the CIS benchmark's filter (*UnauthorizedOperation, AccessDenied*) and the codes of IAM, KMS and
// VPC endpoints. The rest: "Error codes for the Amazon EC2 API" and the common errors of the query
// and JSON protocols. Codes that a general rule below decides rightly are not listed.
constexpr std::array kCodes{
    CodeClass{"DryRunOperation", ErrorClass::dry_run},
    CodeClass{"Throttling", kThrottle},
    CodeClass{"Throttled", kThrottle},
    CodeClass{"RequestThrottled", kThrottle},
    CodeClass{"TooManyRequests", kThrottle},
    CodeClass{"RequestLimitExceeded", kThrottle},
    CodeClass{"BandwidthLimitExceeded", kThrottle},
    CodeClass{"ProvisionedThroughputExceeded", kThrottle},
    CodeClass{"TransactionInProgress", kThrottle},
    CodeClass{"SlowDown", kThrottle},
    CodeClass{"PriorRequestNotComplete", kThrottle},
    CodeClass{"EC2Throttled", kThrottle},
    CodeClass{"RequestRateTooHigh", kThrottle},
    CodeClass{"AccessDenied", kPermission},
    CodeClass{"UnauthorizedOperation", kPermission},
    CodeClass{"VpceAccessDenied", kPermission},
    CodeClass{"NotAuthorized", kPermission},
    CodeClass{"Forbidden", kPermission},
    CodeClass{"Unauthorized", kPermission},
    CodeClass{"UnauthorizedAccess", kPermission},
    CodeClass{"AuthorizationError", kPermission},
    CodeClass{"KMSAccessDenied", kPermission},
    CodeClass{"AllAccessDisabled", kPermission},
    CodeClass{"AuthFailure", kPermission},
    CodeClass{"OperationNotPermitted", kDependency},
    CodeClass{"DependencyViolation", kDependency},
    CodeClass{"IncorrectState", kDependency},
    CodeClass{"IncorrectInstanceState", kDependency},
    CodeClass{"InvalidState", kDependency},
    CodeClass{"InvalidStateTransition", kDependency},
    CodeClass{"ResourceInUse", kDependency},
    CodeClass{"DeleteConflict", kDependency},
    CodeClass{"Conflict", kDependency},
    CodeClass{"ResourceConflict", kDependency},
    CodeClass{"BucketNotEmpty", kDependency},
    CodeClass{"EntityTemporarilyUnmodifiable", kDependency},
    CodeClass{"InvalidAssociationID.NotFound", kNotFound},
    CodeClass{"InsufficientFreeAddressesInSubnet", kLimit},
    CodeClass{"InsufficientCidrBlocks", kLimit},
    CodeClass{"InsufficientAddressCapacity", kLimit},
    CodeClass{"InsufficientInstanceCapacity", kLimit},
    CodeClass{"ServiceQuotaExceeded", kLimit},
    CodeClass{"LimitExceeded", kLimit},
    CodeClass{"MaxSpotInstanceCountExceeded", kLimit},
    CodeClass{"UnsupportedOperation", kInvalid},
    CodeClass{"Unsupported", kInvalid},
    CodeClass{"UnknownParameter", kInvalid},
    CodeClass{"IdempotentParameterMismatch", kInvalid},
    CodeClass{"SecurityGroupLimitExceeded", kLimit},
    CodeClass{"InternalError", kFault},
    CodeClass{"InternalFailure", kFault},
    CodeClass{"InternalServerError", kFault},
    CodeClass{"InternalService", kFault},
    CodeClass{"ServiceUnavailable", kFault},
    CodeClass{"Unavailable", kFault},
    CodeClass{"ServiceFailure", kFault},
    CodeClass{"RequestTimeout", kFault},
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool speaks_of_throttling(std::string_view message) {
  const std::string lower = to_lower(message);
  return contains(lower, "throttl") || contains(lower, "rate exceeded") ||
         contains(lower, "request rate") || contains(lower, "request limit exceeded") ||
         contains(lower, "too many requests");
}

/// Rules for the many codes that no table can list: EC2's `InvalidX.NotFound`, `XLimitExceeded`.
ErrorClass by_form(const std::string& lower) {
  const auto ends = [&](std::string_view end) { return lower.ends_with(end); };
  if (contains(lower, "throttl")) return kThrottle;
  if (ends("unauthorizedoperation") || lower.starts_with("accessdenied") || ends("accessdenied") ||
      ends("unauthorized") || ends("notauthorized"))
    return kPermission;
  if (contains(lower, "notfound") || lower.starts_with("nosuch") || ends("doesnotexist") ||
      ends("unknown"))
    return kNotFound;
  if (contains(lower, "limitexceeded") || contains(lower, "quotaexceeded") ||
      contains(lower, "insufficient"))
    return kLimit;
  if (contains(lower, "inuse") || ends("alreadyassociated") || ends("alreadyassigned") ||
      ends("notdetached") || ends("notattached") || contains(lower, "alreadyexists") ||
      contains(lower, "incorrectstate") || ends("statefault") || ends("duplicate"))
    return kDependency;
  if (lower.starts_with("invalid") || lower.starts_with("missing") ||
      lower.starts_with("malformed") || lower.starts_with("validation") || ends("malformed") ||
      contains(lower, "badrequest"))
    return kInvalid;
  if (ends("unavailable") || lower.starts_with("internal")) return kFault;
  return ErrorClass::other;
}

}  // namespace

std::string_view name_of(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::none:
      return "none";
    case ErrorClass::dry_run:
      return "dry run";
    case ErrorClass::throttle:
      return "throttle";
    case ErrorClass::permission:
      return "permission";
    case ErrorClass::invalid_parameter:
      return "invalid parameter";
    case ErrorClass::limit_exceeded:
      return "limit exceeded";
    case ErrorClass::dependency:
      return "dependency";
    case ErrorClass::not_found:
      return "not found";
    case ErrorClass::service_fault:
      return "service fault";
    case ErrorClass::other:
      return "other";
  }
  return "other";
}

std::string_view key_of(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::dry_run:
      return "dry_run";
    case ErrorClass::invalid_parameter:
      return "invalid_parameter";
    case ErrorClass::limit_exceeded:
      return "limit_exceeded";
    case ErrorClass::not_found:
      return "not_found";
    case ErrorClass::service_fault:
      return "service_fault";
    case ErrorClass::none:
    case ErrorClass::throttle:
    case ErrorClass::permission:
    case ErrorClass::dependency:
    case ErrorClass::other:
      return name_of(error_class);
  }
  return "other";
}

std::string_view bare_code(std::string_view code) {
  constexpr std::string_view kException = "Exception";
  for (const std::string_view prefix : {"Client.", "Server."})
    if (code.starts_with(prefix)) {
      code.remove_prefix(prefix.size());
      break;
    }
  if (code.size() > kException.size() && code.ends_with(kException))
    code.remove_suffix(kException.size());
  return code;
}

ErrorClass classify(std::string_view code, std::string_view message) {
  if (code.empty()) return speaks_of_throttling(message) ? kThrottle : ErrorClass::none;
  const std::string_view bare = bare_code(code);
  const auto* known = std::find_if(kCodes.begin(), kCodes.end(), [&](const CodeClass& entry) {
    return equals_ignoring_case(entry.code, bare);
  });
  const ErrorClass found = known != kCodes.end() ? known->error_class : by_form(to_lower(bare));
  // Both mean a rate in some services, and a quota or an outage in others: the message tells.
  const bool ambiguous = equals_ignoring_case(bare, "LimitExceeded") ||
                         equals_ignoring_case(bare, "ServiceUnavailable");
  if (ambiguous && speaks_of_throttling(message)) return kThrottle;
  // EC2 reports an interface in use as a wrong parameter; the interface is what has to change.
  if (found == kInvalid && contains(to_lower(message), "currently in use")) return kDependency;
  if (found == ErrorClass::other && code.starts_with("Server.")) return kFault;
  if (found == ErrorClass::other && speaks_of_throttling(message)) return kThrottle;
  if (found == ErrorClass::other && contains(message, "is not authorized to perform"))
    return kPermission;
  return found;
}

std::string sql_prefilter(ErrorClass error_class) {
  std::string codes;
  for (const auto& entry : kCodes)
    if (entry.error_class == error_class)
      codes += fmt::format("{}'{}'", codes.empty() ? "" : ", ", to_lower(entry.code));
  const std::string bare =
      "regexp_replace(regexp_replace(lower(errorCode), '^(client|server)\\.', ''),"
      " '(.)exception$', '\\1')";
  const std::string by_message =
      error_class == ErrorClass::throttle
          ? "regexp_matches(lower(errorMessage), 'throttl|rate exceeded|request rate|request limit "
            "exceeded|too many requests')"
          : "contains(errorMessage, 'is not authorized to perform')";
  const std::string by_code_form =
      error_class == ErrorClass::throttle
          ? "contains(lower(errorCode), 'throttl')"
          : "regexp_matches(lower(errorCode), 'unauthorized|accessdenied|notauthorized')";
  return fmt::format("(coalesce({} IN ({}), false) OR coalesce({}, false) OR coalesce({}, false))",
                     bare, codes, by_code_form, by_message);
}

}  // namespace cairn::diagnose

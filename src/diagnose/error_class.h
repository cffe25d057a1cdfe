// What an errorCode of CloudTrail means for the one who has to act on it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::diagnose {

enum class ErrorClass : uint8_t {
  none,               ///< the call succeeded
  dry_run,            ///< DryRun was set and the call would have succeeded: no error
  throttle,           ///< too many calls in a time
  permission,         ///< a policy does not allow it
  invalid_parameter,  ///< the request itself is wrong
  limit_exceeded,     ///< a quota or a capacity is used up
  dependency,         ///< the thing is in use, or in a state that does not allow the call
  not_found,          ///< the thing is not there
  service_fault,      ///< AWS failed
  other,
};

inline constexpr size_t kErrorClassCount = static_cast<size_t>(ErrorClass::other) + 1;

inline constexpr std::array<ErrorClass, kErrorClassCount> kErrorClasses{
    ErrorClass::none,       ErrorClass::dry_run,           ErrorClass::throttle,
    ErrorClass::permission, ErrorClass::invalid_parameter, ErrorClass::limit_exceeded,
    ErrorClass::dependency, ErrorClass::not_found,         ErrorClass::service_fault,
    ErrorClass::other};

/// For people: "invalid parameter".
std::string_view name_of(ErrorClass error_class);

/// For programs: "invalid_parameter".
std::string_view key_of(ErrorClass error_class);

/// A call that failed and was not meant as a test.
inline bool is_failure(ErrorClass error_class) {
  return error_class != ErrorClass::none && error_class != ErrorClass::dry_run;
}

/// EC2 writes `Client.X` and `Server.X` where other services write `X` or `XException`: the X.
std::string_view bare_code(std::string_view code);

/// Without a code only a message that speaks of throttling makes a call a failed one.
ErrorClass classify(std::string_view code, std::string_view message);

/// SQL (DuckDB's) over the columns errorCode and errorMessage that is true for every event which
/// classify() puts into `error_class` (throttle or permission), and for few others.
std::string sql_prefilter(ErrorClass error_class);

}  // namespace cairn::diagnose

// The diagnosis of throttling: which services throttle whom, how hard, and whether the clients
// back off.
#include "diagnose/diagnosis.h"

#include <array>

namespace cairn::diagnose {
namespace {

constexpr std::array kThrottleAdvice{
    Advice{"Most throttled: {call} by {caller}. The limit is per account, Region and call (or "
           "resource), so all callers in {region} share it."},
    Advice{"Retry with exponential back-off and jitter: set the retry mode of the AWS SDK and CLI "
           "to 'adaptive', which also slows the client down:"},
    Advice{"export AWS_RETRY_MODE=adaptive AWS_MAX_ATTEMPTS=10", true},
    Advice{"Call less: page with larger pages, cache what does not change, wait for events instead "
           "of polling, spread scheduled jobs."},
    Advice{"Avoid rapid pod creation and deletion; controllers in a cluster share the node's or "
           "the service account's role.",
           false, true},
    Advice{"If the calls are all needed, ask for a higher quota where the service has one:"},
    Advice{"aws service-quotas list-services --region {region} --query "
           "'Services[].[ServiceCode,ServiceName]' --output table",
           true},
};

constexpr std::array kThrottlingStormAdvice{
    Advice{"{caller} repeats {call} without a pause: {failures} refusals in {duration}, up to "
           "{peak} per minute. Find the loop and give it exponential back-off with a limit."},
};

constexpr std::array kHammeringAdvice{
    Advice{"{caller} goes on calling {call} at the same pace while it is throttled, which keeps "
           "the throttling up. Turn on the SDK's retry mode 'adaptive', or double the pause after "
           "each refusal."},
};

constexpr std::array kThrottlingRules{
    Rule{.id = "throttle",
         .error_class = ErrorClass::throttle,
         .title = "{events} call(s) throttled, of {callers_count}: {calls}",
         .advice = kThrottleAdvice},
    Rule{.id = "no_backoff",
         .subject = Subject::hammering,
         .error_class = ErrorClass::throttle,
         .title = "{callers_count} throttled on {calls} without backing off",
         .advice = kHammeringAdvice},
    Rule{.id = "retry_storm",
         .subject = Subject::storms,
         .error_class = ErrorClass::throttle,
         .title = "Retry storms: {events} refusals of {calls}, by {callers_count}",
         .advice = kThrottlingStormAdvice},
};

constexpr Diagnosis kThrottling{.name = "throttling",
                                .title = "API Throttling",
                                .noun = "API events",
                                .problem = "throttled call(s)",
                                .folder_prefix = "throttling_diag_",
                                .focus = ErrorClass::throttle,
                                .rules = kThrottlingRules};

}  // namespace

const Diagnosis& throttling() {
  return kThrottling;
}

}  // namespace cairn::diagnose

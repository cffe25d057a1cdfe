// The operation tables, one a service. Every operation of the CloudTrail services is in them; those
// without a function are refused.
#pragma once

#include "api/operation.h"

#include <span>

namespace cairn::api {

std::span<const Operation> cloudtrail_operations();
std::span<const Operation> cloudtrail_data_operations();
std::span<const Operation> sts_operations();
std::span<const Operation> organizations_operations();
std::span<const Operation> firehose_operations();
std::span<const Operation> events_operations();

}  // namespace cairn::api

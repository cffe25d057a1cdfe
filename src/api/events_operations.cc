// Ways for events to come in that speak other services' protocols.
#include "api/operations.h"

namespace cairn::api {

std::span<const Operation> firehose_operations() {
  return {};
}

std::span<const Operation> events_operations() {
  return {};
}

}  // namespace cairn::api

// cloudtrail-data: events of applications, through a channel.
#pragma once

#include "api/operation.h"

namespace cairn::api {

Result<Json> put_audit_events(Features& features, const Call& call);

}  // namespace cairn::api

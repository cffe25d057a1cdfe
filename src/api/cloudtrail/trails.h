// The operations on trails.
#pragma once

#include "api/operation.h"

namespace cairn::api {

Result<Json> create_trail(Features& features, const Call& call);
Result<Json> update_trail(Features& features, const Call& call);
Result<Json> delete_trail(Features& features, const Call& call);
Result<Json> get_trail(Features& features, const Call& call);
Result<Json> describe_trails(Features& features, const Call& call);
Result<Json> list_trails(Features& features, const Call& call);
Result<Json> get_trail_status(Features& features, const Call& call);
Result<Json> start_logging(Features& features, const Call& call);
Result<Json> stop_logging(Features& features, const Call& call);

}  // namespace cairn::api

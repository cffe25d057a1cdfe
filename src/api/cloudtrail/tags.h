// Tags of trails, event data stores and channels.
#pragma once

#include "api/operation.h"

namespace cairn::api {

Result<Json> add_tags(Features& features, const Call& call);
Result<Json> remove_tags(Features& features, const Call& call);
Result<Json> list_tags(Features& features, const Call& call);

}  // namespace cairn::api

// Event data stores, channels and resource policies: AWS's shapes and their operations.
#pragma once

#include "api/operation.h"

namespace cairn::api {

Result<Json> create_event_data_store(Features& features, const Call& call);
Result<Json> update_event_data_store(Features& features, const Call& call);
Result<Json> get_event_data_store(Features& features, const Call& call);
Result<Json> list_event_data_stores(Features& features, const Call& call);
Result<Json> delete_event_data_store(Features& features, const Call& call);
Result<Json> restore_event_data_store(Features& features, const Call& call);
Result<Json> start_event_data_store_ingestion(Features& features, const Call& call);
Result<Json> stop_event_data_store_ingestion(Features& features, const Call& call);

Result<Json> create_channel(Features& features, const Call& call);
Result<Json> update_channel(Features& features, const Call& call);
Result<Json> get_channel(Features& features, const Call& call);
Result<Json> list_channels(Features& features, const Call& call);
Result<Json> delete_channel(Features& features, const Call& call);

Result<Json> put_resource_policy(Features& features, const Call& call);
Result<Json> get_resource_policy(Features& features, const Call& call);
Result<Json> delete_resource_policy(Features& features, const Call& call);

}  // namespace cairn::api

// Rows in the order of their names. One without `run` is refused with
// UnsupportedOperationException.
#include "api/operations.h"

#include "api/cloudtrail/event_data_stores.h"
#include "api/cloudtrail/lookup_events.h"
#include "api/cloudtrail/public_keys.h"
#include "api/cloudtrail/selectors.h"
#include "api/cloudtrail/tags.h"
#include "api/cloudtrail/trails.h"
#include "api/cloudtrail_data/put_audit_events.h"

namespace cairn::api {
namespace {

/// Refuses as an operation without a function where the program has no trails.
template <OperationFunction kRun>
Result<Json> of_trails(Features& features, const Call& call) {
  if (features.trails != nullptr) return kRun(features, call);
  return Error{ErrorKind::unimplemented, "The requested operation is not supported.",
               "UnsupportedOperationException"};
}

constexpr Operation kCloudTrail[] = {
    {.name = "AddTags",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<add_tags>},
    {.name = "CancelQuery", .right = Right::read_events, .read_only = false},
    {.name = "CreateChannel",
     .right = Right::change_configuration,
     .read_only = false,
     .run = create_channel},
    {.name = "CreateDashboard", .right = Right::change_configuration, .read_only = false},
    {.name = "CreateEventDataStore",
     .right = Right::change_configuration,
     .read_only = false,
     .run = create_event_data_store},
    {.name = "CreateTrail",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<create_trail>},
    {.name = "DeleteChannel",
     .right = Right::change_configuration,
     .read_only = false,
     .run = delete_channel},
    {.name = "DeleteDashboard", .right = Right::change_configuration, .read_only = false},
    {.name = "DeleteEventDataStore",
     .right = Right::change_configuration,
     .read_only = false,
     .run = delete_event_data_store},
    {.name = "DeleteResourcePolicy",
     .right = Right::change_configuration,
     .read_only = false,
     .run = delete_resource_policy},
    {.name = "DeleteTrail",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<delete_trail>},
    {.name = "DeregisterOrganizationDelegatedAdmin",
     .right = Right::change_configuration,
     .read_only = false},
    {.name = "DescribeQuery", .right = Right::read_events},
    {.name = "DescribeTrails",
     .right = Right::read_configuration,
     .run = of_trails<describe_trails>},
    {.name = "DisableFederation", .right = Right::change_configuration, .read_only = false},
    {.name = "EnableFederation", .right = Right::change_configuration, .read_only = false},
    {.name = "GenerateQuery", .right = Right::read_events, .read_only = false},
    {.name = "GetChannel", .right = Right::read_configuration, .run = get_channel},
    {.name = "GetDashboard", .right = Right::read_configuration},
    {.name = "GetEventConfiguration",
     .right = Right::read_configuration,
     .run = of_trails<get_event_configuration>},
    {.name = "GetEventDataStore", .right = Right::read_configuration, .run = get_event_data_store},
    {.name = "GetEventSelectors",
     .right = Right::read_configuration,
     .run = of_trails<get_event_selectors>},
    {.name = "GetImport", .right = Right::read_configuration},
    {.name = "GetInsightSelectors",
     .right = Right::read_configuration,
     .run = of_trails<get_insight_selectors>},
    {.name = "GetQueryResults", .right = Right::read_events},
    {.name = "GetResourcePolicy", .right = Right::read_configuration, .run = get_resource_policy},
    {.name = "GetTrail", .right = Right::read_configuration, .run = of_trails<get_trail>},
    {.name = "GetTrailStatus",
     .right = Right::read_configuration,
     .run = of_trails<get_trail_status>},
    {.name = "ListChannels", .right = Right::read_configuration, .run = list_channels},
    {.name = "ListDashboards", .right = Right::read_configuration},
    {.name = "ListEventDataStores",
     .right = Right::read_configuration,
     .run = list_event_data_stores},
    {.name = "ListImportFailures", .right = Right::read_configuration},
    {.name = "ListImports", .right = Right::read_configuration},
    {.name = "ListInsightsData", .right = Right::read_events},
    {.name = "ListInsightsMetricData", .right = Right::read_events},
    {.name = "ListPublicKeys",
     .right = Right::read_configuration,
     .run = of_trails<list_public_keys>},
    {.name = "ListQueries", .right = Right::read_events},
    {.name = "ListTags", .right = Right::read_configuration, .run = of_trails<list_tags>},
    {.name = "ListTrails", .right = Right::read_configuration, .run = of_trails<list_trails>},
    {.name = "LookupEvents", .right = Right::read_events, .run = lookup_events},
    {.name = "PutEventConfiguration",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<put_event_configuration>},
    {.name = "PutEventSelectors",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<put_event_selectors>},
    {.name = "PutInsightSelectors",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<put_insight_selectors>},
    {.name = "PutResourcePolicy",
     .right = Right::change_configuration,
     .read_only = false,
     .run = put_resource_policy},
    {.name = "RegisterOrganizationDelegatedAdmin",
     .right = Right::change_configuration,
     .read_only = false},
    {.name = "RemoveTags",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<remove_tags>},
    {.name = "RestoreEventDataStore",
     .right = Right::change_configuration,
     .read_only = false,
     .run = restore_event_data_store},
    {.name = "SearchSampleQueries", .right = Right::read_events},
    {.name = "StartDashboardRefresh", .right = Right::change_configuration, .read_only = false},
    {.name = "StartEventDataStoreIngestion",
     .right = Right::change_configuration,
     .read_only = false,
     .run = start_event_data_store_ingestion},
    {.name = "StartImport", .right = Right::change_configuration, .read_only = false},
    {.name = "StartLogging",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<start_logging>},
    {.name = "StartQuery", .right = Right::read_events},
    {.name = "StopEventDataStoreIngestion",
     .right = Right::change_configuration,
     .read_only = false,
     .run = stop_event_data_store_ingestion},
    {.name = "StopImport", .right = Right::change_configuration, .read_only = false},
    {.name = "StopLogging",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<stop_logging>},
    {.name = "UpdateChannel",
     .right = Right::change_configuration,
     .read_only = false,
     .run = update_channel},
    {.name = "UpdateDashboard", .right = Right::change_configuration, .read_only = false},
    {.name = "UpdateEventDataStore",
     .right = Right::change_configuration,
     .read_only = false,
     .run = update_event_data_store},
    {.name = "UpdateTrail",
     .right = Right::change_configuration,
     .read_only = false,
     .run = of_trails<update_trail>},
};

constexpr Operation kCloudTrailData[] = {
    {.name = "PutAuditEvents",
     .right = Right::put_events,
     .read_only = false,
     .run = put_audit_events,
     .recorded = false},
};

}  // namespace

std::span<const Operation> cloudtrail_operations() {
  return kCloudTrail;
}

std::span<const Operation> cloudtrail_data_operations() {
  return kCloudTrailData;
}

}  // namespace cairn::api

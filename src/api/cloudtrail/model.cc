#include "api/cloudtrail/model.h"

namespace cairn::api {

// As the service model of API version 2013-11-01 has it.
const std::string_view kCloudTrailModel = R"MODEL(
type Acct = str(12..16 /\d+/)
type Arn = str(3..256 /[a-zA-Z0-9._\/\-:]+/)
type Billing = str(EXTENDABLE_RETENTION_PRICING|FIXED_RETENTION_PRICING)
type ChArn = str(3..256 /[a-zA-Z0-9._\/\-:]+/)
type DashArn = str(/[a-zA-Z0-9._\/\-:]+/)
type DashboardType = str(MANAGED|CUSTOM)
type DStatus = str(SUCCESS|FAILED|FAILED_SIGNING_FILE|PENDING|RESOURCE_NOT_FOUND|ACCESS_DENIED|
  ACCESS_DENIED_SIGNING_FILE|CANCELLED|UNKNOWN)
type EdsArn = str(3..256 /[a-zA-Z0-9._\/\-:]+/)
type EdsStatus = str(CREATED|ENABLED|PENDING_DELETION|STARTING_INGESTION|STOPPING_INGESTION|
  STOPPED_INGESTION)
type Fed = str(ENABLING|ENABLED|DISABLING|DISABLED)
type ImpStatus = str(INITIALIZING|IN_PROGRESS|FAILED|STOPPED|COMPLETED)
type Kms = str(1..350 /[a-zA-Z0-9._\/\-:]+/)
type Name = str(3..128 /[a-zA-Z0-9._\-]+/)
type QStatus = str(QUEUED|RUNNING|FINISHED|FAILED|CANCELLED|TIMED_OUT)
type RefreshId = str(10..20 /\d+/)
type S3Uri = str(..1024 /s3:\/\/[a-z0-9][\.\-a-z0-9]{1,61}[a-z0-9](\/.*)?/)
type Token = str(4..1000)
type Uuid = str(36..36 /[a-f0-9\-]+/)
structure Destination Type*:str(EVENT_DATA_STORE|AWS_SERVICE),
  Location*:str(3..1024 /^[a-zA-Z0-9._/\-:*]+$/)
structure RefreshSchedule Frequency:RefreshScheduleFrequency, Status:str(ENABLED|DISABLED),
  TimeOfDay:str(/^[0-9]{2}:[0-9]{2}/)
structure RequestWidget QueryStatement*:str(1..10000), QueryParameters:[str(1..1024)](1..10),
  ViewProperties*:map<str(3..128 /^[a-zA-Z0-9._\-]+$/),str(1..128 /^[a-zA-Z0-9._\- ]+$/)>
structure Widget QueryAlias:str(1..256 /^[a-zA-Z][a-zA-Z0-9._\-]*$/),
  QueryStatement:str(1..10000), QueryParameters:[str(1..1024)](1..10),
  ViewProperties:map<str(3..128 /^[a-zA-Z0-9._\-]+$/),str(1..128 /^[a-zA-Z0-9._\- ]+$/)>
structure AdvancedEventSelector Name:str(0..1000), FieldSelectors*:[AdvancedFieldSelector](1..)
structure QueryStatisticsForDescribeQuery EventsMatched:long, EventsScanned:long,
  BytesScanned:long, ExecutionTimeInMillis:int, CreationTime:ts
structure Trail Name:str, S3BucketName:str, S3KeyPrefix:str, SnsTopicName:str, SnsTopicARN:str,
  IncludeGlobalServiceEvents:bool, IsMultiRegionTrail:bool, HomeRegion:str, TrailARN:str,
  LogFileValidationEnabled:bool, CloudWatchLogsLogGroupArn:str, CloudWatchLogsRoleArn:str,
  KmsKeyId:str, HasCustomEventSelectors:bool, HasInsightSelectors:bool, IsOrganizationTrail:bool,
  RecursiveLogging:bool
structure SourceConfig ApplyToAllRegions:bool, AdvancedEventSelectors:[AdvancedEventSelector]
structure IngestionStatus LatestIngestionSuccessTime:ts, LatestIngestionSuccessEventID:Uuid,
  LatestIngestionErrorCode:str(4..1000), LatestIngestionAttemptTime:ts,
  LatestIngestionAttemptEventID:Uuid
structure ContextKeySelector Type*:str(TagContext|RequestContext), Equals*:[str(1..128)](1..50)
structure AggregationConfiguration Templates*:[str(API_ACTIVITY|RESOURCE_ACCESS|USER_ACTIONS)](1..50),
  EventCategory*:str(Data)
structure PartitionKey Name*:str(1..255), Type*:str(0..255)
structure EventSelector ReadWriteType:str(ReadOnly|WriteOnly|All), IncludeManagementEvents:bool,
  DataResources:[DataResource], ExcludeManagementEventSources:[str]
structure ImportSource S3*:S3ImportSource
structure ImportStatistics PrefixesFound:long, PrefixesCompleted:long, FilesCompleted:long,
  EventsCompleted:long, FailedEntries:long
structure InsightSelector InsightType:str(ApiCallRateInsight|ApiErrorRateInsight),
  EventCategories:[str(Management|Data)]
structure QueryStatistics ResultsCount:int, TotalResultsCount:int, BytesScanned:long
structure Channel ChannelArn:ChArn, Name:Name
structure DashboardDetail DashboardArn:DashArn, Type:DashboardType
structure EventDataStore EventDataStoreArn:EdsArn, Name:Name, TerminationProtectionEnabled:bool,
  Status:EdsStatus, AdvancedEventSelectors:[AdvancedEventSelector], MultiRegionEnabled:bool,
  OrganizationEnabled:bool, RetentionPeriod:int(7..3653), CreatedTimestamp:ts, UpdatedTimestamp:ts
structure ImportFailureListItem Location:str, Status:str(FAILED|RETRY|SUCCEEDED), ErrorType:str,
  ErrorMessage:str, LastUpdatedTime:ts
structure ImportsListItem ImportId:Uuid, ImportStatus:ImpStatus, Destinations:[EdsArn](1..1),
  CreatedTimestamp:ts, UpdatedTimestamp:ts
structure Event EventId:str, EventName:str, ReadOnly:str, AccessKeyId:str, EventTime:ts,
  EventSource:str, Username:str, Resources:[Resource], CloudTrailEvent:str
structure PublicKey Value:blob, ValidityStartTime:ts, ValidityEndTime:ts, Fingerprint:str
structure Query QueryId:Uuid, QueryStatus:QStatus, CreationTime:ts
structure ResourceTag ResourceId:str, TagsList:[Tag](..200)
structure TrailInfo TrailARN:str, Name:str, HomeRegion:str
structure LookupAttribute AttributeKey*:str(EventId|EventName|ReadOnly|Username|ResourceType|ResourceName|EventSource|AccessKeyId),
  AttributeValue*:str(1..2000)
structure SearchSampleQueriesSearchResult Name:str, Description:str, SQL:str, Relevance:flt
structure RefreshScheduleFrequency Unit:str(HOURS|DAYS), Value:int
structure AdvancedFieldSelector Field*:str(1..1000 /[\w|\d|\.|_]+/),
  Equals:[str(1..2048 /.+/)](1..), StartsWith:[str(1..2048 /.+/)](1..),
  EndsWith:[str(1..2048 /.+/)](1..), NotEquals:[str(1..2048 /.+/)](1..),
  NotStartsWith:[str(1..2048 /.+/)](1..), NotEndsWith:[str(1..2048 /.+/)](1..)
structure DataResource Type:str, Values:[str]
structure S3ImportSource S3LocationUri*:str, S3BucketRegion*:str, S3BucketAccessRoleArn*:str
structure Resource ResourceType:str, ResourceName:str
structure Tag Key*:str(1..128), Value:str(..256)
operation AddTags
  in ResourceId*:str, TagsList*:[Tag](..200)
  errors ResourceNotFound, ChannelARNInvalid, ResourceTypeNotSupported, TagsLimitExceeded,
    InvalidTrailName, InvalidTagParameter, InactiveEventDataStore, EventDataStoreNotFound,
    ChannelNotFound
operation CancelQuery
  in EventDataStore:EdsArn, QueryId*:Uuid, EventDataStoreOwnerAccountId:Acct
  out QueryId*:Uuid, QueryStatus*:QStatus, EventDataStoreOwnerAccountId:Acct
  errors EventDataStoreNotFound, InactiveEventDataStore, InactiveQuery, QueryIdNotFound
operation CreateChannel
  in Name*:Name, Source*:str(1..256), Destinations*:[Destination](1..200), Tags:[Tag](..200)
  out ChannelArn:ChArn, Name:Name, Source:str(1..256), Destinations:[Destination](1..200),
    Tags:[Tag](..200)
  errors ChannelMaxLimitExceeded, InvalidSource, ChannelAlreadyExists, EventDataStoreNotFound,
    InvalidEventDataStoreCategory, InactiveEventDataStore, InvalidTagParameter, TagsLimitExceeded
operation CreateDashboard
  in Name*:str(3..128 /^[a-zA-Z0-9_\-]+$/), RefreshSchedule:RefreshSchedule,
    TagsList:[Tag](..200), TerminationProtectionEnabled:bool, Widgets:[RequestWidget]
  out DashboardArn:DashArn, Name:str(3..128 /^[a-zA-Z0-9_\-]+$/), Type:DashboardType,
    Widgets:[Widget], TagsList:[Tag](..200), RefreshSchedule:RefreshSchedule,
    TerminationProtectionEnabled:bool
  errors InvalidTagParameter, EventDataStoreNotFound, InactiveEventDataStore,
    InsufficientEncryptionPolicy, InvalidQueryStatement, ServiceQuotaExceeded
operation CreateEventDataStore
  in Name*:Name, AdvancedEventSelectors:[AdvancedEventSelector], MultiRegionEnabled:bool,
    OrganizationEnabled:bool, RetentionPeriod:int(7..3653), TerminationProtectionEnabled:bool,
    TagsList:[Tag](..200), KmsKeyId:Kms, StartIngestion:bool, BillingMode:Billing
  out EventDataStoreArn:EdsArn, Name:Name, Status:EdsStatus,
    AdvancedEventSelectors:[AdvancedEventSelector], MultiRegionEnabled:bool,
    OrganizationEnabled:bool, RetentionPeriod:int(7..3653), TerminationProtectionEnabled:bool,
    TagsList:[Tag](..200), CreatedTimestamp:ts, UpdatedTimestamp:ts, KmsKeyId:Kms,
    BillingMode:Billing
  errors EventDataStoreAlreadyExists, EventDataStoreMaxLimitExceeded, InvalidEventSelectors,
    InvalidTagParameter, InsufficientEncryptionPolicy, InvalidKmsKeyId, KmsKeyNotFound, Kms
operation CreateTrail
  in Name*:str, S3BucketName*:str, S3KeyPrefix:str, SnsTopicName:str,
    IncludeGlobalServiceEvents:bool, IsMultiRegionTrail:bool, EnableLogFileValidation:bool,
    CloudWatchLogsLogGroupArn:str, CloudWatchLogsRoleArn:str, KmsKeyId:str,
    IsOrganizationTrail:bool, RecursiveLogging:bool, TagsList:[Tag](..200)
  out Name:str, S3BucketName:str, S3KeyPrefix:str, SnsTopicName:str, SnsTopicARN:str,
    IncludeGlobalServiceEvents:bool, IsMultiRegionTrail:bool, TrailARN:str,
    LogFileValidationEnabled:bool, CloudWatchLogsLogGroupArn:str, CloudWatchLogsRoleArn:str,
    KmsKeyId:str, IsOrganizationTrail:bool, RecursiveLogging:bool
  errors MaximumNumberOfTrailsExceeded, TrailAlreadyExists, S3BucketDoesNotExist,
    InsufficientS3BucketPolicy, InsufficientSnsTopicPolicy, InsufficientEncryptionPolicy,
    InvalidS3BucketName, InvalidS3Prefix, InvalidSnsTopicName, InvalidKmsKeyId, InvalidTrailName,
    TrailNotProvided, TagsLimitExceeded, InvalidParameterCombination, KmsKeyNotFound,
    KmsKeyDisabled, Kms, InvalidCloudWatchLogsLogGroupArn, InvalidCloudWatchLogsRoleArn,
    CloudWatchLogsDeliveryUnavailable, InvalidTagParameter, CloudTrailInvalidClientTokenId
operation DeleteChannel
  in Channel*:ChArn
  errors ChannelARNInvalid, ChannelNotFound
operation DeleteDashboard
  in DashboardId*:DashArn
  errors ResourceNotFound
operation DeleteEventDataStore
  in EventDataStore*:EdsArn
  errors EventDataStoreNotFound, EventDataStoreTerminationProtected,
    EventDataStoreHasOngoingImport, InactiveEventDataStore, ChannelExistsForEDS,
    EventDataStoreFederationEnabled
operation DeleteResourcePolicy
  in ResourceArn*:Arn
  errors ResourceARNNotValid, ResourceNotFound, ResourcePolicyNotFound, ResourceTypeNotSupported
operation DeleteTrail
  in Name*:str
  errors TrailNotFound, InvalidTrailName, InvalidHomeRegion
operation DeregisterOrganizationDelegatedAdmin
  in DelegatedAdminAccountId*:Acct
  errors AccountNotFound, AccountNotRegistered, NotOrganizationManagementAccount
operation DescribeQuery
  in EventDataStore:EdsArn, QueryId:Uuid, QueryAlias:str(1..256 /^[a-zA-Z][a-zA-Z0-9._\-]*$/),
    RefreshId:RefreshId, EventDataStoreOwnerAccountId:Acct
  out QueryId:Uuid, QueryString:str(1..10000), QueryStatus:QStatus,
    QueryStatistics:QueryStatisticsForDescribeQuery, ErrorMessage:str(4..1000),
    DeliveryS3Uri:S3Uri, DeliveryStatus:DStatus, Prompt:str(3..500 /^[ -~\n]*$/),
    EventDataStoreOwnerAccountId:Acct
  errors EventDataStoreNotFound, InactiveEventDataStore, QueryIdNotFound
operation DescribeTrails
  in trailNameList:[str], includeShadowTrails:bool
  out trailList:[Trail]
  errors InvalidTrailName
operation DisableFederation
  in EventDataStore*:EdsArn
  out EventDataStoreArn:EdsArn, FederationStatus:Fed
  errors EventDataStoreNotFound, InactiveEventDataStore, ConcurrentModification, AccessDenied
operation EnableFederation
  in EventDataStore*:EdsArn, FederationRoleArn*:str(3..125)
  out EventDataStoreArn:EdsArn, FederationStatus:Fed, FederationRoleArn:str(3..125)
  errors EventDataStoreNotFound, InactiveEventDataStore, ConcurrentModification, AccessDenied,
    EventDataStoreFederationEnabled
operation GenerateQuery
  in EventDataStores*:[EdsArn](1..1), Prompt*:str(3..500 /^[ -~\n]*$/)
  out QueryStatement:str(1..10000), QueryAlias:str(1..256 /^[a-zA-Z][a-zA-Z0-9._\-]*$/),
    EventDataStoreOwnerAccountId:Acct
  errors EventDataStoreNotFound, InactiveEventDataStore, GenerateResponse
operation GetChannel
  in Channel*:ChArn
  out ChannelArn:ChArn, Name:Name, Source:str(1..256), SourceConfig:SourceConfig,
    Destinations:[Destination](1..200), IngestionStatus:IngestionStatus
  errors ChannelARNInvalid, ChannelNotFound
operation GetDashboard
  in DashboardId*:DashArn
  out DashboardArn:DashArn, Type:DashboardType,
    Status:str(CREATING|CREATED|UPDATING|UPDATED|DELETING), Widgets:[Widget],
    RefreshSchedule:RefreshSchedule, CreatedTimestamp:ts, UpdatedTimestamp:ts,
    LastRefreshId:RefreshId, LastRefreshFailureReason:str(4..1000),
    TerminationProtectionEnabled:bool
  errors ResourceNotFound
operation GetEventConfiguration
  in TrailName:str, EventDataStore:str
  out TrailARN:str, EventDataStoreArn:EdsArn, MaxEventSize:str(Standard|Large),
    ContextKeySelectors:[ContextKeySelector](..2),
    AggregationConfigurations:[AggregationConfiguration](..1)
  errors TrailNotFound, InvalidTrailName, EventDataStoreNotFound, InvalidEventDataStoreStatus,
    InvalidEventDataStoreCategory, InvalidParameterCombination
operation GetEventDataStore
  in EventDataStore*:EdsArn
  out EventDataStoreArn:EdsArn, Name:Name, Status:EdsStatus,
    AdvancedEventSelectors:[AdvancedEventSelector], MultiRegionEnabled:bool,
    OrganizationEnabled:bool, RetentionPeriod:int(7..3653), TerminationProtectionEnabled:bool,
    CreatedTimestamp:ts, UpdatedTimestamp:ts, KmsKeyId:Kms, BillingMode:Billing,
    FederationStatus:Fed, FederationRoleArn:str(3..125), PartitionKeys:[PartitionKey](..2)
  errors EventDataStoreNotFound
operation GetEventSelectors
  in TrailName*:str
  out TrailARN:str, EventSelectors:[EventSelector], AdvancedEventSelectors:[AdvancedEventSelector]
  errors TrailNotFound, InvalidTrailName
operation GetImport
  in ImportId*:Uuid
  out ImportId:Uuid, Destinations:[EdsArn](1..1), ImportSource:ImportSource, StartEventTime:ts,
    EndEventTime:ts, ImportStatus:ImpStatus, CreatedTimestamp:ts, UpdatedTimestamp:ts,
    ImportStatistics:ImportStatistics
  errors ImportNotFound
operation GetInsightSelectors
  in TrailName:str, EventDataStore:EdsArn
  out TrailARN:str, InsightSelectors:[InsightSelector], EventDataStoreArn:EdsArn,
    InsightsDestination:EdsArn
  errors InvalidParameterCombination, TrailNotFound, InvalidTrailName, InsightNotEnabled
operation GetQueryResults
  in EventDataStore:EdsArn, QueryId*:Uuid, NextToken:Token, MaxQueryResults:int(1..1000),
    EventDataStoreOwnerAccountId:Acct
  out QueryStatus:QStatus, QueryStatistics:QueryStatistics, QueryResultRows:[[map<str,str>]],
    NextToken:Token, ErrorMessage:str(4..1000)
  errors EventDataStoreNotFound, InactiveEventDataStore, InvalidMaxResults, InvalidNextToken,
    QueryIdNotFound, InsufficientEncryptionPolicy
operation GetResourcePolicy
  in ResourceArn*:Arn
  out ResourceArn:Arn, ResourcePolicy:str(1..8192), DelegatedAdminResourcePolicy:str(1..8192)
  errors ResourceARNNotValid, ResourceNotFound, ResourcePolicyNotFound, ResourceTypeNotSupported
operation GetTrail
  in Name*:str
  out Trail:Trail
  errors TrailNotFound, InvalidTrailName
operation GetTrailStatus
  in Name*:str
  out IsLogging:bool, LatestDeliveryError:str, LatestNotificationError:str, LatestDeliveryTime:ts,
    LatestNotificationTime:ts, StartLoggingTime:ts, StopLoggingTime:ts,
    LatestCloudWatchLogsDeliveryError:str, LatestCloudWatchLogsDeliveryTime:ts,
    LatestDigestDeliveryTime:ts, LatestDigestDeliveryError:str, LatestDeliveryAttemptTime:str,
    LatestNotificationAttemptTime:str, LatestNotificationAttemptSucceeded:str,
    LatestDeliveryAttemptSucceeded:str, TimeLoggingStarted:str, TimeLoggingStopped:str
  errors TrailNotFound, InvalidTrailName
operation ListChannels
  in MaxResults:int(1..1000), NextToken:Token
  out Channels:[Channel], NextToken:Token
  errors InvalidNextToken
operation ListDashboards
  in NamePrefix:str(3..128 /^[a-zA-Z0-9_\-]+$/), Type:DashboardType, NextToken:Token,
    MaxResults:int(1..1000)
  out Dashboards:[DashboardDetail], NextToken:Token
operation ListEventDataStores
  in NextToken:Token, MaxResults:int(1..1000)
  out EventDataStores:[EventDataStore], NextToken:Token
  errors InvalidMaxResults, InvalidNextToken
operation ListImportFailures
  in ImportId*:Uuid, MaxResults:int(1..1000), NextToken:Token
  out Failures:[ImportFailureListItem], NextToken:Token
  errors InvalidNextToken
operation ListImports
  in MaxResults:int(1..1000), Destination:EdsArn, ImportStatus:ImpStatus, NextToken:Token
  out Imports:[ImportsListItem], NextToken:Token
  errors InvalidNextToken
operation ListInsightsData
  in InsightSource*:Arn, DataType*:str(InsightsEvents),
    Dimensions:map<str(EventId|EventName|EventSource),str(1..2000)>, StartTime:ts, EndTime:ts,
    MaxResults:int(1..50), NextToken:Token
  out Events:[Event], NextToken:Token
operation ListInsightsMetricData
  in TrailName:str, EventSource*:str(..256 /^[a-z0-9_-]+\.amazonaws\.com$/),
    EventName*:str(..128 /^[A-Za-z0-9_]+$/),
    InsightType*:str(ApiCallRateInsight|ApiErrorRateInsight),
    ErrorCode:str(..128 /^[\w\d\s_.,\-:\[\]]+$/), StartTime:ts, EndTime:ts, Period:int(60..3600),
    DataType:str(FillWithZeros|NonZeroData), MaxResults:int(1..21600), NextToken:str(1..5000)
  out TrailARN:str, EventSource:str(..256 /^[a-z0-9_-]+\.amazonaws\.com$/),
    EventName:str(..128 /^[A-Za-z0-9_]+$/),
    InsightType:str(ApiCallRateInsight|ApiErrorRateInsight),
    ErrorCode:str(..128 /^[\w\d\s_.,\-:\[\]]+$/), Timestamps:[ts], Values:[dbl],
    NextToken:str(1..5000)
  errors InvalidTrailName
operation ListPublicKeys
  in StartTime:ts, EndTime:ts, NextToken:str
  out PublicKeyList:[PublicKey], NextToken:str
  errors InvalidTimeRange, InvalidToken
operation ListQueries
  in EventDataStore*:EdsArn, NextToken:Token, MaxResults:int(1..1000), StartTime:ts, EndTime:ts,
    QueryStatus:QStatus
  out Queries:[Query], NextToken:Token
  errors EventDataStoreNotFound, InactiveEventDataStore, InvalidDateRange, InvalidMaxResults,
    InvalidNextToken, InvalidQueryStatus
operation ListTags
  in ResourceIdList*:[str], NextToken:str
  out ResourceTagList:[ResourceTag], NextToken:str
  errors ResourceNotFound, ChannelARNInvalid, ResourceTypeNotSupported, InvalidTrailName,
    InactiveEventDataStore, EventDataStoreNotFound, InvalidToken
operation ListTrails
  in NextToken:str
  out Trails:[TrailInfo], NextToken:str
operation LookupEvents
  in LookupAttributes:[LookupAttribute], StartTime:ts, EndTime:ts, EventCategory:str(insight),
    MaxResults:int(1..50), NextToken:str
  out Events:[Event], NextToken:str
  errors InvalidLookupAttributes, InvalidTimeRange, InvalidMaxResults, InvalidNextToken,
    InvalidEventCategory
operation PutEventConfiguration
  in TrailName:str, EventDataStore:str, MaxEventSize:str(Standard|Large),
    ContextKeySelectors:[ContextKeySelector](..2),
    AggregationConfigurations:[AggregationConfiguration](..1)
  out TrailARN:str, EventDataStoreArn:EdsArn, MaxEventSize:str(Standard|Large),
    ContextKeySelectors:[ContextKeySelector](..2),
    AggregationConfigurations:[AggregationConfiguration](..1)
  errors TrailNotFound, InvalidTrailName, InvalidParameterCombination, InvalidHomeRegion,
    EventDataStoreNotFound, InvalidEventDataStoreStatus, InvalidEventDataStoreCategory,
    InactiveEventDataStore, InsufficientIAMAccessPermission
operation PutEventSelectors
  in TrailName*:str, EventSelectors:[EventSelector],
    AdvancedEventSelectors:[AdvancedEventSelector]
  out TrailARN:str, EventSelectors:[EventSelector], AdvancedEventSelectors:[AdvancedEventSelector]
  errors TrailNotFound, InvalidTrailName, InvalidHomeRegion, InvalidEventSelectors
operation PutInsightSelectors
  in TrailName:str, InsightSelectors*:[InsightSelector], EventDataStore:EdsArn,
    InsightsDestination:EdsArn
  out TrailARN:str, InsightSelectors:[InsightSelector], EventDataStoreArn:EdsArn,
    InsightsDestination:EdsArn
  errors InvalidParameterCombination, TrailNotFound, InvalidTrailName, InvalidHomeRegion,
    InvalidInsightSelectors, InsufficientS3BucketPolicy, InsufficientEncryptionPolicy,
    S3BucketDoesNotExist, Kms
operation PutResourcePolicy
  in ResourceArn*:Arn, ResourcePolicy*:str(1..8192)
  out ResourceArn:Arn, ResourcePolicy:str(1..8192), DelegatedAdminResourcePolicy:str(1..8192)
  errors ResourceARNNotValid, ResourcePolicyNotValid, ResourceNotFound, ResourceTypeNotSupported
operation RegisterOrganizationDelegatedAdmin
  in MemberAccountId*:Acct
  errors AccountRegistered, AccountNotFound, CannotDelegateManagementAccount,
    DelegatedAdminAccountLimitExceeded, NotOrganizationManagementAccount,
    InsufficientIAMAccessPermission
operation RemoveTags
  in ResourceId*:str, TagsList*:[Tag](..200)
  errors ResourceNotFound, ChannelARNInvalid, ResourceTypeNotSupported, InvalidTrailName,
    InvalidTagParameter, InactiveEventDataStore, EventDataStoreNotFound, ChannelNotFound
operation RestoreEventDataStore
  in EventDataStore*:EdsArn
  out EventDataStoreArn:EdsArn, Name:Name, Status:EdsStatus,
    AdvancedEventSelectors:[AdvancedEventSelector], MultiRegionEnabled:bool,
    OrganizationEnabled:bool, RetentionPeriod:int(7..3653), TerminationProtectionEnabled:bool,
    CreatedTimestamp:ts, UpdatedTimestamp:ts, KmsKeyId:Kms, BillingMode:Billing
  errors EventDataStoreNotFound, EventDataStoreMaxLimitExceeded, InvalidEventDataStoreStatus
operation SearchSampleQueries
  in SearchPhrase*:str(2..1000 /^[ -~\n]*$/), MaxResults:int(1..50), NextToken:Token
  out SearchResults:[SearchSampleQueriesSearchResult], NextToken:Token
operation StartDashboardRefresh
  in DashboardId*:DashArn,
    QueryParameterValues:map<str(3..128 /^[a-zA-Z0-9._/\-:$]+$/),str(1..128 /^[a-zA-Z0-9._/\-:]+$/)>
  out RefreshId:RefreshId
  errors ResourceNotFound, EventDataStoreNotFound, InactiveEventDataStore, ServiceQuotaExceeded
operation StartEventDataStoreIngestion
  in EventDataStore*:EdsArn
  errors EventDataStoreNotFound, InvalidEventDataStoreStatus, InvalidEventDataStoreCategory
operation StartImport
  in Destinations:[EdsArn](1..1), ImportSource:ImportSource, StartEventTime:ts, EndEventTime:ts,
    ImportId:Uuid
  out ImportId:Uuid, Destinations:[EdsArn](1..1), ImportSource:ImportSource, StartEventTime:ts,
    EndEventTime:ts, ImportStatus:ImpStatus, CreatedTimestamp:ts, UpdatedTimestamp:ts
  errors AccountHasOngoingImport, EventDataStoreNotFound, InvalidEventDataStoreStatus,
    InvalidEventDataStoreCategory, InactiveEventDataStore, InvalidImportSource, ImportNotFound,
    InsufficientEncryptionPolicy
operation StartLogging
  in Name*:str
  errors TrailNotFound, InvalidTrailName, InvalidHomeRegion
operation StartQuery
  in QueryStatement:str(1..10000), DeliveryS3Uri:S3Uri,
    QueryAlias:str(1..256 /^[a-zA-Z][a-zA-Z0-9._\-]*$/), QueryParameters:[str(1..1024)](1..10),
    EventDataStoreOwnerAccountId:Acct
  out QueryId:Uuid, EventDataStoreOwnerAccountId:Acct
  errors EventDataStoreNotFound, InactiveEventDataStore, InvalidQueryStatement,
    MaxConcurrentQueries, InsufficientEncryptionPolicy, InvalidS3Prefix, InvalidS3BucketName,
    InsufficientS3BucketPolicy, S3BucketDoesNotExist
operation StopEventDataStoreIngestion
  in EventDataStore*:EdsArn
  errors EventDataStoreNotFound, InvalidEventDataStoreStatus, InvalidEventDataStoreCategory
operation StopImport
  in ImportId*:Uuid
  out ImportId:Uuid, ImportSource:ImportSource, Destinations:[EdsArn](1..1),
    ImportStatus:ImpStatus, CreatedTimestamp:ts, UpdatedTimestamp:ts, StartEventTime:ts,
    EndEventTime:ts, ImportStatistics:ImportStatistics
  errors ImportNotFound
operation StopLogging
  in Name*:str
  errors TrailNotFound, InvalidTrailName, InvalidHomeRegion
operation UpdateChannel
  in Channel*:ChArn, Destinations:[Destination](1..200), Name:Name
  out ChannelArn:ChArn, Name:Name, Source:str(1..256), Destinations:[Destination](1..200)
  errors ChannelARNInvalid, ChannelNotFound, ChannelAlreadyExists, EventDataStoreNotFound,
    InvalidEventDataStoreCategory, InactiveEventDataStore
operation UpdateDashboard
  in DashboardId*:DashArn, Widgets:[RequestWidget], RefreshSchedule:RefreshSchedule,
    TerminationProtectionEnabled:bool
  out DashboardArn:DashArn, Name:str(3..128 /^[a-zA-Z0-9_\-]+$/), Type:DashboardType,
    Widgets:[Widget], RefreshSchedule:RefreshSchedule, TerminationProtectionEnabled:bool,
    CreatedTimestamp:ts, UpdatedTimestamp:ts
  errors ResourceNotFound, EventDataStoreNotFound, InactiveEventDataStore,
    InsufficientEncryptionPolicy, InvalidQueryStatement, ServiceQuotaExceeded
operation UpdateEventDataStore
  in EventDataStore*:EdsArn, Name:Name, AdvancedEventSelectors:[AdvancedEventSelector],
    MultiRegionEnabled:bool, OrganizationEnabled:bool, RetentionPeriod:int(7..3653),
    TerminationProtectionEnabled:bool, KmsKeyId:Kms, BillingMode:Billing
  out EventDataStoreArn:EdsArn, Name:Name, Status:EdsStatus,
    AdvancedEventSelectors:[AdvancedEventSelector], MultiRegionEnabled:bool,
    OrganizationEnabled:bool, RetentionPeriod:int(7..3653), TerminationProtectionEnabled:bool,
    CreatedTimestamp:ts, UpdatedTimestamp:ts, KmsKeyId:Kms, BillingMode:Billing,
    FederationStatus:Fed, FederationRoleArn:str(3..125)
  errors EventDataStoreAlreadyExists, EventDataStoreNotFound, InvalidEventSelectors,
    InvalidInsightSelectors, EventDataStoreHasOngoingImport, InactiveEventDataStore,
    InsufficientEncryptionPolicy, InvalidKmsKeyId, KmsKeyNotFound, Kms
operation UpdateTrail
  in Name*:str, S3BucketName:str, S3KeyPrefix:str, SnsTopicName:str,
    IncludeGlobalServiceEvents:bool, IsMultiRegionTrail:bool, EnableLogFileValidation:bool,
    CloudWatchLogsLogGroupArn:str, CloudWatchLogsRoleArn:str, KmsKeyId:str,
    IsOrganizationTrail:bool, RecursiveLogging:bool
  out Name:str, S3BucketName:str, S3KeyPrefix:str, SnsTopicName:str, SnsTopicARN:str,
    IncludeGlobalServiceEvents:bool, IsMultiRegionTrail:bool, TrailARN:str,
    LogFileValidationEnabled:bool, CloudWatchLogsLogGroupArn:str, CloudWatchLogsRoleArn:str,
    KmsKeyId:str, IsOrganizationTrail:bool, RecursiveLogging:bool
  errors S3BucketDoesNotExist, InsufficientS3BucketPolicy, InsufficientSnsTopicPolicy,
    InsufficientEncryptionPolicy, TrailNotFound, InvalidS3BucketName, InvalidS3Prefix,
    InvalidSnsTopicName, InvalidKmsKeyId, InvalidTrailName, TrailNotProvided,
    InvalidEventSelectors, InvalidParameterCombination, InvalidHomeRegion, KmsKeyNotFound,
    KmsKeyDisabled, Kms, InvalidCloudWatchLogsLogGroupArn, InvalidCloudWatchLogsRoleArn,
    CloudWatchLogsDeliveryUnavailable, CloudTrailInvalidClientTokenId
)MODEL";

const std::string_view kCloudTrailDataModel = R"MODEL(
structure AuditEvent eventData*:str, eventDataChecksum:str, id*:str(1..128 /[-_A-Za-z0-9]+/)
structure ResultEntry eventID*:str, id*:str
structure ResultErrorEntry errorCode*:str, errorMessage*:str, id*:str
operation PutAuditEvents
  in auditEvents*:[AuditEvent](1..100), channelArn*:str, externalId:str
  out failed*:[ResultErrorEntry](0..100), successful*:[ResultEntry](0..100)
  errors ChannelInsufficientPermission, ChannelNotFound, ChannelUnsupportedSchema,
    DuplicatedAuditEventId, InvalidChannelARN, UnsupportedOperation
)MODEL";

}  // namespace cairn::api

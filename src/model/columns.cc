#include "model/columns.h"

#include "base/text.h"

#include <array>

namespace cairn::model {
namespace {

constexpr auto kVarchar = ColumnType::varchar;
constexpr auto kBoolean = ColumnType::boolean;
constexpr auto kTimestamp = ColumnType::timestamp;
constexpr auto kJson = ColumnType::json;

constexpr std::array kColumns{
    Column{"eventTime", kTimestamp, "When the request was completed, UTC", 1},
    Column{"eventTimeText", kVarchar, "eventTime as the record writes it", 0},
    Column{"eventVersion", kVarchar, "Version of the record format; compare its parts as numbers",
           2},
    Column{"eventSource", kVarchar, "Service that was called, such as ec2.amazonaws.com", 3},
    Column{"eventName", kVarchar, "API operation that was called", 4},
    Column{"awsRegion", kVarchar, "Region that the request was made to", 5},
    Column{"sourceIPAddress", kVarchar,
           "Caller's address, or the name of the AWS service that called", 6},
    Column{"userAgent", kVarchar, "Client that made the request", 7},
    Column{"errorCode", kVarchar, "Error of the service, if the request failed", 8},
    Column{"errorMessage", kVarchar, "Description of the error", 9},
    Column{"userIdentity.type", kVarchar,
           "Kind of identity: IAMUser, AssumedRole, Root, AWSService, …", 10},
    Column{"userIdentity.principalId", kVarchar,
           "Unique id of the caller, for roles with the session name", 11},
    Column{"userIdentity.arn", kVarchar, "ARN of the caller", 12},
    Column{"userIdentity.accountId", kVarchar, "Account that owns the caller", 13},
    Column{"userIdentity.accessKeyId", kVarchar, "Access key that signed the request", 14},
    Column{"userIdentity.userName", kVarchar, "Friendly name of the caller", 15},
    Column{"userIdentity.invokedBy", kVarchar, "AWS service that made the request for the caller",
           16},
    Column{"userIdentity.identityProvider", kVarchar, "Provider of a SAML or web identity", 17},
    Column{"userIdentity.credentialId", kVarchar, "Id of an Identity Center credential", 18},
    Column{"userIdentity.sessionContext.sessionIssuer.type", kVarchar,
           "Source of the temporary credentials", 19},
    Column{"userIdentity.sessionContext.sessionIssuer.principalId", kVarchar,
           "Id of what issued the credentials", 20},
    Column{"userIdentity.sessionContext.sessionIssuer.arn", kVarchar,
           "ARN of what issued the credentials", 21},
    Column{"userIdentity.sessionContext.sessionIssuer.accountId", kVarchar, "Account of the issuer",
           22},
    Column{"userIdentity.sessionContext.sessionIssuer.userName", kVarchar,
           "Role or user that issued them", 23},
    Column{"userIdentity.sessionContext.attributes.creationDate", kTimestamp,
           "When they were issued", 24},
    Column{"userIdentity.sessionContext.attributes.mfaAuthenticated", kBoolean,
           "Whether MFA was used", 25},
    Column{"userIdentity.sessionContext.webIdFederationData.federatedProvider", kVarchar,
           "Web identity provider", 26},
    Column{"userIdentity.sessionContext.webIdFederationData.attributes", kJson,
           "What the provider said", 27},
    Column{"userIdentity.sessionContext.sourceIdentity", kVarchar, "Source identity of the session",
           28},
    Column{"userIdentity.sessionContext.ec2RoleDelivery", kVarchar,
           "Metadata service version: 1.0 or 2.0", 29},
    Column{"userIdentity.sessionContext.ec2IssuedInVpc", kVarchar,
           "VPC that the credentials were issued in", 30},
    Column{"userIdentity.sessionContext.assumedRoot", kBoolean,
           "Whether a root session was assumed", 31},
    Column{"userIdentity.sessionContext.signInSessionArn", kVarchar,
           "Sign-in session of the credentials", 32},
    Column{"userIdentity.invokedByDelegate.accountId", kVarchar,
           "Account of the delegate that called", 33},
    Column{"userIdentity.onBehalfOf.userId", kVarchar,
           "Identity Center user that the call was made for", 34},
    Column{"userIdentity.onBehalfOf.identityStoreArn", kVarchar, "Identity store of that user", 35},
    Column{"userIdentity.inScopeOf.sourceArn", kVarchar,
           "Resource that the credentials were issued for", 36},
    Column{"userIdentity.inScopeOf.sourceAccount", kVarchar, "Account of that resource", 37},
    Column{"userIdentity.inScopeOf.issuerType", kVarchar, "Kind of that resource", 38},
    Column{"userIdentity.inScopeOf.credentialsIssuedTo", kVarchar,
           "What the credentials were issued to", 39},
    Column{"requestParameters", kJson, "Parameters of the request", 40},
    Column{"responseElements", kJson, "Answer of a request that changes something", 41},
    Column{"additionalEventData", kJson, "What else the service said about the request", 42},
    Column{"requestID", kVarchar, "Id that the service gave the request", 43},
    Column{"eventID", kVarchar, "Unique id of the event", 44},
    Column{"readOnly", kBoolean, "Whether the call only reads", 45},
    Column{"resources", kJson, "Resources that were accessed: ARN, accountId, type", 46},
    Column{"eventType", kVarchar, "AwsApiCall, AwsServiceEvent, AwsConsoleSignIn, …", 47},
    Column{"apiVersion", kVarchar, "API version of the service", 48},
    Column{"managementEvent", kBoolean, "Whether it is a management event", 49},
    Column{"recipientAccountId", kVarchar, "Account that received the event", 50},
    Column{"sharedEventID", kVarchar, "Joins the copies of one event in several accounts", 51},
    Column{"vpcEndpointId", kVarchar, "VPC endpoint that the request came through", 52},
    Column{"vpcEndpointAccountId", kVarchar, "Owner of that endpoint", 53},
    Column{"eventCategory", kVarchar, "Management, Data, NetworkActivity, Insight", 54},
    Column{"tlsDetails.tlsVersion", kVarchar, "TLS version of the request", 55},
    Column{"tlsDetails.cipherSuite", kVarchar, "Cipher suite of the request", 56},
    Column{"tlsDetails.clientProvidedHostHeader", kVarchar, "Host name that the client used", 57},
    Column{"tlsDetails.keyExchange", kVarchar, "Key exchange of the request", 58},
    Column{"sessionCredentialFromConsole", kVarchar, "true when a console session made the call",
           59},
    Column{"serviceEventDetails", kJson, "What a service event is about", 60},
    Column{"insightDetails", kJson, "What an Insights event found", 61},
    Column{"addendum.reason", kVarchar, "Why an event was delivered late or again", 62},
    Column{"addendum.updatedFields", kVarchar, "Fields that were updated", 63},
    Column{"addendum.originalRequestID", kVarchar, "requestID of the event that it corrects", 64},
    Column{"addendum.originalEventID", kVarchar, "eventID of the event that it corrects", 65},
    Column{"edgeDeviceDetails", kJson, "Edge device that the request was made to", 66},
    Column{"eventContext", kJson, "Tags and condition keys of enriched events", 67},
    Column{"eventData", kJson, "Payload of an event from outside AWS", 68},
    Column{"otherFields", kJson, "Top-level fields that have no column here, as one object", 69},
    Column{"eventJson", kJson, "The whole record, as it was read", 0},
    Column{"sourceFile", kVarchar, "File that the record was read from", 70},
    Column{"recordNumber", ColumnType::bigint, "Place of the record within that file, from 1", 71},
};

}  // namespace

std::span<const Column> columns() {
  return kColumns;
}

int find_column(std::string_view name) {
  for (size_t i = 0; i < kColumns.size(); ++i)
    if (equals_ignoring_case(kColumns[i].name, name)) return static_cast<int>(i);
  return -1;
}

}  // namespace cairn::model

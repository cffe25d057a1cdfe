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
    Column{"eventTime", kTimestamp, "When the request was completed, UTC"},
    Column{"eventTimeText", kVarchar, "eventTime as the record writes it"},
    Column{"eventVersion", kVarchar, "Version of the record format; compare its parts as numbers"},
    Column{"eventSource", kVarchar, "Service that was called, such as ec2.amazonaws.com"},
    Column{"eventName", kVarchar, "API operation that was called"},
    Column{"awsRegion", kVarchar, "Region that the request was made to"},
    Column{"sourceIPAddress", kVarchar,
           "Caller's address, or the name of the AWS service that called"},
    Column{"userAgent", kVarchar, "Client that made the request"},
    Column{"errorCode", kVarchar, "Error of the service, if the request failed"},
    Column{"errorMessage", kVarchar, "Description of the error"},
    Column{"userIdentity.type", kVarchar,
           "Kind of identity: IAMUser, AssumedRole, Root, AWSService, …"},
    Column{"userIdentity.principalId", kVarchar,
           "Unique id of the caller, for roles with the session name"},
    Column{"userIdentity.arn", kVarchar, "ARN of the caller"},
    Column{"userIdentity.accountId", kVarchar, "Account that owns the caller"},
    Column{"userIdentity.accessKeyId", kVarchar, "Access key that signed the request"},
    Column{"userIdentity.userName", kVarchar, "Friendly name of the caller"},
    Column{"userIdentity.invokedBy", kVarchar, "AWS service that made the request for the caller"},
    Column{"userIdentity.identityProvider", kVarchar, "Provider of a SAML or web identity"},
    Column{"userIdentity.credentialId", kVarchar, "Id of an Identity Center credential"},
    Column{"userIdentity.sessionContext.sessionIssuer.type", kVarchar,
           "Source of the temporary credentials"},
    Column{"userIdentity.sessionContext.sessionIssuer.principalId", kVarchar,
           "Id of what issued the credentials"},
    Column{"userIdentity.sessionContext.sessionIssuer.arn", kVarchar,
           "ARN of what issued the credentials"},
    Column{"userIdentity.sessionContext.sessionIssuer.accountId", kVarchar,
           "Account of the issuer"},
    Column{"userIdentity.sessionContext.sessionIssuer.userName", kVarchar,
           "Role or user that issued them"},
    Column{"userIdentity.sessionContext.attributes.creationDate", kTimestamp,
           "When they were issued"},
    Column{"userIdentity.sessionContext.attributes.mfaAuthenticated", kBoolean,
           "Whether MFA was used"},
    Column{"userIdentity.sessionContext.webIdFederationData.federatedProvider", kVarchar,
           "Web identity provider"},
    Column{"userIdentity.sessionContext.webIdFederationData.attributes", kJson,
           "What the provider said"},
    Column{"userIdentity.sessionContext.sourceIdentity", kVarchar,
           "Source identity of the session"},
    Column{"userIdentity.sessionContext.ec2RoleDelivery", kVarchar,
           "Metadata service version: 1.0 or 2.0"},
    Column{"userIdentity.sessionContext.ec2IssuedInVpc", kVarchar,
           "VPC that the credentials were issued in"},
    Column{"userIdentity.sessionContext.assumedRoot", kBoolean,
           "Whether a root session was assumed"},
    Column{"userIdentity.sessionContext.signInSessionArn", kVarchar,
           "Sign-in session of the credentials"},
    Column{"userIdentity.invokedByDelegate.accountId", kVarchar,
           "Account of the delegate that called"},
    Column{"userIdentity.onBehalfOf.userId", kVarchar,
           "Identity Center user that the call was made for"},
    Column{"userIdentity.onBehalfOf.identityStoreArn", kVarchar, "Identity store of that user"},
    Column{"userIdentity.inScopeOf.sourceArn", kVarchar,
           "Resource that the credentials were issued for"},
    Column{"userIdentity.inScopeOf.sourceAccount", kVarchar, "Account of that resource"},
    Column{"userIdentity.inScopeOf.issuerType", kVarchar, "Kind of that resource"},
    Column{"userIdentity.inScopeOf.credentialsIssuedTo", kVarchar,
           "What the credentials were issued to"},
    Column{"requestParameters", kJson, "Parameters of the request"},
    Column{"responseElements", kJson, "Answer of a request that changes something"},
    Column{"additionalEventData", kJson, "What else the service said about the request"},
    Column{"requestID", kVarchar, "Id that the service gave the request"},
    Column{"eventID", kVarchar, "Unique id of the event"},
    Column{"readOnly", kBoolean, "Whether the call only reads"},
    Column{"resources", kJson, "Resources that were accessed: ARN, accountId, type"},
    Column{"eventType", kVarchar, "AwsApiCall, AwsServiceEvent, AwsConsoleSignIn, …"},
    Column{"apiVersion", kVarchar, "API version of the service"},
    Column{"managementEvent", kBoolean, "Whether it is a management event"},
    Column{"recipientAccountId", kVarchar, "Account that received the event"},
    Column{"sharedEventID", kVarchar, "Joins the copies of one event in several accounts"},
    Column{"vpcEndpointId", kVarchar, "VPC endpoint that the request came through"},
    Column{"vpcEndpointAccountId", kVarchar, "Owner of that endpoint"},
    Column{"eventCategory", kVarchar, "Management, Data, NetworkActivity, Insight"},
    Column{"tlsDetails.tlsVersion", kVarchar, "TLS version of the request"},
    Column{"tlsDetails.cipherSuite", kVarchar, "Cipher suite of the request"},
    Column{"tlsDetails.clientProvidedHostHeader", kVarchar, "Host name that the client used"},
    Column{"tlsDetails.keyExchange", kVarchar, "Key exchange of the request"},
    Column{"sessionCredentialFromConsole", kVarchar, "true when a console session made the call"},
    Column{"serviceEventDetails", kJson, "What a service event is about"},
    Column{"insightDetails", kJson, "What an Insights event found"},
    Column{"addendum.reason", kVarchar, "Why an event was delivered late or again"},
    Column{"addendum.updatedFields", kVarchar, "Fields that were updated"},
    Column{"addendum.originalRequestID", kVarchar, "requestID of the event that it corrects"},
    Column{"addendum.originalEventID", kVarchar, "eventID of the event that it corrects"},
    Column{"edgeDeviceDetails", kJson, "Edge device that the request was made to"},
    Column{"eventContext", kJson, "Tags and condition keys of enriched events"},
    Column{"eventData", kJson, "Payload of an event from outside AWS"},
    Column{"otherFields", kJson, "Top-level fields that have no column here, as one object"},
    Column{"eventJson", kJson, "The whole record, as it was read"},
    Column{"sourceFile", kVarchar, "File that the record was read from"},
    Column{"recordNumber", ColumnType::bigint, "Place of the record within that file, from 1"},
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

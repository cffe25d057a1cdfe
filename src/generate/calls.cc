#include "generate/calls.h"

#include <array>

namespace cairn::generate {
namespace {

constexpr auto kService = Caller::service;
constexpr auto kAuto = Caller::automation;
constexpr auto kDeploy = Caller::deployment;
constexpr auto kHuman = Caller::human;

constexpr std::string_view kBucketResources =
    R"({"type":"AWS::S3::Object","ARN":"arn:aws:s3:::{bucket}/{key}"},{"accountId":"{account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"})";
constexpr std::string_view kOneBucket =
    R"({"accountId":"{account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"})";
constexpr std::string_view kKey =
    R"({"accountId":"{account}","type":"AWS::KMS::Key","ARN":"arn:aws:kms:{region}:{account}:key/{kmskey}"})";
constexpr std::string_view kDenied = "AccessDenied";
constexpr std::string_view kDeniedMessage =
    "User: {arn} is not authorized to perform: {action} because no identity-based policy allows "
    "the {action} action";
constexpr std::string_view kUnauthorized = "Client.UnauthorizedOperation";
constexpr std::string_view kUnauthorizedMessage =
    "You are not authorized to perform this operation. User: {arn} is not authorized to perform: "
    "{action} on resource: "
    "arn:aws:ec2:{region}:{account}:* because no identity-based policy allows the {action} action.";

constexpr std::array
    kCalls{
        // AWS services: few kinds, nearly constant size, most of the volume.
        Call{
            kService, "s3", "PutObject", 30, false, true,
            R"({"bucketName":"{bucket}","Host":"{bucket}.s3.{region}.amazonaws.com","key":"{key}","x-amz-acl":"bucket-owner-full-control","x-amz-server-side-encryption":"AES256"})",
            R"({"x-amz-server-side-encryption":"AES256"})", kBucketResources, 0.004, kDenied,
            "Access Denied"},
        Call{kService, "s3", "GetBucketAcl", 26, true, false,
             R"({"bucketName":"{bucket}","Host":"{bucket}.s3.{region}.amazonaws.com","acl":""})",
             "null", kOneBucket, 0.001, kDenied, "Access Denied"},
        Call{
            kService, "kms", "GenerateDataKey", 18, true, false,
            R"({"keySpec":"AES_256","encryptionContext":{"aws:cloudtrail:arn":"arn:aws:cloudtrail:{region}:{account}:trail/management-events","aws:s3:arn":"arn:aws:s3:::{bucket}/{key}"},"keyId":"arn:aws:kms:{region}:{account}:key/{kmskey}"})",
            "null", kKey, 0, "", ""},
        Call{
            kService, "kms", "Decrypt", 10, true, false,
            R"({"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"aws:ebs:id":"{volume}"}})",
            "null", kKey, 0.002, kDenied,
            "The ciphertext refers to a customer master key that does not exist, does not exist in "
            "this region, or you are not allowed to access."},
        Call{
            kService, "sts", "AssumeRole", 14, true, false,
            R"({"roleArn":"arn:aws:iam::{account}:role/{role}","roleSessionName":"{session}","durationSeconds":3600})",
            R"({"credentials":{"accessKeyId":"{asia}","sessionToken":"{token}","expiration":"{expiry}"},"assumedRoleUser":{"assumedRoleId":"{aroa}:{session}","arn":"arn:aws:sts::{account}:assumed-role/{role}/{session}"}})",
            R"({"accountId":"{account}","type":"AWS::IAM::Role","ARN":"arn:aws:iam::{account}:role/{role}"})",
            0.01, kDenied, kDeniedMessage},
        Call{
            kService, "logs", "CreateLogStream", 6, false, false,
            R"({"logStreamName":"{date}/[$LATEST]{hex32}","logGroupName":"/aws/lambda/{function}"})",
            "null", "", 0.01, "ResourceAlreadyExistsException",
            "The specified log stream already exists"},
        Call{
            kService, "ec2", "CreateNetworkInterface", 1, false, false,
            R"({"subnetId":"{subnet}","description":"AWS Lambda VPC ENI-{function}-{uuid}","groupSet":{"items":[{"groupId":"{sg}"}]},"privateIpAddressesSet":{},"clientToken":"{uuid}"})",
            R"({"requestId":"{uuid}","networkInterface":{"networkInterfaceId":"{eni}","subnetId":"{subnet}","vpcId":"{vpc}","availabilityZone":"{region}a","ownerId":"{account}","requesterManaged":true,"status":"pending","privateIpAddress":"{ip10}","sourceDestCheck":true,"groupSet":{"items":[{"groupId":"{sg}","groupName":"default"}]}}})",
            "", 0.01, "Client.NetworkInterfaceLimitExceeded",
            "The maximum number of network interfaces has been reached."},
        // Roles' sessions: reading, all day.
        Call{kAuto, "ec2", "DescribeInstances", 14, true, false,
             R"({"instancesSet":{"items":[{"instanceId":"{instance}"}]},"filterSet":{}})", "null",
             "", 0.012, "Client.RequestLimitExceeded", "Request limit exceeded."},
        Call{
            kAuto, "ec2", "DescribeNetworkInterfaces", 8, true, false,
            R"({"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"attachment.instance-id","valueSet":{"items":[{"value":"{instance}"}]}}]}})",
            "null", "", 0.012, "Client.RequestLimitExceeded", "Request limit exceeded."},
        Call{
            kAuto, "ec2", "DescribeRouteTables", 6, true, false,
            R"({"routeTableIdSet":{},"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"{vpc}"}]}}]}})",
            "null", "", 0.02, kUnauthorized, kUnauthorizedMessage},
        Call{kAuto, "ec2", "DescribeVolumes", 5, true, false,
             R"({"volumeSet":{"items":[{"volumeId":"{volume}"}]},"filterSet":{}})", "null", "",
             0.01, "Client.InvalidVolume.NotFound", "The volume '{volume}' does not exist."},
        Call{
            kAuto, "ec2", "DescribeSecurityGroups", 5, true, false,
            R"({"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"{sg}"}]},"filterSet":{}})",
            "null", "", 0.01, kUnauthorized, kUnauthorizedMessage},
        Call{kAuto, "ec2", "DescribeSubnets", 4, true, false,
             R"({"subnetSet":{"items":[{"subnetId":"{subnet}"}]},"filterSet":{}})", "null", "",
             0.005, kUnauthorized, kUnauthorizedMessage},
        Call{kAuto, "autoscaling", "DescribeAutoScalingGroups", 7, true, false,
             R"({"maxRecords":100})", "null", "", 0.01, "ThrottlingException", "Rate exceeded"},
        Call{kAuto, "eks", "DescribeCluster", 5, true, false, R"({"name":"{cluster}"})", "null", "",
             0.005, "ResourceNotFoundException", "No cluster found for name: {cluster}."},
        Call{
            kAuto, "elasticloadbalancing", "DescribeTargetHealth", 6, true, false,
            R"({"targetGroupArn":"arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{cluster}/{hex16}"})",
            "null", "", 0.02, "ThrottlingException", "Rate exceeded"},
        Call{
            kAuto, "ssm", "UpdateInstanceInformation", 9, false, false,
            R"({"instanceId":"{instance}","agentVersion":"3.3.987.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"{ip10}","computerName":"ip-{hex8}.{region}.compute.internal","agentName":"amazon-ssm-agent"})",
            "null", "", 0.01, "ThrottlingException", "Rate exceeded"},
        Call{kAuto, "ssm", "GetParameter", 7, true, false,
             R"({"name":"/app/{function}/config","withDecryption":true})", "null", "", 0.03,
             "ParameterNotFound", ""},
        Call{kAuto, "ssm", "DescribeParameters", 4, true, false, R"({"maxResults":50})", "null", "",
             0.1, "ThrottlingException", "Rate exceeded"},
        Call{
            kAuto, "secretsmanager", "GetSecretValue", 6, true, false,
            R"({"secretId":"arn:aws:secretsmanager:{region}:{account}:secret:{function}-{hex6}","versionStage":"AWSCURRENT"})",
            "null", "", 0.02, "AccessDenied", kDeniedMessage},
        Call{kAuto, "iam", "GetUser", 2, true, false, R"({"userName":"{user}"})", "null", "", 0.05,
             "NoSuchEntityException", "The user with name {user} cannot be found."},
        Call{kAuto, "iam", "ListAttachedRolePolicies", 3, true, false, R"({"roleName":"{role}"})",
             "null", "", 0.02, kDenied, kDeniedMessage},
        Call{kAuto, "iam", "GetRole", 3, true, false, R"({"roleName":"{role}"})", "null", "", 0.03,
             "NoSuchEntityException", "The role with name {role} cannot be found."},
        Call{kAuto, "sts", "GetCallerIdentity", 6, true, false, "null", "null", "", 0, "", ""},
        Call{
            kAuto, "sts", "AssumeRoleWithWebIdentity", 5, true, false,
            R"({"roleArn":"arn:aws:iam::{account}:role/{role}","roleSessionName":"{session}"})",
            R"({"credentials":{"accessKeyId":"{asia}","sessionToken":"{token}","expiration":"{expiry}"},"subjectFromWebIdentityToken":"system:serviceaccount:prod:{function}","assumedRoleUser":{"assumedRoleId":"{aroa}:{session}","arn":"arn:aws:sts::{account}:assumed-role/{role}/{session}"},"provider":"arn:aws:iam::{account}:oidc-provider/oidc.eks.{region}.amazonaws.com/id/{hex32}","audience":"sts.amazonaws.com"})",
            "", 0.01, kDenied, "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
        Call{
            kAuto, "s3", "GetObject", 12, true, true,
            R"({"bucketName":"{bucket}","Host":"{bucket}.s3.{region}.amazonaws.com","key":"{key}"})",
            "null", kBucketResources, 0.03, kDenied, "Access Denied"},
        Call{
            kAuto, "s3", "HeadObject", 5, true, true,
            R"({"bucketName":"{bucket}","Host":"{bucket}.s3.{region}.amazonaws.com","key":"{key}"})",
            "null", kBucketResources, 0.15, "NoSuchKey", "The specified key does not exist."},
        Call{
            kAuto, "s3", "ListObjects", 4, true, true,
            R"({"list-type":"2","bucketName":"{bucket}","prefix":"{function}/","Host":"{bucket}.s3.{region}.amazonaws.com"})",
            "null", kOneBucket, 0.02, kDenied, "Access Denied"},
        Call{
            kAuto, "ecr", "BatchGetImage", 3, true, false,
            R"({"registryId":"{account}","repositoryName":"{function}","imageIds":[{"imageTag":"{hex8}"}]})",
            "null",
            R"({"accountId":"{account}","ARN":"arn:aws:ecr:{region}:{account}:repository/{function}"})",
            0.01, "RepositoryNotFoundException",
            "The repository with name '{function}' does not exist in the registry with id "
            "'{account}'"},
        Call{
            kAuto, "dynamodb", "DescribeTable", 3, true, false, R"({"tableName":"{function}"})",
            "null",
            R"({"accountId":"{account}","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:{region}:{account}:table/{function}"})",
            0.02, "ResourceNotFoundException",
            "Requested resource not found: Table: {function} not found"},
        Call{
            kAuto, "sqs", "GetQueueAttributes", 3, true, false,
            R"({"queueUrl":"https://sqs.{region}.amazonaws.com/{account}/{function}","attributeNames":["ApproximateNumberOfMessages"]})",
            "null", "", 0.01, "AWS.SimpleQueueService.NonExistentQueue",
            "The specified queue does not exist."},
        Call{kAuto, "monitoring", "DescribeAlarms", 3, true, false, R"({"maxRecords":100})", "null",
             "", 0.01, "Throttling", "Rate exceeded"},
        Call{
            kAuto, "config", "PutEvaluations", 3, false, false,
            R"({"evaluations":[{"complianceResourceType":"AWS::EC2::SecurityGroup","complianceResourceId":"{sg}","complianceType":"COMPLIANT","orderingTimestamp":"{time}"}],"resultToken":"HIDDEN_DUE_TO_SECURITY_REASONS","testMode":false})",
            R"({"failedEvaluations":[]})", "", 0, "", ""},
        Call{kAuto, "rds", "DescribeDBInstances", 3, true, false,
             R"({"dBInstanceIdentifier":"{function}-db"})", "null", "", 0.03,
             "DBInstanceNotFoundFault", "DBInstance {function}-db not found."},
        Call{kAuto, "lambda", "ListFunctions20150331", 2, true, false, "null", "null", "", 0.02,
             "AccessDeniedException", kDeniedMessage},
        Call{
            kAuto, "cloudtrail", "LookupEvents", 1, true, false,
            R"({"maxResults":50,"lookupAttributes":[{"attributeKey":"EventName","attributeValue":"CreateNetworkInterface"}]})",
            "null", "", 0.1, "ThrottlingException", "Rate exceeded"},
        Call{kAuto, "route53", "ListResourceRecordSets", 2, true, false,
             R"({"hostedZoneId":"Z{upper12}"})", "null", "", 0.03, "Throttling", "Rate exceeded"},
        // Infrastructure as code: changes with long answers.
        Call{
            kDeploy, "ec2", "RunInstances", 4, false, false,
            R"({"instancesSet":{"items":[{"imageId":"ami-{hex17}","minCount":1,"maxCount":1}]},"instanceType":"m6i.large","blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":false,"clientToken":"{uuid}","tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"Name","value":"{function}"}]}]}})",
            R"({"requestId":"{uuid}","reservationId":"r-{hex17}","ownerId":"{account}","groupSet":{},"instancesSet":{"items":[{"instanceId":"{instance}","imageId":"ami-{hex17}","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-{hex8}.{region}.compute.internal","amiLaunchIndex":0,"productCodes":{},"instanceType":"m6i.large","launchTime":1760000000000,"placement":{"availabilityZone":"{region}a","tenancy":"default"},"monitoring":{"state":"disabled"},"subnetId":"{subnet}","vpcId":"{vpc}","privateIpAddress":"{ip10}","architecture":"x86_64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","virtualizationType":"hvm","hypervisor":"xen","clientToken":"{uuid}","groupSet":{"items":[{"groupId":"{sg}","groupName":"{function}"}]},"sourceDestCheck":true,"networkInterfaceSet":{"items":[{"networkInterfaceId":"{eni}","subnetId":"{subnet}","vpcId":"{vpc}","ownerId":"{account}","status":"in-use","macAddress":"0a:{hex2}:{hex2}:{hex2}:{hex2}:{hex2}"}]},"ebsOptimized":false,"metadataOptions":{"state":"pending","httpTokens":"required","httpPutResponseHopLimit":2,"httpEndpoint":"enabled"}}]}})",
            "", 0.05, "Client.InsufficientInstanceCapacity",
            "We currently do not have sufficient m6i.large capacity in the Availability Zone you "
            "requested."},
        Call{
            kDeploy, "ec2", "CreateTags", 8, false, false,
            R"({"resourcesSet":{"items":[{"resourceId":"{instance}"}]},"tagSet":{"items":[{"key":"team","value":"{user}"},{"key":"service","value":"{function}"}]}})",
            R"({"requestId":"{uuid}","_return":true})", "", 0.02, kUnauthorized,
            kUnauthorizedMessage},
        Call{
            kDeploy, "ec2", "AuthorizeSecurityGroupIngress", 4, false, false,
            R"({"groupId":"{sg}","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"}]},"ipv6Ranges":{},"prefixListIds":{}}]}})",
            R"({"requestId":"{uuid}","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"{account}","groupId":"{sg}","securityGroupRuleId":"sgr-{hex17}","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":443,"cidrIpv4":"10.0.0.0/8"}]}})",
            "", 0.08, "Client.InvalidPermission.Duplicate",
            "the specified rule \\\"peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW\\\" "
            "already exists"},
        Call{kDeploy, "ec2", "DeleteNetworkInterface", 3, false, false,
             R"({"networkInterfaceId":"{eni}"})", R"({"requestId":"{uuid}","_return":true})", "",
             0.1, "Client.InvalidParameterValue", "Network interface '{eni}' is currently in use."},
        Call{
            kDeploy, "iam", "CreateRole", 3, false, false,
            R"({"roleName":"{role}","path":"/","assumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"})",
            R"({"role":{"path":"/","roleName":"{role}","roleId":"{aroa}","arn":"arn:aws:iam::{account}:role/{role}","createDate":"{time}"}})",
            "", 0.15, "EntityAlreadyExistsException", "Role with name {role} already exists."},
        Call{
            kDeploy, "iam", "AttachRolePolicy", 4, false, false,
            R"({"roleName":"{role}","policyArn":"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"})",
            "null", "", 0.03, kDenied, kDeniedMessage},
        Call{
            kDeploy, "iam", "PutRolePolicy", 3, false, false,
            R"({"roleName":"{role}","policyName":"inline","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::{bucket}/*\"}]}"})",
            "null", "", 0.03, "MalformedPolicyDocumentException", "Syntax errors in policy."},
        Call{
            kDeploy, "lambda", "UpdateFunctionCode20150331v2", 6, false, false,
            R"({"functionName":"{function}","s3Bucket":"{bucket}","s3Key":"{key}","publish":true,"dryRun":false})",
            R"({"functionName":"{function}","functionArn":"arn:aws:lambda:{region}:{account}:function:{function}","runtime":"python3.12","role":"arn:aws:iam::{account}:role/{role}","handler":"app.handler","codeSize":1048576,"description":"","timeout":30,"memorySize":512,"lastModified":"{time}","codeSha256":"{token32}=","version":"7","tracingConfig":{"mode":"PassThrough"},"revisionId":"{uuid}","state":"Active","packageType":"Zip","architectures":["arm64"]})",
            "", 0.03, "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for "
            "resource: arn:aws:lambda:{region}:{account}:function:{function}"},
        Call{
            kDeploy, "cloudformation", "CreateChangeSet", 4, false, false,
            R"({"stackName":"{function}","changeSetName":"deploy-{hex8}","capabilities":["CAPABILITY_IAM"],"changeSetType":"UPDATE"})",
            R"({"id":"arn:aws:cloudformation:{region}:{account}:changeSet/deploy-{hex8}/{uuid}","stackId":"arn:aws:cloudformation:{region}:{account}:stack/{function}/{uuid}"})",
            "", 0.05, "ValidationException", "No updates are to be performed."},
        Call{
            kDeploy, "s3", "CreateBucket", 1, false, false,
            R"({"CreateBucketConfiguration":{"LocationConstraint":"{region}"},"bucketName":"{bucket}","Host":"s3.{region}.amazonaws.com"})",
            "null", kOneBucket, 0.2, "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it."},
        Call{
            kDeploy, "s3", "PutBucketTagging", 2, false, false,
            R"({"bucketName":"{bucket}","Tagging":{"TagSet":{"Tag":[{"Key":"team","Value":"{user}"}]}},"tagging":"","Host":"{bucket}.s3.{region}.amazonaws.com"})",
            "null", kOneBucket, 0.02, kDenied, "Access Denied"},
        Call{kDeploy, "sns", "CreateTopic", 1, false, false,
             R"({"name":"{function}","attributes":{"KmsMasterKeyId":"alias/aws/sns"}})",
             R"({"topicArn":"arn:aws:sns:{region}:{account}:{function}"})", "", 0.02,
             "AuthorizationError", kDeniedMessage},
        Call{
            kDeploy, "rds", "ModifyDBInstance", 1, false, false,
            R"({"dBInstanceIdentifier":"{function}-db","applyImmediately":true,"allocatedStorage":200,"allowMajorVersionUpgrade":false})",
            R"({"dBInstanceIdentifier":"{function}-db","dBInstanceClass":"db.r6g.large","engine":"aurora-postgresql","dBInstanceStatus":"available","masterUsername":"app","allocatedStorage":100,"preferredBackupWindow":"03:00-03:30","backupRetentionPeriod":7,"multiAZ":true,"engineVersion":"15.4","publiclyAccessible":false,"storageEncrypted":true,"dBInstanceArn":"arn:aws:rds:{region}:{account}:db:{function}-db","pendingModifiedValues":{"allocatedStorage":200}})",
            "", 0.1, "InvalidDBInstanceStateFault", "Database instance is not in available state."},
        Call{
            kDeploy, "autoscaling", "UpdateAutoScalingGroup", 2, false, false,
            R"({"autoScalingGroupName":"{cluster}-nodes","desiredCapacity":6,"minSize":3,"maxSize":12})",
            "null", "", 0.05, "ScalingActivityInProgressFault",
            "Scaling activity {uuid} is in progress and blocks this action"},
        Call{
            kDeploy, "secretsmanager", "PutSecretValue", 2, false, false,
            R"({"secretId":"{function}","clientRequestToken":"{uuid}","versionStages":["AWSCURRENT"]})",
            R"({"arn":"arn:aws:secretsmanager:{region}:{account}:secret:{function}-{hex6}"})", "",
            0.02, "AccessDenied", kDeniedMessage},
        // People.
        Call{kHuman, "signin", "ConsoleLogin", 6, false, false, "null",
             R"({"ConsoleLogin":"Success"})", "", 0, "", ""},
        Call{
            kHuman, "health", "DescribeEventAggregates", 20, true, false,
            R"({"filter":{"startTimes":[{"from":"{time}"}],"eventStatusCodes":["open","upcoming"]},"aggregateField":"eventTypeCategory"})",
            "null", "", 0, "", ""},
        Call{kHuman, "ec2", "DescribeInstances", 14, true, false,
             R"({"maxResults":100,"instancesSet":{},"filterSet":{}})", "null", "", 0.02,
             kUnauthorized, kUnauthorizedMessage},
        Call{kHuman, "s3", "ListBuckets", 8, true, false, R"({"Host":"s3.{region}.amazonaws.com"})",
             "null", "", 0.05, kDenied, "Access Denied"},
        Call{
            kHuman, "s3", "GetBucketPolicyStatus", 5, true, false,
            R"({"bucketName":"{bucket}","Host":"{bucket}.s3.{region}.amazonaws.com","policyStatus":""})",
            "null", kOneBucket, 0.3, "NoSuchBucketPolicy", "The bucket policy does not exist"},
        Call{kHuman, "iam", "ListUsers", 5, true, false, R"({"maxItems":1000})", "null", "", 0.1,
             kDenied, kDeniedMessage},
        Call{kHuman, "iam", "ListRoles", 5, true, false, R"({"maxItems":1000})", "null", "", 0.1,
             kDenied, kDeniedMessage},
        Call{kHuman, "cloudtrail", "LookupEvents", 6, true, false, R"({"maxResults":50})", "null",
             "", 0.05, "ThrottlingException", "Rate exceeded"},
        Call{kHuman, "monitoring", "GetDashboard", 5, true, false,
             R"({"dashboardName":"{function}"})", "null", "", 0.1, "DashboardNotFoundError",
             "Dashboard {function} does not exist"},
        Call{
            kHuman, "logs", "StartQuery", 5, true, false,
            R"({"logGroupNames":["/aws/lambda/{function}"],"queryString":"fields @timestamp, @message | sort @timestamp desc | limit 20","startTime":1760000000,"endTime":1760003600})",
            R"({"queryId":"{uuid}"})", "", 0.03, "MalformedQueryException",
            "unexpected symbol found"},
        Call{
            kHuman, "ec2", "StopInstances", 1, false, false,
            R"({"instancesSet":{"items":[{"instanceId":"{instance}"}]},"force":false})",
            R"({"requestId":"{uuid}","instancesSet":{"items":[{"instanceId":"{instance}","currentState":{"code":64,"name":"stopping"},"previousState":{"code":16,"name":"running"}}]}})",
            "", 0.1, kUnauthorized, kUnauthorizedMessage},
        Call{kHuman, "sso", "Federate", 4, false, false, "null", "null", "", 0, "", ""},
    };

constexpr std::array kTail{
    TailService{"acm", "Certificates Certificate Account"},
    TailService{"apigateway", "RestApis Stages Resources DomainNames Authorizers"},
    TailService{"athena", "WorkGroups QueryExecutions NamedQueries DataCatalogs"},
    TailService{"backup", "BackupJobs BackupPlans RecoveryPoints BackupVaults"},
    TailService{"batch", "JobQueues ComputeEnvironments JobDefinitions"},
    TailService{"cloudfront", "Distributions Invalidations CachePolicies"},
    TailService{"codebuild", "Projects Builds Reports"},
    TailService{"codepipeline", "Pipelines PipelineState PipelineExecutions"},
    TailService{"cognito-idp", "UserPools UserPoolClients Users Groups"},
    TailService{"directconnect", "Connections VirtualGateways Locations"},
    TailService{"dms", "ReplicationInstances ReplicationTasks Endpoints"},
    TailService{"ecs", "Clusters Services Tasks TaskDefinition ContainerInstances"},
    TailService{"elasticache", "CacheClusters ReplicationGroups CacheSubnetGroups"},
    TailService{"elasticfilesystem", "FileSystems MountTargets AccessPoints"},
    TailService{"es", "Domains DomainNames DomainConfig"},
    TailService{"events", "Rules EventBuses TargetsByRule"},
    TailService{"firehose", "DeliveryStreams DeliveryStream"},
    TailService{"glue", "Databases Tables Jobs Crawlers Partitions"},
    TailService{"guardduty", "Detectors Findings Members"},
    TailService{"inspector2", "Findings Coverage AccountPermissions"},
    TailService{"kinesis", "Streams StreamSummary StreamConsumers"},
    TailService{"organizations", "Accounts Organization Roots Policies"},
    TailService{"redshift", "Clusters ClusterParameters EventCategories"},
    TailService{"resource-groups", "Groups GroupResources"},
    TailService{"sagemaker", "Endpoints TrainingJobs NotebookInstances Models"},
    TailService{"securityhub", "Findings EnabledStandards Hub"},
    TailService{"servicequotas", "ServiceQuotas Services RequestedServiceQuotaChangeHistory"},
    TailService{"states", "StateMachines Executions"},
    TailService{"tagging", "Resources TagKeys TagValues"},
    TailService{"wafv2", "WebACLs RuleGroups IPSets"},
    TailService{"xray", "SamplingRules SamplingTargets Groups"},
};

}  // namespace

std::span<const Call> calls() {
  return kCalls;
}

std::span<const TailService> tail_services() {
  return kTail;
}

}  // namespace cairn::generate

// The parameters of requests and answers that identify resources, and the resource types they name.
#pragma once

#include <array>
#include <string_view>

namespace cairn::history {

struct ParameterRule {
  std::string_view service;  ///< first part of eventSource; empty: every service
  std::string_view parameter;
  std::string_view type;
  std::string_view prefix = {};  ///< that the value begins with
  bool top_level = false;        ///< only as a direct member of the parameters
};

/// The first rule that fits a parameter counts.
inline constexpr std::array kParameterRules{
    // EC2
    ParameterRule{"ec2", "instanceId", "AWS::EC2::Instance"},
    ParameterRule{"ec2", "instanceIds", "AWS::EC2::Instance"},
    ParameterRule{"ec2", "imageId", "AWS::EC2::Ami"},
    ParameterRule{"ec2", "networkInterfaceId", "AWS::EC2::NetworkInterface"},
    ParameterRule{"ec2", "subnetId", "AWS::EC2::Subnet"},
    ParameterRule{"ec2", "vpcId", "AWS::EC2::VPC"},
    ParameterRule{"ec2", "groupId", "AWS::EC2::SecurityGroup", "sg-"},
    ParameterRule{"ec2", "securityGroupId", "AWS::EC2::SecurityGroup"},
    ParameterRule{"ec2", "groupName", "AWS::EC2::SecurityGroup"},
    ParameterRule{"ec2", "keyName", "AWS::EC2::KeyPair"},
    ParameterRule{"ec2", "volumeId", "AWS::EC2::Volume"},
    ParameterRule{"ec2", "snapshotId", "AWS::EC2::Snapshot"},
    ParameterRule{"ec2", "routeTableId", "AWS::EC2::RouteTable"},
    ParameterRule{"ec2", "internetGatewayId", "AWS::EC2::InternetGateway"},
    ParameterRule{"ec2", "natGatewayId", "AWS::EC2::NatGateway"},
    ParameterRule{"ec2", "networkAclId", "AWS::EC2::NetworkAcl"},
    ParameterRule{"ec2", "allocationId", "AWS::EC2::EIP"},
    ParameterRule{"ec2", "vpcEndpointId", "AWS::EC2::VPCEndpoint"},
    ParameterRule{"ec2", "vpcPeeringConnectionId", "AWS::EC2::VPCPeeringConnection"},
    ParameterRule{"ec2", "vpnConnectionId", "AWS::EC2::VPNConnection"},
    ParameterRule{"ec2", "vpnGatewayId", "AWS::EC2::VPNGateway"},
    ParameterRule{"ec2", "customerGatewayId", "AWS::EC2::CustomerGateway"},
    ParameterRule{"ec2", "transitGatewayId", "AWS::EC2::TransitGateway"},
    ParameterRule{"ec2", "launchTemplateId", "AWS::EC2::LaunchTemplate"},
    ParameterRule{"ec2", "flowLogId", "AWS::EC2::FlowLog"},
    ParameterRule{"ec2", "dhcpOptionsId", "AWS::EC2::DHCPOptions"},
    // IAM and STS
    ParameterRule{"iam", "userName", "AWS::IAM::User"},
    ParameterRule{"iam", "roleName", "AWS::IAM::Role"},
    ParameterRule{"iam", "groupName", "AWS::IAM::Group"},
    ParameterRule{"iam", "policyArn", "AWS::IAM::Policy"},
    ParameterRule{"iam", "policyName", "AWS::IAM::Policy"},
    ParameterRule{"iam", "instanceProfileName", "AWS::IAM::InstanceProfile"},
    ParameterRule{"iam", "accessKeyId", "AWS::IAM::AccessKey"},
    ParameterRule{"iam", "serialNumber", "AWS::IAM::MfaDevice"},
    ParameterRule{"iam", "sAMLProviderArn", "AWS::IAM::SAMLProvider"},
    ParameterRule{"iam", "openIDConnectProviderArn", "AWS::IAM::OIDCProvider"},
    ParameterRule{"sts", "roleArn", "AWS::IAM::Role"},
    ParameterRule{"sts", "accessKeyId", "AWS::IAM::AccessKey"},
    ParameterRule{"sts", "assumedRoleId", "AWS::STS::AssumedRole"},
    ParameterRule{"sts", "arn", "AWS::STS::AssumedRole", "arn:"},
    // Storage and keys
    ParameterRule{"s3", "bucketName", "AWS::S3::Bucket"},
    ParameterRule{"kms", "keyId", "AWS::KMS::Key"},
    ParameterRule{"kms", "targetKeyId", "AWS::KMS::Key"},
    ParameterRule{"kms", "aliasName", "AWS::KMS::Alias"},
    ParameterRule{"elasticfilesystem", "fileSystemId", "AWS::EFS::FileSystem"},
    ParameterRule{"ecr", "repositoryName", "AWS::ECR::Repository"},
    ParameterRule{"secretsmanager", "secretId", "AWS::SecretsManager::Secret"},
    ParameterRule{"secretsmanager", "name", "AWS::SecretsManager::Secret", {}, true},
    ParameterRule{"backup", "backupVaultName", "AWS::Backup::BackupVault"},
    // Compute
    ParameterRule{"lambda", "functionName", "AWS::Lambda::Function"},
    ParameterRule{"lambda", "layerName", "AWS::Lambda::LayerVersion"},
    ParameterRule{"autoscaling", "autoScalingGroupName", "AWS::AutoScaling::AutoScalingGroup"},
    ParameterRule{"autoscaling", "launchConfigurationName",
                  "AWS::AutoScaling::LaunchConfiguration"},
    ParameterRule{"elasticloadbalancing", "loadBalancerName",
                  "AWS::ElasticLoadBalancing::LoadBalancer"},
    ParameterRule{"elasticloadbalancing", "loadBalancerArn",
                  "AWS::ElasticLoadBalancingV2::LoadBalancer"},
    ParameterRule{"elasticloadbalancing", "targetGroupArn",
                  "AWS::ElasticLoadBalancingV2::TargetGroup"},
    ParameterRule{"ecs", "cluster", "AWS::ECS::Cluster"},
    ParameterRule{"ecs", "clusterName", "AWS::ECS::Cluster"},
    ParameterRule{"ecs", "service", "AWS::ECS::Service", {}, true},
    ParameterRule{"ecs", "serviceName", "AWS::ECS::Service"},
    ParameterRule{"ecs", "taskDefinition", "AWS::ECS::TaskDefinition"},
    ParameterRule{"eks", "clusterName", "AWS::EKS::Cluster"},
    ParameterRule{"eks", "nodegroupName", "AWS::EKS::Nodegroup"},
    ParameterRule{"eks", "name", "AWS::EKS::Cluster", {}, true},
    // Databases
    ParameterRule{"dynamodb", "tableName", "AWS::DynamoDB::Table"},
    ParameterRule{"rds", "dBInstanceIdentifier", "AWS::RDS::DBInstance"},
    ParameterRule{"rds", "dBClusterIdentifier", "AWS::RDS::DBCluster"},
    ParameterRule{"rds", "dBSnapshotIdentifier", "AWS::RDS::DBSnapshot"},
    ParameterRule{"rds", "dBClusterSnapshotIdentifier", "AWS::RDS::DBClusterSnapshot"},
    ParameterRule{"rds", "dBSubnetGroupName", "AWS::RDS::DBSubnetGroup"},
    ParameterRule{"rds", "dBParameterGroupName", "AWS::RDS::DBParameterGroup"},
    ParameterRule{"redshift", "clusterIdentifier", "AWS::Redshift::Cluster"},
    ParameterRule{"elasticache", "cacheClusterId", "AWS::ElastiCache::CacheCluster"},
    ParameterRule{"elasticache", "replicationGroupId", "AWS::ElastiCache::ReplicationGroup"},
    // Messages and streams
    ParameterRule{"sns", "topicArn", "AWS::SNS::Topic"},
    ParameterRule{"sqs", "queueUrl", "AWS::SQS::Queue"},
    ParameterRule{"sqs", "queueName", "AWS::SQS::Queue"},
    ParameterRule{"kinesis", "streamName", "AWS::Kinesis::Stream"},
    ParameterRule{"firehose", "deliveryStreamName", "AWS::KinesisFirehose::DeliveryStream"},
    ParameterRule{"events", "rule", "AWS::Events::Rule", {}, true},
    ParameterRule{"events", "name", "AWS::Events::Rule", {}, true},
    ParameterRule{"events", "eventBusName", "AWS::Events::EventBus"},
    // Management
    ParameterRule{"cloudformation", "stackName", "AWS::CloudFormation::Stack"},
    ParameterRule{"cloudformation", "stackId", "AWS::CloudFormation::Stack"},
    ParameterRule{"cloudtrail", "name", "AWS::CloudTrail::Trail", {}, true},
    ParameterRule{"cloudtrail", "trailName", "AWS::CloudTrail::Trail"},
    ParameterRule{"cloudtrail", "trailARN", "AWS::CloudTrail::Trail"},
    ParameterRule{"cloudtrail", "s3BucketName", "AWS::S3::Bucket"},
    ParameterRule{"cloudtrail", "eventDataStore", "AWS::CloudTrail::EventDataStore"},
    ParameterRule{"logs", "logGroupName", "AWS::Logs::LogGroup"},
    ParameterRule{"logs", "logStreamName", "AWS::Logs::LogStream"},
    ParameterRule{"monitoring", "alarmName", "AWS::CloudWatch::Alarm"},
    ParameterRule{"monitoring", "alarmNames", "AWS::CloudWatch::Alarm"},
    ParameterRule{"config", "configurationRecorderName", "AWS::Config::ConfigurationRecorder"},
    ParameterRule{"config", "deliveryChannelName", "AWS::Config::DeliveryChannel"},
    ParameterRule{"config", "configRuleName", "AWS::Config::ConfigRule"},
    ParameterRule{"guardduty", "detectorId", "AWS::GuardDuty::Detector"},
    ParameterRule{"ssm", "documentName", "AWS::SSM::Document"},
    ParameterRule{"ssm", "name", "AWS::SSM::Parameter", {}, true},
    ParameterRule{"ssm", "instanceIds", "AWS::EC2::Instance"},
    ParameterRule{"ssm", "target", "AWS::EC2::Instance", "i-", true},
    ParameterRule{"organizations", "accountId", "AWS::Organizations::Account"},
    ParameterRule{"organizations", "policyId", "AWS::Organizations::Policy"},
    // Network, delivery, builds, analytics
    ParameterRule{"route53", "hostedZoneId", "AWS::Route53::HostedZone"},
    ParameterRule{"cloudfront", "distributionId", "AWS::CloudFront::Distribution"},
    ParameterRule{"apigateway", "restApiId", "AWS::ApiGateway::RestApi"},
    ParameterRule{"acm", "certificateArn", "AWS::CertificateManager::Certificate"},
    ParameterRule{"states", "stateMachineArn", "AWS::StepFunctions::StateMachine"},
    ParameterRule{"codebuild", "projectName", "AWS::CodeBuild::Project"},
    ParameterRule{"codepipeline", "pipelineName", "AWS::CodePipeline::Pipeline"},
    ParameterRule{"glue", "databaseName", "AWS::Glue::Database"},
    ParameterRule{"glue", "jobName", "AWS::Glue::Job"},
    ParameterRule{"athena", "workGroup", "AWS::Athena::WorkGroup"},
};

struct ArnRule {
  std::string_view service;
  std::string_view prefix;  ///< of the part behind the account
  std::string_view type;
};

inline constexpr std::array kArnRules{
    ArnRule{"iam", "role/", "AWS::IAM::Role"},
    ArnRule{"iam", "user/", "AWS::IAM::User"},
    ArnRule{"iam", "policy/", "AWS::IAM::Policy"},
    ArnRule{"sts", "assumed-role/", "AWS::STS::AssumedRole"},
    ArnRule{"kms", "key/", "AWS::KMS::Key"},
    ArnRule{"kms", "alias/", "AWS::KMS::Alias"},
    ArnRule{"sns", "", "AWS::SNS::Topic"},
    ArnRule{"sqs", "", "AWS::SQS::Queue"},
    ArnRule{"lambda", "function:", "AWS::Lambda::Function"},
    ArnRule{"dynamodb", "table/", "AWS::DynamoDB::Table"},
    ArnRule{"ec2", "instance/", "AWS::EC2::Instance"},
    ArnRule{"secretsmanager", "secret:", "AWS::SecretsManager::Secret"},
};

}  // namespace cairn::history

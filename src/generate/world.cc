#include "generate/world.h"

#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::generate {
namespace {

constexpr std::array<std::string_view, 10> kAccounts{
    "111122223333", "444455556666", "123456789012", "777788889999", "555566667777",
    "222233334444", "888899990000", "333344445555", "666677778888", "999900001111"};

constexpr std::array<std::string_view, 17> kRegions{
    "us-east-1",      "eu-west-1",      "us-west-2",      "eu-central-1", "us-east-2",
    "ap-southeast-2", "ap-northeast-1", "ap-southeast-1", "ca-central-1", "eu-west-2",
    "ap-south-1",     "us-west-1",      "eu-north-1",     "eu-west-3",    "sa-east-1",
    "me-south-1",     "af-south-1"};

constexpr std::array<std::string_view, 16> kUsers{
    "alice", "bob",  "carol",   "dave", "erin",   "frank", "grace",  "heidi",
    "ivan",  "judy", "mallory", "niaj", "olivia", "peggy", "rupert", "sybil"};

constexpr std::array<std::string_view, 14> kAutomationRoles{
    "eks-node-role",       "aws-load-balancer-controller",
    "cluster-autoscaler",  "external-dns",
    "datadog-integration", "prowler-audit",
    "backup-runner",       "SpinnakerManaged",
    "ssm-managed",         "karpenter-controller",
    "ebs-csi-driver",      "app-orders",
    "app-billing",         "security-scanner"};

constexpr std::array<std::string_view, 6> kDeployRoles{"terraform-apply", "github-actions-deploy",
                                                       "cdk-deploy",      "jenkins-deploy",
                                                       "pipeline-prod",   "pipeline-staging"};

constexpr std::array<std::string_view, 4> kHumanRoles{
    "AWSReservedSSO_AdministratorAccess_1a2b3c4d5e6f7a8b",
    "AWSReservedSSO_ReadOnlyAccess_8b7a6f5e4d3c2b1a", "PowerUser", "OnCall"};

constexpr std::array<std::string_view, 24> kFunctions{
    "orders-api",  "billing-worker", "thumbnailer",   "user-profile",   "search-indexer",
    "mailer",      "audit-export",   "fraud-check",   "inventory-sync", "price-feed",
    "webhooks",    "report-builder", "log-shipper",   "token-refresh",  "cart-service",
    "recommender", "image-resizer",  "geo-lookup",    "payments",       "session-store",
    "notifier",    "etl-nightly",    "feature-flags", "chat-gateway"};

constexpr std::array<std::string_view, 10> kServices{"cloudtrail.amazonaws.com",
                                                     "lambda.amazonaws.com",
                                                     "config.amazonaws.com",
                                                     "autoscaling.amazonaws.com",
                                                     "eks.amazonaws.com",
                                                     "delivery.logs.amazonaws.com",
                                                     "rds.amazonaws.com",
                                                     "ec2.amazonaws.com",
                                                     "secretsmanager.amazonaws.com",
                                                     "AWS Internal"};

constexpr std::array<std::string_view, 6> kAutomationAgents{
    "aws-sdk-go/1.44.328 (go1.21.5; linux; amd64)",
    "aws-sdk-go-v2/1.24.0 os/linux lang/go#1.21.6 md/GOOS#linux md/GOARCH#arm64 api/ec2#1.141.0",
    "Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#5.10.210 md/arch#x86_64 lang/python#3.11.6 "
    "md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.51",
    "aws-sdk-java/2.21.42 Linux/5.10.205 OpenJDK_64-Bit_Server_VM/17.0.9+9-LTS Java/17.0.9",
    "amazon-vpc-cni-k8s/v1.18.1 aws-sdk-go/1.50.30 (go1.21.8; linux; amd64)",
    "Mozilla/5.0 (compatible; Spinnaker; aws-sdk-java/1.12.261)"};

constexpr std::array<std::string_view, 3> kDeployAgents{
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) "
    "terraform-provider-aws/5.40.0 (+https://registry.terraform.io/providers/hashicorp/aws) "
    "aws-sdk-go-v2/1.25.3",
    "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0-1016-azure exe/x86_64.ubuntu.22 prompt/off "
    "command/cloudformation.deploy",
    "aws-sdk-js/3.525.0 ua/2.0 os/linux#5.10.210 lang/js md/nodejs#20.11.1 "
    "api/cloudformation#3.525.0"};

constexpr std::array<std::string_view, 4> kHumanAgents{
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "aws-cli/2.17.40 md/awscrt#0.21.2 ua/2.0 os/macos#23.6.0 md/arch#arm64 lang/python#3.11.9 "
    "md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe",
    "console.amazonaws.com"};

constexpr int64_t kSessionUs = 4 * kMicrosPerHour;
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string public_address(uint64_t of) {
  // RFC 5737: the three networks for documentation.
  constexpr std::array<std::string_view, 3> kNets{"192.0.2.", "198.51.100.", "203.0.113."};
  return fmt::format("{}{}", kNets[of % 3], of / 3 % 254 + 1);
}

}  // namespace

std::string_view user_name(uint64_t index) {
  return kUsers[index % kUsers.size()];
}

std::string_view function_name(uint64_t index) {
  return kFunctions[index % kFunctions.size()];
}

std::string_view role_name(Caller caller, uint64_t index) {
  switch (caller) {
    case Caller::service:
    case Caller::automation:
      return kAutomationRoles[index % kAutomationRoles.size()];
    case Caller::deployment:
      return kDeployRoles[index % kDeployRoles.size()];
    case Caller::human:
      return kHumanRoles[index % kHumanRoles.size()];
  }
  return kAutomationRoles[0];
}

World::World(uint64_t seed, size_t accounts, size_t regions)
    : seed_(seed),
      account_weights_(Weighted::zipf(accounts, 1.2)),
      principals_(Weighted::zipf(64, 1.4)),
      services_(Weighted::zipf(kServices.size(), 1.5)) {
  Random random(seed, hash("accounts"));
  for (size_t i = 0; i < accounts; ++i) {
    if (i < kAccounts.size()) {
      accounts_.emplace_back(kAccounts[i]);
    } else {
      accounts_.push_back(
          fmt::format("{:012}", 100'000'000'000 + random.below(899'999'999) * 1000 + i));
    }
  }
  // Seven tenths in one Region, the others by Zipf.
  const auto others = Weighted::zipf(std::max<size_t>(1, regions - 1), 1.0);
  std::vector<double> weights;
  for (size_t i = 0; i < regions; ++i) {
    regions_.emplace_back(kRegions[i]);
    weights.push_back(i == 0 ? 0.7 : 0.3 * others.share(i - 1));
  }
  region_weights_ = Weighted(weights);
}

std::string World::id(std::string_view kind, size_t account, uint64_t index) const {
  Random random(seed_ ^ hash(kind), account * 1'000'003 + index);
  std::string out = "0";
  random.append(out, 16, kHexDigits);
  return out;
}

std::string World::access_key(std::string_view prefix, uint64_t of) const {
  Random random(seed_ ^ hash(prefix), of);
  std::string out(prefix);
  random.append(out, 16, kBase32);
  return out;
}

Actor World::service(std::string_view name) const {
  Actor actor;
  actor.service = true;
  actor.address = actor.agent = name;
  actor.identity = fmt::format(R"({{"type":"AWSService","invokedBy":"{}"}})", name);
  return actor;
}

Actor World::root(size_t account, std::string_view address, std::string_view agent) const {
  Actor actor;
  actor.address = address;
  actor.agent = agent;
  actor.arn = fmt::format("arn:aws:iam::{}:root", accounts_[account]);
  actor.identity = fmt::format(
      R"({{"type":"Root","principalId":"{0}","arn":"{1}","accountId":"{0}","accessKeyId":""}})",
      accounts_[account], actor.arn);
  return actor;
}

Actor World::user(size_t account, std::string_view name, std::string_view key,
                  std::string_view address, std::string_view agent) const {
  Actor actor;
  actor.address = address;
  actor.agent = agent;
  actor.user = name;
  actor.arn = fmt::format("arn:aws:iam::{}:user/{}", accounts_[account], name);
  actor.identity = fmt::format(
      R"({{"type":"IAMUser","principalId":"{}","arn":"{}","accountId":"{}","accessKeyId":"{}","userName":"{}"}})",
      access_key("AIDA", hash(actor.arn)), actor.arn, accounts_[account], key, name);
  return actor;
}

Actor World::role_session(size_t account, std::string_view role, std::string_view session,
                          std::string_view address, std::string_view agent, int64_t time_us) const {
  Actor actor;
  actor.address = address;
  actor.agent = agent;
  const auto& id = accounts_[account];
  const int64_t began = time_us / kSessionUs * kSessionUs;
  const auto principal = access_key("AROA", hash(role) ^ account);
  actor.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", id, role, session);
  const auto key = access_key("ASIA", hash(actor.arn) ^ static_cast<uint64_t>(began));
  actor.identity = fmt::format(
      R"({{"type":"AssumedRole","principalId":"{0}:{1}","arn":"{2}","accountId":"{3}","accessKeyId":"{4}",)"
      R"("sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{0}","arn":"arn:aws:iam::{3}:role/{5}",)"
      R"("accountId":"{3}","userName":"{5}"}},"attributes":{{"creationDate":"{6}","mfaAuthenticated":"false"}}}}}})",
      principal, session, actor.arn, id, key, role, format_iso8601(began));
  return actor;
}

Actor World::actor(Caller caller, size_t account, int64_t time_us, Random& random) const {
  const size_t rank = principals_.pick(random);
  if (caller == Caller::service) return service(kServices[services_.pick(random)]);
  const auto role = role_name(caller, rank);
  const uint64_t of = mix(hash(role) ^ account ^ seed_);
  if (caller == Caller::human) {
    const auto name = user_name(rank);
    const auto address = public_address(mix(hash(name) ^ seed_));
    const auto agent = kHumanAgents[(rank + random.below(2)) % kHumanAgents.size()];
    if (rank % 4 == 1)
      return user(account, name, access_key("AKIA", hash(name) ^ account), address, agent);
    return role_session(account, role, fmt::format("{}@example.com", name), address, agent,
                        time_us);
  }
  if (caller == Caller::deployment) {
    const auto agent = kDeployAgents[rank % kDeployAgents.size()];
    if (rank % 5 == 4) {
      return user(account, "ci-deployer", access_key("AKIA", of), public_address(of), agent);
    }
    return role_session(account, role, fmt::format("run-{}", time_us / kSessionUs % 100'000),
                        public_address(of), agent, time_us);
  }
  const uint64_t node = random.below(12);
  const auto address = fmt::format("10.{}.{}.{}", account % 200, rank % 250, node * 11 + 4);
  const bool on_node = rank % 3 == 0;
  const auto session =
      on_node ? "i-" + id("instance", account, node) : fmt::format("{}-{}", role, node);
  return role_session(account, role, session, on_node ? address : public_address(of + node),
                      kAutomationAgents[rank % kAutomationAgents.size()], time_us);
}

}  // namespace cairn::generate

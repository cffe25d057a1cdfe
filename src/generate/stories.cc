#include "generate/stories.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::generate {
namespace {

constexpr std::string_view kCniAgent =
    "amazon-vpc-cni-k8s/v1.18.1 aws-sdk-go/1.50.30 (go1.21.8; linux; amd64)";
constexpr std::string_view kNodeRole = "eks-node-role";
constexpr std::string_view kDryRun = "Request would have succeeded, but DryRun flag is set.";

/// Tells one story: keeps the time, writes the events, notes their ids.
class Teller {
 public:
  Teller(std::string_view name, const World& world, int64_t start_us, int64_t end_us)
      : world_(world), writer_(world), random_(world.seed(), hash(name)) {
    story_.truth.story = name;
    // In the second half of the span, at ten past two in the afternoon.
    const int64_t middle = start_us + (end_us - start_us) / 2;
    now_ = middle / kMicrosPerDay * kMicrosPerDay + 14 * kMicrosPerHour + 10 * kMicrosPerMinute;
    if (now_ + 3 * kMicrosPerHour >= end_us) now_ = end_us - 4 * kMicrosPerHour;
    now_ = std::max(now_, start_us);
    story_.truth.account = world.account(0);
    story_.truth.region = world.region(0);
    story_.truth.from_us = now_;
  }

  void pass(int64_t micros) { now_ += micros; }

  void emit(const std::string& part, const Event& event, const Actor& actor) {
    StoryEvent made{0, 0, now_, {}};
    auto id = writer_.write(made.record, event, actor, 0, 0, now_, random_);
    story_.truth.events[part].push_back(std::move(id));
    story_.truth.to_us = std::max(story_.truth.to_us, now_);
    story_.events.push_back(std::move(made));
  }

  Actor node(uint64_t index) const {
    return world_.role_session(0, kNodeRole, "i-" + world_.id("instance", 0, index),
                               fmt::format("10.0.{}.{}", index % 200, index * 7 % 250 + 4),
                               kCniAgent, now_);
  }

  Actor eks() const {
    return world_.role_session(0, "AWSServiceRoleForAmazonEKS", "AmazonEKS", "eks.amazonaws.com",
                               "eks.amazonaws.com", now_);
  }

  Random& random() { return random_; }

  int64_t now() const { return now_; }

  Story finish(std::string who, std::string finding) {
    story_.truth.who = std::move(who);
    story_.truth.finding = std::move(finding);
    return std::move(story_);
  }

  const World& world() const { return world_; }

 private:
  const World& world_;
  RecordWriter writer_;
  Random random_;
  Story story_;
  int64_t now_ = 0;
};

Event ec2(std::string_view name, std::string_view request, Outcome outcome = {}) {
  Event event;
  event.source = "ec2";
  event.name = name;
  event.request = request;
  event.response = R"({"requestId":"{uuid}","_return":true})";
  event.outcome = outcome;
  return event;
}

constexpr std::string_view kCreateEni =
    R"({"subnetId":"{subnet}","description":"aws-K8S-{instance}","groupSet":{"items":[{"groupId":"{sg}"}]},"clientToken":"{uuid}"})";
constexpr std::string_view kCreateEniDry =
    R"({"subnetId":"{subnet}","description":"","groupSet":{"items":[{"groupId":"{sg}"}]},"dryRun":true,"clientToken":"{uuid}"})";
constexpr std::string_view kAttachEni =
    R"({"networkInterfaceId":"{eni}","instanceId":"{instance}","deviceIndex":2})";
constexpr std::string_view kDeleteEni = R"({"networkInterfaceId":"{eni}"})";
constexpr Outcome kThrottled{"Client.RequestLimitExceeded", "Request limit exceeded."};
constexpr Outcome kInUse{"Client.InvalidParameterValue",
                         "Network interface '{eni}' is currently in use."};

Story eni_throttle_storm(Teller teller) {
  // EKS checks its permissions by dry runs all along: they are no errors.
  for (int i = 0; i < 160; ++i) {
    teller.emit("dry_run",
                ec2("CreateNetworkInterface", kCreateEniDry, {"Client.DryRunOperation", kDryRun}),
                teller.eks());
    teller.pass(static_cast<int64_t>(20 + teller.random().below(30)) * kMicrosPerSecond);
  }
  const auto storm_from = teller.now();
  for (int round = 0; round < 60; ++round) {
    const auto node = teller.node(teller.random().below(5));
    teller.emit("succeeded", ec2("CreateNetworkInterface", kCreateEni), node);
    // Four tries within a second each, again and again: nobody backs off.
    for (int attempt = 0; attempt < 4; ++attempt) {
      teller.emit("throttled",
                  ec2(attempt % 2 == 0 ? "AttachNetworkInterface" : "CreateNetworkInterface",
                      attempt % 2 == 0 ? kAttachEni : kCreateEni, kThrottled),
                  node);
      teller.pass(250'000);
    }
    if (round % 10 == 3)
      teller.emit("in_use", ec2("DeleteNetworkInterface", kDeleteEni, kInUse), node);
    if (round % 20 == 7)
      teller.emit("limit",
                  ec2("CreateNetworkInterface", kCreateEni,
                      {"Client.NetworkInterfaceLimitExceeded",
                       "The maximum number of network interfaces has been reached."}),
                  node);
    teller.pass(5 * kMicrosPerSecond);
  }
  const auto denied = teller.world().role_session(0, "eks-node-role-blue",
                                                  "i-" + teller.world().id("instance", 0, 77),
                                                  "10.0.9.17", kCniAgent, teller.now());
  for (int i = 0; i < 6; ++i) {
    teller.emit("denied",
                ec2("CreateNetworkInterface", kCreateEni,
                    {"Client.UnauthorizedOperation",
                     "You are not authorized to perform this operation. User: {arn} is not "
                     "authorized to perform: ec2:CreateNetworkInterface on resource: "
                     "arn:aws:ec2:{region}:{account}:network-interface/* because no identity-based "
                     "policy allows the ec2:CreateNetworkInterface action."}),
                denied);
    teller.pass(30 * kMicrosPerSecond);
  }
  const auto& world = teller.world();
  return teller.finish(
      fmt::format("arn:aws:iam::{}:role/{}", world.account(0), kNodeRole),
      fmt::format("AttachNetworkInterface and CreateNetworkInterface are throttled from {} on; the "
                  "nodes retry without "
                  "back-off; one role lacks ec2:CreateNetworkInterface; dry runs are no errors",
                  format_iso8601(storm_from)));
}

Story delete_while_in_use(Teller teller) {
  const auto actor =
      teller.world().role_session(0, "terraform-apply", "run-cleanup", "203.0.113.40",
                                  "APN/1.0 HashiCorp/1.0 Terraform/1.7.4", teller.now());
  for (int i = 0; i < 12; ++i) {
    teller.emit("in_use", ec2("DeleteNetworkInterface", kDeleteEni, kInUse), actor);
    teller.pass(10 * kMicrosPerSecond);
  }
  teller.emit(
      "detached",
      ec2("DetachNetworkInterface", R"({"attachmentId":"eni-attach-{hex17}","force":true})"),
      actor);
  teller.pass(20 * kMicrosPerSecond);
  teller.emit("deleted", ec2("DeleteNetworkInterface", kDeleteEni), actor);
  return teller.finish(actor.arn, "network interfaces are deleted while they are still attached");
}

Event call(std::string_view source, std::string_view name, bool read_only, std::string_view request,
           std::string_view response = "null", Outcome outcome = {}) {
  Event event;
  event.source = source;
  event.name = name;
  event.read_only = read_only;
  event.request = request;
  event.response = response;
  event.outcome = outcome;
  return event;
}

Story leaked_access_key(Teller teller) {
  const auto& world = teller.world();
  const auto key = world.access_key("AKIA", 4711);
  const auto usual = world.user(0, "ci-backup", key, "192.0.2.25",
                                "aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64");
  const auto thief =
      world.user(0, "ci-backup", key, "198.51.100.212",
                 "Boto3/1.28.4 md/Botocore#1.31.4 ua/2.0 os/linux#6.5.0-kali3-amd64");
  for (int i = 0; i < 8; ++i) {
    teller.emit("usual", call("s3", "ListBuckets", true, R"({"Host":"s3.{region}.amazonaws.com"})"),
                usual);
    teller.pass(5 * kMicrosPerMinute);
  }
  const Outcome denied{"AccessDenied",
                       "User: {arn} is not authorized to perform: {action} because no "
                       "identity-based policy allows the {action} action"};
  teller.emit("reconnaissance", call("sts", "GetCallerIdentity", true, "null"), thief);
  for (const auto* name : {"ListUsers", "ListRoles", "ListAttachedUserPolicies",
                           "GetAccountAuthorizationDetails", "ListAccessKeys"}) {
    teller.pass(4 * kMicrosPerSecond);
    teller.emit(
        "reconnaissance",
        call("iam", name, true, R"({"maxItems":100})", "null",
             std::string_view(name) == "GetAccountAuthorizationDetails" ? denied : Outcome{}),
        thief);
  }
  for (const auto* name :
       {"DescribeInstances", "DescribeRegions", "DescribeVpcs", "DescribeKeyPairs"}) {
    teller.pass(2 * kMicrosPerSecond);
    auto event = call("ec2", name, true, R"({"filterSet":{}})");
    teller.emit("reconnaissance", event, thief);
  }
  teller.pass(kMicrosPerMinute);
  teller.emit(
      "persistence",
      call(
          "iam", "CreateUser", false, R"({"userName":"support-svc"})",
          R"({"user":{"path":"/","userName":"support-svc","userId":"AIDA{upper12}ABCD","arn":"arn:aws:iam::{account}:user/support-svc","createDate":"{time}"}})"),
      thief);
  teller.pass(5 * kMicrosPerSecond);
  teller.emit(
      "persistence",
      call(
          "iam", "AttachUserPolicy", false,
          R"({"userName":"support-svc","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"})"),
      thief);
  teller.pass(5 * kMicrosPerSecond);
  teller.emit(
      "persistence",
      call(
          "iam", "CreateAccessKey", false, R"({"userName":"support-svc"})",
          R"({"accessKey":{"userName":"support-svc","accessKeyId":"AKIA{upper12}WXYZ","status":"Active","createDate":"{time}"}})"),
      thief);
  for (int i = 0; i < 6; ++i) {
    teller.pass(40 * kMicrosPerSecond);
    teller.emit(
        "abuse",
        call(
            "ec2", "RunInstances", false,
            R"({"instancesSet":{"items":[{"imageId":"ami-{hex17}","minCount":10,"maxCount":10}]},"instanceType":"p4d.24xlarge"})",
            "null",
            {"Client.VcpuLimitExceeded",
             "You have requested more vCPU capacity than your current vCPU limit allows."}),
        thief);
  }
  return teller.finish(thief.arn,
                       fmt::format("access key {} is used from a new address and agent, looks "
                                   "around, makes an administrator and tries to start instances",
                                   key));
}

Story root_sign_in(Teller teller) {
  const auto root = teller.world().root(
      0, "203.0.113.77", "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0");
  Event login = call("signin", "ConsoleLogin", false, "null", R"({"ConsoleLogin":"Success"})");
  login.type = "AwsConsoleSignIn";
  login.extra =
      R"(,"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"No"})";
  teller.emit("sign_in", login, root);
  teller.pass(3 * kMicrosPerMinute);
  teller.emit(
      "change",
      call(
          "iam", "CreateAccessKey", false, "null",
          R"({"accessKey":{"accessKeyId":"AKIA{upper12}ROOT","status":"Active","createDate":"{time}"}})"),
      root);
  teller.pass(kMicrosPerMinute);
  teller.emit(
      "change",
      call(
          "ec2", "AuthorizeSecurityGroupIngress", false,
          R"({"groupId":"{sg}","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}})",
          R"({"requestId":"{uuid}","_return":true})"),
      root);
  return teller.finish(
      root.arn,
      "the root user signs in without MFA, makes an access key and opens port 22 to the world");
}

Story disabled_logging(Teller teller) {
  const auto actor = teller.world().user(0, "mallory", teller.world().access_key("AKIA", 99),
                                         "198.51.100.9", "aws-cli/2.17.40");
  constexpr std::string_view kTrail =
      R"({"name":"arn:aws:cloudtrail:{region}:{account}:trail/management-events"})";
  teller.emit(
      "disabled",
      call(
          "cloudtrail", "PutEventSelectors", false,
          R"({"trailName":"management-events","eventSelectors":[{"readWriteType":"ReadOnly","includeManagementEvents":true,"dataResources":[]}]})"),
      actor);
  teller.pass(20 * kMicrosPerSecond);
  teller.emit("disabled", call("cloudtrail", "StopLogging", false, kTrail), actor);
  teller.pass(30 * kMicrosPerSecond);
  teller.emit("disabled", call("cloudtrail", "DeleteTrail", false, kTrail), actor);
  return teller.finish(actor.arn, "logging is narrowed, stopped and the trail deleted");
}

Story burst_after_quiet_week(Teller teller) {
  const auto actor = teller.world().role_session(0, "etl-backfill", "backfill", "203.0.113.120",
                                                 "Boto3/1.34.51", teller.now());
  for (int i = 0; i < 400; ++i) {
    teller.emit(
        i % 5 == 4 ? "throttled" : "burst",
        call(
            "kms", "Decrypt", true,
            R"({"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"service":"{function}"}})",
            "null", i % 5 == 4 ? Outcome{"ThrottlingException", "Rate exceeded"} : Outcome{}),
        actor);
    teller.pass(150'000);
  }
  return teller.finish(
      actor.arn, "a role that was never seen before calls kms:Decrypt 400 times within a minute");
}

struct Entry {
  std::string_view name;
  Story (*tell)(Teller);
};

constexpr std::array kStories{Entry{"eni-throttle-storm", eni_throttle_storm},
                              Entry{"leaked-access-key", leaked_access_key},
                              Entry{"delete-while-in-use", delete_while_in_use},
                              Entry{"root-sign-in", root_sign_in},
                              Entry{"burst-after-quiet-week", burst_after_quiet_week},
                              Entry{"disabled-logging", disabled_logging}};

constexpr auto kStoryNames = [] {
  std::array<std::string_view, kStories.size()> names{};
  for (size_t i = 0; i < names.size(); ++i) names[i] = kStories[i].name;
  return names;
}();

}  // namespace

std::span<const std::string_view> story_names() {
  return kStoryNames;
}

Result<Story> tell_story(std::string_view name, const World& world, int64_t start_us,
                         int64_t end_us) {
  for (const auto& entry : kStories)
    if (entry.name == name) return entry.tell(Teller(name, world, start_us, end_us));
  const auto near = nearest_name(name, kStoryNames);
  return Error{ErrorKind::invalid_argument,
               fmt::format("there is no story '{}'{}\nhint: the stories are {}", name,
                           near.empty() ? "" : fmt::format("; did you mean '{}'?", near),
                           fmt::join(kStoryNames, ", "))};
}

std::string to_json(const Truth& truth) {
  std::string out;
  const auto member = [&](std::string_view name, std::string_view value) {
    out += out.empty() ? '{' : ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
  };
  member("story", truth.story);
  member("finding", truth.finding);
  member("who", truth.who);
  member("account", truth.account);
  member("region", truth.region);
  member("from", format_iso8601(truth.from_us));
  member("to", format_iso8601(truth.to_us));
  out += ",\"eventIDs\":{";
  bool first_part = true;
  for (const auto& [part, ids] : truth.events) {
    if (!first_part) out += ',';
    first_part = false;
    append_json_string(out, part);
    out += ":[";
    for (size_t i = 0; i < ids.size(); ++i) {
      if (i > 0) out += ',';
      append_json_string(out, ids[i]);
    }
    out += ']';
  }
  return out + "}}";
}

}  // namespace cairn::generate

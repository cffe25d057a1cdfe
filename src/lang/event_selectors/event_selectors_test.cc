#include "lang/event_selectors/event_selectors.h"

#include "base/json_scan.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace cairn::lang::event_selectors {
namespace {

bool selects(const Selectors& selectors, std::string_view record) {
  model::FieldPlan plan;
  const PredicateMatcher matcher(compile(selectors), plan);
  const auto text = json::padded_copy(record);
  std::vector<std::string_view> slots(plan.slots());
  const auto scan =
      model::scan_object(text.data(), text.data() + record.size(), plan, slots.data());
  EXPECT_EQ(scan.scan.fault, json::Fault::none) << record;
  return matcher.matches(
      {.json = std::string_view(text).substr(0, record.size()), .slots = slots.data()});
}

Selectors basic(std::vector<EventSelector> selectors) {
  return {.basic = std::move(selectors)};
}

Selectors advanced(std::vector<FieldSelector> fields) {
  return {.advanced = {{.name = "one", .fields = std::move(fields)}}};
}

FieldSelector category(std::string name) {
  return {.field = "eventCategory", .equals = {std::move(name)}};
}

FieldSelector type(std::string name) {
  return {.field = "resources.type", .equals = {std::move(name)}};
}

std::string fault_of(const Selectors& selectors, Owner owner = Owner::trail) {
  const auto status = check(selectors, owner);
  if (status.ok()) return "";
  EXPECT_EQ(status.error().aws_code(), "InvalidEventSelectorsException");
  return status.error().message();
}

constexpr auto* kRead = R"({"eventName":"ListUsers","eventSource":"iam.amazonaws.com",)"
                        R"("readOnly":true,"managementEvent":true,"eventCategory":"Management"})";
constexpr auto* kWrite = R"({"eventName":"CreateUser","eventSource":"iam.amazonaws.com",)"
                         R"("readOnly":false,"managementEvent":true,"eventCategory":"Management"})";
constexpr auto* kDecrypt =
    R"({"eventName":"Decrypt","eventSource":"kms.amazonaws.com","readOnly":true,)"
    R"("eventCategory":"Management"})";
constexpr auto* kService = R"({"eventName":"RotateKey","eventSource":"kms.amazonaws.com",)"
                           R"("eventType":"AwsServiceEvent","eventCategory":"Management"})";
constexpr auto* kPutObject =
    R"({"eventName":"PutObject","eventSource":"s3.amazonaws.com","readOnly":false,)"
    R"("eventCategory":"Data","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a/b"},)"
    R"({"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs","accountId":"1"}]})";
constexpr auto* kListObjects =
    R"({"eventName":"ListObjects","readOnly":true,"eventCategory":"Data","resources":[)"
    R"({"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::logs/"}]})";
constexpr auto* kInvoke =
    R"({"eventName":"Invoke","eventCategory":"Data","readOnly":false,"resources":[{"type":)"
    R"("AWS::Lambda::Function","ARN":"arn:aws:lambda:eu-west-1:111122223333:function:f:7"}]})";
constexpr auto* kDenied =
    R"({"eventCategory":"NetworkActivity","eventSource":"s3.amazonaws.com","eventName":"GetObject",)"
    R"("errorCode":"VpceAccessDenied","vpcEndpointId":"vpce-1"})";
constexpr auto* kInsight = R"({"eventCategory":"Insight","eventType":"AwsCloudTrailInsight"})";
constexpr auto* kAudit = R"({"eventCategory":"ActivityAuditLog","eventType":"ActivityLog"})";

TEST(EventSelectors, defaultIsManagement) {
  for (const auto* record : {kRead, kWrite, kDecrypt, kService})
    EXPECT_TRUE(selects(default_selectors(), record)) << record;
  for (const auto* record : {kPutObject, kInvoke, kDenied, kInsight, kAudit})
    EXPECT_FALSE(selects(default_selectors(), record)) << record;
}

TEST(EventSelectors, basicReadAndWrite) {
  const auto reads = basic({{.read_write = ReadWrite::read_only}});
  const auto writes = basic({{.read_write = ReadWrite::write_only}});
  EXPECT_TRUE(selects(reads, kRead) && selects(writes, kWrite) && selects(writes, kService));
  EXPECT_FALSE(selects(reads, kWrite) || selects(writes, kRead) || selects(reads, kService));
}

TEST(EventSelectors, basicExclusions) {
  const auto no_kms = basic({{.excluded_management_sources = {"kms.amazonaws.com"}}});
  EXPECT_FALSE(selects(no_kms, kDecrypt));
  EXPECT_TRUE(selects(no_kms, kRead));
}

TEST(EventSelectors, basicDataResources) {
  const auto with = [](std::string kind, std::string value) {
    return basic({{.management_events = false,
                   .data_resources = {{.type = std::move(kind), .values = {std::move(value)}}}}});
  };
  EXPECT_TRUE(selects(with("AWS::S3::Object", "arn:aws:s3"), kPutObject));
  EXPECT_TRUE(selects(with("AWS::S3::Object", "arn:aws:s3:::logs/a"), kPutObject));
  EXPECT_FALSE(selects(with("AWS::S3::Object", "arn:aws:s3:::logs/c"), kPutObject));
  EXPECT_TRUE(selects(with("AWS::S3::Object", "arn:aws:s3:::logs/"), kListObjects));
  EXPECT_FALSE(selects(with("AWS::S3::Object", "arn:aws:s3"), kRead));
  EXPECT_TRUE(selects(with("AWS::Lambda::Function", "arn:aws:lambda"), kInvoke));
  const std::string function = "arn:aws:lambda:eu-west-1:111122223333:function:f";
  EXPECT_TRUE(selects(with("AWS::Lambda::Function", function), kInvoke));
  EXPECT_FALSE(selects(with("AWS::Lambda::Function", function.substr(0, function.size() - 1) + "g"),
                       kInvoke));
}

TEST(EventSelectors, oneOfSeveralIsEnough) {
  const auto both = basic({{.read_write = ReadWrite::read_only},
                           {.management_events = false,
                            .data_resources = {{"AWS::S3::Object", {"arn:aws:s3:::logs/"}}}}});
  EXPECT_TRUE(selects(both, kRead) && selects(both, kPutObject));
  EXPECT_FALSE(selects(both, kWrite) || selects(both, kInvoke));
}

TEST(EventSelectors, advancedOperators) {
  const auto data = [](FieldSelector arn) {
    arn.field = "resources.ARN";
    return advanced({category("Data"), type("AWS::S3::Object"), std::move(arn)});
  };
  EXPECT_TRUE(selects(data({.starts_with = {"x", "arn:aws:s3:::logs"}}), kPutObject));
  EXPECT_TRUE(selects(data({.equals = {"none"}, .ends_with = {"/b"}}), kPutObject));
  EXPECT_FALSE(selects(data({.not_starts_with = {"x", "arn:aws:s3:::logs/"}}), kPutObject));
  EXPECT_TRUE(selects(data({.not_equals = {"x"}, .not_ends_with = {"y", "z"}}), kPutObject));
  // Both kinds: one of the positive ones, and none of the negative ones.
  EXPECT_FALSE(selects(data({.starts_with = {"arn"}, .not_ends_with = {"/b"}}), kPutObject));
  EXPECT_TRUE(selects(data({.starts_with = {"arn"}, .not_ends_with = {"/c"}}), kPutObject));
  EXPECT_TRUE(selects(data({.starts_with = {"arn:aws:s3:::logs/"}}), kListObjects));
}

TEST(EventSelectors, advancedFields) {
  const auto management = [](FieldSelector field) {
    return advanced({category("Management"), std::move(field)});
  };
  EXPECT_TRUE(selects(management({.field = "readOnly", .equals = {"true"}}), kRead));
  EXPECT_TRUE(selects(management({.field = "readOnly", .equals = {"false"}}), kService));
  EXPECT_FALSE(selects(management({.field = "readOnly", .equals = {"false"}}), kRead));
  EXPECT_FALSE(
      selects(management({.field = "eventSource", .not_equals = {"kms.amazonaws.com"}}), kDecrypt));
  EXPECT_TRUE(selects(management({.field = "eventName", .starts_with = {"Create"}}), kWrite));
  // A field that a record does not have fits every negation.
  EXPECT_TRUE(selects(management({.field = "sessionCredentialFromConsole", .not_equals = {"true"}}),
                      kRead));
  EXPECT_FALSE(
      selects(management({.field = "sessionCredentialFromConsole", .equals = {"true"}}), kRead));
  const auto network = advanced({category("NetworkActivity"),
                                 {.field = "eventSource", .equals = {"s3.amazonaws.com"}},
                                 {.field = "errorCode", .equals = {"VpceAccessDenied"}},
                                 {.field = "vpcEndpointId", .starts_with = {"vpce-"}}});
  EXPECT_TRUE(selects(network, kDenied));
  EXPECT_FALSE(selects(network, kRead));
  EXPECT_TRUE(selects(advanced({category("ActivityAuditLog")}), kAudit));
}

TEST(EventSelectors, oldRecordsHaveACategory) {
  const auto is = [](std::string_view name, std::string_view record) {
    return selects(advanced({category(std::string(name))}), record);
  };
  EXPECT_TRUE(is("Management", R"({"eventName":"RunInstances"})"));
  EXPECT_TRUE(is("Data", R"({"managementEvent":false,"eventName":"Query"})"));
  EXPECT_TRUE(is("Data", R"({"eventSource":"s3.amazonaws.com","eventName":"GetObject"})"));
  EXPECT_FALSE(is("Management", R"({"eventSource":"s3.amazonaws.com","eventName":"GetObject"})"));
  EXPECT_TRUE(is("Management", R"({"managementEvent":true,"eventSource":"s3.amazonaws.com",)"
                               R"("eventName":"GetObject"})"));
  EXPECT_TRUE(is("Insight", R"({"eventType":"AwsCloudTrailInsight"})"));
  EXPECT_TRUE(is("NetworkActivity", R"({"eventType":"AwsVpceEvents"})"));
  EXPECT_FALSE(is("Management", R"({"eventType":"AwsVpceEvents"})"));
}

TEST(EventSelectors, checksBasic) {
  EXPECT_EQ(fault_of(default_selectors()), "");
  EXPECT_EQ(fault_of({}), "At least one event selector is required.");
  EXPECT_EQ(fault_of(basic(std::vector<EventSelector>(6))),
            "A trail can have at most 5 event selectors. Specified number of event selectors: 6.");
  EXPECT_EQ(fault_of(basic({{.excluded_management_sources = {"s3.amazonaws.com"}}})),
            "Event selector ExcludeManagementEventSources is not valid");
  EXPECT_NE(fault_of(basic({{.management_events = false,
                             .excluded_management_sources = {"kms.amazonaws.com"}}})),
            "");
  const auto value = [](std::string kind, std::string text) {
    return fault_of(basic({{.data_resources = {{std::move(kind), {std::move(text)}}}}}));
  };
  for (const auto* fine :
       {"arn:aws:s3", "arn:aws:s3:::", "arn:aws:s3:::logs/", "arn:aws-cn:s3:::l.o-g/p/q*"})
    EXPECT_EQ(value("AWS::S3::Object", fine), "") << fine;
  for (const auto* wrong : {"", "arn:aws:s3:::logs", "arn:aws:s3:::*/*", "arn:aws:s3:::*",
                            "s3://logs/", "arn:aws:lambda", "arn:aws:s3:::/"})
    EXPECT_EQ(value("AWS::S3::Object", wrong),
              std::string("Value ") + wrong + " for DataResources.Values is invalid.");
  EXPECT_EQ(value("AWS::Lambda::Function", "arn:aws:lambda:eu-west-1:111122223333:function:f"), "");
  EXPECT_NE(value("AWS::Lambda::Function", "arn:aws:lambda:*"), "");
  EXPECT_EQ(value("AWS::DynamoDB::Table", "arn:aws:dynamodb:eu-west-1:111122223333:table/t"), "");
  EXPECT_EQ(value("AWS::EC2::Instance", "arn:aws:ec2"),
            "Value AWS::EC2::Instance for DataResources.Type is invalid.");
  std::vector<std::string> many(251, "arn:aws:s3:::logs/");
  EXPECT_EQ(fault_of(basic({{.data_resources = {{"AWS::S3::Object", many}}}})),
            "A trail can have at most 250 data resources across all event selectors. Specified "
            "number of data resources: 251.");
  many.pop_back();
  EXPECT_EQ(fault_of(basic({{.data_resources = {{"AWS::S3::Object", many}}}})), "");
}

TEST(EventSelectors, checksAdvanced) {
  const auto s3 = [](FieldSelector more) {
    return advanced({category("Data"), type("AWS::S3::Object"), std::move(more)});
  };
  EXPECT_EQ(fault_of(advanced({category("Management")})), "");
  EXPECT_EQ(fault_of(s3({.field = "eventName", .not_starts_with = {"Get"}})), "");
  EXPECT_EQ(fault_of(advanced({{.field = "readOnly", .equals = {"true"}}})),
            "Advanced event selector 'one' has no field selector for eventCategory, which is "
            "required.");
  EXPECT_EQ(fault_of(advanced({category("Insight")})),
            "Value Insight for the field eventCategory is invalid.");
  EXPECT_EQ(fault_of(advanced({category("Insight")}), Owner::event_data_store), "");
  EXPECT_EQ(fault_of(advanced({category("Management"), category("Data")})),
            "The field eventCategory occurs more than once in advanced event selector 'one'.");
  EXPECT_EQ(fault_of(advanced({{.field = "eventCategory", .not_equals = {"Data"}}})),
            "Value  for the field eventCategory is invalid.");
  EXPECT_EQ(
      fault_of(advanced({category("Management"), {.field = "sourceIPAddress", .equals = {"1"}}})),
      "The field sourceIPAddress is not valid.");
  EXPECT_EQ(fault_of(advanced({category("Management"), type("AWS::S3::Object")})),
            "The field resources.type cannot be used with this eventCategory.");
  EXPECT_EQ(fault_of(advanced({category("Management"), {.field = "eventName"}})),
            "The field selector for eventName has no operator; it needs at least one.");
  EXPECT_EQ(
      fault_of(advanced({category("Management"), {.field = "readOnly", .not_equals = {"true"}}})),
      "The operator NotEquals cannot be used with the field readOnly.");
  EXPECT_EQ(fault_of(advanced({category("Management"), {.field = "readOnly", .equals = {"yes"}}})),
            "Value yes for the field readOnly is invalid.");
  EXPECT_EQ(fault_of(advanced({category("Data")})),
            "Advanced event selector 'one' has no field selector for resources.type, which is "
            "required for data events.");
  EXPECT_EQ(
      fault_of(advanced({category("Data"), {.field = "resources.type", .equals = {"a", "b"}}})),
      "The field resources.type takes exactly one value.");
  EXPECT_EQ(fault_of(s3({.field = "resources.ARN", .equals = {"arn:aws:s3:::logs"}})),
            "Value arn:aws:s3:::logs for the field resources.ARN is invalid.");
  EXPECT_EQ(fault_of(s3({.field = "resources.ARN", .starts_with = {"arn:aws:s3:::logs"}})), "");
  EXPECT_EQ(fault_of(advanced({category("NetworkActivity")})),
            "Advanced event selector 'one' has no field selector for eventSource, which is "
            "required for network activity events.");
  EXPECT_EQ(fault_of(s3({.field = "eventName", .equals = std::vector<std::string>(498, "x")})), "");
  EXPECT_NE(fault_of(s3({.field = "eventName", .equals = std::vector<std::string>(499, "x")})), "");
  auto both = default_selectors();
  both.advanced.emplace_back();
  EXPECT_EQ(fault_of(both),
            "EventSelectors and AdvancedEventSelectors cannot be specified together.");
}

TEST(EventSelectors, areKept) {
  auto selectors = basic({{.read_write = ReadWrite::write_only,
                           .management_events = false,
                           .data_resources = {{"AWS::S3::Object", {"arn:aws:s3:::l/"}}},
                           .excluded_management_sources = {"kms.amazonaws.com"}}});
  selectors.advanced = advanced({{.field = "f",
                                  .equals = {"1"},
                                  .starts_with = {"2"},
                                  .ends_with = {"3"},
                                  .not_equals = {"4"},
                                  .not_starts_with = {"5"},
                                  .not_ends_with = {"6 \" ü"}}})
                           .advanced;
  const auto read = from_json(to_json(selectors));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value(), selectors);
  for (const auto* wrong : {"", "{}", "[]", R"({"basic":[{}],"advanced":[]})",
                            R"({"basic":[],"advanced":[{"name":1,"fields":[]}]})"})
    EXPECT_FALSE(from_json(wrong).ok()) << wrong;
}

}  // namespace
}  // namespace cairn::lang::event_selectors

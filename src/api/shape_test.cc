#include "api/shape.h"

#include "api/cloudtrail/model.h"

#include <gtest/gtest.h>

namespace cairn::api {
namespace {

ServiceModel cloudtrail() {
  auto model = ServiceModel::parse(kCloudTrailModel);
  EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message());
  return std::move(model).value();
}

std::string check(const ServiceModel& model, std::string_view operation, std::string_view input) {
  auto value = Json::parse(input);
  const auto* const shape = model.find(operation);
  const auto misfits = find_misfits(shape->input, value);
  if (misfits.empty()) return "";
  const auto error = misfit_error(*shape, misfits);
  return std::string(error.aws_code()) + ": " + error.message();
}

TEST(ServiceModel, HoldsAllOperations) {
  const auto model = cloudtrail();
  EXPECT_EQ(model.operations().size(), 60U);
  EXPECT_TRUE(model.find("CreateTrail")->documents("TrailAlreadyExistsException"));
  EXPECT_EQ(model.find("createTrail"), nullptr);
  EXPECT_TRUE(ServiceModel::parse(kCloudTrailDataModel).ok());
}

TEST(ServiceModel, NamesTheLineOfAMistake) {
  EXPECT_EQ(ServiceModel::parse("operation A\n  in B:str(3..4 /(/)\n").error().message(),
            "line 2: '(' is no pattern");
  EXPECT_EQ(ServiceModel::parse("operation A\n in B:Missing\n").error().message(),
            "line 3: there is no type 'Missing'");
  EXPECT_FALSE(ServiceModel::parse("operation A\n in B\n").ok());
}

TEST(FindMisfits, TakesWhatFits) {
  const auto model = cloudtrail();
  EXPECT_EQ(check(model, "CreateTrail", R"({"Name":"t","S3BucketName":"b","KmsKeyId":null})"), "");
  EXPECT_EQ(check(model, "LookupEvents", R"({"StartTime":1.5,"MaxResults":50,"Unknown":[]})"), "");
  EXPECT_EQ(check(model, "ListTrails", "{}"), "");
}

TEST(FindMisfits, SpeaksAsAwsDoes) {
  const auto model = cloudtrail();
  EXPECT_EQ(check(model, "CreateTrail", R"({"Name":null})"),
            "ValidationException: 2 validation errors detected: Value null at 'name' failed to "
            "satisfy constraint: Member must not be null; Value null at 's3BucketName' failed to "
            "satisfy constraint: Member must not be null");
  EXPECT_EQ(check(model, "CreateTrail", R"({"Name":7,"S3BucketName":"b"})"),
            "SerializationException: NUMBER_VALUE can not be converted to a String");
  EXPECT_EQ(check(model, "LookupEvents", R"({"MaxResults":51})"),
            "InvalidMaxResultsException: 1 validation error detected: Value '51' at 'maxResults' "
            "failed to satisfy constraint: Member must have value less than or equal to 50");
  EXPECT_EQ(check(model, "LookupEvents", R"({"LookupAttributes":[{"AttributeKey":"Nope",
                                             "AttributeValue":"x"}]})")
                .substr(0, 60),
            "InvalidLookupAttributesException: 1 validation error detecte");
  EXPECT_EQ(
      check(model, "GetChannel", R"({"Channel":"a b c"})"),
      "ValidationException: 1 validation error detected: Value 'a b c' at 'channel' failed to "
      "satisfy constraint: Member must satisfy regular expression pattern: "
      "[a-zA-Z0-9._/\\-:]+");
  EXPECT_EQ(check(model, "AddTags", R"({"ResourceId":"r","TagsList":[{"Key":"é"},{"Key":""}]})"),
            "InvalidTagParameterException: 1 validation error detected: Value '' at "
            "'tagsList.2.member.key' failed to satisfy constraint: Member must have length greater "
            "than or equal to 1");
}

}  // namespace
}  // namespace cairn::api

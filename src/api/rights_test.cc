#include "api/rights.h"

#include "api/operations.h"

#include <gtest/gtest.h>

namespace cairn::api {
namespace {

std::vector<Operation> all_operations() {
  std::vector<Operation> all;
  for (const auto table : {cloudtrail_operations(), cloudtrail_data_operations(), sts_operations(),
                           organizations_operations(), firehose_operations(), events_operations()})
    all.insert(all.end(), table.begin(), table.end());
  return all;
}

Thing thing_of(const std::string& account, bool organization) {
  return {.subject = {.account = account, .organization = organization},
          .unseen = Error{ErrorKind::not_found, "unseen", "Unseen"},
          .denied = Error{ErrorKind::permission_denied, "denied", "Denied"},
          .foreign = Error{ErrorKind::permission_denied, "foreign", "Foreign"}};
}

class RightsOfCallsTest : public ::testing::Test {
 protected:
  std::string check(const Operation& operation) {
    const Call call{
        .caller = caller_, .service = "cloudtrail", .operation = operation.name, .http = request_};
    const auto checked = check_things(features_, call, operation);
    return checked.ok() ? "" : std::string(checked.error().aws_code());
  }

  access::Caller caller_{.role = access::Role::admin, .account = "111122223333"};
  aws::ServerRequest request_;
  Features features_;
};

TEST_F(RightsOfCallsTest, EveryOperationSaysWhatItIsAbout) {
  for (const auto& operation : all_operations())
    EXPECT_EQ(operation.about != nullptr, operation.run != nullptr) << operation.name;
}

TEST_F(RightsOfCallsTest, WhatIsAboutUnknownThingsIsDeniedToAll) {
  EXPECT_EQ(check({.name = "NewOperation", .right = Right::any}), "AccessDeniedException");
  EXPECT_EQ(check({.name = "NewOperation",
                   .run = [](Features&, const Call&) -> Result<Json> { return Json(); }}),
            "AccessDeniedException");
}

TEST_F(RightsOfCallsTest, EachThingIsDecided) {
  Operation operation{
      .name = "StopLogging",
      .right = Right::change_configuration,
      .about = [](Features&, const Call&) -> Result<std::vector<Thing>> {
        return std::vector{thing_of("111122223333", false), thing_of("111122223333", true)};
      }};
  EXPECT_EQ(check(operation), "");
  caller_.accounts = {"111122223333"};
  EXPECT_EQ(check(operation), "Denied");
  operation.right = Right::read_configuration;
  EXPECT_EQ(check(operation), "");
  caller_.accounts = {"444455556666"};
  EXPECT_EQ(check(operation), "Unseen");
  caller_ = {.account = "444455556666"};
  operation = {.name = "StopLogging",
               .right = Right::change_configuration,
               .about = [](Features&, const Call&) -> Result<std::vector<Thing>> {
                 return std::vector{thing_of("111122223333", true)};
               }};
  EXPECT_EQ(check(operation), "Foreign");
  operation.about = [](Features&, const Call&) -> Result<std::vector<Thing>> {
    return Error{ErrorKind::not_found, "missing", "Missing"};
  };
  EXPECT_EQ(check(operation), "Missing");
}

}  // namespace
}  // namespace cairn::api

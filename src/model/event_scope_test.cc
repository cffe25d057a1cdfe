#include "model/event_scope.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::model {
namespace {

TEST(EventScope, AcceptsAccountsAndRegionsAndTheirAbsence) {
  for (const auto* account :
       {"", "null", R"("")", R"("111122223333")", R"("\u003111122223333")", "111122223333"})
    for (const auto* region : {"", "null", R"("")", R"("us-gov-west-1")", R"("eu-west-1")"})
      EXPECT_EQ(scope_fault(account, region), "") << account << ' ' << region;
}

TEST(EventScope, NamesWhatIsMalformed) {
  for (const auto* account : {"1111", R"("11112222333")", R"("1111222233334")", R"("11112222333x")",
                              "{}", "[]", "true", R"(" 111122223333")", R"("../../x")"}) {
    const auto fault = scope_fault(account, R"("us-east-1")");
    EXPECT_NE(fault.find("recipientAccountId"), std::string::npos) << account;
    EXPECT_NE(fault.find(account), std::string::npos) << fault;
  }
  for (const auto* region :
       {"1", R"("US-EAST-1")", R"("us east 1")", R"("../x")", R"("-us")", "{}", R"("us_east_1")"})
    EXPECT_NE(scope_fault(R"("111122223333")", region).find("awsRegion"), std::string::npos)
        << region;
  const auto shown = scope_fault("\"\x1b[31m" + std::string(500, 'x') + '"', "");
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_LT(shown.size(), 200U);
}

}  // namespace
}  // namespace cairn::model

#include "server/body_budget.h"

#include <gtest/gtest.h>

namespace cairn::server {
namespace {

using Grant = BodyBudget::Grant;

TEST(BodyBudget, GivesUpToItsLimits) {
  BodyBudget budget({.bytes_max = 100, .address_bytes_max = 60});
  EXPECT_EQ(budget.take("a", 60), Grant::given);
  EXPECT_EQ(budget.take("a", 1), Grant::share_taken);
  EXPECT_EQ(budget.take("b", 41), Grant::all_taken);
  EXPECT_EQ(budget.take("b", 40), Grant::given);
  EXPECT_EQ(budget.bytes(), 100U);
  EXPECT_TRUE(budget.is_nearly_full());
  budget.give_back("a", 60);
  EXPECT_FALSE(budget.is_nearly_full());
  EXPECT_EQ(budget.take("c", 60), Grant::given);
}

TEST(BodyBudget, ForgetsWhoHasNothing) {
  BodyBudget budget({.bytes_max = 100, .address_bytes_max = 60});
  EXPECT_EQ(budget.take("a", 0), Grant::given);
  EXPECT_EQ(budget.take("a", 30), Grant::given);
  EXPECT_EQ(budget.take("a", 30), Grant::given);
  budget.give_back("a", 20);
  budget.give_back("a", 40);
  budget.give_back("a", 0);
  EXPECT_EQ(budget.bytes(), 0U);
  EXPECT_EQ(budget.take("a", 60), Grant::given);
}

}  // namespace
}  // namespace cairn::server

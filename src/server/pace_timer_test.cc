#include "server/internal/pace_timer.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <optional>

namespace cairn::server::internal {
namespace {

class PaceTimerTest : public ::testing::Test {
 protected:
  PaceTimerTest() {
    timer_.emplace(io_.get_executor());
    timer_->on_expiry([this] { ++expiries_; });
  }

  boost::asio::io_context io_;
  int expiries_ = 0;
  std::optional<PaceTimer> timer_;
};

TEST_F(PaceTimerTest, EndsOnce) {
  timer_->arm(1);
  EXPECT_FALSE(timer_->expired());
  io_.run();
  EXPECT_EQ(expiries_, 1);
  EXPECT_TRUE(timer_->expired());
  timer_->arm(3'600'000);
  EXPECT_FALSE(timer_->expired());
  timer_->disarm();
  io_.restart();
  io_.run();
  EXPECT_EQ(expiries_, 1);
}

TEST_F(PaceTimerTest, EndsWhenTooLittleCame) {
  timer_->arm(Pace{.window_ms = 1, .bytes_min = 10});
  timer_->count(9);
  EXPECT_EQ(io_.run(), 1U);
  EXPECT_EQ(expiries_, 1);
}

TEST_F(PaceTimerTest, GoesOnAsLongAsEnoughComes) {
  timer_->arm(Pace{.window_ms = 1, .bytes_min = 10, .windows_max = 3});
  timer_->count(10);
  EXPECT_EQ(io_.run_one(), 1U);
  EXPECT_EQ(expiries_, 0);
  timer_->count(10);
  EXPECT_EQ(io_.run_one(), 1U);
  EXPECT_EQ(expiries_, 0);
  timer_->count(10);  // the third window is the last one
  EXPECT_EQ(io_.run(), 1U);
  EXPECT_EQ(expiries_, 1);
}

TEST_F(PaceTimerTest, CountsEachWindowByItself) {
  timer_->arm(Pace{.window_ms = 1, .bytes_min = 10});
  timer_->count(1'000);
  EXPECT_EQ(io_.run_one(), 1U);
  EXPECT_EQ(io_.run(), 1U);
  EXPECT_EQ(expiries_, 1);
}

TEST_F(PaceTimerTest, MayEndBeforeItsTime) {
  timer_->arm(1);
  timer_.reset();
  io_.run();
  EXPECT_EQ(expiries_, 0);
}

}  // namespace
}  // namespace cairn::server::internal

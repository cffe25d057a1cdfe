#include "base/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

// The check values of the catalogue of parametrised CRC algorithms.
TEST(Checksum, CheckValues) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc64_nvme("123456789"), 0xAE8B14860A799888U);
}

TEST(Checksum, OfNothing) {
  EXPECT_EQ(crc32(""), 0U);
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc64_nvme(""), 0U);
}

// RFC 3720 §B.4.
TEST(Checksum, Crc32cOfRfc3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  EXPECT_EQ(crc32c(rising), 0x46DD794EU);
}

}  // namespace
}  // namespace cairn

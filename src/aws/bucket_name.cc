#include "aws/bucket_name.h"

#include <algorithm>
#include <array>

namespace cairn::aws {
namespace {

constexpr size_t kBucketNameMin = 3;
constexpr size_t kBucketNameMax = 63;
constexpr std::array<std::string_view, 3> kReservedPrefixes = {"xn--", "sthree-", "amzn-s3-demo-"};
constexpr std::array<std::string_view, 5> kReservedSuffixes = {"-s3alias", "--ol-s3", ".mrap",
                                                               "--x-s3", "--table-s3"};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_address(std::string_view name) {
  return std::count(name.begin(), name.end(), '.') == 3 &&
         name.find_first_not_of("0123456789.") == name.npos;
}

}  // namespace

bool is_new_bucket_name(std::string_view name) {
  if (name.size() < kBucketNameMin || name.size() > kBucketNameMax) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; };
  if (!std::all_of(name.begin(), name.end(), allowed)) return false;
  if (name.find("..") != name.npos || is_address(name)) return false;
  for (const auto prefix : kReservedPrefixes)
    if (name.starts_with(prefix)) return false;
  for (const auto suffix : kReservedSuffixes)
    if (name.ends_with(suffix)) return false;
  return true;
}

}  // namespace cairn::aws

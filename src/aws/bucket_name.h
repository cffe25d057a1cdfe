// The names that S3 allows for new buckets. Source: S3 User Guide, "General purpose bucket naming
// rules".
#pragma once

#include <string_view>

namespace cairn::aws {

/// Returns whether the name has 3 to 63 of a–z, 0–9, '.' and '-', begins and ends with a letter or
/// a digit, has no two dots in a row, is not formatted as an IPv4 address, and has none of the
/// prefixes and suffixes that S3 reserves.
bool is_new_bucket_name(std::string_view name);

}  // namespace cairn::aws

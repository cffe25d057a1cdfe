#include "model/event_scope.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "model/column_reader.h"

#include <fmt/format.h>

namespace cairn::model {
namespace {

constexpr size_t kShownMax = 80;

bool is_absent(std::string_view raw) {
  return raw.empty() || json::is_null(raw) || raw == "\"\"";
}

/// Whether the raw value `fits` as the columns have it: a string or a number.
template <class Fits>
bool is_text_that(std::string_view raw, const Fits& fits) {
  std::string scratch;
  const auto text = varchar_of(raw, scratch);
  return text && fits(*text);
}

}  // namespace

std::string scope_fault(std::string_view recipient_account, std::string_view region) {
  if (!is_absent(recipient_account) && !is_text_that(recipient_account, is_account_id))
    return fmt::format("recipientAccountId {} is not an account of 12 digits",
                       printable(recipient_account.substr(0, kShownMax)));
  if (!is_absent(region) && !(json::is_string(region) && is_text_that(region, is_region_name)))
    return fmt::format("awsRegion {} is not the name of a Region",
                       printable(region.substr(0, kShownMax)));
  return "";
}

}  // namespace cairn::model

// The functions that statements of strangers may call.
#include "lang/athena/allow_list.h"
#include "lang/athena/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::lang::athena {
namespace {

/// Functions of the engine that only compute, beside those of Athena (functions.h): operators,
/// what literals and syntax stand for, and the usual ones. What reads files, settings or the
/// catalog, waits, writes or runs text as SQL is not here.
constexpr std::string_view kMore =
    " "
    "! !~~ !~~* % & && * ** + - ->> / // << <@ >> @ @> ^ ^@ acos age approx_count_distinct "
    "approx_quantile arg_max arg_min array_append array_concat array_contains array_extract "
    "array_has array_has_all array_has_any array_length array_prepend array_reverse array_slice "
    "array_to_string ascii asin atan atan2 base64 bit_and bit_or bit_xor cbrt char_length "
    "character_length cos covar_pop covar_samp current_date current_time current_timestamp "
    "date_part date_sub datediff datepart datesub datetrunc dayname dayofmonth dayofweek dayofyear "
    "decode degrees e encode ends_with entropy epoch epoch_ms epoch_ns epoch_us first from_hex "
    "gen_random_uuid geomean get_current_timestamp group_concat grouping grouping_id hamming hash "
    "hex ifnull ilike_escape instr is_finite is_infinite is_nan isfinite isinf isnan isodow "
    "isoyear "
    "json_array json_contains json_extract_path json_extract_path_text json_extract_string "
    "json_keys json_object json_type json_valid kurtosis last last_day lcase left len like_escape "
    "list list_aggregate list_append list_apply list_avg list_concat list_contains list_count "
    "list_distinct list_extract list_filter list_has list_has_all list_has_any list_intersect "
    "list_max list_min list_position list_prepend list_reduce list_reverse list_slice list_sort "
    "list_sum list_transform list_unique list_value list_zip log log2 mad make_date make_timestamp "
    "map_contains map_extract map_extract_value mean median microsecond mode monthname multiply "
    "not_ilike_escape not_like_escape octet_length ord pi pow prefix quantile quantile_cont "
    "quantile_disc radians regexp_full_match regexp_matches regexp_split_to_array right sin "
    "skewness str_split strftime string_agg string_split strip_accents strlen strptime "
    "struct_extract struct_pack subtract suffix sumkahan tan time_bucket timezone to_days to_hours "
    "to_json to_microseconds to_milliseconds to_minutes to_months to_quarters to_seconds "
    "to_timestamp to_weeks to_years today trunc try_strptime ucase unhex unicode uuid weekday "
    "weekofyear xor yearweek | ~ ~~ ~~* ~~~ ";

/// Their time grows with the product of two texts' lengths, within one call that nothing stops.
constexpr std::array<std::string_view, 2> kUnbounded{"levenshtein_distance", "levenshtein"};

const Json* integer_literal(const Json& node) {
  if (class_of(node) != "CONSTANT") return nullptr;
  const Json* value = member(node, "value");
  const Json* number = value == nullptr ? nullptr : member(*value, "value");
  return number != nullptr && number->is_number_integer() ? number : nullptr;
}

std::optional<int64_t> integer_of(const Json& node) {
  if (class_of(node) == "FUNCTION" && text_at(node, "function_name") == "-" &&
      array_at(node, "children").size() == 1) {
    const auto inner = integer_of(array_at(node, "children")[0]);
    return inner ? std::optional(-*inner) : std::nullopt;
  }
  const Json* number = integer_literal(node);
  if (number == nullptr) return std::nullopt;
  if (number->is_number_unsigned() && number->get<uint64_t>() > (uint64_t{1} << 62))
    return std::nullopt;
  return number->get<int64_t>();
}

/// `interval '1' day` and longer.
bool is_interval_of_days(const Json& node) {
  constexpr std::array<std::string_view, 5> kLong{"to_days", "to_weeks", "to_months", "to_quarters",
                                                  "to_years"};
  if (class_of(node) != "FUNCTION" ||
      std::find(kLong.begin(), kLong.end(), text_at(node, "function_name")) == kLong.end())
    return false;
  const Json& arguments = array_at(node, "children");
  if (arguments.size() != 1) return false;
  const Json* count = &arguments[0];
  while (class_of(*count) == "CAST" ||
         (class_of(*count) == "FUNCTION" && text_at(*count, "function_name") == "trunc")) {
    const Json* child = class_of(*count) == "CAST" ? member(*count, "child") : nullptr;
    if (child == nullptr && !array_at(*count, "children").empty())
      child = &array_at(*count, "children")[0];
    if (child == nullptr) return false;
    count = child;
  }
  if (const auto* text = string_constant(*count))
    return !text->empty() && text->find_first_not_of("0123456789") == std::string::npos &&
           text->find_first_not_of('0') != std::string::npos;
  const auto number = integer_of(*count);
  return number && *number != 0;
}

bool is_small_sequence(const Json& arguments) {
  if (arguments.size() < 2) return false;
  const auto first = integer_of(arguments[0]);
  const auto last = integer_of(arguments[1]);
  const auto step = arguments.size() > 2 ? integer_of(arguments[2]) : std::optional<int64_t>(1);
  if (first && last && step && *step != 0) {
    const double span = static_cast<double>(*last) - static_cast<double>(*first);
    return span / static_cast<double>(*step) <= static_cast<double>(kMadeOfNothingMax);
  }
  return !first && !last && arguments.size() == 3 && is_interval_of_days(arguments[2]);
}

/// printf's and format's widths.
bool has_wide_field(const std::string& format) {
  size_t digits = 0;
  for (const char c : format) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 4 || c == '*') return true;
  }
  // Nested replacement fields take their width from an argument.
  return format.find('{') != std::string::npos;
}

}  // namespace

bool is_allowed_function(std::string_view name) {
  if (std::find(kUnbounded.begin(), kUnbounded.end(), name) != kUnbounded.end()) return false;
  if (name.empty() || name.find(' ') != std::string_view::npos) return false;
  return is_athena_function(name) ||
         kMore.find(fmt::format(" {} ", name)) != std::string_view::npos;
}

std::optional<Fault> check_amount(const Json& call, std::string_view name) {
  const Json& arguments = array_at(call, "children");
  if (name == "sequence" && !is_small_sequence(arguments))
    return Fault{.message = "sequence() takes numbers written out here, or steps of whole days",
                 .hint = fmt::format("at most {} elements; UNNEST and arithmetic make the rest",
                                     kMadeOfNothingMax)};
  const bool padding = name == "lpad" || name == "rpad" || name == "repeat";
  if (padding && arguments.size() >= 2) {
    const auto width = integer_of(arguments[1]);
    if (!width || *width > kPaddingMax)
      return Fault{.message = fmt::format("{}() takes a number written out here, {} at most", name,
                                          kPaddingMax)};
  }
  if (name == "format" || name == "printf") {
    const auto* text = arguments.empty() ? nullptr : string_constant(arguments[0]);
    if (text == nullptr || has_wide_field(*text))
      return Fault{.message =
                       "format() takes a format written out here, with fields of 9999 at most"};
  }
  return std::nullopt;
}

}  // namespace cairn::lang::athena

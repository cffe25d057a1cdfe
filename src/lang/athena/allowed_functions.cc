// The functions that statements of strangers may call.
#include "lang/athena/allow_list.h"
#include "lang/athena/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

}  // namespace

bool is_allowed_function(std::string_view name) {
  if (std::find(kUnbounded.begin(), kUnbounded.end(), name) != kUnbounded.end()) return false;
  if (name.empty() || name.find(' ') != std::string_view::npos) return false;
  return is_athena_function(name) ||
         kMore.find(fmt::format(" {} ", name)) != std::string_view::npos;
}

}  // namespace cairn::lang::athena

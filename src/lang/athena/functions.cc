#include "lang/athena/functions.h"

#include <algorithm>
#include <array>

namespace cairn::lang::athena {
namespace {

constexpr Kind kAny = Kind::unknown;
constexpr Kind kText = Kind::varchar;
constexpr Kind kInt = Kind::integer;
constexpr Kind kNumber = Kind::number;
constexpr Kind kBool = Kind::boolean;
constexpr Kind kList = Kind::list;
constexpr Kind kTz = Kind::timestamp_tz;

constexpr std::array kRules{
    // Aggregates.
    FunctionRule{"approx_distinct", 1, 2, "athena_approx_distinct", kInt},
    FunctionRule{"arbitrary", 1, 1, "any_value", kAny},
    FunctionRule{"every", 1, 1, "bool_and", kBool},
    FunctionRule{"geometric_mean", 1, 1, "geomean", kNumber},
    FunctionRule{"map_agg", 2, 2, "athena_map_agg", Kind::map},
    FunctionRule{"multimap_agg", 2, 2, "athena_multimap_agg", Kind::map},
    FunctionRule{"checksum", 1, 1, "bit_xor", kAny},
    FunctionRule{"bitwise_and", 2, 2, "athena_bitwise_and", kInt},
    FunctionRule{"bitwise_or", 2, 2, "athena_bitwise_or", kInt},
    // JSON.
    FunctionRule{"json_parse", 1, 1, "athena_json_parse", Kind::json},
    FunctionRule{"json_format", 1, 1, "athena_json_format", kText},
    FunctionRule{"json_array_get", 2, 2, "athena_json_array_get", Kind::json},
    FunctionRule{"json_array_contains", 2, 2, "athena_json_array_contains", kBool},
    FunctionRule{"is_json_scalar", 1, 1, "athena_is_json_scalar", kBool},
    // Text.
    FunctionRule{"replace", 2, 2, "athena_remove", kText},
    FunctionRule{"codepoint", 1, 1, "unicode", kInt},
    FunctionRule{"levenshtein_distance", 2, 2, "levenshtein", kInt},
    FunctionRule{"hamming_distance", 2, 2, "hamming", kInt},
    FunctionRule{"normalize", 1, 1, "nfc_normalize", kText},
    FunctionRule{"format", 1, 255, "printf", kText},
    FunctionRule{"to_utf8", 1, 1, "encode", kAny},
    FunctionRule{"from_utf8", 1, 1, "decode", kText},
    FunctionRule{"to_hex", 1, 1, "hex", kText},
    FunctionRule{"from_hex", 1, 1, "unhex", kAny},
    FunctionRule{"md5", 1, 1, "athena_md5", kAny},
    FunctionRule{"sha1", 1, 1, "athena_sha1", kAny},
    FunctionRule{"sha256", 1, 1, "athena_sha256", kAny},
    FunctionRule{"split_to_map", 3, 3, "athena_split_to_map", Kind::map},
    FunctionRule{"regexp_like", 2, 2, "regexp_matches", kBool},
    FunctionRule{"regexp_extract", 2, 2, "athena_regexp_extract", kText},
    FunctionRule{"regexp_extract", 3, 3, "athena_regexp_extract_group", kText},
    FunctionRule{"regexp_replace", 2, 2, "athena_regexp_remove", kText},
    FunctionRule{"regexp_replace", 3, 3, "athena_regexp_replace", kText},
    FunctionRule{"regexp_split", 2, 2, "regexp_split_to_array", kList},
    FunctionRule{"regexp_count", 2, 2, "athena_regexp_count", kInt},
    FunctionRule{"url_decode", 1, 1, "athena_url_decode", kText},
    FunctionRule{"url_extract_protocol", 1, 1, "athena_url_protocol", kText},
    FunctionRule{"url_extract_host", 1, 1, "athena_url_host", kText},
    FunctionRule{"url_extract_port", 1, 1, "athena_url_port", kInt},
    FunctionRule{"url_extract_path", 1, 1, "athena_url_path", kText},
    FunctionRule{"url_extract_query", 1, 1, "athena_url_query", kText},
    FunctionRule{"url_extract_fragment", 1, 1, "athena_url_fragment", kText},
    FunctionRule{"url_extract_parameter", 2, 2, "athena_url_parameter", kText},
    // Time.
    FunctionRule{"from_iso8601_timestamp", 1, 1, "athena_iso_timestamp", kTz},
    FunctionRule{"from_iso8601_timestamp_nanos", 1, 1, "athena_iso_timestamp", kTz},
    FunctionRule{"from_iso8601_date", 1, 1, "athena_iso_date", Kind::date},
    FunctionRule{"from_unixtime", 1, 1, "to_timestamp", kTz},
    FunctionRule{"to_unixtime", 1, 1, "epoch", kNumber},
    FunctionRule{"at_timezone", 2, 2, "athena_at_timezone", Kind::timestamp},
    FunctionRule{"with_timezone", 2, 2, "athena_at_timezone", kTz},
    FunctionRule{"day_of_week", 1, 1, "isodow", kInt},
    FunctionRule{"dow", 1, 1, "isodow", kInt},
    FunctionRule{"day_of_month", 1, 1, "dayofmonth", kInt},
    FunctionRule{"day_of_year", 1, 1, "dayofyear", kInt},
    FunctionRule{"doy", 1, 1, "dayofyear", kInt},
    FunctionRule{"week_of_year", 1, 1, "week", kInt},
    FunctionRule{"year_of_week", 1, 1, "isoyear", kInt},
    FunctionRule{"yow", 1, 1, "isoyear", kInt},
    FunctionRule{"millisecond", 1, 1, "athena_millisecond", kInt},
    FunctionRule{"last_day_of_month", 1, 1, "last_day", Kind::date},
    // Collections.
    FunctionRule{"transform", 2, 2, "list_transform", kList},
    FunctionRule{"filter", 2, 2, "list_filter", kList},
    FunctionRule{"array_join", 2, 2, "array_to_string", kText},
    FunctionRule{"array_join", 3, 3, "athena_array_join", kText},
    FunctionRule{"array_max", 1, 1, "list_max", kAny},
    FunctionRule{"array_min", 1, 1, "list_min", kAny},
    FunctionRule{"array_sum", 1, 1, "list_sum", kNumber},
    FunctionRule{"array_average", 1, 1, "list_avg", kNumber},
    FunctionRule{"array_sort", 1, 1, "athena_array_sort", kList},
    FunctionRule{"array_distinct", 1, 1, "athena_array_distinct", kList},
    FunctionRule{"array_position", 2, 2, "athena_array_position", kInt},
    FunctionRule{"array_remove", 2, 2, "athena_array_remove", kList},
    FunctionRule{"array_union", 2, 2, "athena_array_union", kList},
    FunctionRule{"array_intersect", 2, 2, "list_intersect", kList},
    FunctionRule{"array_except", 2, 2, "athena_array_except", kList},
    FunctionRule{"arrays_overlap", 2, 2, "list_has_any", kBool},
    FunctionRule{"slice", 3, 3, "athena_slice", kList},
    FunctionRule{"sequence", 2, 3, "generate_series", kList},
    FunctionRule{"repeat", 2, 2, "athena_repeat", kList},
    FunctionRule{"zip", 2, 5, "list_zip", kList},
    // Network.
    FunctionRule{"ip_prefix", 2, 2, "athena_ip_prefix", Kind::ipprefix},
    FunctionRule{"ip_subnet_min", 1, 1, "athena_prefix_min", Kind::ipaddress},
    FunctionRule{"ip_subnet_max", 1, 1, "athena_prefix_max", Kind::ipaddress},
};

struct Known {
  std::string_view name;
  Kind result;
};

/// Functions with the same name and meaning in DuckDB, for result kinds and for suggestions.
constexpr std::array kKnown{
    Known{"abs", kNumber},
    Known{"all_match", kBool},
    Known{"any_match", kBool},
    Known{"any_value", kAny},
    Known{"approx_percentile", kAny},
    Known{"array_agg", kList},
    Known{"avg", kNumber},
    Known{"bit_count", kInt},
    Known{"bool_and", kBool},
    Known{"bool_or", kBool},
    Known{"cardinality", kInt},
    Known{"ceil", kNumber},
    Known{"ceiling", kNumber},
    Known{"chr", kText},
    Known{"coalesce", kAny},
    Known{"concat", kAny},
    Known{"concat_ws", kText},
    Known{"contains", kBool},
    Known{"corr", kNumber},
    Known{"count", kInt},
    Known{"count_if", kInt},
    Known{"count_star", kInt},
    Known{"cume_dist", kNumber},
    Known{"date", Kind::date},
    Known{"date_add", kAny},
    Known{"date_diff", kInt},
    Known{"date_format", kText},
    Known{"date_parse", Kind::timestamp},
    Known{"date_trunc", kAny},
    Known{"day", kInt},
    Known{"dense_rank", kInt},
    Known{"element_at", kAny},
    Known{"exp", kNumber},
    Known{"first_value", kAny},
    Known{"flatten", kList},
    Known{"floor", kNumber},
    Known{"format_datetime", kText},
    Known{"from_base64", kAny},
    Known{"greatest", kAny},
    Known{"histogram", Kind::map},
    Known{"hour", kInt},
    Known{"if", kAny},
    Known{"is_subnet_of", kBool},
    Known{"json_array_length", kInt},
    Known{"json_exists", kBool},
    Known{"json_extract", Kind::json},
    Known{"json_extract_scalar", kText},
    Known{"json_query", kText},
    Known{"json_size", kInt},
    Known{"json_value", kText},
    Known{"lag", kAny},
    Known{"last_value", kAny},
    Known{"lead", kAny},
    Known{"least", kAny},
    Known{"length", kInt},
    Known{"listagg", kText},
    Known{"ln", kNumber},
    Known{"log10", kNumber},
    Known{"lower", kText},
    Known{"lpad", kText},
    Known{"ltrim", kText},
    Known{"map", Kind::map},
    Known{"map_concat", Kind::map},
    Known{"map_entries", kList},
    Known{"map_filter", Kind::map},
    Known{"map_from_entries", Kind::map},
    Known{"map_keys", kList},
    Known{"map_values", kList},
    Known{"max", kAny},
    Known{"max_by", kAny},
    Known{"min", kAny},
    Known{"min_by", kAny},
    Known{"minute", kInt},
    Known{"mod", kNumber},
    Known{"month", kInt},
    Known{"none_match", kBool},
    Known{"now", kTz},
    Known{"nth_value", kAny},
    Known{"ntile", kInt},
    Known{"nullif", kAny},
    Known{"parse_datetime", kTz},
    Known{"percent_rank", kNumber},
    Known{"position", kInt},
    Known{"power", kNumber},
    Known{"quarter", kInt},
    Known{"rand", kNumber},
    Known{"random", kNumber},
    Known{"rank", kInt},
    Known{"reduce", kAny},
    Known{"regexp_extract_all", kList},
    Known{"reverse", kText},
    Known{"round", kNumber},
    Known{"row", Kind::structure},
    Known{"row_number", kInt},
    Known{"rpad", kText},
    Known{"rtrim", kText},
    Known{"second", kInt},
    Known{"sign", kInt},
    Known{"split", kList},
    Known{"split_part", kText},
    Known{"sqrt", kNumber},
    Known{"starts_with", kBool},
    Known{"stddev", kNumber},
    Known{"stddev_pop", kNumber},
    Known{"stddev_samp", kNumber},
    Known{"strpos", kInt},
    Known{"substr", kText},
    Known{"substring", kText},
    Known{"sum", kNumber},
    Known{"to_base64", kText},
    Known{"to_iso8601", kText},
    Known{"transform_keys", Kind::map},
    Known{"transform_values", Kind::map},
    Known{"translate", kText},
    Known{"trim", kText},
    Known{"typeof", kText},
    Known{"unnest", kAny},
    Known{"upper", kText},
    Known{"url_encode", kText},
    Known{"var_pop", kNumber},
    Known{"var_samp", kNumber},
    Known{"variance", kNumber},
    Known{"week", kInt},
    Known{"year", kInt},
    Known{"||", kAny},
};

/// IPADDRESS is 128 bits as UHUGEINT, IPv4 as ::ffff:a.b.c.d as in Trino; IPPREFIX is its text.
/// `list_transform([x], lambda v: …)[1]` binds x to v: a macro's argument is text that would stand
/// in the query as often as it is named, and macros that call macros would multiply that.
constexpr std::array kMacros{
    Macro{"athena_text_map", "(j) AS TRY_CAST(j AS MAP(VARCHAR, VARCHAR))", ""},
    Macro{"athena_resources",
          "(j) AS CAST(TRY_CAST(j AS STRUCT(\"ARN\" VARCHAR, \"accountId\" VARCHAR, \"type\" "
          "VARCHAR)[]) AS STRUCT(arn VARCHAR, accountid VARCHAR, \"type\" VARCHAR)[])",
          ""},
    Macro{"lake_resources",
          "(j) AS list_transform(TRY_CAST(j AS STRUCT(\"accountId\" VARCHAR, \"type\" VARCHAR, "
          "\"ARN\" VARCHAR, \"ARNPrefix\" VARCHAR)[]), lambda r: struct_pack(accountId := "
          "r.accountId, \"type\" := r.\"type\", arn := r.ARN, arnPrefix := r.ARNPrefix))",
          ""},
    Macro{"cairn_resources",
          "(j) AS TRY_CAST(j AS STRUCT(\"ARN\" VARCHAR, \"ARNPrefix\" VARCHAR, \"accountId\" "
          "VARCHAR, \"type\" VARCHAR)[])",
          ""},
    Macro{"athena_approx_distinct", "(x, e := 0.023) AS approx_count_distinct(x)", ""},
    Macro{"athena_map_dedup",
          "(l) AS map_from_entries(list_filter(l, lambda e, i: i = 1 OR l[i - 1].k != e.k))", ""},
    Macro{"athena_map_agg",
          "(k, v) AS athena_map_dedup(list(struct_pack(k := k, v := v) ORDER BY k) FILTER (WHERE k "
          "IS NOT NULL))",
          "athena_map_dedup"},
    Macro{"athena_multimap_of",
          "(l) AS map_from_entries(list_transform(list_distinct(list_transform(l, lambda e: e.k)), "
          "lambda key: struct_pack(k := key, v := list_transform(list_filter(l, lambda e: e.k = "
          "key), lambda e: e.v))))",
          ""},
    Macro{"athena_multimap_agg",
          "(k, v) AS athena_multimap_of(list_filter(list(struct_pack(k := k, v := v)), lambda e: "
          "e.k IS NOT NULL))",
          "athena_multimap_of"},
    Macro{"athena_bitwise_and", "(a, b) AS a & b", ""},
    Macro{"athena_bitwise_or", "(a, b) AS a | b", ""},
    Macro{"athena_json_parse", "(x) AS CAST(x AS JSON)", ""},
    Macro{"athena_json_format", "(x) AS CAST(x AS VARCHAR)", ""},
    Macro{"athena_json_guard", "(x) AS CASE WHEN json_valid(x) THEN x END", ""},
    Macro{"athena_json_text",
          "(x) AS CASE typeof(x) WHEN 'JSON' THEN json_extract_string(to_json(x), '$') ELSE "
          "CAST(x AS VARCHAR) END",
          ""},
    Macro{"athena_json_scalar", "(j, p) AS json_extract_string(json_value(j, p), '$')", ""},
    Macro{"athena_json_size",
          "(j, p) AS CASE json_type(j, p) WHEN 'OBJECT' THEN CAST(len(json_keys(j, p)) AS BIGINT) "
          "WHEN 'ARRAY' THEN CAST(json_array_length(j, p) AS BIGINT) WHEN NULL THEN NULL ELSE CASE "
          "WHEN json_type(j, p) IS NULL THEN NULL ELSE 0 END END",
          ""},
    Macro{"athena_json_array_get", "(j, i) AS json_extract(j, CAST(i AS BIGINT))", ""},
    Macro{"athena_json_array_contains",
          "(j, v) AS list_contains(TRY_CAST(j AS VARCHAR[]), CAST(v AS VARCHAR))", ""},
    Macro{"athena_is_json_scalar", "(j) AS json_type(j) NOT IN ('OBJECT', 'ARRAY')", ""},
    Macro{"athena_remove", "(s, f) AS replace(s, f, '')", ""},
    Macro{"athena_md5", "(x) AS unhex(md5(x))", ""},
    Macro{"athena_sha1", "(x) AS unhex(sha1(x))", ""},
    Macro{"athena_sha256", "(x) AS unhex(sha256(x))", ""},
    Macro{"athena_split_to_map",
          "(s, d, kv) AS map_from_entries(list_transform(string_split(s, d), lambda e: "
          "struct_pack(k := split_part(e, kv, 1), v := split_part(e, kv, 2))))",
          ""},
    Macro{"athena_regexp_extract",
          "(s, re) AS CASE WHEN regexp_matches(s, re) THEN regexp_extract(s, re) END", ""},
    Macro{"athena_regexp_extract_group",
          "(s, re, g) AS CASE WHEN regexp_matches(s, re) THEN regexp_extract(s, re, g) END", ""},
    Macro{"athena_regexp_remove", "(s, re) AS regexp_replace(s, re, '', 'g')", ""},
    Macro{"athena_regexp_replace",
          "(s, re, r) AS regexp_replace(s, re, regexp_replace(r, '\\$(\\d)', '\\\\\\1', 'g'), 'g')",
          ""},
    Macro{"athena_regexp_count", "(s, re) AS len(regexp_extract_all(s, re))", ""},
    Macro{"athena_url_decode", "(s) AS url_decode(replace(s, '+', ' '))", ""},
    Macro{
        "athena_url_part",
        "(u, g) AS regexp_extract(u, "
        "'^([A-Za-z][A-Za-z0-9+.-]*):(?://(?:[^/?#@]*@)?(\\[[^]]*\\]|[^/?#:]*)(?::(\\d*))?)?([^?#]"
        "*)(?:\\?([^#]*))?(?:#(.*))?$', g)",
        ""},
    Macro{"athena_url_protocol", "(u) AS nullif(athena_url_part(u, 1), '')", "athena_url_part"},
    Macro{"athena_url_host", "(u) AS nullif(athena_url_part(u, 2), '')", "athena_url_part"},
    Macro{"athena_url_port", "(u) AS TRY_CAST(athena_url_part(u, 3) AS BIGINT)", "athena_url_part"},
    Macro{"athena_url_path", "(u) AS athena_url_part(u, 4)", "athena_url_part"},
    Macro{"athena_url_query", "(u) AS athena_url_part(u, 5)", "athena_url_part"},
    Macro{"athena_url_fragment", "(u) AS athena_url_part(u, 6)", "athena_url_part"},
    Macro{"athena_url_parameter",
          "(u, n) AS url_decode(replace(list_filter(list_transform(string_split(athena_url_part(u, "
          "5), '&'), lambda e: struct_pack(k := split_part(e, '=', 1), v := split_part(e, '=', "
          "2))), lambda e: e.k = n)[1].v, '+', ' '))",
          "athena_url_part"},
    Macro{"athena_iso_timestamp", "(s) AS CAST(s AS TIMESTAMP WITH TIME ZONE)", ""},
    Macro{"athena_iso_date", "(s) AS CAST(s AS DATE)", ""},
    Macro{"athena_at_timezone", "(x, z) AS timezone(z, x)", ""},
    Macro{"athena_millisecond", "(x) AS date_part('millisecond', x) % 1000", ""},
    Macro{"athena_array_join",
          "(a, d, n) AS array_to_string(list_transform(a, lambda e: coalesce(CAST(e AS VARCHAR), "
          "n)), d)",
          ""},
    Macro{"athena_array_sort", "(a) AS list_sort(a, 'ASC', 'NULLS LAST')", ""},
    Macro{"athena_array_distinct",
          "(a) AS list_filter(a, lambda e, i: list_position(a, e) = i OR (e IS NULL AND i = "
          "list_position(list_transform(a, lambda x: x IS NULL), true)))",
          ""},
    Macro{"athena_array_position",
          "(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL ELSE coalesce(list_position(a, x), "
          "0) END",
          ""},
    Macro{"athena_array_remove", "(a, x) AS list_filter(a, lambda e: e != x)", ""},
    Macro{"athena_array_union", "(a, b) AS list_distinct(list_concat(a, b))", ""},
    Macro{"athena_array_except",
          "(a, b) AS list_filter(list_distinct(a), lambda e: NOT list_contains(b, e))", ""},
    Macro{"athena_slice",
          "(a, s, n) AS CASE WHEN s < 0 THEN list_slice(a, len(a) + s + 1, len(a) + s + n) ELSE "
          "list_slice(a, s, s + n - 1) END",
          ""},
    Macro{"athena_repeat", "(x, n) AS list_transform(range(n), lambda i: x)", ""},
    Macro{"athena_or",
          "(a) AS coalesce(list_bool_or(a), len(list_filter(a, lambda e: e IS NULL)) "
          "> 0 AND NULL)",
          ""},
    Macro{"athena_and",
          "(a) AS coalesce(list_bool_and(a), len(list_filter(a, lambda e: e IS "
          "NULL)) = 0 OR NULL)",
          ""},
    Macro{"athena_typeof",
          "(x) AS replace(replace(regexp_replace(lower(typeof(x)), '^(.*)\\[\\]$', 'array(\\1)'), "
          "'struct(', 'row('), 'blob', 'varbinary')",
          ""},
    Macro{"athena_ip4",
          "(s) AS list_reduce(list_transform(string_split(s, '.'), lambda o: CAST(o AS UHUGEINT)), "
          "lambda a, b: a * 256::UHUGEINT + b)",
          ""},
    Macro{
        "athena_ip6_groups",
        "(s) AS list_transform([s], lambda v: CASE WHEN contains(v, '::') THEN "
        "list_concat(list_filter(string_split(split_part(v, '::', 1), ':'), lambda g: g != ''), "
        "list_concat(list_transform(range(8 - len(list_filter(string_split(replace(v, '::', ':'), "
        "':'), lambda g: g != ''))), lambda i: '0'), list_filter(string_split(split_part(v, '::', "
        "2), ':'), lambda g: g != ''))) ELSE string_split(v, ':') END)[1]",
        ""},
    Macro{"athena_ip6",
          "(s) AS list_reduce(list_transform(athena_ip6_groups(s), lambda g: CAST(CAST('0x' || g "
          "AS UBIGINT) AS UHUGEINT)), lambda a, b: a * 65536::UHUGEINT + b)",
          "athena_ip6_groups"},
    Macro{"athena_ip6_checked",
          "(s) AS list_transform([s], lambda v: CASE WHEN regexp_matches(v, "
          "'^([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}$') OR (regexp_matches(v, "
          "'^([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6}"
          ")?$') AND len(list_filter(string_split(v, ':'), lambda g: g != '')) <= 7) THEN "
          "athena_ip6(v) END)[1]",
          "athena_ip6"},
    Macro{"athena_ip6_plain",
          "(s) AS list_transform([s], lambda v: CASE WHEN regexp_matches(v, "
          "'^[0-9A-Fa-f:]*:((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.|$)){4}$') AND v NOT LIKE "
          "'%.' THEN list_transform([list_transform(string_split(regexp_extract(v, '[0-9.]+$'), "
          "'.'), lambda o: CAST(o AS INTEGER))], lambda o: regexp_extract(v, '^(.*:)', 1) || "
          "printf('%x:%x', o[1] * 256 + o[2], o[3] * 256 + o[4]))[1] ELSE v END)[1]",
          ""},
    Macro{"athena_ip_try",
          "(s) AS list_transform([s], lambda v: CASE WHEN regexp_matches(v, "
          "'^((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.|$)){4}$') AND v NOT LIKE '%.' THEN "
          "281470681743360::UHUGEINT + athena_ip4(v) WHEN contains(v, ':') THEN "
          "athena_ip6_checked(athena_ip6_plain(v)) END)[1]",
          "athena_ip4 athena_ip6_checked athena_ip6_plain"},
    Macro{"athena_ip",
          "(s) AS list_transform([s], lambda v: CASE WHEN v IS NULL THEN NULL ELSE "
          "coalesce(athena_ip_try(v), error('Cannot cast value to IPADDRESS: ' || v)::UHUGEINT) "
          "END)[1]",
          "athena_ip_try"},
    Macro{"athena_ip_group",
          "(x, i) AS CAST((x >> CAST(16 * (7 - i) AS UHUGEINT)) & 65535::UHUGEINT AS INTEGER)", ""},
    Macro{"athena_ip6_hex",
          "(x) AS array_to_string(list_transform(range(8), lambda i: printf('%x', "
          "athena_ip_group(x, i))), ':')",
          "athena_ip_group"},
    Macro{"athena_ip6_zeros",
          "(t) AS coalesce(list_filter(['0:0:0:0:0:0:0:0', '0:0:0:0:0:0:0', '0:0:0:0:0:0', "
          "'0:0:0:0:0', '0:0:0:0', '0:0:0', '0:0'], lambda z: contains(':' || t || ':', ':' || z "
          "|| ':'))[1], '')",
          ""},
    Macro{"athena_ip6_short",
          "(t) AS list_transform([t], lambda u: list_transform([struct_pack(t := ':' || u || ':', "
          "z := ':' || athena_ip6_zeros(u) || ':')], lambda v: CASE WHEN v.z = '::' THEN u ELSE "
          "substr(split_part(v.t, v.z, 1), 2) || '::' || rtrim(substr(v.t, strpos(v.t, v.z) + "
          "length(v.z)), ':') END)[1])[1]",
          "athena_ip6_zeros"},
    Macro{"athena_ip_text",
          "(x) AS list_transform([x], lambda v: CASE WHEN v >= 281470681743360::UHUGEINT AND v <= "
          "281474976710655::UHUGEINT THEN printf('%d.%d.%d.%d', athena_ip_group(v, 6) // 256, "
          "athena_ip_group(v, 6) % 256, athena_ip_group(v, 7) // 256, athena_ip_group(v, 7) % 256) "
          "WHEN v IS NOT NULL THEN athena_ip6_short(athena_ip6_hex(v)) END)[1]",
          "athena_ip_group athena_ip6_hex athena_ip6_short"},
    Macro{"athena_prefix_mask",
          "(bits) AS CASE WHEN bits >= 128 THEN 340282366920938463463374607431768211455::UHUGEINT "
          "ELSE (1::UHUGEINT << CAST(bits AS UHUGEINT)) - 1::UHUGEINT END",
          ""},
    Macro{"athena_prefix_range",
          "(p) AS list_transform([p], lambda q: list_transform([struct_pack(ip := "
          "athena_ip(split_part(q, '/', 1)), mask := athena_prefix_mask(CASE WHEN contains(q, ':') "
          "THEN 128 ELSE 32 END - CAST(split_part(q, '/', 2) AS INTEGER)))], lambda r: "
          "struct_pack(lo := (r.ip | r.mask) - r.mask, hi := r.ip | r.mask))[1])[1]",
          "athena_ip athena_prefix_mask"},
    Macro{"athena_prefix_min", "(p) AS struct_extract(athena_prefix_range(p), 'lo')",
          "athena_prefix_range"},
    Macro{"athena_prefix_max", "(p) AS struct_extract(athena_prefix_range(p), 'hi')",
          "athena_prefix_range"},
    Macro{
        "athena_prefix_contains",
        "(p, x) AS list_transform([athena_prefix_range(p)], lambda r: x BETWEEN r.lo AND r.hi)[1]",
        "athena_prefix_range"},
    Macro{"athena_prefix_within",
          "(p, q) AS list_transform([struct_pack(a := athena_prefix_range(p), b := "
          "athena_prefix_range(q))], lambda r: r.b.lo >= r.a.lo AND r.b.hi <= r.a.hi)[1]",
          "athena_prefix_range"},
    Macro{"athena_prefix_of",
          "(s) AS list_transform([s], lambda v: athena_ip_text(athena_prefix_min(v)) || '/' || "
          "split_part(v, '/', 2))[1]",
          "athena_ip_text athena_prefix_min"},
    Macro{"athena_ip_prefix",
          "(x, n) AS athena_prefix_of(athena_ip_text(x) || '/' || CAST(n AS VARCHAR))",
          "athena_ip_text athena_prefix_of"},
};

}  // namespace

const FunctionRule* find_rule(std::string_view name, size_t arguments) {
  for (const auto& rule : kRules)
    if (rule.name == name && arguments >= rule.arguments_min && arguments <= rule.arguments_max)
      return &rule;
  return nullptr;
}

Kind result_kind(std::string_view name) {
  for (const auto& known : kKnown)
    if (known.name == name) return known.result;
  return Kind::unknown;
}

const Macro* find_macro(std::string_view name) {
  for (const auto& macro : kMacros)
    if (macro.name == name) return &macro;
  return nullptr;
}

bool is_athena_function(std::string_view name) {
  const auto same = [&](const auto& entry) { return entry.name == name; };
  return std::any_of(kRules.begin(), kRules.end(), same) ||
         std::any_of(kKnown.begin(), kKnown.end(), same);
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const auto& rule : kRules) names.push_back(rule.name);
  for (const auto& known : kKnown)
    if (known.name != "||" && known.name != "count_star") names.push_back(known.name);
  return names;
}

}  // namespace cairn::lang::athena

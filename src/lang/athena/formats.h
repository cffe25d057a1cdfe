// Date formats of MySQL (date_parse, date_format) and Joda-Time (parse_datetime, format_datetime)
// as the strftime formats that DuckDB takes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::lang::athena {

struct Format {
  std::string strftime;
  std::string unknown;  ///< the first specifier that has no counterpart; then strftime is empty
};

Format from_mysql_format(std::string_view format);
Format from_joda_format(std::string_view format);

}  // namespace cairn::lang::athena

#include "base/text.h"
#include "lang/athena/rewrite.h"
#include "lang/athena/views.h"

#include <fmt/format.h>

namespace cairn::lang::athena {

Description describe_table(std::string_view schema, std::string_view table) {
  Flavour flavour = Flavour::cairn;
  Description out;
  if (!find_flavour(schema, table, flavour)) {
    out.fault = Fault{.message = fmt::format("unknown table '{}'", table),
                      .hint = "SHOW TABLES names the tables"};
    return out;
  }
  const View view = make_view(flavour);
  out.sql = "SELECT * FROM (VALUES ";
  bool first = true;
  for (const auto& field : view.root.fields) {
    if (field.name[0] == '@') continue;
    out.sql += fmt::format("{}('{}', '{}', {})", first ? "" : ", ", field.name,
                           type_text(field, flavour), field.in_star);
    first = false;
  }
  out.sql += ") AS columns (column_name, data_type, in_star)";
  return out;
}

std::string show_tables() {
  return "SELECT * FROM (VALUES "
         "('cloudtrail', 'typed columns under CloudTrail''s own names'), "
         "('cloudtrail_logs', 'the columns of Athena''s table; any name that begins with "
         "cloudtrail_ will do'), "
         "('EVENT_DATA_STORE_ID', 'any UUID: the columns of CloudTrail Lake')"
         ") AS tables (table_name, \"columns\")";
}

}  // namespace cairn::lang::athena

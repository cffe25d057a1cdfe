#include "model/columns.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::cli {
namespace {

std::string_view type_name(model::ColumnType type) {
  switch (type) {
    case model::ColumnType::varchar:
      return "VARCHAR";
    case model::ColumnType::boolean:
      return "BOOLEAN";
    case model::ColumnType::timestamp:
      return "TIMESTAMP";
    case model::ColumnType::json:
      return "JSON";
    case model::ColumnType::bigint:
      return "BIGINT";
  }
  return "";
}

int print_table() {
  size_t name_width = 0;
  for (const model::Column& column : model::columns())
    name_width = std::max(name_width, column.name.size());
  std::string out;
  for (const model::Column& column : model::columns())
    out += fmt::format("{:<{}}  {:<9}  {}\n", column.name, name_width, type_name(column.type),
                       column.doc);
  return print(out);
}

int print_json() {
  std::string out = "[";
  for (const model::Column& column : model::columns()) {
    out += out.size() == 1 ? "\n" : ",\n";
    append_json_string(out += "{\"name\":", column.name);
    append_json_string(out += ",\"type\":", type_name(column.type));
    append_json_string(out += ",\"doc\":", column.doc);
    out += '}';
  }
  return print(out + "\n]\n");
}

}  // namespace

void add_columns(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand(
      "columns", "List the columns of the table cloudtrail: name, type, meaning");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "As a JSON array, for programs");
  command->callback([&invocation, json] {
    invocation.run = [json] { return *json ? print_json() : print_table(); };
  });
}

}  // namespace cairn::cli

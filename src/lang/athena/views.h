// The three tables that queries see over the one physical table read_cloudtrail():
//   cairn   `cloudtrail`: typed columns under CloudTrail's own names
//   athena  the table of Athena's documentation and console: lower-case names, text
//   lake    a CloudTrail Lake event data store: timestamps, booleans, maps
// Sources: Athena User Guide "Query AWS CloudTrail logs"; CloudTrail User Guide "CloudTrail Lake
// supported schemas".
#pragma once

#include "lang/athena/tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::lang::athena {

enum class Flavour : uint8_t { cairn, athena, lake };

/// How a value comes out of its physical column.
enum class Conversion : uint8_t {
  as_is,
  text,       ///< CAST AS VARCHAR
  iso_time,   ///< timestamp as CloudTrail writes it
  map,        ///< JSON object as map(varchar, varchar)
  resources,  ///< JSON array as a list of structs; the flavour says which
  time_part,  ///< strftime with `detail`
  json_part,  ///< text at the JSON pointer `detail`
};

struct Field {
  std::string name{};
  Kind kind = Kind::varchar;
  std::string column{};  ///< physical; empty for a structure
  Conversion conversion = Conversion::as_is;
  std::string detail{};
  bool in_star = true;          ///< part of SELECT *; false also leaves it out of a whole structure
  std::vector<Field> fields{};  ///< of a structure

  /// Without regard to case; nullptr if there is none.
  const Field* find(std::string_view field_name) const;
};

struct View {
  Flavour flavour = Flavour::cairn;
  Field root{};  ///< its fields are the table's columns
};

View make_view(Flavour flavour);

/// The flavour that a table name stands for: `cloudtrail`; any other name that begins so, and any
/// table of a schema that begins so; a UUID. False if it is none of ours.
bool find_flavour(std::string_view schema, std::string_view table, Flavour& flavour);

/// The value of `field` as an expression over the physical columns. Names of macros that it calls
/// are appended to `macros`.
Json value_of(const Field& field, Flavour flavour, std::vector<std::string_view>& macros);

/// As Athena's catalog writes the type: "struct<type:string,…>" is not for this; "row(type varchar,
/// …)" is.
std::string type_text(const Field& field, Flavour flavour);

}  // namespace cairn::lang::athena

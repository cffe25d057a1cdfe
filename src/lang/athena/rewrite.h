// Athena's and CloudTrail Lake's SQL as DuckDB's, tree in, tree out. Names of tables become queries
// over read_cloudtrail() that ask for no more than the physical columns that are used; functions
// become DuckDB's or macros of ours; what Athena would refuse is refused, in the user's words.
//
// Source of the semantics: Trino's documentation for Athena engine version 3.
#pragma once

#include "lang/athena/fault.h"
#include "lang/athena/prepare.h"
#include "lang/athena/tree.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::lang::athena {

/// A condition that every wanted row of one scan of the table meets, from the AND-ed parts of
/// WHERE.
struct Bound {
  enum class Field : uint8_t { time_min, time_max, region, account, other };
  Field field = Field::time_min;

  /// Of region, account and other: the row's value is one of these.
  std::vector<std::string> values{};
  int column = -1;  ///< of other: a varchar column, index in model::columns()

  /// Of times: a constant expression of any type that casts to a timestamp; or
  Json expression{};
  /// an instant that is known already. Inclusive, microseconds since 1970, UTC.
  std::optional<int64_t> instant_us{};
  /// How much later than `expression` the last wanted row may be (date_trunc and the like).
  int64_t widen_us = 0;
  /// `expression` is the same instant whenever it is evaluated, and whole microseconds.
  bool fixed = false;
  /// A row of that very instant is not wanted.
  bool exclusive = false;
};

/// The bounds of one scan; none means that it wants every row.
using ScanBounds = std::vector<Bound>;

struct Rewritten {
  Json tree;                             ///< for json_deserialize_sql()
  std::vector<std::string_view> macros;  ///< names of those that it calls, directly or not
  std::vector<ScanBounds> scans;         ///< one per use of a CloudTrail table
  std::set<std::string> columns;         ///< of read_cloudtrail() that any of them reads
  std::optional<Fault> fault;            ///< then nothing else counts
};

struct RewriteOptions {
  /// FROM names CloudTrail tables and those of WITH; no file, nothing of the engine's catalog.
  bool only_event_tables = false;
};

/// `tree`: what json_serialize_sql() gave for `prepared.sql`. `text`: the user's own.
Rewritten rewrite(Json tree, const Prepared& prepared, std::string_view text,
                  const RewriteOptions& options = {});

/// The statement that shows the columns of `table`, in plain SQL; a fault if there is no such
/// table.
struct Description {
  std::string sql;
  std::optional<Fault> fault;
};

Description describe_table(std::string_view schema, std::string_view table);
std::string show_tables();

}  // namespace cairn::lang::athena

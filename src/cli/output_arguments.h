// The options that every command which prints rows has, and the printing itself.
#pragma once

#include "base/result.h"
#include "engine/result_set.h"
#include "query/session.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace cairn::cli {

struct OutputArguments {
  std::string format = "table";
  std::string output;  ///< file; "" is standard output
  std::string timezone = "UTC";
  bool wide = false;
  bool safe_csv = false;
  bool leave_on_interrupt = true;  ///< not at the prompt, which goes on after Ctrl-C
};

/// Declares --format, --output, --timezone, --wide and --safe-csv. `arguments` must outlive the
/// run.
void add_output_options(CLI::App& command, OutputArguments& arguments);

/// Fails with `invalid_argument` for an unknown time zone, and for Parquet without a file. Call it
/// before anything is read.
Status check_output_arguments(const OutputArguments& arguments);

/// Runs `statement` and writes its rows as the arguments say; their number. Shows progress and
/// stops on Ctrl-C. A file named by --output appears whole or not at all. When the reader of
/// standard output went away (`| head`), that is no failure.
Result<uint64_t> print_query(query::Session& session, std::string_view statement,
                             const OutputArguments& arguments);

/// Writes the rows of a result that runs already; not for Parquet.
Result<uint64_t> print_rows(engine::ResultSet& rows, const OutputArguments& arguments);

}  // namespace cairn::cli

// The interactive prompt of `cairn sql`.
#pragma once

#include "cli/output_arguments.h"
#include "cli/source_arguments.h"
#include "query/session.h"

namespace cairn::cli {

/// Reads statements from the terminal and answers them until end of input or `.quit`; the exit
/// code.
int run_prompt(query::Session& session, const SourceArguments& source, OutputArguments output);

/// Runs one statement, prints its rows, what was refused, and on a terminal how many rows there
/// were and how long it took; the exit code.
int run_statement(query::Session& session, std::string_view statement,
                  const SourceArguments& source, const OutputArguments& output);

}  // namespace cairn::cli

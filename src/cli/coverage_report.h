// The account of a run as text and as JSON: which files were read, and why the others were not.
#pragma once

#include "source/coverage.h"

#include <string>

namespace cairn::cli {

/// The full report, one line per file that was not read whole and per problem.
std::string coverage_text(const source::Coverage& coverage);

/// The same facts, and every file, as one JSON object. Documented in docs/manual/cli.md.
std::string coverage_json(const source::Coverage& coverage);

/// What was refused, in few lines; "" if nothing was.
std::string problem_summary(const source::Coverage& coverage);

}  // namespace cairn::cli

// A report for a person at a terminal.
#pragma once

#include "diagnose/report.h"

#include <string>

namespace cairn::diagnose {

/// The lines for standard output. Text from the logs has passed printable().
std::string console(const Report& report);

/// The same in the words of the original tool, its collector's lines (`[API] `) first.
std::string classic_console(const Report& report);

}  // namespace cairn::diagnose

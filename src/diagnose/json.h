// A report for programs. docs/manual/diagnose.md lists the members.
#pragma once

#include "diagnose/report.h"

#include <string>

namespace cairn::diagnose {

/// One JSON object and a line end.
std::string json(const Report& report);

}  // namespace cairn::diagnose

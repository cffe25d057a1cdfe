// A report as Markdown, for a ticket or a wiki.
#pragma once

#include "diagnose/report.h"

#include <string>

namespace cairn::diagnose {

/// The content of report.md. Text from the logs cannot leave its cell, list item or code block.
std::string markdown(const Report& report);

}  // namespace cairn::diagnose

// What an ingest says of itself: while it runs, and at its end.
#pragma once

#include "ingest/ingest.h"

#include <string>
#include <string_view>

namespace cairn::cli {

/// `12/340 objects  1.3 GB/9.0 GB  1,234,567 events  310 MB/s  0:25 left`
std::string progress_text(const ingest::IngestProgress& progress, double seconds);

/// Some lines for a person, problems first (the first few of them).
std::string report_text(const ingest::IngestReport& report, std::string_view lake, double seconds);

/// The same facts, and all problems, as one JSON object.
std::string report_json(const ingest::IngestReport& report, std::string_view lake, double seconds);

/// Something that should be in the lake is not.
bool has_failures(const ingest::IngestReport& report);

}  // namespace cairn::cli

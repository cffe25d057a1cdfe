// Render: the rows of a query as a table, CSV, JSON, JSON lines, Markdown or field by field.
// Never reads, never writes but through a ByteSink, and shows no byte that could drive a terminal
// in the formats meant for one.
#pragma once

#include "base/result.h"
#include "engine/result_set.h"
#include "render/row_writer.h"
#include "render/time_zone.h"

#include <cstdint>
#include <functional>

namespace cairn::render {

struct RenderOptions {
  Format format = Format::table;
  WriterOptions writer = {};
  /// The bytes go to a terminal: control characters are shown in every format, also in CSV and
  /// JSON, which otherwise keep them.
  bool terminal = false;
  TimeZone zone = {};
  /// Asked between rows now and then; true ends the run with `unavailable`.
  std::function<bool()> stopped = nullptr;
};

/// Writes all rows of `rows` to `sink`; their number.
Result<uint64_t> render(engine::ResultSet& rows, const RenderOptions& options, ByteSink& sink);

}  // namespace cairn::render

// Parquet files that hold CloudTrail events in columns: what Athena (CTAS, UNLOAD), CloudTrail
// Lake's exports and cairn itself write. Turned into JSON lines, so that one decoder reads
// everything.
#pragma once

#include "base/result.h"
#include "source/byte_stream.h"

#include <memory>
#include <string>

namespace cairn::engine {

/// Opens `path` as JSON lines. Each call has a small database of its own: a query within a query of
/// one database may find its tasks run by the outer one. Fails with `corrupt` for a damaged file,
/// and with `invalid_argument` when no event can be had from its columns.
Result<std::unique_ptr<source::ByteStream>> open_parquet(const std::string& path);

}  // namespace cairn::engine

// Rows of files of the lake into one new file, in order of time. Shared by compaction and
// retention.
#pragma once

#include "base/result.h"
#include "engine/database.h"
#include "ingest/encode.h"
#include "store/lake.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace cairn::ingest {

/// A database of its own for reading the lake's files back, one thread, little memory.
Result<engine::Database> open_rewrite_database();

/// Events of `files` (of one day, sorted by their first event) from `first_us` on. nullopt when
/// there are none.
Result<std::optional<EncodedFile>> rewrite(store::Lake& lake, engine::Database& database,
                                           const std::vector<store::DataFile>& files, int32_t day,
                                           std::optional<int64_t> first_us);

}  // namespace cairn::ingest

// What a run has to read: the source's objects without those that the ledger knows.
#pragma once

#include "base/result.h"
#include "ingest/ingest.h"
#include "ingest/source.h"
#include "store/catalog.h"

#include <vector>

namespace cairn::ingest {

/// In the order of the days that their keys name, so that a batch touches few days. Counts known
/// and changed objects in `report`.
Result<std::vector<SourceObject>> list_work(Source& source, store::Catalog& catalog,
                                            const IngestOptions& options, IngestReport& report,
                                            IngestProgress& progress);

}  // namespace cairn::ingest

// Objects that could not be read, or not whole, kept as they came with the reason beside them,
// until a later run takes them.
#pragma once

#include "base/result.h"
#include "ingest/batch.h"
#include "ingest/source.h"
#include "store/lake.h"

#include <memory>
#include <string>

namespace cairn::ingest {

/// Key of the object's copy within the lake's store.
std::string rejected_key(const SourceObject& object);

/// Stores the copy, and `….json` with source, key, size, etag, reason and problems. The same object
/// again replaces both.
Status keep_rejected(store::Lake& lake, Source& source, const SourceObject& object,
                     const ObjectOutcome& outcome);

/// Removes what keep_rejected() stored.
Status drop_rejected(store::Lake& lake, const SourceObject& object);

/// All objects that the ledger has as rejected or partial: from where they came if they are still
/// there, else the copy.
std::unique_ptr<Source> make_rejected_source(store::Lake& lake);

}  // namespace cairn::ingest

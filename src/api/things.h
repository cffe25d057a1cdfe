// What the calls of each operation are about, so that the caller's right to it can be decided in
// one place. A function here finds the things that the input names; the rows of the operation
// tables say which function is an operation's.
#pragma once

#include "api/operation.h"

#include <vector>

namespace cairn::recording {
struct EventDataStore;
}

namespace cairn::trails {
struct Trail;
}

namespace cairn::api {

using Things = Result<std::vector<Thing>>;

/// About nothing that an account has, such as who the caller is, or public keys.
Things about_nothing(Features& features, const Call& call);

// The operation itself shows, or takes, only what the caller may see: it asks knows_of(), or leaves
// out the events of other accounts. They fail with UnsupportedOperationException if the program
// does not have the feature.
Things about_listed_trails(Features& features, const Call& call);
Things about_listed_stores(Features& features, const Call& call);
Things about_listed_events(Features& features, const Call& call);
Things about_sent_events(Features& features, const Call& call);

// Trails. An update is also about what the trail becomes.
Things about_new_trail(Features& features, const Call& call);
Things about_trail(Features& features, const Call& call);           ///< in Name
Things about_selected_trail(Features& features, const Call& call);  ///< in TrailName, or none
Things about_trail_update(Features& features, const Call& call);

// Event data stores, and channels with the stores that the call makes them feed.
Things about_new_store(Features& features, const Call& call);
Things about_store(Features& features, const Call& call);
Things about_store_update(Features& features, const Call& call);
Things about_new_channel(Features& features, const Call& call);
Things about_channel(Features& features, const Call& call);
Things about_channel_to_put(Features& features, const Call& call);

// Trails, stores and channels by their ARNs.
Things about_tagged(Features& features, const Call& call);  ///< in ResourceId or ResourceIdList
Things about_policy_owner(Features& features, const Call& call);

/// Whether the caller may know that the thing exists: what lists show.
bool knows_of(const Call& call, const trails::Trail& trail);
bool knows_of(const Call& call, const recording::EventDataStore& store);
/// The same of what belongs to the caller's home account.
bool knows_own(const Call& call);

}  // namespace cairn::api

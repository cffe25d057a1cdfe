// What the parts of the delivery share.
#pragma once

#include "trails/internal/key_ring.h"
#include "trails/internal/trail_table.h"
#include "trails/trails.h"

#include <atomic>
#include <string>
#include <string_view>

namespace cairn::trails {

struct Context {
  Context(TrailsOptions chosen, TrailsWorld given)
      : options(std::move(chosen)),
        world(std::move(given)),
        table(world.state),
        keys(world.state, world.secrets, options) {}

  const TrailsOptions options;
  const TrailsWorld world;
  TrailTable table;
  KeyRing keys;
  std::atomic<bool> ending{false};  ///< deliveries end after the file that they are at

  /// The organization's id where the trail is one of it.
  std::string_view organization(const Trail& trail) const {
    return trail.organization ? std::string_view(options.organization_id) : std::string_view();
  }
};

/// AWS's code for why a delivery to a bucket failed, as GetTrailStatus shows it.
std::string delivery_code(const Error& error);

}  // namespace cairn::trails

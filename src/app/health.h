// What operators ask a running service: is it there, can it take work, its numbers.
#pragma once

#include "api/api.h"
#include "app/lake_feed.h"
#include "app/upkeep.h"
#include "server/body_budget.h"
#include "server/metrics.h"
#include "spool/spool.h"

#include <map>
#include <string>

namespace cairn::app {

struct Health {
  const LakeFeed& feed;
  const spool::Spool& spool;
  uint64_t spool_bytes_max = 0;
  server::Metrics& metrics;
  const server::BodyBudget& bodies;
};

/// `/healthz` (200 as long as requests are answered), `/readyz` (503 with the reason while events
/// cannot be taken or found, calls cannot be recorded, or memory for requests is short),
/// `/metrics`. They need no key and tell no event.
void add_health_paths(const Health& health,
                      std::map<std::string, api::PathHandler, std::less<>>& paths);

void add_numbers(const LakeFeed& feed, const Upkeep& upkeep, const spool::Spool& spool,
                 server::Metrics& metrics);

/// What there is of space, and what was refused or lost for the lack of it.
void describe_space(server::Metrics& metrics);
void add_space(const spool::Spool& spool, server::Metrics& metrics);

}  // namespace cairn::app

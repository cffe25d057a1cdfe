// The events that trails have delivered of late, so that an event that is sent again is not
// delivered again.
//
// Keys of events are remembered for each trail, in the state database: a row for each batch that
// was planned, written in the transaction that also says how far the span has come. So after a
// crash the batch is either remembered and done, or neither. A batch's own events are known at
// once, but count for the next batch only after its commit.
#pragma once

#include "base/result.h"
#include "io/random.h"
#include "store/state_database.h"
#include "trails/internal/selection.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cairn::trails {

/// Keys of 64 bits: open addressing, at most three quarters full.
class EventKeySet {
 public:
  /// False if it was there already.
  bool insert(uint64_t key);
  bool contains(uint64_t key) const;

  size_t size() const { return size_; }

 private:
  size_t place_of(uint64_t key) const;
  void grow();

  std::vector<uint64_t> slots_ = std::vector<uint64_t>(1'024);  ///< 0: free
  size_t size_ = 0;
};

struct DeliveredEventsLimits {
  int64_t kept_us = 86'400'000'000;  ///< how long an event is remembered at least, if it is not
  size_t events_max = 2'000'000;     ///< one of more than these, of which the oldest go first
};

/// Not thread-safe.
class DeliveredEvents {
 public:
  /// Borrows both.
  DeliveredEvents(store::StateDatabase& state, io::Random& random, DeliveredEventsLimits limits)
      : state_(state), random_(random), limits_(limits) {}

  /// To be called once, after the tables are there. Makes the secret that keys depend on, so that
  /// no sender can make an event that is taken for another one.
  Status prepare();

  /// Begins a batch of the trail. What take() was told of a batch before that was not committed is
  /// forgotten. Fails as the state does.
  Status begin(int64_t trail);

  /// False if the trail has delivered the event, or the batch has it already. An event without an
  /// id is always new. Not before begin().
  bool take(const EventFacts& facts);

  /// Writes down the events of the batch. Within the transaction of the batch.
  Status write(int64_t now_us);

  /// The batch is committed.
  void committed();

  /// Frees the memory of all other trails.
  void keep_only(const std::vector<int64_t>& trails);

 private:
  uint64_t key_of(const EventFacts& facts) const;
  Status load(int64_t trail, EventKeySet& keys);
  Status forget_oldest(int64_t trail);

  store::StateDatabase& state_;
  io::Random& random_;
  const DeliveredEventsLimits limits_;
  std::string secret_;
  std::map<int64_t, EventKeySet> known_;  ///< by trail
  int64_t trail_ = 0;
  EventKeySet batch_;
  std::vector<uint64_t> batch_keys_;
};

}  // namespace cairn::trails

#include "ingest/prefetch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace cairn::ingest {

struct Prefetcher::State {
  io::ObjectStore& store;
  std::vector<std::string> keys;
  std::vector<uint64_t> sizes;
  PrefetchOptions options;

  std::mutex mutex{};
  std::condition_variable changed{};
  std::vector<std::optional<Result<std::string>>> fetched{};
  size_t next = 0;           ///< the first that nobody fetches yet
  size_t wanted = 0;         ///< one behind the last that a reader waits for
  uint64_t bytes_ahead = 0;  ///< of what is fetched or being fetched, and not taken
  bool ended = false;
  std::vector<std::thread> threads{};

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      // What a reader waits for is fetched in any case.
      changed.wait(lock, [&] {
        return ended ||
               (next < keys.size() && (bytes_ahead < options.bytes_ahead_max || next < wanted));
      });
      if (ended) return;
      const size_t index = next++;
      bytes_ahead += sizes[index];
      lock.unlock();
      auto bytes = store.get(keys[index], options.object_bytes_max);
      lock.lock();
      fetched[index].emplace(std::move(bytes));
      changed.notify_all();
    }
  }
};

Prefetcher::Prefetcher(io::ObjectStore& store, std::vector<std::string> keys,
                       std::vector<uint64_t> sizes, PrefetchOptions options)
    : state_(new State{store, std::move(keys), std::move(sizes), options}) {
  state_->fetched.resize(state_->keys.size());
  const size_t count = std::min(static_cast<size_t>(options.fetches), state_->keys.size());
  for (size_t i = 0; i < count; ++i) state_->threads.emplace_back([this] { state_->run(); });
}

Prefetcher::~Prefetcher() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ended = true;
  }
  state_->changed.notify_all();
  for (auto& thread : state_->threads) thread.join();
}

Result<std::string> Prefetcher::take(size_t index) {
  auto& state = *state_;
  std::unique_lock lock(state.mutex);
  state.wanted = std::max(state.wanted, index + 1);
  state.changed.notify_all();
  state.changed.wait(lock, [&] { return state.fetched[index].has_value(); });
  auto bytes = std::move(*state.fetched[index]);
  state.fetched[index].reset();
  state.bytes_ahead -= std::min(state.bytes_ahead, state.sizes[index]);
  lock.unlock();
  state.changed.notify_all();
  return bytes;
}

}  // namespace cairn::ingest

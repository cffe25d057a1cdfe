// A few threads that deliver, so that a bucket which does not answer holds up no other. What goes
// to one place is done by one thread at a time, in order.
#pragma once

#include "io/waiter.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace cairn::trails {

/// Thread-safe. Its threads end with it.
class Crew {
 public:
  /// Does a part of what there is to do; true: there is more, which waits for its turn again.
  using Work = std::function<bool()>;

  /// Threads are begun as they are needed, at most `threads_max`. At most `slow_max` are kept busy
  /// by work that is known to be slow. `waiter` must outlive the crew.
  Crew(size_t threads_max, size_t slow_max, io::Waiter& waiter);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Nothing when work of that name waits or is being done already. `slow`: its place did not
  /// answer the last time.
  void add(const std::string& name, bool slow, Work work);

  /// True once nothing waits and nothing is being done; false when that takes longer.
  bool wait_idle(int64_t millis);

  /// Forgets what waits, and waits for what is being done.
  void end();

 private:
  struct Job {
    std::string name{};
    bool slow = false;
    Work work{};
  };

  void run();
  /// The next that may begin.
  std::deque<Job>::iterator next();

  const size_t threads_max_;
  const size_t slow_max_;
  io::Waiter& waiter_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<Job> waiting_;
  std::set<std::string> names_;  ///< of what waits or is being done
  size_t slow_ = 0;              ///< threads that do slow work
  size_t free_ = 0;              ///< threads that wait for work
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace cairn::trails

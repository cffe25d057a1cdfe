// Events of several accounts, twice: all of them, and only those that one account may see, each as
// log files and as a lake. Whatever the other accounts' events say holds the canary.
#pragma once

#include "query/session.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cairn::isolation {

inline constexpr const char* kOurs = "111122223333";
inline constexpr const char* kTheirs = "444455556666";
/// In every text of a hidden event, and in the names of files that hold only such.
inline constexpr const char* kCanary = "canary7f3";

/// What must not come out of a session that sees kOurs only, in any form: the canary, the other
/// account's id, and the day, place and numbers that only hidden events have.
bool tells_of_others(std::string text);

class World {
 public:
  World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  const std::filesystem::path& folder() const { return folder_; }

  enum class Over { logs, lake };
  /// `whole`: all events lie there, else those of kOurs only.
  query::Session open(Over over, bool whole, const query::SessionOptions& options) const;

 private:
  void write_logs(const std::filesystem::path& root, bool whole) const;
  void make_lake(const std::filesystem::path& root) const;

  std::filesystem::path folder_;
};

/// Rows with their cells separated by '|', sorted, below a line of column names; or the error. With
/// what the session says of coverage behind it.
std::string outcome(query::Session& session, const std::string& sql);

/// Only what came of the statement, without coverage.
std::string answer(query::Session& session, const std::string& sql);

}  // namespace cairn::isolation

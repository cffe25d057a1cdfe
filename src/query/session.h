// A session answers SQL over CloudTrail events that lie in log files or in a lake. It is
// what the commands and the features (lookup, summary, diagnoses) ask their questions through.
#pragma once

#include "base/result.h"
#include "engine/result_set.h"
#include "io/waiter.h"
#include "source/coverage.h"
#include "source/options.h"
#include "store/lake.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::query {

/// A lake instead of log files, now or as it was.
struct LakeSource {
  store::LakeOptions lake{};
  std::optional<int64_t> snapshot_id{};  ///< one of these at most
  std::optional<int64_t> as_of_us{};     ///< the last snapshot at or before
};

/// What one statement may use. 0: no limit, or of a sandboxed session the one of kSandboxLimits.
/// A statement that needs more fails with `exhausted`, and the session goes on.
struct SessionLimits {
  uint64_t memory_max_bytes = 0;  ///< of the engine
  uint64_t temp_max_bytes = 0;    ///< on disk, for what does not fit into memory
  int64_t time_max_us = 0;        ///< until its last row is taken
  uint64_t rows_max = 0;          ///< of its answer
  uint64_t answer_max_bytes = 0;  ///< in the cells of its answer
};

inline constexpr SessionLimits kSandboxLimits{.memory_max_bytes = 320'000'000,
                                              .temp_max_bytes = 10'000'000'000,
                                              .time_max_us = 30LL * 60 * 1'000'000,
                                              .rows_max = 10'000'000,
                                              .answer_max_bytes = 4'000'000'000};

struct SessionOptions {
  source::SourceOptions source{};    ///< where the events are and how to treat what is broken
  std::optional<LakeSource> lake{};  ///< if set, `source` means nothing
  int threads = 0;                   ///< 0: one per core
  /// Whose events there are (model/event_account.h), 12 digits each: for any statement, and in
  /// errors, coverage and progress, it is as if the events of others did not exist. Statements are
  /// checked as in a sandbox, since one that reads files would walk around the wall.
  std::optional<std::vector<std::string>> accounts{};
  /// For statements of strangers: they read the CloudTrail tables and compute, by an allow-list
  /// (lang/athena/allow_list.h); the engine is locked too: no file but the lake's, no network, no
  /// settings; `limits` hold. EXPLAIN is refused, sql_to_parquet() too.
  bool sandboxed = false;
  SessionLimits limits{};
  io::Waiter* waiter = nullptr;  ///< what limits.time_max_us is measured with; null: the machine's
};

/// Values of a column, one of which every row that is wanted has. Files of a lake whose bloom
/// filters know none of them are left out.
struct Needle {
  std::string column;  ///< `userIdentity.accessKeyId`
  std::vector<std::string> values;
};

/// What a feature asks a lake in DuckDB's SQL as it stands: without the dialects and the columns
/// that nobody names, it costs little to ask.
struct Question {
  /// The statement, given what stands behind its FROM: the stored columns, structs as structs,
  /// recordPatch, and with `records` also eventJson.
  std::function<std::string(std::string_view events)> sql;
  source::Wanted wanted{};        ///< of this only the times are looked at
  std::vector<Needle> needles{};  ///< all of them must hold
  bool records = false;
};

struct Newest {
  std::optional<int64_t> since_us{};  ///< nullopt: those are all
  bool untimed = false;               ///< there may be events without a time besides
};

/// How far the running query is. All counts are of this session's current or last query.
struct Progress {
  uint64_t files_total = 0;
  uint64_t files_done = 0;
  uint64_t bytes_total = 0;  ///< of the files as they lie there
  uint64_t bytes_done = 0;
  uint64_t events = 0;
};

/// Tables in SQL (names without case):
///   cairn's own      `cloudtrail`: typed columns, see model/columns.h
///   Athena's         any other name that begins with `cloudtrail`, in any schema: AWS's DDL for
///   Athena CloudTrail Lake  an event data store id (36-character UUID): Lake's column types
/// Not thread-safe but for interrupt() and progress(); a session of its own for each thread.
class Session {
 public:
  /// Fails with `invalid_argument` when `accounts` has something else than account ids.
  static Result<Session> open(SessionOptions options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// Runs one statement in Athena's or CloudTrail Lake's SQL, or in DuckDB's, which holds both but
  /// for some functions. An `invalid_argument` error is the text to show, caret line included.
  Result<engine::ResultSet> sql(std::string_view statement);

  /// Runs the statement and writes its rows to a Parquet file; the number of rows written.
  Result<uint64_t> sql_to_parquet(std::string_view statement, const std::string& file);

  /// Whether the events lie in a lake, which answers questions about few columns or short times
  /// much faster than others.
  bool has_lake() const;

  /// Over a lake only. The rows are gathered before it returns. SQL errors are `internal`, as the
  /// statement is the program's own; it is not checked, but sees the session's accounts only.
  Result<engine::ResultSet> ask(const Question& question);

  /// Of a lake: where the newest `rows` of the wanted events begin, by the times and counts of its
  /// files: a guess.
  Result<Newest> newest(const source::Wanted& wanted, uint64_t rows);

  /// The whole text of an error that a session with `accounts` or `sandboxed` told in general words
  /// only, since it is not of the statement's making (a damaged file and its path); for the
  /// operator's log. "" if the last statement had none.
  std::string hidden_fault() const;

  /// What was read, left out and refused by the last query; complete once its rows were read. For
  /// some accounts it tells of theirs only, and nothing of a lake's files.
  const source::Coverage& coverage() const;

  Progress progress() const;

  /// Stops the running query soon; it then fails with `unavailable`. Any thread, any signal
  /// handler.
  void interrupt();

  /// Removes what the session holds in temporary files, for a process that ends at once and has
  /// no use for the session any more. Any thread.
  void remove_temporary_files();

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cairn::query

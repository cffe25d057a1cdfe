#include "query/session.h"

#include "base/sql_text.h"
#include "engine/cloudtrail_scan.h"
#include "engine/database.h"
#include "lang/athena/allow_list.h"
#include "lang/athena/functions.h"
#include "lang/athena/rewrite.h"
#include "query/internal/engine_fault.h"
#include "query/internal/lake_view.h"
#include "query/internal/pruning.h"
#include "query/internal/scope.h"
#include "query/internal/watchdog.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace cairn::query {

using lang::athena::Fault;
using lang::athena::Json;
using lang::athena::StatementKind;

namespace {

Error error_of(const Fault& fault, std::string_view statement) {
  return Error{ErrorKind::invalid_argument, lang::athena::render(fault, statement)};
}

/// Where the engine may put what does not fit into memory; made only when it has to, and removed.
std::string spill_folder(const void* owner) {
  std::error_code failed;
  const auto folder = std::filesystem::temp_directory_path(failed);
  if (failed) return {};
  return (folder / fmt::format("cairn-{}-{}", ::getpid(), fmt::ptr(owner))).string();
}

/// The engine's advice is about settings that are not the user's to make.
Error told_exhausted(std::string_view message) {
  message = without_kind(message.substr(0, message.find('\n')));
  const bool disk = message.find("offload") != std::string_view::npos;
  return Error{ErrorKind::exhausted,
               fmt::format("the query needs more {} than it may have: {}\nhint: {}",
                           disk ? "space for temporary files" : "memory", message,
                           disk ? "the environment variable TMPDIR names another folder for them"
                                : "group, order and compare by fewer or shorter columns")};
}

/// Whether the engine's complaint is about what it reads, not about what it was told to do.
bool is_about_files(const Error& error) {
  if (error.kind() == ErrorKind::unavailable) return error.message() != "interrupted";
  if (error.kind() == ErrorKind::exhausted) return false;
  if (error.kind() != ErrorKind::invalid_argument) return true;
  return error.message().find(".parquet") != std::string_view::npos ||
         error.message().find("read_parquet") != std::string_view::npos;
}

SessionLimits or_sandbox_limits(SessionLimits limits) {
  const auto fill = [](auto& value, auto sandbox_value) {
    if (value == 0) value = sandbox_value;
  };
  fill(limits.memory_max_bytes, kSandboxLimits.memory_max_bytes);
  fill(limits.temp_max_bytes, kSandboxLimits.temp_max_bytes);
  fill(limits.time_max_us, kSandboxLimits.time_max_us);
  fill(limits.rows_max, kSandboxLimits.rows_max);
  fill(limits.answer_max_bytes, kSandboxLimits.answer_max_bytes);
  return limits;
}

/// An engine's fault in the translated text as one in the user's.
Error error_of(Error error, std::string_view statement) {
  if (error.kind() == ErrorKind::unavailable)
    return {error.kind(), std::string(without_kind(error.message()))};
  if (error.kind() == ErrorKind::exhausted) return told_exhausted(error.message());
  if (error.kind() != ErrorKind::invalid_argument) return error;
  return error_of(fault_of_engine(error.message(), statement), statement);
}

/// Tells the errors of one statement.
struct Teller {
  std::string statement;
  bool walled = false;
  bool sandboxed = false;
  bool general = false;  ///< what the scan says of files names none
  int64_t time_max_us = 0;
  std::shared_ptr<std::string> hidden;
  std::shared_ptr<Watchdog::Ticket> ticket;

  bool out_of_time() const { return ticket != nullptr && ticket->expired; }

  Error told_out_of_time() const {
    return {ErrorKind::exhausted,
            fmt::format("the query took longer than {} seconds, which is its limit\nhint: ask for "
                        "less time, or for fewer columns",
                        static_cast<double>(time_max_us) / 1e6)};
  }

  Error told_in_general(const Error& error) const {
    *hidden = error.message();
    return {
        error.kind() == ErrorKind::invalid_argument ? ErrorKind::corrupt : error.kind(),
        "the events cannot be read now\nhint: whoever runs this can find the reason in its log"};
  }

  /// What came before the engine ran the statement: faults are told already.
  Error before(Error error) const {
    if (out_of_time()) return told_out_of_time();
    const bool ours = error.kind() != ErrorKind::invalid_argument && is_about_files(error);
    const bool hides = ours && (sandboxed || (walled && error.kind() == ErrorKind::corrupt));
    return hides ? told_in_general(error) : std::move(error);
  }

  /// What came from the engine.
  Error operator()(Error error) const {
    if (out_of_time()) return told_out_of_time();
    if (general && error.kind() == ErrorKind::corrupt) return error;
    if (walled && is_about_files(error)) return told_in_general(error);
    return error_of(std::move(error), statement);
  }
};

}  // namespace

struct Session::State {
  std::optional<engine::Database> database;
  std::optional<engine::Connection> connection;
  std::shared_ptr<engine::CloudTrailScan> scan;  ///< of log files; null over a lake
  std::unique_ptr<LakeView> lake;                ///< null over log files
  std::set<std::string_view> macros;             ///< those that the connection knows already
  mutable source::Coverage coverage;
  std::string temp_folder;  ///< of the engine; it is there only when something was put into it
  bool walled = false;      ///< statements are checked, and faults of ours are not shown
  bool sandboxed = false;
  bool scoped = false;
  SessionLimits limits;
  std::shared_ptr<std::string> hidden = std::make_shared<std::string>();
  io::SystemWaiter system_waiter;
  std::unique_ptr<Watchdog> watchdog;  ///< last: its thread looks at what stands above

  Teller teller(std::string_view statement);
  void interrupt();
  Result<std::string> translate(std::string_view statement);
  Result<Json> parse(const lang::athena::Prepared& prepared, std::string_view statement);
  Status make_macros(const std::vector<std::string_view>& names);
};

Teller Session::State::teller(std::string_view statement) {
  hidden->clear();
  return {.statement = std::string(statement),
          .walled = walled,
          .sandboxed = sandboxed,
          .general = scoped && scan != nullptr,
          .time_max_us = limits.time_max_us,
          .hidden = hidden,
          .ticket = watchdog == nullptr ? nullptr : watchdog->watch(limits.time_max_us)};
}

void Session::State::interrupt() {
  if (scan != nullptr) scan->cancel();
  if (lake != nullptr) lake->cancel();
  connection->interrupt();
}

Result<Json> Session::State::parse(const lang::athena::Prepared& prepared,
                                   std::string_view statement) {
  const auto text = CAIRN_TRY(connection->query_text(
      fmt::format("SELECT json_serialize_sql({})", sql_literal(prepared.sql))));
  Json tree = Json::parse(text, nullptr, false);
  if (tree.is_discarded()) return Error{ErrorKind::internal, "the engine's syntax tree is no JSON"};
  const Json* failed = lang::athena::member(tree, "error");
  if (failed == nullptr || !failed->is_boolean() || !failed->get<bool>()) return tree;
  Fault fault{.message = std::string(lang::athena::text_at(tree, "error_message"))};
  const auto position = lang::athena::text_at(tree, "position");
  size_t byte = 0;
  const auto [end, wrong] =
      std::from_chars(position.data(), position.data() + position.size(), byte);
  if (!position.empty() && wrong == std::errc()) {
    fault.position = prepared.position_in_text(byte);
    const size_t quote = fault.message.rfind('"');
    const size_t begin = quote == std::string::npos || quote == 0
                             ? std::string::npos
                             : fault.message.rfind('"', quote - 1);
    if (begin != std::string::npos && fault.message.find("at or near") != std::string::npos)
      fault.length = quote - begin - 1;
  }
  return error_of(fault, statement);
}

Status Session::State::make_macros(const std::vector<std::string_view>& names) {
  std::string script;
  for (const auto name : names) {
    if (!macros.insert(name).second) continue;
    script +=
        fmt::format("CREATE TEMP MACRO {}{};", name, lang::athena::find_macro(name)->definition);
  }
  return script.empty() ? Status{} : connection->execute(script);
}

Result<std::string> Session::State::translate(std::string_view statement) {
  const auto prepared = lang::athena::prepare(statement);
  if (prepared.fault) return error_of(*prepared.fault, statement);
  auto forbidden = walled ? lang::athena::check_brackets(statement) : std::nullopt;
  if (forbidden) return error_of(*forbidden, statement);
  if (prepared.kind == StatementKind::show_tables) return lang::athena::show_tables();
  if (prepared.kind == StatementKind::describe) {
    auto description = lang::athena::describe_table(prepared.schema, prepared.table);
    if (description.fault) return error_of(*description.fault, statement);
    return std::move(description.sql);
  }
  const bool explain = prepared.kind == StatementKind::explain;
  if (walled && explain)
    return error_of(Fault{.message = "EXPLAIN is not available here",
                          .hint = "it would tell of files and of how much is in them"},
                    statement);
  auto tree = CAIRN_TRY(parse(prepared, statement));
  if (walled) forbidden = lang::athena::check_allowed(tree, prepared);
  if (forbidden) return error_of(*forbidden, statement);
  auto rewritten =
      lang::athena::rewrite(std::move(tree), prepared, statement, {.only_event_tables = walled});
  if (rewritten.fault) return error_of(*rewritten.fault, statement);
  if (walled) forbidden = lang::athena::check_rewritten(rewritten.tree);
  if (forbidden) return error_of(*forbidden, statement);
  CAIRN_TRY(make_macros(rewritten.macros));
  const std::string json = rewritten.tree.dump(-1, ' ', false, Json::error_handler_t::replace);
  auto sql =
      connection->query_text(fmt::format("SELECT json_deserialize_sql({})", sql_literal(json)));
  if (!sql.ok()) return error_of(std::move(sql).error(), statement);
  const auto wanted = wanted_by(rewritten.scans, *connection);
  if (!rewritten.scans.empty() && scan != nullptr) CAIRN_TRY(scan->begin(wanted));
  if (!rewritten.scans.empty() && lake != nullptr) {
    auto begun = lake->begin(wanted, rewritten, *connection);
    if (!begun.ok() && begun.error().kind() == ErrorKind::invalid_argument)  // not the user's fault
      return Error{ErrorKind::corrupt, std::string(without_kind(begun.error().message()))};
    CAIRN_TRY(std::move(begun));
  }
  return (explain ? "EXPLAIN " : "") + sql.value();
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(SessionOptions options) {
  auto state = std::make_unique<State>();
  if (options.accounts) CAIRN_TRY(check_accounts(*options.accounts));
  state->scoped = options.accounts.has_value();
  state->sandboxed = options.sandboxed;
  state->walled = state->scoped || state->sandboxed;
  state->limits = options.sandboxed ? or_sandbox_limits(options.limits) : options.limits;
  engine::DatabaseOptions database;
  database.threads = options.threads;
  if (state->limits.memory_max_bytes > 0)
    database.memory_max_bytes = state->limits.memory_max_bytes;
  database.temp_max_bytes = state->limits.temp_max_bytes;
  state->temp_folder = spill_folder(state.get());
  database.temp_folder = state->temp_folder;
  state->database = CAIRN_TRY(engine::Database::open(database));
  state->connection = CAIRN_TRY(state->database->connect());
  if (options.lake) {
    state->lake =
        CAIRN_TRY(LakeView::open(*options.lake, std::move(options.accounts), *state->connection));
  } else {
    state->scan = std::make_shared<engine::CloudTrailScan>(std::move(options.source),
                                                           std::move(options.accounts));
    CAIRN_TRY(engine::register_read_cloudtrail(*state->connection, state->scan));
  }
  CAIRN_TRY(state->connection->execute("SET integer_division = true"));  // 7 / 2 is 3, as in Trino
  if (state->sandboxed) {
    const auto folders =
        state->lake != nullptr ? state->lake->folders() : std::vector<std::string>();
    CAIRN_TRY(state->connection->lock(folders));
  }
  Session session(std::move(state));
  auto* const held = session.state_.get();
  if (held->limits.time_max_us > 0) {
    auto* const waiter = options.waiter == nullptr ? &held->system_waiter : options.waiter;
    held->watchdog = std::make_unique<Watchdog>([held] { held->interrupt(); }, *waiter);
  }
  return session;
}

Result<engine::ResultSet> Session::sql(std::string_view statement) {
  auto teller = state_->teller(statement);
  auto translated = state_->translate(statement);
  if (!translated.ok()) return teller.before(std::move(translated).error());
  auto rows = state_->connection->query(translated.value());
  if (!rows.ok()) return teller(std::move(rows).error());
  rows.value().limit(state_->limits.rows_max, state_->limits.answer_max_bytes);
  rows.value().retell_errors(std::move(teller));
  return rows;
}

bool Session::has_lake() const {
  return state_->lake != nullptr;
}

Result<engine::ResultSet> Session::ask(const Question& question) {
  if (!has_lake()) return Error{ErrorKind::internal, "questions are for lakes"};
  const auto events = CAIRN_TRY(state_->lake->relation(question));
  auto rows = state_->connection->query_whole(question.sql(events));
  if (rows.ok() || rows.error().kind() != ErrorKind::invalid_argument) return rows;
  return Error{ErrorKind::internal, rows.error().message()};
}

Result<Newest> Session::newest(const source::Wanted& wanted, uint64_t rows) {
  if (!has_lake()) return Error{ErrorKind::internal, "questions are for lakes"};
  return state_->lake->newest(wanted, rows);
}

Result<uint64_t> Session::sql_to_parquet(std::string_view statement, const std::string& file) {
  if (state_->sandboxed)
    return Error{ErrorKind::invalid_argument, "a sandboxed session writes no files"};
  const auto teller = state_->teller(statement);
  auto translation = state_->translate(statement);
  if (!translation.ok()) return teller.before(std::move(translation).error());
  const auto& translated = translation.value();
  auto count = state_->connection->query_text(fmt::format(
      "COPY ({}) TO {} (FORMAT parquet, COMPRESSION zstd)", translated, sql_literal(file)));
  if (!count.ok() && count.error().kind() == ErrorKind::unavailable)  // what is written to
    return error_of(std::move(count).error(), statement);
  if (!count.ok()) return teller(std::move(count).error());
  uint64_t rows = 0;
  const std::string& text = count.value();
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

const source::Coverage& Session::coverage() const {
  state_->coverage = state_->lake != nullptr ? state_->lake->coverage() : state_->scan->coverage();
  return state_->coverage;
}

Progress Session::progress() const {
  if (state_->scoped) return {};
  if (state_->scan == nullptr) {
    const auto& fetched = state_->lake->progress();
    return {.files_total = fetched.files_total,
            .files_done = fetched.files_done,
            .bytes_total = fetched.bytes_total,
            .bytes_done = fetched.bytes_done};
  }
  const auto& scan = *state_->scan;
  return {.files_total = scan.files_total(),
          .files_done = scan.files_done(),
          .bytes_total = scan.bytes_total(),
          .bytes_done = scan.bytes_done(),
          .events = scan.events()};
}

void Session::interrupt() {
  state_->interrupt();
}

std::string Session::hidden_fault() const {
  return *state_->hidden;
}

void Session::remove_temporary_files() {
  if (state_->temp_folder.empty()) return;
  // Out of the engine's sight first, else it may go on putting files there.
  const std::string gone = state_->temp_folder + ".gone";
  std::error_code failed;
  std::filesystem::rename(state_->temp_folder, gone, failed);
  if (!failed) std::filesystem::remove_all(gone, failed);
}

}  // namespace cairn::query

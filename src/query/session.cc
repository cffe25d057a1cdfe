#include "query/session.h"

#include "engine/cloudtrail_scan.h"
#include "engine/database.h"
#include "lang/athena/functions.h"
#include "lang/athena/rewrite.h"
#include "query/internal/engine_fault.h"
#include "query/internal/lake_view.h"
#include "query/internal/pruning.h"

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

struct Session::State {
  std::optional<engine::Database> database;
  std::optional<engine::Connection> connection;
  std::shared_ptr<engine::CloudTrailScan> scan;  ///< of log files; null over a lake
  std::unique_ptr<LakeView> lake;                ///< null over log files
  std::set<std::string_view> macros;             ///< those that the connection knows already
  mutable source::Coverage coverage;
  std::string temp_folder;  ///< of the engine; it is there only when something was put into it

  Result<std::string> translate(std::string_view statement);
  Result<Json> parse(const lang::athena::Prepared& prepared, std::string_view statement);
  Status make_macros(const std::vector<std::string_view>& names);
};

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

/// An engine's fault in the translated text as one in the user's.
Error error_of(Error error, std::string_view statement) {
  if (error.kind() == ErrorKind::unavailable)
    return {error.kind(), std::string(without_kind(error.message()))};
  if (error.kind() == ErrorKind::exhausted) return told_exhausted(error.message());
  if (error.kind() != ErrorKind::invalid_argument) return error;
  return error_of(fault_of_engine(error.message(), statement), statement);
}

}  // namespace

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
  if (prepared.kind == StatementKind::show_tables) return lang::athena::show_tables();
  if (prepared.kind == StatementKind::describe) {
    auto description = lang::athena::describe_table(prepared.schema, prepared.table);
    if (description.fault) return error_of(*description.fault, statement);
    return std::move(description.sql);
  }
  auto tree = CAIRN_TRY(parse(prepared, statement));
  auto rewritten = lang::athena::rewrite(std::move(tree), prepared, statement);
  if (rewritten.fault) return error_of(*rewritten.fault, statement);
  CAIRN_TRY(make_macros(rewritten.macros));
  const std::string json = rewritten.tree.dump(-1, ' ', false, Json::error_handler_t::replace);
  auto sql =
      connection->query_text(fmt::format("SELECT json_deserialize_sql({})", sql_literal(json)));
  if (!sql.ok()) return error_of(std::move(sql).error(), statement);
  const auto wanted = wanted_by(rewritten.scans, *connection);
  if (!rewritten.scans.empty() && scan != nullptr) CAIRN_TRY(scan->begin(wanted));
  if (!rewritten.scans.empty() && lake != nullptr)
    CAIRN_TRY(lake->begin(wanted, rewritten.scans, *connection));
  const bool explain = prepared.kind == StatementKind::explain;
  return (explain ? "EXPLAIN " : "") + sql.value();
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(SessionOptions options) {
  auto state = std::make_unique<State>();
  engine::DatabaseOptions database;
  database.threads = options.threads;
  state->temp_folder = spill_folder(state.get());
  database.temp_folder = state->temp_folder;
  state->database = CAIRN_TRY(engine::Database::open(database));
  state->connection = CAIRN_TRY(state->database->connect());
  if (options.lake) {
    state->lake = CAIRN_TRY(LakeView::open(*options.lake, *state->connection));
  } else {
    state->scan = std::make_shared<engine::CloudTrailScan>(std::move(options.source));
    CAIRN_TRY(engine::register_read_cloudtrail(*state->connection, state->scan));
  }
  CAIRN_TRY(state->connection->execute("SET integer_division = true"));  // 7 / 2 is 3, as in Trino
  return Session(std::move(state));
}

Result<engine::ResultSet> Session::sql(std::string_view statement) {
  const auto translated = CAIRN_TRY(state_->translate(statement));
  auto rows = state_->connection->query(translated);
  if (!rows.ok()) return error_of(std::move(rows).error(), statement);
  rows.value().retell_errors(
      [text = std::string(statement)](Error error) { return error_of(std::move(error), text); });
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
  const auto translated = CAIRN_TRY(state_->translate(statement));
  auto count = state_->connection->query_text(fmt::format(
      "COPY ({}) TO {} (FORMAT parquet, COMPRESSION zstd)", translated, sql_literal(file)));
  if (!count.ok()) return error_of(std::move(count).error(), statement);
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
  if (state_->scan == nullptr) return {};
  const auto& scan = *state_->scan;
  return {.files_total = scan.files_total(),
          .files_done = scan.files_done(),
          .bytes_total = scan.bytes_total(),
          .bytes_done = scan.bytes_done(),
          .events = scan.events()};
}

void Session::interrupt() {
  if (state_->scan != nullptr) state_->scan->cancel();
  state_->connection->interrupt();
}

void Session::remove_temporary_files() {
  if (state_->temp_folder.empty()) return;
  // Out of the engine's sight first, else it may go on putting files there.
  const std::string gone = state_->temp_folder + ".gone";
  std::error_code failed;
  std::filesystem::rename(state_->temp_folder, gone, failed);
  if (!failed) std::filesystem::remove_all(gone, failed);
}

std::string sql_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += c;
    out += c;
  }
  return out + '\'';
}

}  // namespace cairn::query

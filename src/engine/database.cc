#include "engine/database.h"

#include "base/sql_text.h"
#include "engine/internal/duck.h"
#include "engine/internal/streamed_result.h"

#include <fmt/format.h>

#include <utility>

namespace cairn::engine {
namespace {

Status set(duckdb_config config, const char* name, const std::string& value) {
  if (duckdb_set_config(config, name, value.c_str()) == DuckDBSuccess) return {};
  return Error{ErrorKind::internal,
               fmt::format("DuckDB does not take the setting {}={}", name, value)};
}

}  // namespace

namespace duck {

Error error_of(duckdb_error_type type, const char* message) {
  std::string text = message != nullptr ? message : "DuckDB failed without a reason";
  constexpr size_t kPrefixMax = 40;  // "Invalid Input Error: "
  const size_t mark = text.find(kCorruptMark);
  if (mark <= kPrefixMax) return Error{ErrorKind::corrupt, text.substr(mark + kCorruptMark.size())};
  switch (type) {
    case DUCKDB_ERROR_INTERRUPT:
      return Error{ErrorKind::unavailable, "interrupted"};
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return Error{ErrorKind::exhausted, std::move(text)};
    case DUCKDB_ERROR_IO:
      return Error{ErrorKind::unavailable, std::move(text)};
    case DUCKDB_ERROR_FATAL:
    case DUCKDB_ERROR_INTERNAL:
      return Error{ErrorKind::internal, std::move(text)};
    default:
      return Error{ErrorKind::invalid_argument, std::move(text)};
  }
}

Error error_of(duckdb_result& result) {
  return error_of(duckdb_result_error_type(&result), duckdb_result_error(&result));
}

}  // namespace duck

Database::Database(std::shared_ptr<State> state) : state_(std::move(state)) {}

Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const DatabaseOptions& options) {
  duckdb_config raw_config = nullptr;
  if (duckdb_create_config(&raw_config) != DuckDBSuccess)
    return Error{ErrorKind::exhausted, "no memory for DuckDB's configuration"};
  const duck::Config config(raw_config);
  if (options.threads > 0) CAIRN_TRY(set(raw_config, "threads", std::to_string(options.threads)));
  CAIRN_TRY(
      set(raw_config, "memory_limit", fmt::format("{}MB", options.memory_max_bytes / 1'000'000)));
  CAIRN_TRY(set(raw_config, "temp_directory", options.temp_folder));
  if (options.temp_max_bytes > 0)
    CAIRN_TRY(set(raw_config, "max_temp_directory_size",
                  fmt::format("{}MB", options.temp_max_bytes / 1'000'000)));
  // Files are in the system's cache already; DuckDB's own grows up to the limit of each database.
  CAIRN_TRY(set(raw_config, "enable_external_file_cache", "false"));
  // Nothing is ever fetched at run time.
  CAIRN_TRY(set(raw_config, "autoinstall_known_extensions", "false"));
  CAIRN_TRY(set(raw_config, "autoload_known_extensions", "false"));
  CAIRN_TRY(set(raw_config, "preserve_insertion_order", "false"));

  auto state = std::make_shared<State>();
  duckdb_database handle = nullptr;
  char* raw_reason = nullptr;
  const auto opened = duckdb_open_ext(nullptr, &handle, raw_config, &raw_reason);
  const duck::Text reason(raw_reason);
  if (opened != DuckDBSuccess) {
    return Error{ErrorKind::internal,
                 fmt::format("DuckDB does not start: {}",
                             reason != nullptr ? reason.get() : "no reason given")};
  }
  state->handle.reset(handle);
  return Database(std::move(state));
}

Result<Connection> Database::connect() {
  auto state = std::make_unique<Connection::State>();
  duckdb_connection handle = nullptr;
  if (duckdb_connect(state_->handle.get(), &handle) != DuckDBSuccess)
    return Error{ErrorKind::exhausted, "DuckDB gives no further connection"};
  state->database = state_;
  state->handle.reset(handle);
  Connection connection(std::move(state));
  CAIRN_TRY(connection.execute("SET TimeZone = 'UTC'"));
  return connection;
}

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}

Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<ResultSet> Connection::query(std::string_view sql) {
  duckdb_prepared_statement raw_statement = nullptr;
  const bool prepared = duckdb_prepare(state_->handle.get(), std::string(sql).c_str(),
                                       &raw_statement) == DuckDBSuccess;
  const duck::Prepared statement(raw_statement);
  if (!prepared)
    return duck::error_of(DUCKDB_ERROR_INVALID_INPUT, duckdb_prepare_error(raw_statement));
  auto state = std::make_unique<ResultSet::State>();
  if (duckdb_execute_prepared_streaming(raw_statement, &state->result.value) != DuckDBSuccess)
    return duck::error_of(state->result.value);
  return ResultSet(std::move(state));
}

Result<ResultSet> Connection::query_whole(std::string_view sql) {
  auto state = std::make_unique<ResultSet::State>();
  if (duckdb_query(state_->handle.get(), std::string(sql).c_str(), &state->result.value) !=
      DuckDBSuccess)
    return duck::error_of(state->result.value);
  return ResultSet(std::move(state));
}

Status Connection::execute(std::string_view sql) {
  duck::Result result;
  if (duckdb_query(state_->handle.get(), std::string(sql).c_str(), &result.value) != DuckDBSuccess)
    return duck::error_of(result.value);
  return {};
}

Status Connection::lock(const std::vector<std::string>& folders) {
  return execute(
      fmt::format("SET allow_community_extensions = false;"
                  "SET allowed_directories = [{}];"
                  "SET enable_external_access = false;"
                  "SET lock_configuration = true",
                  sql_list(folders)));
}

Result<std::string> Connection::query_text(std::string_view sql) {
  auto rows = CAIRN_TRY(query_whole(sql));
  const bool any = CAIRN_TRY(rows.next());
  if (!any || rows.columns().empty()) return Error{ErrorKind::not_found, "the query gives no row"};
  return rows.cell(0, 0).to_text();
}

void Connection::interrupt() {
  duckdb_interrupt(state_->handle.get());
}

}  // namespace cairn::engine

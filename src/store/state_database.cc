#include "store/state_database.h"

#include "store/internal/sqlite.h"

#include <fmt/format.h>

#include <mutex>
#include <unordered_map>
#include <utility>

namespace cairn::store {
namespace {

constexpr int kBusyMillis = 15'000;
constexpr size_t kCachedStatementsMax = 256;
constexpr const char* kVersionTable =
    "CREATE TABLE IF NOT EXISTS cairn_versions ("
    "component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID";

StateValue value_at(const Statement& statement, int column) {
  if (statement.null(column)) return std::monostate();
  if (statement.type(column) == SQLITE_INTEGER) return statement.number(column);
  return statement.text(column);
}

class SqliteState final : public StateDatabase {
 public:
  SqliteState(SqliteFile file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Status prepare() {
    CAIRN_TRY(file_.run("PRAGMA foreign_keys=ON"));
    // SQLite reads nothing before it must: a file that is no database is found out here.
    const auto looked = query("SELECT 1 FROM sqlite_master LIMIT 1", {});
    if (!looked.ok()) return looked.error();
    return {};
  }

  Status migrate(std::string_view component,
                 const std::vector<std::string_view>& versions) override {
    const std::lock_guard lock(mutex_);
    const bool done = CAIRN_TRY(up_to_date(component, versions.size()));
    if (done) return {};
    return transaction([&]() -> Status { return bring_up(component, versions); });
  }

  Result<std::vector<StateRow>> query(std::string_view sql,
                                      const std::vector<StateValue>& values) override {
    const std::lock_guard lock(mutex_);
    Statement& statement = *CAIRN_TRY(prepared(sql, values));
    std::vector<StateRow> rows;
    int got = statement.step();
    for (; got == SQLITE_ROW; got = statement.step()) {
      std::vector<StateValue> row;
      for (int column = 0; column < statement.columns(); ++column)
        row.push_back(value_at(statement, column));
      rows.emplace_back(std::move(row));
    }
    if (got != SQLITE_DONE) return failed("cannot read", statement);
    statement.reset();
    return rows;
  }

  Result<int64_t> execute(std::string_view sql, const std::vector<StateValue>& values) override {
    const std::lock_guard lock(mutex_);
    Statement& statement = *CAIRN_TRY(prepared(sql, values));
    const int64_t before = sqlite3_total_changes64(file_.get());
    if (statement.step() != SQLITE_DONE) return failed("cannot write", statement);
    statement.reset();
    // sqlite3_changes() would be that of the statement before, after one that changes no rows.
    return sqlite3_total_changes64(file_.get()) == before ? 0 : sqlite3_changes64(file_.get());
  }

  Status transaction(const std::function<Status()>& work) override {
    const std::lock_guard lock(mutex_);
    if (sqlite3_get_autocommit(file_.get()) == 0)
      return Error{ErrorKind::internal, "a transaction within a transaction"};
    CAIRN_TRY(file_.run("BEGIN IMMEDIATE"));
    auto status = work();
    if (status.ok()) status = file_.run("COMMIT");
    if (!status.ok()) file_.roll_back();
    return status;
  }

 private:
  Error failed(std::string_view doing, Statement& statement) const {
    auto error = file_.failure(doing);
    statement.reset();
    return error;
  }

  Result<Statement*> prepared(std::string_view sql, const std::vector<StateValue>& values) {
    auto& cached = cache_[std::string(sql)];
    if (!cached) cached = std::make_unique<Statement>(file_.get(), sql);
    if (!*cached) {
      auto error = file_.failure("cannot ask");
      cache_.erase(std::string(sql));
      return error;
    }
    Statement* const statement = cached.get();
    if (cache_.size() > kCachedStatementsMax)  // SQL is fixed text; this is for who makes it up
      std::erase_if(cache_, [&](const auto& entry) { return entry.second.get() != statement; });
    for (const auto& value : values) {
      if (const auto* text = std::get_if<std::string>(&value))
        statement->bind(*text);
      else if (const auto* number = std::get_if<int64_t>(&value))
        statement->bind(*number);
      else
        statement->bind_null();
    }
    return statement;
  }

  /// 0 when nothing of the component is there.
  Result<size_t> version_of(std::string_view component) {
    const auto tables = CAIRN_TRY(
        query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'cairn_versions'", {}));
    if (tables.empty()) return size_t{0};
    const auto rows = CAIRN_TRY(
        query("SELECT version FROM cairn_versions WHERE component = ?", {std::string(component)}));
    return rows.empty() ? size_t{0} : static_cast<size_t>(rows.front().number(0));
  }

  Result<bool> up_to_date(std::string_view component, size_t wanted) {
    const size_t there = CAIRN_TRY(version_of(component));
    if (there > wanted)
      return Error{ErrorKind::unimplemented,
                   fmt::format("'{}' holds version {} of its {}, this program knows up to {}\n"
                               "hint: use the cairn that made it, or a newer one",
                               path_, there, component, wanted)};
    return there == wanted;
  }

  Status bring_up(std::string_view component, const std::vector<std::string_view>& versions) {
    // Another program may have done it since.
    const bool done = CAIRN_TRY(up_to_date(component, versions.size()));
    if (done) return {};
    CAIRN_TRY(file_.run(kVersionTable));
    size_t version = CAIRN_TRY(version_of(component));
    for (; version < versions.size(); ++version)
      CAIRN_TRY(file_.run(std::string(versions[version]).c_str()));
    CAIRN_TRY(execute("INSERT OR REPLACE INTO cairn_versions VALUES (?, ?)",
                      {std::string(component), static_cast<int64_t>(versions.size())}));
    return {};
  }

  SqliteFile file_;
  std::string path_;
  std::recursive_mutex mutex_;  ///< a transaction's work calls this object again
  std::unordered_map<std::string, std::unique_ptr<Statement>> cache_;
};

}  // namespace

int64_t StateRow::number(size_t column) const {
  const auto* const value =
      column < values_.size() ? std::get_if<int64_t>(&values_[column]) : nullptr;
  return value == nullptr ? 0 : *value;
}

const std::string& StateRow::text(size_t column) const {
  static const std::string kNone;
  const auto* const value =
      column < values_.size() ? std::get_if<std::string>(&values_[column]) : nullptr;
  return value == nullptr ? kNone : *value;
}

bool StateRow::null(size_t column) const {
  return column >= values_.size() || std::holds_alternative<std::monostate>(values_[column]);
}

Result<std::unique_ptr<StateDatabase>> StateDatabase::open(const std::string& path, bool create) {
  auto file = CAIRN_TRY(SqliteFile::open(path, "state", create, kBusyMillis));
  auto database = std::make_unique<SqliteState>(std::move(file), path);
  CAIRN_TRY(database->prepare());
  return std::unique_ptr<StateDatabase>(std::move(database));
}

}  // namespace cairn::store

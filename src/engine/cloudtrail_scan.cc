#include "engine/cloudtrail_scan.h"

#include "engine/internal/duck.h"
#include "engine/parquet_export.h"
#include "model/column_reader.h"
#include "model/event_account.h"
#include "model/key_layout.h"
#include "source/discover.h"
#include "source/file_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <thread>

namespace cairn::engine {

struct CloudTrailScan::State {
  source::SourceOptions options;
  std::optional<std::vector<std::string>> accounts;  ///< sorted; only their events are rows
  std::vector<source::SourceFile> files;
  std::vector<size_t> to_read;  ///< indices of files that are opened, in order
  uint64_t bytes_total = 0;
  std::atomic<uint64_t> files_done{0};
  std::atomic<uint64_t> bytes_done{0};
  std::atomic<uint64_t> events{0};
  std::atomic<bool> cancelled{false};

  // A query may scan the table several times (joins); what a file's last reading said is what
  // counts.
  std::mutex mutex;
  std::vector<source::FileReport> reports;
  std::vector<std::vector<source::Problem>> problems;
  std::vector<uint64_t> skipped;
  std::vector<bool> read;
  std::vector<uint64_t> shown;  ///< events of `accounts` in each file

  bool wants(std::string_view account) const {
    return std::binary_search(accounts->begin(), accounts->end(), account);
  }
};

namespace {

using State = CloudTrailScan::State;

/// The place of `column` in `columns`, where it is put if it is not there.
size_t place_of(std::vector<int>& columns, int column) {
  const auto found = std::find(columns.begin(), columns.end(), column);
  const auto place = static_cast<size_t>(found - columns.begin());
  if (found == columns.end()) columns.push_back(column);
  return place;
}

/// One scan of the table within a query: its columns and how far it is.
struct ScanOfQuery {
  std::shared_ptr<State> state;
  std::vector<int> columns;    ///< indices in model::columns(): those wanted, then those to look at
  std::vector<idx_t> outputs;  ///< the vectors in DuckDB's chunk of those wanted
  size_t recipient = 0;        ///< places in `columns` by which an event's account is told
  size_t identity = 0;
  model::ColumnReader reader;
  std::atomic<size_t> next_file{0};
  std::atomic<bool> failed{false};

  ScanOfQuery(std::shared_ptr<State> held, std::vector<int> wanted, std::vector<idx_t> places)
      : state(std::move(held)),
        columns(std::move(wanted)),
        outputs(std::move(places)),
        reader(with_account_columns()) {}

  const std::vector<int>& with_account_columns() {
    if (state->accounts) {
      recipient = place_of(columns, model::find_column(model::kRecipientAccountColumn));
      identity = place_of(columns, model::find_column(model::kIdentityAccountColumn));
    }
    return columns;
  }
};

/// Writes one column of a chunk.
class Output {
 public:
  Output(duckdb_vector vector, model::ColumnType type)
      : vector_(vector), type_(type), data_(duckdb_vector_get_data(vector)) {}

  void null(idx_t row) {
    if (validity_ == nullptr) {
      duckdb_vector_ensure_validity_writable(vector_);
      validity_ = duckdb_vector_get_validity(vector_);
    }
    duckdb_validity_set_row_invalid(validity_, row);
  }

  void text(idx_t row, std::string_view value) {
    duckdb_vector_assign_string_element_len(vector_, row, value.data(), value.size());
  }

  void number(idx_t row, int64_t value) { static_cast<int64_t*>(data_)[row] = value; }

  /// From a raw JSON value, by the column's type.
  void raw(idx_t row, std::string_view value, std::string& scratch) {
    switch (type_) {
      case model::ColumnType::varchar: {
        const auto content = model::varchar_of(value, scratch);
        return content ? text(row, *content) : null(row);
      }
      case model::ColumnType::boolean: {
        const auto truth = model::boolean_of(value);
        if (!truth) return null(row);
        static_cast<bool*>(data_)[row] = *truth;
        return;
      }
      case model::ColumnType::timestamp: {
        const auto instant = value.empty() ? std::nullopt : model::event_time_of(value);
        return instant ? number(row, *instant) : null(row);
      }
      case model::ColumnType::json:
        return value.empty() || json::is_null(value) ? null(row) : text(row, value);
      case model::ColumnType::bigint:
        return null(row);
    }
  }

 private:
  duckdb_vector vector_;
  model::ColumnType type_;
  void* data_;
  uint64_t* validity_ = nullptr;
};

/// Columns that are not sliced from the record, told apart once per scan.
enum class Special : uint8_t {
  none,
  event_time,
  event_json,
  other_fields,
  source_file,
  record_number
};

Special special_of(int column) {
  const auto name = model::columns()[static_cast<size_t>(column)].name;
  if (name == "eventTime") return Special::event_time;
  if (name == "eventJson") return Special::event_json;
  if (name == "otherFields") return Special::other_fields;
  if (name == "sourceFile") return Special::source_file;
  if (name == "recordNumber") return Special::record_number;
  return Special::none;
}

/// A thread's part of a scan.
class ScanThread {
 public:
  explicit ScanThread(ScanOfQuery& scan)
      : scan_(scan),
        reader_(scan.reader.plan(), reader_options(scan.state->options), &scan.state->cancelled),
        raw_(scan.columns.size()) {
    for (const int column : scan.columns) specials_.push_back(special_of(column));
  }

  /// Fills `chunk`; an empty one ends the thread's part. The text of a fault that ends the query,
  /// or "".
  std::string fill(duckdb_data_chunk chunk) {
    const idx_t capacity = duckdb_vector_size();
    std::vector<Output> outputs;
    outputs.reserve(scan_.outputs.size());
    for (size_t i = 0; i < scan_.outputs.size(); ++i) {
      outputs.emplace_back(duckdb_data_chunk_get_vector(chunk, scan_.outputs[i]),
                           model::columns()[static_cast<size_t>(scan_.columns[i])].type);
    }
    idx_t rows = 0;
    while (rows < capacity) {
      if (batch_ == nullptr || at_ == batch_->heads.size()) {
        if (!next_batch()) break;
        continue;
      }
      if (scan_.state->accounts) {
        rows = write_shown(outputs, rows, capacity);
      } else if (!outputs.empty()) {
        const idx_t end = std::min<idx_t>(capacity, rows + (batch_->heads.size() - at_));
        while (rows < end) {
          read_row();
          write_row(outputs, rows++);
        }
      } else {
        const idx_t taken = std::min<idx_t>(capacity - rows, batch_->heads.size() - at_);
        rows += taken;
        at_ += taken;
      }
    }
    duckdb_data_chunk_set_size(chunk, rows);
    return fault_;
  }

 private:
  static source::ReaderOptions reader_options(const source::SourceOptions& options) {
    source::ReaderOptions reader;
    reader.salvage = options.salvage;
    reader.open_parquet = open_parquet;
    // All threads' texts together stay within a third of the memory that cairn allows itself.
    const size_t threads = std::max(1U, std::thread::hardware_concurrency());
    reader.whole_bytes_max = std::clamp<size_t>(320'000'000 / threads, 8'000'000, 64'000'000);
    return reader;
  }

  bool next_batch() {
    auto& state = *scan_.state;
    at_ = 0;
    for (;;) {
      batch_ = open_ ? reader_.next() : nullptr;
      if (batch_ != nullptr) {
        state.events.fetch_add(batch_->heads.size(), std::memory_order_relaxed);
        return true;
      }
      if (open_) finish_file();
      open_ = false;
      const size_t next = scan_.next_file.fetch_add(1, std::memory_order_relaxed);
      if (next >= state.to_read.size() || state.cancelled || scan_.failed) return false;
      file_ = state.to_read[next];
      reader_.open(state.files[file_]);
      shown_ = 0;
      open_ = true;
    }
  }

  void finish_file() {
    auto& state = *scan_.state;
    state.files_done.fetch_add(1, std::memory_order_relaxed);
    state.bytes_done.fetch_add(state.files[file_].size_bytes, std::memory_order_relaxed);
    const auto& report = reader_.report();
    {
      const std::lock_guard lock(state.mutex);
      state.reports[file_] = report;
      state.problems[file_] = reader_.problems();
      state.skipped[file_] = reader_.records_skipped();
      state.read[file_] = true;
      state.shown[file_] = shown_;
    }
    const bool bad =
        report.fate == source::FileFate::refused || report.fate == source::FileFate::partial;
    if (state.options.strict && bad) {
      scan_.failed = true;
      fault_ =
          state.accounts ? "a file cannot be read whole" : fault_text(report, reader_.problems());
    }
  }

  static std::string fault_text(const source::FileReport& report,
                                const std::vector<source::Problem>& problems) {
    if (problems.empty()) return fmt::format("{}: {}", report.path, report.reason);
    const auto& first = problems.front();
    const auto record = first.record > 0 ? fmt::format("record {}, ", first.record) : "";
    return fmt::format("{}: {}byte {}: {}", first.file, record, first.offset, first.reason);
  }

  void read_row() {
    const size_t stride = scan_.reader.plan().slots();
    scan_.reader.read(batch_->slots.data() + at_ * stride, raw_);
  }

  /// Writes the batch's rows that are of the wanted accounts; gives the row behind the last one.
  idx_t write_shown(std::vector<Output>& outputs, idx_t row, idx_t capacity) {
    for (; row < capacity && at_ < batch_->heads.size();) {
      read_row();
      const auto recipient = model::varchar_of(raw_[scan_.recipient], scratch_);
      const auto account = model::event_account(
          recipient.value_or(""),
          recipient && !recipient->empty()
              ? ""
              : model::varchar_of(raw_[scan_.identity], scratch_).value_or(""));
      if (!scan_.state->wants(account)) {
        ++at_;
        continue;
      }
      ++shown_;
      write_row(outputs, row++);
    }
    return row;
  }

  /// Of the record that read_row() has read.
  void write_row(std::vector<Output>& outputs, idx_t row) {
    const auto& head = batch_->heads[at_];
    ++at_;
    for (size_t i = 0; i < outputs.size(); ++i) {
      switch (specials_[i]) {
        case Special::none:
          outputs[i].raw(row, raw_[i], scratch_);
          break;
        case Special::event_time:
          outputs[i].number(row, head.event_time_us);
          break;
        case Special::event_json:
          outputs[i].text(row, head.json);
          break;
        case Special::source_file:
          outputs[i].text(row, reader_.report().path);
          break;
        case Special::record_number:  // would tell how many records of others stand before it
          scan_.state->accounts ? outputs[i].null(row) : outputs[i].number(row, head.number);
          break;
        case Special::other_fields: {
          const auto others = model::other_fields_of(head.json);
          others ? outputs[i].text(row, *others) : outputs[i].null(row);
          break;
        }
      }
    }
  }

  ScanOfQuery& scan_;
  source::FileReader reader_;
  std::vector<Special> specials_;
  std::vector<std::string_view> raw_;
  std::string scratch_;
  const model::RecordBatch* batch_ = nullptr;
  size_t at_ = 0;
  size_t file_ = 0;
  bool open_ = false;
  uint64_t shown_ = 0;  ///< events of the wanted accounts in the file
  std::string fault_;
};

duck::LogicalType logical_type(model::ColumnType type) {
  duckdb_type id = DUCKDB_TYPE_VARCHAR;
  if (type == model::ColumnType::boolean) id = DUCKDB_TYPE_BOOLEAN;
  if (type == model::ColumnType::timestamp) id = DUCKDB_TYPE_TIMESTAMP;
  if (type == model::ColumnType::bigint) id = DUCKDB_TYPE_BIGINT;
  duck::LogicalType made(duckdb_create_logical_type(id));
  if (type == model::ColumnType::json) duckdb_logical_type_set_alias(made.get(), "JSON");
  return made;
}

void bind(duckdb_bind_info info) {
  for (const auto& column : model::columns()) {
    const auto type = logical_type(column.type);
    duckdb_bind_add_result_column(info, std::string(column.name).c_str(), type.get());
  }
  const auto& state = *static_cast<std::shared_ptr<State>*>(duckdb_bind_get_extra_info(info));
  // About 1.4 KB of JSON an event, compressed tenfold.
  duckdb_bind_set_cardinality(info, state->bytes_total / 140 + 1, false);
}

void init(duckdb_init_info info) {
  const auto& state = *static_cast<std::shared_ptr<State>*>(duckdb_init_get_extra_info(info));
  std::vector<int> columns;
  std::vector<idx_t> outputs;
  for (idx_t i = 0; i < duckdb_init_get_column_count(info); ++i) {
    const idx_t column = duckdb_init_get_column_index(info, i);
    if (column >= model::columns().size()) continue;  // count(*) wants rows without columns
    columns.push_back(static_cast<int>(column));
    outputs.push_back(i);
  }
  duckdb_init_set_max_threads(info, std::max<idx_t>(1, state->to_read.size()));
  auto scan = std::make_unique<ScanOfQuery>(state, std::move(columns), std::move(outputs));
  duckdb_init_set_init_data(info, scan.release(),
                            [](void* held) { delete static_cast<ScanOfQuery*>(held); });
}

void run(duckdb_function_info info, duckdb_data_chunk chunk) {
  auto* scan = static_cast<ScanOfQuery*>(duckdb_function_get_init_data(info));
  auto* slot = static_cast<std::unique_ptr<ScanThread>*>(duckdb_function_get_local_init_data(info));
  if (*slot == nullptr) *slot = std::make_unique<ScanThread>(*scan);
  const std::string fault = (*slot)->fill(chunk);
  if (!fault.empty()) {
    duckdb_data_chunk_set_size(chunk, 0);
    duckdb_function_set_error(info, (std::string(duck::kCorruptMark) + fault).c_str());
  }
}

/// The part of a file's report that is for those who see `state.accounts` only.
void add_shown(const State& state, size_t i, source::FileReport report,
               source::Coverage& coverage) {
  const auto account = model::read_key(report.path).account;
  if (!account.empty() && !state.wants(account)) return;
  report.events = state.shown[i];
  if (account.empty()) {
    report.bytes = 0;
    const bool damaged =
        report.fate == source::FileFate::refused || report.fate == source::FileFate::partial;
    if (report.events == 0 && !damaged) return;
    if (report.events == 0) report.path = "(a file that is not shown)";
  }
  if (report.fate == source::FileFate::refused || report.fate == source::FileFate::partial)
    report.reason = "it cannot be read whole";
  coverage.add(std::move(report), {}, 0);
}

}  // namespace

CloudTrailScan::CloudTrailScan(source::SourceOptions options,
                               std::optional<std::vector<std::string>> accounts)
    : state_(std::make_shared<State>()) {
  state_->options = std::move(options);
  state_->accounts = std::move(accounts);
  if (state_->accounts) std::sort(state_->accounts->begin(), state_->accounts->end());
}

CloudTrailScan::~CloudTrailScan() = default;

Status CloudTrailScan::begin(const source::Wanted& wanted) {
  auto& state = *state_;
  source::Wanted narrowed = wanted;
  if (state.accounts) {
    auto& accounts = narrowed.accounts;
    if (accounts.empty()) accounts = *state.accounts;
    accounts.erase(std::remove_if(accounts.begin(), accounts.end(),
                                  [&](const auto& account) { return !state.wants(account); }),
                   accounts.end());
    if (accounts.empty()) accounts = *state.accounts;
  }
  state.files = CAIRN_TRY(source::discover(state.options, narrowed));
  state.to_read.clear();
  state.bytes_total = 0;
  for (size_t i = 0; i < state.files.size(); ++i) {
    if (state.files[i].fate) continue;
    state.to_read.push_back(i);
    state.bytes_total += state.files[i].size_bytes;
  }
  state.files_done = 0;
  state.bytes_done = 0;
  state.events = 0;
  state.cancelled = false;
  state.reports.assign(state.files.size(), {});
  state.problems.assign(state.files.size(), {});
  state.skipped.assign(state.files.size(), 0);
  state.read.assign(state.files.size(), false);
  state.shown.assign(state.files.size(), 0);
  return {};
}

source::Coverage CloudTrailScan::coverage() const {
  auto& state = *state_;
  const std::lock_guard lock(state.mutex);
  source::Coverage coverage;
  for (size_t i = 0; i < state.files.size(); ++i) {
    const auto& file = state.files[i];
    source::FileReport report = state.reports[i];
    if (!state.read[i]) {
      report.path = file.path;
      report.bytes = file.size_bytes;
      report.fate = file.fate.value_or(source::FileFate::not_needed);
      report.reason = file.fate ? file.reason : "the query had its answer before";
    }
    if (state.accounts)
      add_shown(state, i, std::move(report), coverage);
    else
      coverage.add(std::move(report), state.problems[i], state.skipped[i]);
  }
  return coverage;
}

uint64_t CloudTrailScan::files_total() const {
  return state_->to_read.size();
}

uint64_t CloudTrailScan::files_done() const {
  return state_->files_done;
}

uint64_t CloudTrailScan::bytes_total() const {
  return state_->bytes_total;
}

uint64_t CloudTrailScan::bytes_done() const {
  return state_->bytes_done;
}

uint64_t CloudTrailScan::events() const {
  return state_->events;
}

void CloudTrailScan::cancel() {
  state_->cancelled = true;
}

Status register_read_cloudtrail(Connection& connection,
                                const std::shared_ptr<CloudTrailScan>& scan) {
  const duck::TableFunction function(duckdb_create_table_function());
  auto* handle = function.get();
  duckdb_table_function_set_name(handle, "read_cloudtrail");
  auto held = std::make_unique<std::shared_ptr<State>>(scan->state());
  duckdb_table_function_set_extra_info(handle, held.release(), [](void* extra) {
    delete static_cast<std::shared_ptr<State>*>(extra);
  });
  duckdb_table_function_set_bind(handle, bind);
  duckdb_table_function_set_init(handle, init);
  duckdb_table_function_set_local_init(handle, [](duckdb_init_info info) {
    // The thread's reader is made at its first call, which knows the scan that it belongs to.
    auto slot = std::make_unique<std::unique_ptr<ScanThread>>();
    duckdb_init_set_init_data(info, slot.release(), [](void* local) {
      delete static_cast<std::unique_ptr<ScanThread>*>(local);
    });
  });
  duckdb_table_function_set_function(handle, run);
  duckdb_table_function_supports_projection_pushdown(handle, true);
  if (duckdb_register_table_function(connection.state().handle.get(), handle) != DuckDBSuccess)
    return Error{ErrorKind::internal, "DuckDB does not take the table function read_cloudtrail()"};
  return {};
}

}  // namespace cairn::engine

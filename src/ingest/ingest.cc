#include "ingest/ingest.h"

#include "ingest/batch.h"
#include "ingest/known_keys.h"
#include "ingest/rejected.h"
#include "ingest/work_list.h"
#include "io/random.h"
#include "store/lake_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <thread>

namespace cairn::ingest {
namespace {

using source::FileFate;

store::ObjectState state_of(FileFate fate) {
  switch (fate) {
    case FileFate::read:
      return store::ObjectState::taken;
    case FileFate::partial:
      return store::ObjectState::partial;
    case FileFate::refused:
      return store::ObjectState::rejected;
    case FileFate::left_out:
    case FileFate::pruned:
    case FileFate::not_needed:
      return store::ObjectState::left_out;
  }
  return store::ObjectState::left_out;
}

}  // namespace

struct IngestMemory::State {
  std::optional<Identity> identity;
  std::optional<KnownKeys> known;
  std::optional<store::Table> table;
  int64_t snapshot = 0;  ///< whose events `known` knows
};

IngestMemory::IngestMemory() : state_(std::make_unique<State>()) {}

IngestMemory::IngestMemory(IngestMemory&&) noexcept = default;
IngestMemory& IngestMemory::operator=(IngestMemory&&) noexcept = default;
IngestMemory::~IngestMemory() = default;

namespace {

/// One run.
class Run {
 public:
  Run(store::Lake& lake, Source& source, const IngestOptions& options, const io::Clock& clock,
      const std::atomic<bool>& cancelled, IngestProgress& progress, IngestMemory::State& memory)
      : lake_(lake),
        source_(source),
        options_(options),
        clock_(clock),
        cancelled_(cancelled),
        progress_(progress),
        memory_(memory) {}

  Result<IngestReport> run();

 private:
  Status open_memory();
  Status run_batches(Batcher& batcher, KnownKeys& known, store::Table& table);
  Status commit(Batch& batch, store::Table& table);
  Status store_files(Batch& batch, store::Change& change);
  void remove_files(const store::Change& change);
  Status account(Batch& batch, store::Change& change);
  Status await_commit();

  store::Lake& lake_;
  Source& source_;
  const IngestOptions& options_;
  const io::Clock& clock_;
  const std::atomic<bool>& cancelled_;
  IngestProgress& progress_;
  io::SystemRandom random_;
  std::vector<SourceObject> work_;
  IngestReport report_;
  IngestMemory::State& memory_;
  std::future<Status> pending_;  ///< the commit of the batch before
  int threads_ = 1;
};

Result<IngestReport> Run::run() {
  threads_ = options_.threads > 0
                 ? options_.threads
                 : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  work_ = CAIRN_TRY(list_work(source_, lake_.catalog(), options_, report_, progress_));
  source_.prepare(work_);
  CAIRN_TRY(open_memory());
  Batcher batcher(source_, work_, *memory_.identity, options_, threads_, cancelled_, progress_);
  auto done = run_batches(batcher, *memory_.known, *memory_.table);
  const auto last = await_commit();
  if (!done.ok() || !last.ok()) {
    memory_ = {};  // it may know events that were not committed
    return done.ok() ? last.error() : done.error();
  }
  report_.interrupted = cancelled_;
  return std::move(report_);
}

Status Run::open_memory() {
  if (!memory_.table) memory_.table = CAIRN_TRY(lake_.open_table());
  if (memory_.known) return {};
  memory_.identity.emplace(random_.next());
  memory_.known = CAIRN_TRY(KnownKeys::open(lake_, *memory_.identity, threads_));
  return {};
}

Status Run::await_commit() {
  return pending_.valid() ? pending_.get() : Status{};
}

// The commit of a batch runs beside the reading of the next one. The writer's lock is held from the
// look at what is known until the commit, so that no event gets in between.
Status Run::run_batches(Batcher& batcher, KnownKeys& known, store::Table& table) {
  while (batcher.read()) {
    CAIRN_TRY(await_commit());
    auto lock = CAIRN_TRY(lake_.catalog().lock_for_writing(options_.lock_seconds_max));
    CAIRN_TRY(table.refresh());
    const auto current = table.current();
    const int64_t snapshot = current ? current->id : 0;
    if (snapshot != memory_.snapshot) known.forget();  // another writer was here
    memory_.snapshot = snapshot;
    CAIRN_TRY(known.load(table, batcher.days()));
    auto batch = CAIRN_TRY(batcher.encode(known));
    auto held = std::make_shared<Batch>(std::move(batch));
    pending_ = std::async(std::launch::async, [this, held, &table, lock = std::move(lock)]() {
      return commit(*held, table);
    });
  }
  return await_commit();
}

Status Run::commit(Batch& batch, store::Table& table) {
  store::Change change;
  change.summary = {{"cairn.events-duplicate", std::to_string(batch.events_duplicate)}};
  auto stored = store_files(batch, change);
  if (stored.ok()) stored = account(batch, change);
  if (!stored.ok()) {
    remove_files(change);
    return stored;
  }
  if (change.added.empty()) {
    if (!change.ledger.empty()) CAIRN_TRY(lake_.catalog().record(change.ledger));
  } else {
    auto snapshot = table.commit(change);
    if (!snapshot.ok()) {
      // What is not known to have failed may have been done: such files are left to `lake check`.
      if (snapshot.error().kind() != ErrorKind::unavailable) remove_files(change);
      return std::move(snapshot).error().context("cannot commit to the lake");
    }
    report_.snapshot_id = memory_.snapshot = snapshot.value().id;
    ++report_.commits;
  }
  for (const auto& outcome : batch.objects)
    if (!outcome.unread && outcome.report.fate == FileFate::read && options_.retry_rejected)
      CAIRN_TRY(drop_rejected(lake_, work_[outcome.object]));
  report_.json_bytes += batch.json_bytes;
  report_.events_new += batch.events_new;
  report_.events_duplicate += batch.events_duplicate;
  report_.files_written += change.added.size();
  for (const auto& file : change.added)
    report_.file_bytes += static_cast<uint64_t>(file.size_bytes);
  return {};
}

Status Run::store_files(Batch& batch, store::Change& change) {
  for (auto& file : batch.files) {
    file.encoded.file.key = store::new_data_key(file.day, random_);
    auto stored = lake_.objects().put(file.encoded.file.key, file.encoded.bytes);
    if (!stored.ok()) return std::move(stored).error().context("cannot write to the lake");
    change.added.push_back(std::move(file.encoded.file));
    file.encoded.bytes = {};
  }
  return {};
}

void Run::remove_files(const store::Change& change) {
  for (const auto& file : change.added) {
    // Nobody names the file: what stays is an orphan that `lake check` finds.
    const auto removed = lake_.objects().remove(file.key);
    (void)removed.ok();
  }
}

// The ledger's entries and the report's counts; copies of what could not be read go to rejected/.
Status Run::account(Batch& batch, store::Change& change) {
  for (auto& outcome : batch.objects) {
    const auto& object = work_[outcome.object];
    for (auto& problem : outcome.problems)
      if (report_.problems.size() < source::Coverage::kProblemsMax)
        report_.problems.push_back(problem);
    if (outcome.unread) {
      ++report_.objects_failed;
      report_.problems.push_back({object.name, 0, 0, outcome.unread->message(), false});
      continue;
    }
    const auto state = state_of(outcome.report.fate);
    if (state == store::ObjectState::taken) ++report_.objects_taken;
    if (state == store::ObjectState::partial) ++report_.objects_partial;
    if (state == store::ObjectState::rejected) ++report_.objects_rejected;
    if (state == store::ObjectState::left_out) ++report_.objects_left_out;
    report_.bytes_read += outcome.report.bytes;
    report_.records_rejected += outcome.report.records_refused;
    if (object.source.empty()) continue;  // standard input
    if (state == store::ObjectState::partial || state == store::ObjectState::rejected) {
      auto kept = keep_rejected(lake_, source_, object, outcome);
      if (!kept.ok())
        return std::move(kept).error().context(
            fmt::format("cannot keep a copy of the rejected object {}", object.name));
    }
    change.ledger.push_back({.source = object.source,
                             .key = object.key,
                             .size_bytes = object.size_bytes,
                             .etag = object.etag,
                             .state = state,
                             .reason = outcome.report.reason,
                             .events = outcome.stored,
                             .duplicates = outcome.duplicates,
                             .rejected = outcome.report.records_refused,
                             .taken_us = clock_.now_us()});
  }
  return {};
}

}  // namespace

Result<IngestReport> ingest(store::Lake& lake, Source& source, const IngestOptions& options,
                            const io::Clock& clock, const std::atomic<bool>& cancelled,
                            IngestProgress& progress) {
  IngestMemory memory;
  return ingest(lake, source, options, clock, cancelled, progress, memory);
}

Result<IngestReport> ingest(store::Lake& lake, Source& source, const IngestOptions& options,
                            const io::Clock& clock, const std::atomic<bool>& cancelled,
                            IngestProgress& progress, IngestMemory& memory) {
  return Run(lake, source, options, clock, cancelled, progress, memory.state()).run();
}

}  // namespace cairn::ingest

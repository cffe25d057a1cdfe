#include "ingest/batch.h"

#include "engine/parquet_export.h"
#include "store/lake_sql.h"

#include <algorithm>
#include <thread>

namespace cairn::ingest {
namespace {

constexpr size_t kRowsMax = 122'880;  ///< of a row group: what DuckDB takes as one piece of work
constexpr size_t kRowsMin = 16'384;

/// Runs `work(i)` for each worker i on a thread of its own, the first one on this thread.
template <class Work>
void on_all(size_t count, Work&& work) {
  std::vector<std::thread> threads;
  for (size_t i = 1; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  work(0);
  for (auto& thread : threads) thread.join();
}

/// A run of events of one day that becomes one row group.
struct Piece {
  int32_t day = 0;
  std::span<const Event> events;
};

std::vector<Piece> cut(const std::vector<Event>& events, size_t threads) {
  std::vector<Piece> pieces;
  const size_t target = std::clamp(events.size() / (threads * 2) + 1, kRowsMin, kRowsMax);
  for (size_t begin = 0; begin < events.size();) {
    const auto day = static_cast<int32_t>(store::day_of(events[begin].time_us));
    size_t end = begin;
    while (end < events.size() && store::day_of(events[end].time_us) == day) ++end;
    const size_t rows = end - begin;
    const size_t count = (rows + target - 1) / target;
    for (size_t i = 0; i < count; ++i) {
      const size_t from = begin + rows * i / count;
      const size_t to = begin + rows * (i + 1) / count;
      pieces.push_back({day, std::span(events).subspan(from, to - from)});
    }
    begin = end;
  }
  return pieces;
}

source::ReaderOptions reader_options(const IngestOptions& options) {
  source::ReaderOptions made;
  made.salvage = options.salvage;
  made.open_parquet = engine::open_parquet;
  return made;
}

}  // namespace

struct Batcher::Worker {
  Worker(const Identity& identity, const IngestOptions& options, const std::atomic<bool>& cancelled)
      : gatherer(identity, reader_options(options), &cancelled) {}

  Gatherer gatherer;
  RowGroupEncoder encoder;
  Buffer bytes;  ///< of the object being read
  std::vector<ObjectOutcome> outcomes;
  uint32_t object = 0;
  bool open = false;  ///< an object larger than a batch goes on in the next one
};

Batcher::Batcher(Source& source, const std::vector<SourceObject>& work, const Identity& identity,
                 const IngestOptions& options, int threads, const std::atomic<bool>& cancelled,
                 IngestProgress& progress)
    : source_(source),
      work_(work),
      identity_(identity),
      options_(options),
      cancelled_(cancelled),
      progress_(progress) {
  for (const auto& object : work) names_.push_back(object.name);
  for (int i = 0; i < threads; ++i)
    workers_.push_back(std::make_unique<Worker>(identity_, options_, cancelled_));
}

Batcher::~Batcher() = default;

bool Batcher::read() {
  held_bytes_ = 0;
  for (auto& worker : workers_) {
    worker->gatherer.clear();
    worker->outcomes.clear();
  }
  on_all(workers_.size(), [&](size_t i) { read_objects(*workers_[i]); });
  merge_events();
  return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) {
    return worker->open || !worker->outcomes.empty() || !worker->gatherer.events().empty();
  });
}

void Batcher::read_objects(Worker& worker) {
  while (held_bytes_.load(std::memory_order_relaxed) < options_.batch_bytes) {
    if (!worker.open && !begin_object(worker)) return;
    if (!worker.open) continue;
    const uint64_t before = worker.gatherer.bytes();
    const size_t events = worker.gatherer.events().size();
    if (worker.gatherer.take()) {
      held_bytes_ += worker.gatherer.bytes() - before;
      progress_.events += worker.gatherer.events().size() - events;
    } else {
      end_object(worker);
    }
  }
}

// False when there is no object left. An object that its source cannot give is an outcome.
bool Batcher::begin_object(Worker& worker) {
  if (cancelled_) return false;
  const size_t index = next_.fetch_add(1);
  if (index >= work_.size()) return false;
  const auto& object = work_[index];
  worker.object = static_cast<uint32_t>(index);
  auto fetched = source_.fetch(object, worker.bytes);
  if (!fetched.ok()) {
    ObjectOutcome outcome;
    outcome.object = worker.object;
    outcome.unread = std::move(fetched).error();
    worker.outcomes.push_back(std::move(outcome));
    return true;
  }
  const source::SourceFile file{object.name, object.size_bytes, std::nullopt, {}};
  worker.gatherer.open(file, worker.object,
                       fetched.value() ? worker.bytes.view() : std::string_view{});
  worker.open = true;
  return true;
}

void Batcher::end_object(Worker& worker) {
  worker.open = false;
  if (cancelled_) return;  // perhaps not read to its end: the next run takes it again
  const auto& reader = worker.gatherer.reader();
  ObjectOutcome outcome;
  outcome.object = worker.object;
  outcome.report = reader.report();
  outcome.problems = reader.problems();
  worker.outcomes.push_back(std::move(outcome));
  ++progress_.objects_done;
  progress_.bytes_done += work_[worker.object].size_bytes;
}

void Batcher::merge_events() {
  events_.clear();
  for (auto& worker : workers_) {
    auto& events = worker->gatherer.events();
    events_.insert(events_.end(), events.begin(), events.end());
  }
  std::sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    if (a.time_us != b.time_us) return a.time_us < b.time_us;
    if (a.object != b.object) return a.object < b.object;
    return a.number < b.number;
  });
}

std::vector<int32_t> Batcher::days() {
  std::vector<int32_t> days;
  for (const auto& event : events_) {
    const auto day = static_cast<int32_t>(store::day_of(event.time_us));
    if (days.empty() || days.back() != day) days.push_back(day);
  }
  return days;
}

void Batcher::drop_known(KnownKeys& known, Batch& batch) {
  const auto kept = std::remove_if(events_.begin(), events_.end(), [&](const Event& event) {
    const auto day = static_cast<int32_t>(store::day_of(event.time_us));
    const bool fresh = known.insert(day, event.key);
    auto& count = counts_[event.object];
    ++(fresh ? count.stored : count.duplicates);
    return !fresh;
  });
  batch.events_duplicate = static_cast<uint64_t>(events_.end() - kept);
  events_.erase(kept, events_.end());
  batch.events_new = events_.size();
  for (auto& outcome : batch.objects) {
    const auto count = counts_.find(outcome.object);
    if (count == counts_.end()) continue;
    outcome.stored = count->second.stored;
    outcome.duplicates = count->second.duplicates;
    counts_.erase(count);
  }
}

Result<Batch> Batcher::encode(KnownKeys& known) {
  Batch batch;
  for (auto& worker : workers_) {
    for (auto& outcome : worker->outcomes) batch.objects.push_back(std::move(outcome));
    worker->outcomes.clear();
    batch.json_bytes += worker->gatherer.bytes();
  }
  drop_known(known, batch);
  batch.files = CAIRN_TRY(encode_days());
  return batch;
}

Result<std::vector<DayFile>> Batcher::encode_days() {
  const auto pieces = cut(events_, workers_.size());
  std::vector<RowGroup> groups(pieces.size());
  std::atomic<size_t> next{0};
  std::vector<std::optional<Error>> faults(workers_.size());
  on_all(workers_.size(), [&](size_t i) {
    for (size_t at = next++; at < pieces.size() && !faults[i]; at = next++) {
      auto columns = workers_[i]->encoder.encode(pieces[at].events, names_);
      if (columns.ok())
        groups[at] = {std::move(columns).value(), static_cast<int64_t>(pieces[at].events.size())};
      else
        faults[i] = std::move(columns).error();
    }
  });
  for (auto& fault : faults)
    if (fault) return std::move(*fault);
  std::vector<DayFile> files;
  for (size_t begin = 0; begin < pieces.size();) {
    std::vector<RowGroup> of_day;
    size_t end = begin;
    for (; end < pieces.size() && pieces[end].day == pieces[begin].day; ++end)
      of_day.push_back(std::move(groups[end]));
    auto encoded = CAIRN_TRY(assemble(std::move(of_day)));
    encoded.file.partition_days = {pieces[begin].day};
    files.push_back({pieces[begin].day, std::move(encoded)});
    begin = end;
  }
  return files;
}

}  // namespace cairn::ingest

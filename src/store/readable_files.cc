#include "store/readable_files.h"

#include "store/cloudtrail_schema.h"
#include "store/internal/cached_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace cairn::store {
namespace {

constexpr size_t kThreads = 8;
constexpr uint64_t kPartBytes = 8 << 20;  ///< of one request; a thread holds one
constexpr int64_t kLookAgainUs = 50'000;
constexpr std::string_view kMagic = "PAR1";  ///< at both ends of a Parquet file
constexpr uint64_t kLeastBytes = 12;         ///< magics and the footer's length

/// Fetches files; the parts of all of them share one pool of threads.
class Fetcher {
 public:
  Fetcher(CachedObjects& objects, io::CachePins& pins, const FetchOptions& options,
          std::vector<std::string>& paths)
      : objects_(objects),
        pins_(pins),
        options_(options),
        waiter_(options.waiter == nullptr ? system_waiter_ : *options.waiter),
        paths_(paths) {}

  Status run(const std::vector<DataFile>& files) {
    paths_.resize(files.size());
    uint64_t bytes = 0;
    for (size_t i = 0; i < files.size(); ++i) {
      auto job = std::make_unique<Job>();
      job->file = &files[i];
      job->index = i;
      job->name = objects_.cached_name(files[i].key);
      const bool here = options_.anew ? false : CAIRN_TRY(take(*job));
      if (here) continue;
      bytes += job->size();
      tasks_.push_back({job.get(), 0});
      jobs_.push_back(std::move(job));
    }
    if (jobs_.empty()) return {};
    left_ = jobs_.size();
    if (options_.progress != nullptr) {
      options_.progress->files_total += jobs_.size();
      options_.progress->bytes_total += bytes;
    }
    objects_.cache()->make_room(bytes);
    std::vector<std::thread> threads;
    const auto wanted = std::min<uint64_t>(kThreads, bytes / kPartBytes + jobs_.size());
    for (uint64_t i = 1; i < wanted; ++i) threads.emplace_back([this] { work(); });
    work();
    for (auto& thread : threads) thread.join();
    return std::move(first_fault_);
  }

 private:
  struct Job {
    const DataFile* file = nullptr;
    size_t index = 0;
    std::string name{};
    std::optional<io::CacheDownload> download{};
    std::string etag{};
    uint64_t parts_left = 0;

    uint64_t size() const { return static_cast<uint64_t>(file->size_bytes); }
  };

  struct Task {
    Job* job = nullptr;
    uint64_t part = 0;  ///< the first one begins the file, and lets the others follow
  };

  void work() {
    for (;;) {
      Task task;
      {
        const std::lock_guard lock(mutex_);
        if (left_ == 0 || failed_) return;
        if (!tasks_.empty()) {
          task = tasks_.front();
          tasks_.pop_front();
        }
      }
      if (options_.cancelled != nullptr && *options_.cancelled)
        return fail(Error{ErrorKind::unavailable, "interrupted"});
      if (task.job == nullptr) {  // other threads are at the last parts
        waiter_.wait_us(kLookAgainUs);
        continue;
      }
      auto status = task.part == 0 ? begin(*task.job) : fetch(*task.job, task.part);
      if (!status.ok()) return fail(Error(status.error()));
    }
  }

  void fail(Error error) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(failed_, true)) first_fault_ = std::move(error);
  }

  /// Whether the cache has the file, whole.
  Result<bool> take(const Job& job) {
    if (job.size() < kLeastBytes)
      return damaged(job, fmt::format("cannot have {} bytes", job.size()));
    auto path = CAIRN_TRY(pins_.take(job.name, job.size()));
    if (!path) return false;
    const auto first = CAIRN_TRY(pins_.read(job.name, 0, kMagic.size()));
    const auto last = CAIRN_TRY(pins_.read(job.name, job.size() - kMagic.size(), kMagic.size()));
    if (first != kMagic || last != kMagic) {
      pins_.discard(job.name);
      return false;
    }
    paths_[job.index] = std::move(*path);
    return true;
  }

  Status begin(Job& job) {
    job.download = CAIRN_TRY(objects_.cache()->begin(job.name, job.size()));
    if (!job.download) return later(job);
    if (!options_.anew) {
      const bool here = CAIRN_TRY(take(job));  // another process was quicker
      if (here) {
        job.download.reset();
        count(job.size());
        return end_of_file();
      }
    }
    job.parts_left = std::max<uint64_t>(1, (job.size() + kPartBytes - 1) / kPartBytes);
    return fetch(job, 0);
  }

  /// Another process, or thread, is at the same file.
  Status later(Job& job) {
    waiter_.wait_us(kLookAgainUs);
    const std::lock_guard lock(mutex_);
    tasks_.push_back({&job, 0});
    return {};
  }

  Status fetch(Job& job, uint64_t part) {
    const uint64_t offset = part * kPartBytes;
    const uint64_t length = std::min(kPartBytes, job.size() - offset);
    auto got = objects_.get_part(job.file->key, offset, length, job.etag);
    if (!got.ok()) return with_hint(std::move(got).error());
    if (got.value().object_bytes != job.size())
      return damaged(
          job, fmt::format("has {} bytes instead of {}", got.value().object_bytes, job.size()));
    if (got.value().bytes.size() != length)
      return Error{ErrorKind::unavailable,
                   fmt::format("cannot read {}: {} bytes came of {}", objects_.uri(job.file->key),
                               got.value().bytes.size(), length)};
    CAIRN_TRY(job.download->write(offset, got.value().bytes));
    count(length);
    bool last = false;
    {
      const std::lock_guard lock(mutex_);
      last = --job.parts_left == 0;
      if (part == 0) {
        job.etag = got.value().etag;
        const uint64_t parts = (job.size() + kPartBytes - 1) / kPartBytes;
        for (uint64_t next = parts; next-- > 1;) tasks_.push_front({&job, next});
      }
    }
    return last ? finish(job) : Status{};
  }

  Status finish(Job& job) {
    const auto first = CAIRN_TRY(job.download->read(0, kMagic.size()));
    const auto last = CAIRN_TRY(job.download->read(job.size() - kMagic.size(), kMagic.size()));
    if (first != kMagic || last != kMagic) return damaged(job, "is no whole Parquet file");
    paths_[job.index] = CAIRN_TRY(job.download->finish(pins_, !options_.anew));
    job.download.reset();
    return end_of_file();
  }

  Status end_of_file() {
    const std::lock_guard lock(mutex_);
    --left_;
    if (options_.progress != nullptr) ++options_.progress->files_done;
    return {};
  }

  void count(uint64_t bytes) const {
    if (options_.progress != nullptr) options_.progress->bytes_done += bytes;
  }

  Error damaged(const Job& job, const std::string& what) const {
    return Error{ErrorKind::corrupt, fmt::format("{} {}", objects_.uri(job.file->key), what)};
  }

  Error with_hint(Error error) const {
    if (options_.anew || error.kind() != ErrorKind::not_found) return error;
    return Error{error.kind(),
                 fmt::format("{}\nhint: if old snapshots were expired just now, run the command "
                             "again; `cairn lake check` names what is missing",
                             error.message())};
  }

  CachedObjects& objects_;
  io::CachePins& pins_;
  const FetchOptions& options_;
  io::SystemWaiter system_waiter_;
  io::Waiter& waiter_;
  std::vector<std::string>& paths_;
  std::vector<std::unique_ptr<Job>> jobs_;
  std::mutex mutex_;  ///< guards all below, and what the jobs count
  std::deque<Task> tasks_;
  size_t left_ = 0;
  bool failed_ = false;
  Status first_fault_;
};

}  // namespace

std::string ReadableFiles::folder(Lake& lake) {
  auto* const cached = lake.cached_objects();
  return cached == nullptr ? std::string() : cached->cache()->pins_folder();
}

void ReadableFiles::sort_out(const std::vector<DataFile>& files) {
  for (size_t i = 0; i < files.size(); ++i)
    (has_all_columns(files[i]) ? whole_ : lacking_).push_back(paths_[i]);
}

Result<ReadableFiles> ReadableFiles::open(Lake& lake, const std::vector<DataFile>& files,
                                          const FetchOptions& options) {
  ReadableFiles made;
  if (files.empty()) return made;
  auto* const cached = lake.cached_objects();
  if (cached == nullptr) {
    for (const auto& file : files) {
      auto path = lake.objects().local_path(file.key);
      if (!path)
        return Error{ErrorKind::internal,
                     fmt::format("{} is not on this machine", lake.objects().uri(file.key))};
      made.paths_.push_back(std::move(*path));
    }
    made.sort_out(files);
    return made;
  }
  made.pins_ = CAIRN_TRY(io::CachePins::open(cached->cache()));
  CAIRN_TRY(Fetcher(*cached, *made.pins_, options, made.paths_).run(files));
  made.sort_out(files);
  return made;
}

}  // namespace cairn::store

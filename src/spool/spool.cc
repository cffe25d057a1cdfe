#include "spool/spool.h"

#include "io/descriptor.h"
#include "io/disk_space.h"
#include "io/file.h"
#include "spool/internal/reserve.h"
#include "spool/internal/segment_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace cairn::spool {
namespace {

namespace fs = std::filesystem;
using internal::SegmentFile;

constexpr const char* kLockName = "lock";
constexpr const char* kNextName = "next";
constexpr size_t kReadBytes = 1 << 20;

/// One append that waits for its sync.
struct Waiting {
  std::string text;
  uint64_t records = 0;
  bool is_call = false;  ///< may use the reserve
  bool done = false;
  Status status{};
};

/// Callers can do nothing about a disk that refuses: to them the spool is unavailable.
Error not_kept(const Error& why) {
  return Error{ErrorKind::unavailable, why.message()}.context("cannot keep the events");
}

class FolderSpool final : public Spool {
 public:
  FolderSpool(SpoolOptions options, const io::Clock& clock, int lock)
      : options_(std::move(options)), clock_(clock), lock_(lock) {}

  ~FolderSpool() override {
    std::unique_lock lock(mutex_);
    const auto sealed = seal_active();  // else the next open() does
    (void)sealed.ok();
  }

  Status recover();
  Status append(const std::vector<std::string_view>& records) override;
  Result<std::unique_ptr<Room>> hold(uint64_t bytes_max) override;
  Status append_call(std::string_view record, const Room& room) override;
  SpoolSpace space() const override;
  Result<uint64_t> roll() override;
  std::vector<Segment> sealed(uint64_t from) const override;
  uint64_t current() const override;
  Status read(const Segment& segment,
              const std::function<bool(std::string_view record)>& visit) const override;
  Status remove_before(uint64_t number) override;

  const SpoolRecovery& recovery() const override { return recovery_; }

  uint64_t bytes() const override { return bytes_; }

  uint64_t records_appended() const override { return records_appended_; }

 private:
  Status recover_open(uint64_t number);
  Status check_record(std::string_view record) const;
  Status check_space() const;
  uint64_t free_bytes() const;
  Status write(Waiting& mine);
  void write_waiting(std::unique_lock<std::mutex>& lock);
  Status open_reserve();
  void empty_reserve(std::unique_lock<std::mutex>& lock);
  Status write_group(const std::string& text, uint64_t records);
  Status seal_active();
  Status seal_stuck();

  const SpoolOptions options_;
  const io::Clock& clock_;
  const io::Descriptor lock_;
  SpoolRecovery recovery_;
  std::atomic<uint64_t> bytes_{0};
  std::atomic<uint64_t> records_appended_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> waiting_;
  bool writing_ = false;  ///< one thread is at the file
  std::optional<SegmentFile> active_;
  std::vector<SegmentFile> stuck_;  ///< could not be sealed yet
  uint64_t next_ = 1;               ///< number of the next segment that is made
  std::map<uint64_t, Segment> sealed_;
  std::optional<internal::Reserve> reserve_;
  bool reserve_failed_ = false;  ///< at the last write
  /// By rooms that were given out. Not a member's own: a room may end after the spool.
  const std::shared_ptr<std::atomic<uint64_t>> held_ = std::make_shared<std::atomic<uint64_t>>(0);
};

Status FolderSpool::recover() {
  std::vector<uint64_t> open;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(options_.folder, failed)) {
    const auto file = entry.path().filename().string();
    const auto name = internal::parse_name(file);
    if (!name) {
      if (file.ends_with(".part")) fs::remove(entry.path(), failed);  // never was whole
      continue;
    }
    next_ = std::max(next_, name->number + 1);
    if (!name->records) {
      open.push_back(name->number);
      continue;
    }

    struct stat info {};

    if (::stat(entry.path().c_str(), &info) != 0)
      return io::system_error(fmt::format("cannot read '{}'", entry.path().string()), errno);
    const auto size = static_cast<uint64_t>(info.st_size);
    sealed_[name->number] = {.number = name->number,
                             .path = entry.path().string(),
                             .bytes = size,
                             .records = *name->records,
                             .sealed_us = info.st_mtim.tv_sec * 1'000'000};
    bytes_ += size;
  }
  if (failed)
    return Error{ErrorKind::unavailable,
                 fmt::format("cannot list the spool '{}': {}", options_.folder, failed.message())};
  if (auto text = io::read_file(options_.folder + '/' + kNextName); text.ok()) {
    uint64_t least = 0;
    std::from_chars(text.value().data(), text.value().data() + text.value().size(), least);
    next_ = std::max(next_, least);
  } else if (text.error().kind() != ErrorKind::not_found) {
    return std::move(text).error();
  }
  for (const auto number : open) CAIRN_TRY(recover_open(number));
  (void)open_reserve().ok();  // hold() tries again, and says why not
  recovery_.segments = sealed_.size();
  return {};
}

// A segment that its process did not seal.
Status FolderSpool::recover_open(uint64_t number) {
  const auto path = options_.folder + '/' + internal::open_name(number);
  const auto text = CAIRN_TRY(io::read_file(path));
  auto found = internal::salvage(text);
  recovery_.torn_bytes += found.torn_bytes;
  recovery_.damaged_records += found.damaged_records;
  if (found.damaged_records > 0) {
    const auto name = fmt::format("damaged-{:010}.txt", number);
    CAIRN_TRY(internal::write_synced(options_.folder, name, found.damaged));
    recovery_.damaged_file = options_.folder + '/' + name;
  }
  if (found.records > 0) {
    const auto name = internal::sealed_name(number, found.records);
    // A disk that is full has no room for a copy.
    if (found.damaged_records == 0)
      CAIRN_TRY(internal::cut_and_rename(options_.folder, path, name, found.whole.size()));
    else
      CAIRN_TRY(internal::write_synced(options_.folder, name, found.whole));
    sealed_[number] = {.number = number,
                       .path = options_.folder + '/' + name,
                       .bytes = found.whole.size(),
                       .records = found.records,
                       .sealed_us = clock_.now_us()};
    bytes_ += found.whole.size();
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT)
    return io::system_error(fmt::format("cannot remove '{}'", path), errno);
  return internal::sync_folder(options_.folder);
}

Status FolderSpool::check_record(std::string_view record) const {
  if (record.size() > options_.record_bytes_max)
    return Error{ErrorKind::exhausted,
                 fmt::format("a record of {} bytes is larger than the limit of {}", record.size(),
                             options_.record_bytes_max)};
  if (record.empty() || record.front() != '{' || record.find('\n') != record.npos)
    return Error{ErrorKind::invalid_argument, "a record must be a JSON object in one line"};
  return {};
}

uint64_t FolderSpool::free_bytes() const {
  if (options_.free_bytes) {
    const auto free = options_.free_bytes();
    return free.ok() ? free.value() : 0;
  }
  const auto space = io::disk_space(options_.folder);
  return space.ok() ? space.value().free_bytes : 0;
}

Status FolderSpool::check_space() const {
  if (options_.free_bytes_min == 0) return {};
  const auto free = free_bytes();
  if (free >= options_.free_bytes_min) return {};
  return Error{ErrorKind::unavailable,
               fmt::format("{} bytes are free where events are kept, fewer than the {} below which "
                           "events are refused\nhint: make room",
                           free, options_.free_bytes_min)};
}

Status FolderSpool::append(const std::vector<std::string_view>& records) {
  if (records.empty()) return {};
  Waiting mine;
  mine.records = records.size();
  size_t size = 1;
  for (const auto record : records) {
    CAIRN_TRY(check_record(record));
    size += record.size() + 1;
  }
  CAIRN_TRY(check_space());
  mine.text.reserve(size);
  for (const auto record : records) (mine.text += record) += '\n';
  mine.text += internal::kEndOfAppend;
  return write(mine);
}

Result<std::unique_ptr<Room>> FolderSpool::hold(uint64_t bytes_max) {
  if (options_.reserve_bytes > 0) {
    const std::lock_guard lock(mutex_);
    if (!reserve_) {
      auto opened = open_reserve();
      if (!opened.ok())
        return Error{ErrorKind::unavailable, opened.error().message()}.context(
            "no space is kept for records of calls");
    }
    if (reserve_failed_) {
      const auto probed = reserve_->probe();
      if (!probed.ok()) return not_kept(probed.error());
      reserve_failed_ = false;
    }
    const auto used = reserve_ ? reserve_->used_bytes() : 0;
    if (!reserve_ || used + *held_ + bytes_max > reserve_->bytes())
      return Error{
          ErrorKind::unavailable,
          fmt::format("the record of the call could not be kept: the spool's reserve holds "
                      "{} of {} bytes\nhint: make room",
                      used, reserve_ ? reserve_->bytes() : 0)};
    *held_ += bytes_max;
    return std::make_unique<Room>(held_, bytes_max);
  }
  *held_ += bytes_max;
  return std::make_unique<Room>(held_, bytes_max);
}

Status FolderSpool::append_call(std::string_view record, const Room& room) {
  CAIRN_TRY(check_record(record));
  Waiting mine;
  mine.records = 1;
  mine.is_call = true;
  ((mine.text += record) += '\n') += internal::kEndOfAppend;
  if (mine.text.size() > room.bytes())
    return Error{ErrorKind::internal,
                 fmt::format("the record of a call has {} bytes, but room for {} was kept",
                             mine.text.size(), room.bytes())};
  return write(mine);
}

SpoolSpace FolderSpool::space() const {
  SpoolSpace found{.free_bytes = free_bytes(), .free_bytes_min = options_.free_bytes_min};
  const std::lock_guard lock(mutex_);
  if (reserve_) {
    found.reserve_bytes = reserve_->bytes();
    found.reserve_used_bytes = reserve_->used_bytes();
  }
  return found;
}

Status FolderSpool::write(Waiting& mine) {
  std::unique_lock lock(mutex_);
  if (!mine.is_call && bytes_ + mine.text.size() > options_.bytes_max)
    return Error{ErrorKind::unavailable,
                 fmt::format("the spool '{}' is full: it holds {} of {} bytes", options_.folder,
                             bytes_.load(), options_.bytes_max)};
  bytes_ += mine.text.size();  // given back when it fails
  waiting_.push_back(&mine);
  // Whoever finds the file free writes for all who wait.
  while (!mine.done) {
    if (writing_)
      changed_.wait(lock);
    else
      write_waiting(lock);
  }
  if (!mine.status.ok()) bytes_ -= mine.text.size();
  return std::move(mine.status);
}

void FolderSpool::write_waiting(std::unique_lock<std::mutex>& lock) {
  writing_ = true;
  std::vector<Waiting*> group;
  std::string text;
  uint64_t records = 0;
  while (!waiting_.empty() && (group.empty() || text.size() + waiting_.front()->text.size() <=
                                                    options_.segment_bytes_max)) {
    auto* const one = waiting_.front();
    waiting_.pop_front();
    text += one->text;
    records += one->records;
    group.push_back(one);
  }
  lock.unlock();
  const auto status = write_group(text, records);
  lock.lock();
  writing_ = false;
  for (auto* const one : group) {
    one->status = status;
    // Under the mutex, which others then wait for: this is rare.
    if (!status.ok() && one->is_call && reserve_) {
      auto added = reserve_->add(one->text, one->records);
      reserve_failed_ = !added.ok();
      one->status = added.ok() ? Status{} : not_kept(added.error());
    }
    if (one->status.ok()) records_appended_ += one->records;
    one->done = true;
  }
  if (active_ && (active_->bytes() >= options_.segment_bytes_max || active_->broken())) {
    const auto sealed = seal_active();  // else the next append tries
    (void)sealed.ok();
  }
  changed_.notify_all();
}

Status FolderSpool::open_reserve() {
  if (options_.reserve_bytes == 0) return {};
  reserve_ = CAIRN_TRY(internal::Reserve::open(options_.folder, options_.reserve_bytes));
  bytes_ += reserve_->used_bytes();
  return {};
}

// Moves what waits in the reserve into the segment, if there is space now. A crash before the
// reserve is cleared leaves the records twice; consumers know events by their ids.
void FolderSpool::empty_reserve(std::unique_lock<std::mutex>& lock) {
  if (!reserve_ || reserve_->used_bytes() == 0) return;
  const auto held = reserve_->read();
  if (!held.ok()) return;
  const auto found = internal::salvage(held.value());
  if (free_bytes() < found.whole.size() + options_.free_bytes_min / 2) return;
  writing_ = true;
  lock.unlock();
  const auto written = write_group(found.whole, found.records);
  lock.lock();
  writing_ = false;
  if (written.ok()) (void)reserve_->clear().ok();  // else they are moved again
  changed_.notify_all();
}

// Without the mutex: `writing_` keeps others from the file.
Status FolderSpool::write_group(const std::string& text, uint64_t records) {
  if (!active_) {
    auto made = SegmentFile::create(options_.folder, next_);
    if (!made.ok()) return not_kept(made.error());
    const std::lock_guard lock(mutex_);
    ++next_;
    active_.emplace(std::move(made).value());
  }
  auto done = active_->append(text, records);
  if (!done.ok()) return not_kept(done.error());
  return {};
}

// With the mutex, and nobody writing.
Status FolderSpool::seal_active() {
  if (!active_) return seal_stuck();
  auto file = std::move(*active_);
  active_.reset();
  stuck_.push_back(std::move(file));
  return seal_stuck();
}

Status FolderSpool::seal_stuck() {
  while (!stuck_.empty()) {
    auto& file = stuck_.front();
    auto sealed = file.seal(clock_.now_us());
    if (!sealed.ok()) return std::move(sealed).error();
    sealed_[file.number()] = std::move(sealed).value();
    stuck_.erase(stuck_.begin());
  }
  return {};
}

Result<uint64_t> FolderSpool::roll() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !writing_; });
  empty_reserve(lock);
  changed_.wait(lock, [this] { return !writing_; });
  if (active_ && active_->records() > 0)
    CAIRN_TRY(seal_active());
  else
    CAIRN_TRY(seal_stuck());
  return active_ ? active_->number() : next_;
}

std::vector<Segment> FolderSpool::sealed(uint64_t from) const {
  const std::lock_guard lock(mutex_);
  const uint64_t end = stuck_.empty() ? UINT64_MAX : stuck_.front().number();
  std::vector<Segment> found;
  for (auto at = sealed_.lower_bound(from); at != sealed_.end() && at->first < end; ++at)
    found.push_back(at->second);
  return found;
}

uint64_t FolderSpool::current() const {
  const std::lock_guard lock(mutex_);
  return active_ ? active_->number() : next_;
}

Status FolderSpool::read(const Segment& segment,
                         const std::function<bool(std::string_view record)>& visit) const {
  auto file = CAIRN_TRY(io::File::open(segment.path));
  std::string held;
  std::string piece(kReadBytes, '\0');
  for (;;) {
    const auto got = CAIRN_TRY(file.read(piece.data(), piece.size()));
    if (got == 0) break;
    held.append(piece, 0, got);
    size_t begin = 0;
    for (size_t end = 0; (end = held.find('\n', begin)) != held.npos; begin = end + 1)
      if (end > begin && !visit(std::string_view(held).substr(begin, end - begin))) return {};
    held.erase(0, begin);
  }
  if (held.empty()) return {};
  return Error{ErrorKind::corrupt,
               fmt::format("'{}' does not end with a line: it was cut", segment.path)};
}

Status FolderSpool::remove_before(uint64_t number) {
  std::vector<Segment> removed;
  uint64_t next = 0;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = sealed_.begin(); at != sealed_.end() && at->first < number; ++at)
      removed.push_back(at->second);
    next = next_;
  }
  if (removed.empty()) return {};
  // Numbers never come back, even when no file is left to tell the last one. On a full disk the
  // last file stays for that, so that the others make room.
  auto noted = internal::write_synced(options_.folder, kNextName, std::to_string(next));
  if (!noted.ok()) removed.pop_back();
  for (const auto& segment : removed) {
    if (unlink(segment.path.c_str()) != 0 && errno != ENOENT)
      return io::system_error(fmt::format("cannot remove '{}'", segment.path), errno);
    const std::lock_guard lock(mutex_);
    sealed_.erase(segment.number);
    bytes_ -= segment.bytes;
  }
  return removed.empty() ? std::move(noted) : Status{};
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(SpoolOptions options, const io::Clock& clock) {
  std::error_code failed;
  fs::create_directories(options.folder, failed);
  if (failed)
    return Error{ErrorKind::permission_denied,
                 fmt::format("cannot make the spool '{}': {}", options.folder, failed.message())};
  const auto path = options.folder + '/' + kLockName;
  const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return io::system_error(fmt::format("cannot open '{}'", path), errno);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return Error{ErrorKind::unavailable,
                 fmt::format("the spool '{}' is in use by another process\n"
                             "hint: one service at a time can run on a folder",
                             options.folder)};
  }
  auto spool = std::make_unique<FolderSpool>(std::move(options), clock, lock);
  CAIRN_TRY(spool->recover());
  return std::unique_ptr<Spool>(std::move(spool));
}

}  // namespace cairn::spool

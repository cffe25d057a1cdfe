#include "spool/internal/reserve.h"

#include "io/file.h"
#include "spool/internal/segment_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cairn::spool::internal {
namespace {

constexpr size_t kZerosBytes = 1 << 20;

/// In place; false: errno has the reason.
bool write_at(int file, uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(put));
    offset += static_cast<uint64_t>(put);
  }
  return true;
}

bool write_zeros(int file, uint64_t offset, uint64_t length) {
  const std::string zeros(std::min<uint64_t>(length, kZerosBytes), '\0');
  while (length > 0) {
    const auto piece = std::min<uint64_t>(length, zeros.size());
    if (!write_at(file, offset, std::string_view(zeros).substr(0, piece))) return false;
    offset += piece;
    length -= piece;
  }
  return true;
}

Error reserve_error(std::string_view doing, const std::string& path, int code) {
  return io::system_error(fmt::format("cannot {} '{}'", doing, path), code);
}

}  // namespace

Result<Reserve> Reserve::open(const std::string& folder, uint64_t bytes) {
  const auto path = folder + '/' + kReserveName;
  io::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.get() < 0) return reserve_error("make", path, errno);

  struct stat info {};

  if (fstat(file.get(), &info) != 0) return reserve_error("read", path, errno);
  const auto size = static_cast<uint64_t>(info.st_size);
  auto held = io::read_at(file.get(), 0, size);
  if (!held) return reserve_error("read", path, errno);
  const auto text = std::string_view(*held).substr(0, held->find('\0'));
  const auto end = text.rfind("\n\n");
  const auto whole = text.substr(0, end == text.npos ? 0 : end + 2);
  Reserve reserve(std::move(file), bytes);
  reserve.used_ = whole.size();
  reserve.records_ = salvage(whole).records;
  // What is behind the whole appends was cleared, or was never acknowledged.
  const bool is_clean = held->find_first_not_of('\0', whole.size()) == held->npos;
  if (size == bytes && is_clean) return reserve;

  const int made_to = reserve.file_.get();
  const auto behind = std::min<uint64_t>(whole.size(), bytes);
  const int code = posix_fallocate(made_to, 0, static_cast<off_t>(bytes));
  errno = code;
  const bool made = code == 0 && write_zeros(made_to, behind, bytes - behind) &&
                    ftruncate(made_to, static_cast<off_t>(std::max(bytes, whole.size()))) == 0 &&
                    fsync(made_to) == 0;
  if (!made) {
    auto error = reserve_error("make", path, errno);
    if (whole.empty()) unlink(path.c_str());
    return error;
  }
  CAIRN_TRY(sync_folder(folder));
  return reserve;
}

// The bytes behind the text are zeros, so what a crash leaves ends at the first zero.
Status Reserve::add(std::string_view text, uint64_t records) {
  if (used_ + text.size() > bytes_)
    return Error{ErrorKind::exhausted,
                 fmt::format("the spool's reserve holds {} of {} bytes", used_, bytes_)};
  if (write_at(file_.get(), used_, text) && fdatasync(file_.get()) == 0) {
    used_ += text.size();
    records_ += records;
    return {};
  }
  auto error = io::system_error("cannot write to the spool's reserve", errno);
  (void)write_zeros(file_.get(), used_, text.size());  // else open() does not take it as whole
  return error;
}

Status Reserve::probe() {
  if (used_ == bytes_ || (write_zeros(file_.get(), used_, 1) && fdatasync(file_.get()) == 0))
    return {};
  return io::system_error("cannot write to the spool's reserve", errno);
}

Result<std::string> Reserve::read() const {
  auto text = io::read_at(file_.get(), 0, used_);
  if (!text) return io::system_error("cannot read the spool's reserve", errno);
  return std::move(*text);
}

// The first byte first: a crash before all is cleared leaves a file that begins with a zero.
Status Reserve::clear() {
  if (!write_zeros(file_.get(), 0, 1) || fdatasync(file_.get()) != 0 ||
      !write_zeros(file_.get(), 0, used_) || fdatasync(file_.get()) != 0)
    return io::system_error("cannot clear the spool's reserve", errno);
  used_ = 0;
  records_ = 0;
  return {};
}

}  // namespace cairn::spool::internal

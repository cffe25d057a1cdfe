#include "spool/internal/segment_file.h"

#include "base/json_scan.h"
#include "io/descriptor.h"
#include "io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <utility>

namespace cairn::spool::internal {
namespace {

std::optional<uint64_t> number_of(std::string_view digits) {
  uint64_t value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || code != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

/// `line` lies in a padded text.
bool is_object(std::string_view line) {
  if (line.empty() || line.front() != '{') return false;
  const std::string padded = json::padded_copy(line);
  const auto scan = json::scan_value(padded.data(), padded.data() + line.size());
  return scan.fault == json::Fault::none && scan.at == padded.data() + line.size();
}

}  // namespace

std::string open_name(uint64_t number) {
  return fmt::format("{:010}{}", number, kOpenSuffix);
}

std::string sealed_name(uint64_t number, uint64_t records) {
  return fmt::format("{:010}-{}{}", number, records, kSealedSuffix);
}

std::optional<SegmentName> parse_name(std::string_view name) {
  if (name.ends_with(kOpenSuffix)) {
    const auto number = number_of(name.substr(0, name.size() - kOpenSuffix.size()));
    if (!number || open_name(*number) != name) return std::nullopt;
    return SegmentName{.number = *number};
  }
  const auto dash = name.find('-');
  if (!name.ends_with(kSealedSuffix) || dash == name.npos) return std::nullopt;
  const auto number = number_of(name.substr(0, dash));
  const auto records =
      number_of(name.substr(dash + 1, name.size() - kSealedSuffix.size() - dash - 1));
  if (!number || !records || sealed_name(*number, *records) != name) return std::nullopt;
  return SegmentName{.number = *number, .records = records};
}

Salvage salvage(std::string_view text) {
  Salvage found;
  // An append ends with an empty line, so the last "\n\n" ends the last whole one.
  const auto end = text.rfind("\n\n");
  const size_t whole = end == text.npos ? 0 : end + 2;
  found.torn_bytes = text.size() - whole;
  for (auto rest = text.substr(0, whole); !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (line.empty()) {
      found.whole += '\n';
    } else if (is_object(line)) {
      (found.whole += line) += '\n';
      ++found.records;
    } else {
      (found.damaged += line) += '\n';
      ++found.damaged_records;
    }
  }
  return found;
}

Status sync_folder(const std::string& folder) {
  const io::Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0) return io::system_error(fmt::format("cannot open '{}'", folder), errno);
  if (fsync(opened.get()) == 0) return {};
  return io::system_error(fmt::format("cannot sync '{}'", folder), errno);
}

Status write_synced(const std::string& folder, const std::string& name, std::string_view bytes) {
  const auto path = folder + '/' + name;
  const auto part = path + ".part";
  const auto failed = [&] {
    return io::system_error(fmt::format("cannot write '{}'", path), errno);
  };
  const io::Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return failed();
  if (!io::write_all(file.get(), bytes) || fsync(file.get()) != 0 ||
      ::rename(part.c_str(), path.c_str()) != 0) {
    auto error = failed();
    unlink(part.c_str());
    return error;
  }
  return sync_folder(folder);
}

Status cut_and_rename(const std::string& folder, const std::string& path, const std::string& name,
                      uint64_t bytes) {
  const io::Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0 || ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 ||
      fsync(file.get()) != 0 || ::rename(path.c_str(), (folder + '/' + name).c_str()) != 0)
    return io::system_error(fmt::format("cannot seal '{}'", path), errno);
  return sync_folder(folder);
}

Result<SegmentFile> SegmentFile::create(const std::string& folder, uint64_t number) {
  const auto path = folder + '/' + open_name(number);
  io::Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
  if (file.get() < 0) return io::system_error(fmt::format("cannot make '{}'", path), errno);
  auto synced = sync_folder(folder);
  if (!synced.ok()) {
    unlink(path.c_str());
    return std::move(synced).error();
  }
  return SegmentFile(folder, number, std::move(file));
}

Status SegmentFile::append(std::string_view text, uint64_t records) {
  if (broken_) return Error{ErrorKind::unavailable, "the spool's segment cannot be written to"};
  Status status;
  if (!io::write_all(file_.get(), text)) {
    status = io::system_error("cannot write to the spool", errno);
  } else if (fdatasync(file_.get()) != 0) {
    status = io::system_error("cannot sync the spool", errno);
    broken_ = true;  // what the disk has after a sync that failed, nobody knows
  }
  if (!status.ok()) {
    if (ftruncate(file_.get(), static_cast<off_t>(bytes_)) != 0 || fdatasync(file_.get()) != 0)
      broken_ = true;
    return status;
  }
  bytes_ += text.size();
  records_ += records;
  return {};
}

Result<Segment> SegmentFile::seal(int64_t now_us) {
  const auto from = folder_ + '/' + open_name(number_);
  const auto to = folder_ + '/' + sealed_name(number_, records_);
  // A broken one may have more bytes than were acknowledged; they must not come back.
  if (broken_ && ftruncate(file_.get(), static_cast<off_t>(bytes_)) != 0)
    return io::system_error(fmt::format("cannot seal '{}'", from), errno);
  if (broken_ && fsync(file_.get()) != 0)
    return io::system_error(fmt::format("cannot seal '{}'", from), errno);
  if (::rename(from.c_str(), to.c_str()) != 0)
    return io::system_error(fmt::format("cannot seal '{}'", from), errno);
  CAIRN_TRY(sync_folder(folder_));
  return Segment{
      .number = number_, .path = to, .bytes = bytes_, .records = records_, .sealed_us = now_us};
}

}  // namespace cairn::spool::internal

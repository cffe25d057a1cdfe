#include "store/copy_database.h"

#include "store/internal/sqlite.h"

#include <filesystem>

namespace cairn::store {
namespace {

constexpr int kCopyBusyMillis = 15'000;

/// VACUUM INTO reads in one transaction, checks what it reads, and leaves no helper files.
Status write_copy(SqliteFile& source, const std::string& to) {
  Statement copy(source.get(), "VACUUM INTO ?");
  if (!copy) return source.failure("cannot copy");
  copy.bind(to);
  if (copy.step() != SQLITE_DONE) return source.failure("cannot copy");
  std::error_code failed;
  std::filesystem::permissions(
      to, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
  if (failed) return source.file_error("cannot close to others the copy of", failed.value());
  return {};
}

}  // namespace

Status copy_database(const std::string& from, const std::string& to,
                     const std::function<Status()>& meanwhile) {
  auto source = CAIRN_TRY(SqliteFile::open(from, "database", false, kCopyBusyMillis));
  if (!meanwhile) return write_copy(source, to);
  // A connection of its own holds off commits: a copy cannot be made within a transaction.
  auto holder = CAIRN_TRY(SqliteFile::open(from, "database", false, kCopyBusyMillis));
  CAIRN_TRY(holder.run("BEGIN IMMEDIATE"));
  auto done = write_copy(source, to);
  if (done.ok()) done = meanwhile();
  holder.roll_back();
  std::error_code ignored;
  if (!done.ok()) std::filesystem::remove(to, ignored);
  return done;
}

}  // namespace cairn::store

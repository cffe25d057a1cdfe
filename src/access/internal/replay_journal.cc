#include "access/internal/replay_journal.h"

#include "io/file.h"

#include <algorithm>
#include <utility>

namespace cairn::access {
namespace {

constexpr size_t kEntryBytes = 24;
constexpr uint64_t kJournalBytesMax = 64 << 20;

void append_number(std::string& out, uint64_t number) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(number >> (8 * i));
}

uint64_t number_at(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 8; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

std::string entry_of(const SeenSignature& seen) {
  std::string bytes;
  append_number(bytes, seen.key);
  append_number(bytes, static_cast<uint64_t>(seen.first_us));
  append_number(bytes, static_cast<uint64_t>(seen.until_us));
  return bytes;
}

Status read_into(const std::string& path, std::vector<SeenSignature>& known) {
  auto file = io::File::open(path);
  if (!file.ok() && file.error().kind() == ErrorKind::not_found) return {};
  if (!file.ok()) return file.error();
  auto size = CAIRN_TRY(file.value().size());
  size = std::min(size, kJournalBytesMax);
  std::string bytes(size, '\0');
  size_t have = 0;
  while (have < size) {
    const auto got = CAIRN_TRY(file.value().read(bytes.data() + have, size - have));
    if (got == 0) break;
    have += got;
  }
  const auto entries = parse_replay_journal(std::string_view(bytes).substr(0, have));
  known.insert(known.end(), entries.begin(), entries.end());
  return {};
}

}  // namespace

std::vector<SeenSignature> parse_replay_journal(std::string_view bytes) {
  std::vector<SeenSignature> entries;
  for (; bytes.size() >= kEntryBytes; bytes.remove_prefix(kEntryBytes)) {
    const SeenSignature seen{.key = number_at(bytes),
                             .first_us = static_cast<int64_t>(number_at(bytes.substr(8))),
                             .until_us = static_cast<int64_t>(number_at(bytes.substr(16)))};
    if (seen.first_us > 0 && seen.until_us >= seen.first_us) entries.push_back(seen);
  }
  return entries;
}

Result<ReplayJournal> ReplayJournal::open(const std::string& path, size_t entries_max,
                                          std::vector<SeenSignature>& known) {
  CAIRN_TRY(read_into(path + ".0", known));
  CAIRN_TRY(read_into(path + ".1", known));
  // All of it into one file; the other one is empty until that is full.
  std::string bytes;
  for (const auto& seen : known) bytes += entry_of(seen);
  CAIRN_TRY(io::write_file(path + ".1", bytes));
  auto file = CAIRN_TRY(io::AppendFile::create(path + ".0"));
  return ReplayJournal(path, entries_max, std::move(file));
}

Status ReplayJournal::add(const SeenSignature& seen) {
  if (file_.size_bytes() >= entries_max_ * kEntryBytes) {
    file_ = CAIRN_TRY(io::AppendFile::create(path_ + (current_ == 0 ? ".1" : ".0")));
    current_ = 1 - current_;
  }
  return file_.append(entry_of(seen));
}

}  // namespace cairn::access

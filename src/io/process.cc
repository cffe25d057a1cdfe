#include "io/process.h"

#include "io/file.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::io {
namespace {

constexpr size_t kProcFileMax = 1 << 20;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" \n"), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

Result<uint64_t> number_of(std::string_view word) {
  uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (wrong == std::errc() && end == word.data() + word.size()) return number;
  return Error{ErrorKind::corrupt, fmt::format("/proc: '{}' is not a number", word)};
}

/// When the machine started, in seconds since 1970.
Result<uint64_t> boot_seconds() {
  const auto text = CAIRN_TRY(read_file("/proc/stat", kProcFileMax));
  const auto words = words_of(text);
  for (size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "btime") return number_of(words[i + 1]);
  return Error{ErrorKind::corrupt, "/proc/stat does not tell when the machine started"};
}

Result<uint64_t> count_descriptors() {
  std::error_code failed;
  uint64_t count = 0;
  auto entry = std::filesystem::directory_iterator("/proc/self/fd", failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed))
    ++count;
  if (failed) return system_error("cannot list '/proc/self/fd'", failed.value());
  return count > 0 ? count - 1 : 0;  // one of them is the listing's own
}

}  // namespace

// The fields of /proc/self/stat are those of proc(5), counted from 1. The second one is the
// program's name in brackets, which may hold blanks and brackets of its own.
Result<ProcessNumbers> read_process_numbers() {
  constexpr size_t kFirstField = 3;
  const auto text = CAIRN_TRY(read_file("/proc/self/stat", kProcFileMax));
  const auto name_end = text.rfind(')');
  const auto words =
      words_of(std::string_view(text).substr(std::min(name_end, text.size() - 1) + 1));
  const auto field = [&](size_t number) -> Result<uint64_t> {
    if (number - kFirstField >= words.size())
      return Error{ErrorKind::corrupt, "/proc/self/stat has too few fields"};
    return number_of(words[number - kFirstField]);
  };
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  ProcessNumbers numbers;
  const auto user = CAIRN_TRY(field(14));
  const auto system = CAIRN_TRY(field(15));
  numbers.cpu_seconds = static_cast<double>(user + system) / ticks;
  numbers.threads = CAIRN_TRY(field(20));
  const auto started = CAIRN_TRY(field(22));
  const auto boot = CAIRN_TRY(boot_seconds());
  numbers.start_seconds = static_cast<double>(boot) + static_cast<double>(started) / ticks;
  numbers.virtual_bytes = CAIRN_TRY(field(23));
  const auto pages = CAIRN_TRY(field(24));
  numbers.resident_bytes = pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  numbers.open_descriptors = CAIRN_TRY(count_descriptors());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return system_error("cannot tell how many files may be open", errno);
  numbers.max_descriptors =
      limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<uint64_t>::max() : limit.rlim_cur;
  return numbers;
}

}  // namespace cairn::io

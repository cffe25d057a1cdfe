#include "source/coverage.h"

#include <utility>

namespace cairn::source {

void Coverage::add(FileReport report, const std::vector<Problem>& its_problems, uint64_t skipped) {
  switch (report.fate) {
    case FileFate::read:
      ++files_read;
      break;
    case FileFate::partial:
      ++files_partial;
      break;
    case FileFate::refused:
      ++files_refused;
      break;
    case FileFate::left_out:
      ++files_left_out;
      break;
    case FileFate::pruned:
      ++files_pruned;
      break;
    case FileFate::not_needed:
      ++files_not_needed;
      break;
  }
  if (report.fate == FileFate::read || report.fate == FileFate::partial) bytes_read += report.bytes;
  events += report.events;
  records_refused += report.records_refused;
  records_skipped += skipped;
  for (const auto& problem : its_problems) {
    if (problem.warning) ++warnings;
    if (problems.size() < kProblemsMax) problems.push_back(problem);
  }
  if (files.size() < kProblemsMax) files.push_back(std::move(report));
}

}  // namespace cairn::source

#include "source/discover.h"

#include "base/text.h"
#include "io/file.h"
#include "io/object_store.h"
#include "model/key_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::source {
namespace {

using model::KeyFacts;
using model::KeyKind;

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool holds(const std::vector<std::string>& values, std::string_view wanted) {
  return std::find(values.begin(), values.end(), wanted) != values.end();
}

std::string reason_to_leave_out(std::string_view path, const KeyFacts& facts) {
  const auto name = base_name(path);
  if (facts.kind == KeyKind::digest) return "a digest file";
  if (facts.kind == KeyKind::other_service)
    return fmt::format("a log of another service ({})", printable(facts.service));
  if (name.ends_with(".part") || name.ends_with(".partial") || name.ends_with(".crdownload"))
    return "a partial download";
  if (name.ends_with(".gz" + std::string(io::kAttributesSuffix)))
    return "the attributes of the object beside it";
  if (name == "truth.jsonl") return "the truth that `cairn generate` writes beside its logs";
  if (name == ".DS_Store" || name == "Thumbs.db" || name == "desktop.ini")
    return "a file manager's own file";
  return {};
}

std::string reason_to_prune(const KeyFacts& facts, const Wanted& wanted) {
  if (!wanted.accounts.empty() && !facts.account.empty() && !holds(wanted.accounts, facts.account))
    return fmt::format("of account {}", facts.account);
  if (!wanted.regions.empty() && !facts.region.empty() && !holds(wanted.regions, facts.region))
    return fmt::format("of region {}", facts.region);
  if (wanted.event_time_min_us && facts.delivered_max_us &&
      *facts.delivered_max_us < *wanted.event_time_min_us - kClockSkewMaxUs) {
    return "delivered before the wanted time";
  }
  if (wanted.event_time_max_us && facts.delivered_min_us &&
      *facts.delivered_min_us > *wanted.event_time_max_us + kDeliveryDelayMaxUs) {
    return "delivered more than 3 days after the wanted time";
  }
  return {};
}

}  // namespace

bool has_log_name(std::string_view path) {
  constexpr std::array<std::string_view, 12> kEndings{".json",       ".jsonl", ".ndjson", ".gz",
                                                      ".zst",        ".log",   ".tgz",    ".tar",
                                                      ".cloudtrail", ".zip",   ".json_",  ".csv"};
  const auto lower = to_lower(base_name(path));
  return path == "-" || std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
           return lower.ends_with(ending);
         });
}

Result<std::vector<SourceFile>> discover(const SourceOptions& options, const Wanted& wanted) {
  const auto found = CAIRN_TRY(io::find_files(options.paths));
  std::vector<SourceFile> files;
  files.reserve(found.size());
  for (const auto& one : found) {
    SourceFile file{one.path, one.size, std::nullopt, {}};
    const auto facts = model::read_key(one.path);
    file.reason = reason_to_leave_out(one.path, facts);
    if (!file.reason.empty()) {
      file.fate = FileFate::left_out;
    } else if (options.prune) {
      file.reason = reason_to_prune(facts, wanted);
      if (!file.reason.empty()) file.fate = FileFate::pruned;
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace cairn::source

#include "ingest/trail_prefixes.h"

#include "base/text.h"
#include "base/time.h"
#include "io/in_parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>

namespace cairn::ingest {
namespace {

constexpr size_t kThreads = 8;
constexpr int kUnknownDepthMax = 3;
constexpr size_t kUnknownMax = 200;
constexpr std::array<std::string_view, 2> kTrailFolders = {"CloudTrail", "CloudTrail-Insight"};

bool is_organisation(std::string_view name) {
  return name.starts_with("o-") && name.size() >= 12 && name.size() <= 34 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789", 2) ==
             std::string_view::npos;
}

bool is_trail_folder(std::string_view name) {
  return std::find(kTrailFolders.begin(), kTrailFolders.end(), name) != kTrailFolders.end();
}

// eu-west-1, us-gov-east-1, us-isob-east-1
bool is_region(std::string_view name) {
  return name.size() >= 8 && name.size() <= 32 && name.back() >= '0' && name.back() <= '9' &&
         std::count(name.begin(), name.end(), '-') >= 2 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

// "a/b/" → "b"
std::string_view last_part(std::string_view prefix) {
  if (!prefix.empty()) prefix.remove_suffix(1);
  return prefix.substr(prefix.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view parent(std::string_view prefix) {
  return prefix.substr(0, prefix.size() - std::min(prefix.size(), last_part(prefix).size() + 1));
}

std::string day_folder(const std::string& prefix, int64_t micros) {
  const auto day = to_civil(micros);
  return fmt::format("{}{:04}/{:02}/{:02}/", prefix, day.year, day.month, day.day);
}

// `prefix` is a region's folder, or one of which only years are known.
TrailSpan make_span(const std::string& prefix, const DeliveryDays& days) {
  TrailSpan span{.prefix = prefix};
  if (is_region(last_part(prefix))) span.region = last_part(prefix);
  const auto above = parent(parent(prefix));
  if (is_account_id(last_part(above))) span.account = last_part(above);
  if (days.from_us) span.start_after = day_folder(prefix, *days.from_us);
  if (days.last_us) span.end = day_folder(prefix, *days.last_us + kMicrosPerDay);
  return span;
}

struct Place {
  std::string prefix;
  int unknown_depth = 0;  ///< folders above that say nothing
};

/// What one listing brings.
struct Step {
  std::vector<Place> next{};
  std::vector<TrailSpan> spans{};
};

Result<Step> look_into(io::PrefixLister& lister, const Place& place, const DeliveryDays& days) {
  Step step;
  const auto name = last_part(place.prefix);
  if (is_region(name) && is_trail_folder(last_part(parent(place.prefix)))) {
    step.spans.push_back(make_span(place.prefix, days));
    return step;
  }
  if (is_account_id(name)) {  // what else is in it does not matter
    for (const auto folder : kTrailFolders)
      step.next.push_back({place.prefix + std::string(folder) + "/"});
    return step;
  }
  const auto children = CAIRN_TRY(lister.common_prefixes(place.prefix));
  const bool trail = is_trail_folder(name);
  for (const auto& child : children) {
    const auto part = last_part(child);
    if (trail || is_trail_folder(last_part(parent(place.prefix)))) {
      if (is_region(part)) step.spans.push_back(make_span(child, days));
    } else if (part == "AWSLogs" || is_account_id(part) || is_organisation(part) ||
               is_trail_folder(part)) {
      step.next.push_back({child});
    } else if (place.unknown_depth < kUnknownDepthMax && name != "AWSLogs" &&
               !is_organisation(name) && !all_digits(part, 4)) {
      step.next.push_back({child, place.unknown_depth + 1});
    }
  }
  return step;
}

// A base within the layout of which the store hides the upper part: only years are seen.
Result<bool> holds_years(io::PrefixLister& lister, const std::string& base) {
  const auto children = CAIRN_TRY(lister.common_prefixes(base));
  return !children.empty() && std::all_of(children.begin(), children.end(), [](const auto& child) {
    return all_digits(last_part(child), 4) && last_part(child) >= "2013";
  });
}

}  // namespace

bool TrailSpan::contains(const std::string& key) const {
  return key.starts_with(prefix) && key > start_after && (end.empty() || key < end);
}

Result<std::vector<TrailSpan>> find_trails(io::PrefixLister& lister, const std::string& base,
                                           const DeliveryDays& days) {
  auto folder = base;
  if (!folder.empty() && folder.back() != '/') folder += '/';
  std::vector<TrailSpan> spans;
  std::vector<Place> level = {{folder}};
  size_t unknown = 0;
  while (!level.empty()) {
    std::vector<Step> steps(level.size());
    CAIRN_TRY(io::in_parallel(level.size(), kThreads, [&](size_t i) -> Status {
      auto step = look_into(lister, level[i], days);
      if (!step.ok()) return std::move(step).error();
      steps[i] = std::move(step).value();
      return {};
    }));
    level.clear();
    for (auto& step : steps) {
      for (auto& span : step.spans) spans.push_back(std::move(span));
      for (auto& place : step.next)
        if (place.unknown_depth == 0 || ++unknown <= kUnknownMax) level.push_back(std::move(place));
    }
  }
  if (spans.empty()) {
    const bool years = CAIRN_TRY(holds_years(lister, folder));
    spans.push_back(years ? make_span(folder, days) : TrailSpan{.prefix = folder});
  }
  std::sort(spans.begin(), spans.end(),
            [](const TrailSpan& a, const TrailSpan& b) { return a.prefix < b.prefix; });
  return spans;
}

Status list_trails(io::ObjectStore& store, const std::vector<TrailSpan>& spans,
                   const std::function<void(const io::ObjectInfo&)>& visit) {
  std::mutex mutex;
  return io::in_parallel(spans.size(), kThreads, [&](size_t i) -> Status {
    const auto& span = spans[i];
    return store.list(span.prefix, span.start_after, [&](const io::ObjectInfo& object) {
      if (!span.end.empty() && object.key >= span.end) return false;
      const std::lock_guard lock(mutex);
      visit(object);
      return true;
    });
  });
}

}  // namespace cairn::ingest

#include "integrity/survey.h"

#include "base/text.h"
#include "base/time.h"
#include "integrity/check.h"
#include "io/prefix_lister.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn::integrity {
namespace {

constexpr std::string_view kLogs = "AWSLogs/";
/// Comes after every key below a folder: no UTF-8 has this byte. Only folders are listed so.
constexpr char kAfterAll = '\xFF';
/// Digests that are read to learn the bucket's name; most of them would have to be damaged.
constexpr size_t kPeekMax = 32;

/// The folders right below `prefix`, each with a slash at its end.
Result<std::vector<std::string>> folders_in(io::ObjectStore& store, const std::string& prefix) {
  if (auto* const lister = dynamic_cast<io::PrefixLister*>(&store))
    return lister->common_prefixes(prefix);
  std::vector<std::string> folders;
  std::string after;
  while (true) {
    std::string found;
    CAIRN_TRY(store.list(prefix, after, [&](const io::ObjectInfo& object) {
      const auto end = object.key.find('/', prefix.size());
      if (end == object.key.npos) return true;
      found = object.key.substr(0, end + 1);
      return false;
    }));
    if (found.empty()) return folders;
    after = found + kAfterAll;
    folders.push_back(std::move(found));
  }
}

std::string_view last_part(std::string_view folder) {
  folder.remove_suffix(1);
  return folder.substr(folder.rfind('/') + 1);
}

/// All folders `…/AWSLogs/`.
Result<std::vector<std::string>> find_roots(io::ObjectStore& store, const ChainFilter& filter) {
  std::vector<std::string> roots;
  if (filter.prefix) {
    roots.push_back(*filter.prefix + (filter.prefix->empty() ? "" : "/") + std::string(kLogs));
    return roots;
  }
  std::vector<std::string> level{""};
  size_t looked = 0;
  for (int depth = 0; depth <= kSurveyDepthMax && !level.empty(); ++depth) {
    std::vector<std::string> next;
    for (const auto& folder : level) {
      if (++looked > kSurveyFoldersMax)
        return Error{ErrorKind::exhausted,
                     fmt::format("more than {} folders, and AWSLogs may be in any\nhint: say where "
                                 "it is with --s3-prefix",
                                 kSurveyFoldersMax)};
      for (auto& child : CAIRN_TRY(folders_in(store, folder)))
        (last_part(child) == "AWSLogs" ? roots : next).push_back(std::move(child));
    }
    level = std::move(next);
  }
  return roots;
}

/// One folder `…/CloudTrail-Digest/REGION/`, as a chain without a trail.
using RegionFolders = std::vector<DigestChain>;

class Survey {
 public:
  Survey(io::ObjectStore& store, const ChainFilter& filter) : store_(store), filter_(filter) {}

  Result<RegionFolders> folders() {
    const auto roots = CAIRN_TRY(find_roots(store_, filter_));
    for (const auto& root : roots) {
      DigestChain chain;
      chain.prefix = root.substr(0, root.size() - kLogs.size());
      if (!chain.prefix.empty()) chain.prefix.pop_back();
      const auto children = CAIRN_TRY(folders_in(store_, root));
      for (const auto& child : children) {
        const auto name = last_part(child);
        if (is_account_id(name)) {
          chain.organization.clear();
          CAIRN_TRY(add_account(chain, name));
        } else if (name.starts_with("o-")) {
          chain.organization = name;
          for (const auto& account : CAIRN_TRY(folders_in(store_, child)))
            if (is_account_id(last_part(account)))
              CAIRN_TRY(add_account(chain, last_part(account)));
        }
      }
    }
    return std::move(found_);
  }

 private:
  Status add_account(DigestChain chain, std::string_view account) {
    const bool fits = filter_.account.empty()
                          ? filter_.trail_account.empty() || !chain.organization.empty() ||
                                filter_.trail_account == account
                          : filter_.account == account;
    if (!fits) return {};
    chain.account = account;
    if (!filter_.region.empty()) {
      chain.region = filter_.region;
      found_.push_back(std::move(chain));
      return {};
    }
    auto digests = digest_folder(chain);  // ends in `//`: there is no region yet
    digests.pop_back();
    for (const auto& region : CAIRN_TRY(folders_in(store_, digests))) {
      chain.region = last_part(region);
      found_.push_back(chain);
    }
    return {};
  }

  io::ObjectStore& store_;
  const ChainFilter& filter_;
  RegionFolders found_;
};

}  // namespace

Result<std::vector<DigestChain>> find_chains(io::ObjectStore& store, const ChainFilter& filter,
                                             int64_t start_us, int64_t end_us) {
  const auto folders = CAIRN_TRY(Survey(store, filter).folders());
  std::vector<DigestChain> chains;
  for (const auto& folder : folders) {
    std::set<DigestChain> found;
    const auto prefix = digest_folder(folder);
    const auto after = prefix + day_folder(std::max<int64_t>(start_us - kMicrosPerMinute, 0));
    CAIRN_TRY(store.list(prefix, after, [&](const io::ObjectInfo& object) {
      const auto name = parse_digest_key(object.key);
      if (!name) return true;
      // Digests of several trails lie in one folder of a day.
      if (name->end_us > end_us + kMicrosPerHour + kMicrosPerDay) return false;
      if (name->end_us < start_us || name->end_us > end_us + kMicrosPerHour) return true;
      if (!filter.trail.empty() && name->chain.trail != filter.trail) return true;
      if (!filter.home_region.empty() && name->chain.home_region != filter.home_region) return true;
      found.insert(name->chain);
      return true;
    }));
    chains.insert(chains.end(), found.begin(), found.end());
  }
  return chains;
}

Result<std::optional<int64_t>> oldest_digest(io::ObjectStore& store, const DigestChain& chain) {
  std::optional<int64_t> oldest;
  CAIRN_TRY(store.list(digest_folder(chain), "", [&](const io::ObjectInfo& object) {
    const auto name = parse_digest_key(object.key);
    if (name && name->chain == chain) oldest = name->end_us;
    return !oldest;
  }));
  return oldest;
}

Result<CopiedBucket::Names> recorded_names(io::ObjectStore& store, const DigestChain& chain,
                                           int64_t start_us, int64_t end_us,
                                           const std::string& fallback_bucket) {
  CopiedBucket::Names names{fallback_bucket, chain.prefix, chain.prefix};
  OriginalBuckets archive([&](const std::string&) -> Result<io::ObjectStore*> { return &store; });
  const auto times = CAIRN_TRY(list_digests(archive, "", chain, start_us, end_us));
  size_t looked = 0;
  for (const bool backfill : {false, true}) {
    const auto& ends = backfill ? times.backfill : times.standard;
    for (size_t i = ends.size(); i-- > 0 && looked < kPeekMax; ++looked) {
      const auto loaded = CAIRN_TRY(load_digest(archive, "", digest_key(chain, ends[i], backfill)));
      if (!loaded.digest) continue;
      auto name = parse_digest_key(loaded.digest->object);
      if (!name || name->end_us != ends[i]) continue;
      names.recorded_prefix = std::exchange(name->chain.prefix, chain.prefix);
      if (name->chain != chain) continue;
      names.bucket = loaded.digest->bucket;
      return names;
    }
  }
  names.recorded_prefix = chain.prefix;
  return names;
}

}  // namespace cairn::integrity

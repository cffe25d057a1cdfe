#include "cli/validate_lake.h"

#include "base/time.h"
#include "ingest/source.h"
#include "model/key_layout.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace cairn::cli {
namespace {

struct Taken {
  uint64_t size_bytes = 0;
  std::string etag;
  store::ObjectState state = store::ObjectState::taken;
  bool seen = false;  ///< still there
};

/// By key in the store.
using Ledger = std::map<std::string, Taken>;

Result<Ledger> read_ledger(store::Lake& lake, const LakeQuestion& question) {
  Ledger ledger;
  CAIRN_TRY(lake.catalog().visit_ledger(
      question.source, question.root + question.folder, [&](const store::LedgerEntry& entry) {
        const auto facts = model::read_key(entry.key);
        if (facts.kind != model::KeyKind::log) return;
        if (facts.delivered_min_us && (*facts.delivered_min_us < question.subject.start_us ||
                                       *facts.delivered_min_us > question.subject.end_us))
          return;
        ledger[entry.key.substr(question.root.size())] = {entry.size_bytes, entry.etag,
                                                          entry.state};
      }));
  return ledger;
}

std::string_view judge(const Taken& taken, const io::ObjectInfo& object, bool named, bool proven) {
  if (!named) return "no valid digest names it";
  if (taken.size_bytes != object.size_bytes || taken.etag != object.etag)
    return "it has changed since the lake took it";
  if (!proven) return "it is not what the digest names";
  return {};
}

}  // namespace

Result<std::vector<std::string>> sources_of(store::Lake& lake) {
  std::set<std::string> sources;
  CAIRN_TRY(lake.catalog().visit_ledger("", "", [&](const store::LedgerEntry& entry) {
    if (entry.source != ingest::kLocalSource) {
      sources.insert(entry.source);
      return;
    }
    const auto at = entry.key.find("/AWSLogs/");
    if (at != entry.key.npos) sources.insert(at == 0 ? "/" : entry.key.substr(0, at));
  }));
  return std::vector<std::string>(sources.begin(), sources.end());
}

Result<LakeAnswer> check_lake(store::Lake& lake, const LakeQuestion& question) {
  LakeAnswer answer;
  answer.lake = lake.options().location;
  auto ledger = CAIRN_TRY(read_ledger(lake, question));
  const auto& bucket = question.subject.bucket;
  const auto recorded_folder = log_folder(question.subject.chain);
  const auto unproven = [&](const std::string& key, std::string_view why) {
    answer.unproven.push_back(
        {recorded_folder + key.substr(question.folder.size()), std::string(why)});
  };
  const auto after = question.folder + integrity::day_folder(question.subject.start_us);
  CAIRN_TRY(question.store.list(question.folder, after, [&](const io::ObjectInfo& object) {
    const auto key = recorded_folder + object.key.substr(question.folder.size());
    const bool proven = question.notes.proves(bucket, key);
    const auto at = ledger.find(object.key);
    if (at == ledger.end() || at->second.state == store::ObjectState::rejected) {
      if (proven) answer.not_taken.push_back(key);
      if (at == ledger.end()) return true;
    }
    at->second.seen = true;
    ++answer.taken;
    const auto why = judge(at->second, object, question.notes.names(bucket, key), proven);
    if (why.empty())
      ++answer.proven;
    else
      unproven(object.key, why);
    return true;
  }));
  for (const auto& [key, taken] : ledger) {
    if (taken.seen) continue;
    ++answer.taken;
    unproven(key, "it is no longer in the bucket, so its bytes cannot be compared");
  }
  return answer;
}

}  // namespace cairn::cli

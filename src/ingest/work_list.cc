#include "ingest/work_list.h"

#include "model/key_layout.h"
#include "source/coverage.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace cairn::ingest {
namespace {

struct Known {
  uint64_t size_bytes;
  std::string etag;
  store::ObjectState state;
};

using Ledger = std::unordered_map<std::string, Known>;

/// What the ledger knows of these objects, by source and key.
Result<std::map<std::string, Ledger>> read_ledger(const std::vector<SourceObject>& objects,
                                                  store::Catalog& catalog) {
  std::map<std::string, std::string> prefixes;  // of all keys of a source
  for (const auto& object : objects) {
    const auto [known, fresh] = prefixes.try_emplace(object.source, object.key);
    auto& prefix = known->second;
    const auto end =
        std::mismatch(prefix.begin(), prefix.end(), object.key.begin(), object.key.end());
    if (!fresh) prefix.erase(end.first, prefix.end());
  }
  std::map<std::string, Ledger> ledgers;
  for (const auto& [source, prefix] : prefixes) {
    auto& ledger = ledgers[source];
    CAIRN_TRY(catalog.visit_ledger(source, prefix, [&](const store::LedgerEntry& entry) {
      ledger.emplace(entry.key, Known{entry.size_bytes, entry.etag, entry.state});
    }));
  }
  return ledgers;
}

bool was_refused(const Known& known) {
  return known.state == store::ObjectState::rejected || known.state == store::ObjectState::partial;
}

/// Decides about one object, and counts it if it is left.
bool is_work(const SourceObject& object, const Known* known, const IngestOptions& options,
             IngestReport& report) {
  if (known == nullptr && options.retry_rejected) return false;
  ++report.objects_listed;
  if (known == nullptr || object.source.empty()) return true;
  if (options.retry_rejected && was_refused(*known)) return true;
  if (known->size_bytes == object.size_bytes && known->etag == object.etag) {
    ++report.objects_known;
    return false;
  }
  if (options.take_changed) return true;
  ++report.objects_changed;
  if (report.changed.size() < source::Coverage::kProblemsMax) report.changed.push_back(object.name);
  return false;
}

}  // namespace

Result<std::vector<SourceObject>> list_work(Source& source, store::Catalog& catalog,
                                            const IngestOptions& options, IngestReport& report,
                                            IngestProgress& progress) {
  std::vector<SourceObject> objects;
  progress.listing = true;
  const auto listed = source.list([&](SourceObject object) {
    objects.push_back(std::move(object));
    progress.objects_total = objects.size();
  });
  progress.listing = false;
  if (!listed.ok()) return listed.error();
  const auto ledgers = CAIRN_TRY(read_ledger(objects, catalog));

  struct Item {
    int64_t delivered_us;
    SourceObject object;
  };

  std::vector<Item> items;
  for (auto& object : objects) {
    const auto& ledger = ledgers.at(object.source);
    const auto known = ledger.find(object.key);
    if (!is_work(object, known == ledger.end() ? nullptr : &known->second, options, report))
      continue;
    const auto facts = model::read_key(object.key);
    items.push_back({facts.delivered_min_us.value_or(0), std::move(object)});
  }
  progress.objects_total = items.size();
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.delivered_us != b.delivered_us ? a.delivered_us < b.delivered_us
                                            : a.object.key < b.object.key;
  });
  std::vector<SourceObject> work;
  work.reserve(items.size());
  uint64_t bytes = 0;
  for (auto& item : items) {
    bytes += item.object.size_bytes;
    work.push_back(std::move(item.object));
  }
  progress.bytes_total = bytes;
  return work;
}

}  // namespace cairn::ingest

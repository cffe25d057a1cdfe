#include "ingest/work_list.h"

#include "model/key_layout.h"
#include "source/coverage.h"

#include <algorithm>
#include <unordered_map>

namespace cairn::ingest {
namespace {

struct Known {
  uint64_t size_bytes;
  std::string etag;
  store::ObjectState state;
};

using Ledger = std::unordered_map<std::string, Known>;

Result<Ledger> read_ledger(Source& source, store::Catalog& catalog) {
  Ledger ledger;
  CAIRN_TRY(catalog.visit_ledger(
      source.ledger_source(), source.key_prefix(), [&](const store::LedgerEntry& entry) {
        ledger.emplace(entry.key, Known{entry.size_bytes, entry.etag, entry.state});
      }));
  return ledger;
}

bool was_refused(const Known& known) {
  return known.state == store::ObjectState::rejected || known.state == store::ObjectState::partial;
}

}  // namespace

Result<std::vector<SourceObject>> list_work(Source& source, store::Catalog& catalog,
                                            const IngestOptions& options, IngestReport& report,
                                            IngestProgress& progress) {
  const auto ledger = CAIRN_TRY(read_ledger(source, catalog));

  struct Item {
    int64_t delivered_us;
    SourceObject object;
  };

  std::vector<Item> items;
  progress.listing = true;
  const auto listed = source.list([&](SourceObject object) {
    ++report.objects_listed;
    const auto known = ledger.find(object.key);
    if (known != ledger.end()) {
      const bool same =
          known->second.size_bytes == object.size_bytes && known->second.etag == object.etag;
      const bool again = options.retry_rejected && was_refused(known->second);
      if (same && !again) {
        ++report.objects_known;
        return;
      }
      if (!same && !options.take_changed && !again) {
        ++report.objects_changed;
        if (report.changed.size() < source::Coverage::kProblemsMax)
          report.changed.push_back(object.name);
        return;
      }
    } else if (options.retry_rejected) {
      --report.objects_listed;
      return;
    }
    const auto facts = model::read_key(object.key);
    items.push_back({facts.delivered_min_us.value_or(0), std::move(object)});
    progress.objects_total = items.size();
  });
  progress.listing = false;
  if (!listed.ok()) return listed.error();
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

// Any bytes as a table's metadata, a manifest list, or a manifest: read without a crash; and what
// could be read can be written and changed again.
#include "store/internal/manifest.h"

#include "base/check.h"
#include "io/random.h"
#include "store/internal/metadata.h"
#include "store/store_test_support.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace cairn;

class FixedRandom final : public io::Random {
 public:
  uint64_t next() override { return ++number_; }

 private:
  uint64_t number_ = 0;
};

void as_metadata(std::string_view bytes) {
  auto parsed = store::parse_metadata(bytes);
  if (!parsed.ok()) return;
  auto& metadata = parsed.value();
  (void)metadata.log();
  (void)metadata.schema_text();
  (void)metadata.spec_text(metadata.default_spec_id);
  (void)metadata.flag_property("write.metadata.delete-after-commit.enabled");
  (void)store::evolved(metadata, store::test_definition());
  auto document = metadata.document;
  if (!metadata.snapshots.empty())
    store::remove_snapshots(document, {metadata.snapshots.front().id});
  store::add_snapshot(document, {.id = 1, .manifest_list = "x"}, metadata.schema_id);
  (void)store::push_log(document, metadata, "y", 2);
  const auto text = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  CAIRN_CHECK(store::parse_metadata(text).ok());
}

void as_list(std::string_view bytes) {
  const auto list = store::read_manifest_list(bytes);
  if (!list.ok()) return;
  FixedRandom random;
  const auto written = store::write_manifest_list({.id = 1}, list.value(), random);
  CAIRN_CHECK(written.ok());
  const auto again = store::read_manifest_list(written.value());
  CAIRN_CHECK(again.ok() && again.value().size() == list.value().size());
}

void as_manifest(std::string_view bytes) {
  store::Metadata metadata;
  metadata.document = store::new_table_document(store::test_definition(), {});
  metadata.specs[0] = {.fields = store::test_definition().partition};
  std::vector<store::ManifestEntry> entries;
  const store::ManifestFile from{.path = "m", .sequence_number = 1};
  const auto status =
      store::read_manifest(bytes, from, metadata.default_spec(), [&](store::ManifestEntry entry) {
        entries.push_back(std::move(entry));
        return Status();
      });
  if (!status.ok()) return;
  std::vector<const store::ManifestEntry*> pointers;
  for (const auto& entry : entries) pointers.push_back(&entry);
  FixedRandom random;
  const auto written = store::write_manifest(metadata, 0, 1, 2, pointers, random);
  CAIRN_CHECK(written.ok());
  size_t count = 0;
  CAIRN_CHECK(store::read_manifest(written.value().bytes, from, metadata.default_spec(),
                                   [&](const store::ManifestEntry&) {
                                     ++count;
                                     return Status();
                                   })
                  .ok());
  CAIRN_CHECK(count == entries.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  as_metadata(bytes);
  as_list(bytes);
  as_manifest(bytes);
  return 0;
}

#include "ingest/rejected.h"

#include "base/text.h"
#include "model/key_layout.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <xxhash.h>

namespace cairn::ingest {
namespace {

constexpr uint64_t kBytesMax = 4'000'000'000;

/// The last part of the key, as far as every file system takes it.
std::string safe_name(std::string_view key) {
  key = key.substr(key.rfind('/') + 1);
  std::string out;
  for (const char c : key.substr(0, 150)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool fine = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                      (byte >= 'a' && byte <= 'z') || c == '-' || c == '_' || c == '.';
    out += fine ? c : '_';
  }
  return out;
}

std::string facts_of(const SourceObject& object, const ObjectOutcome& outcome) {
  std::string out = "{\n  \"source\": ";
  append_json_string(out, object.source);
  out += ",\n  \"key\": ";
  append_json_string(out, object.key);
  out += fmt::format(",\n  \"sizeBytes\": {},\n  \"etag\": ", object.size_bytes);
  append_json_string(out, object.etag);
  out += ",\n  \"reason\": ";
  append_json_string(out, outcome.report.reason);
  out += fmt::format(",\n  \"eventsTaken\": {},\n  \"recordsRejected\": {},\n  \"problems\": [",
                     outcome.report.events, outcome.report.records_refused);
  bool first = true;
  for (const auto& problem : outcome.problems) {
    out += fmt::format("{}\n    {{\"record\": {}, \"offset\": {}, \"reason\": ", first ? "" : ",",
                       problem.record, problem.offset);
    append_json_string(out, problem.reason);
    out += '}';
    first = false;
  }
  return out + "\n  ]\n}\n";
}

Result<Buffer> read_whole(Source& source, const SourceObject& object) {
  Buffer bytes;
  const bool fetched = CAIRN_TRY(source.fetch(object, bytes));
  if (fetched) return bytes;
  auto file = CAIRN_TRY(io::File::open(object.key));
  const uint64_t size = CAIRN_TRY(file.size());
  if (size > kBytesMax)
    return Error{ErrorKind::exhausted,
                 fmt::format("{} bytes are too many to keep a copy of", with_thousands(size))};
  bytes.clear();
  bytes.reserve(size + 1);
  for (;;) {
    if (bytes.size() == bytes.capacity()) bytes.reserve(bytes.capacity() * 2);
    const size_t got =
        CAIRN_TRY(file.read(bytes.data() + bytes.size(), bytes.capacity() - bytes.size()));
    if (got == 0) return bytes;
    bytes.set_size(bytes.size() + got);
  }
}

class RejectedSource final : public Source {
 public:
  explicit RejectedSource(store::Lake& lake) : lake_(lake) {}

  Status list(const std::function<void(SourceObject)>& visit) override {
    // Of every source.
    return lake_.catalog().visit_ledger("", "", [&](const store::LedgerEntry& entry) {
      if (entry.state != store::ObjectState::rejected && entry.state != store::ObjectState::partial)
        return;
      SourceObject object{.source = entry.source,
                          .key = entry.key,
                          .name = entry.key,
                          .size_bytes = entry.size_bytes,
                          .etag = entry.etag};
      struct stat facts = {};
      if (::stat(entry.key.c_str(), &facts) == 0) {
        object.size_bytes = static_cast<uint64_t>(facts.st_size);
        object.etag = fmt::format("{}.{:09}", facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
      }
      visit(std::move(object));
    });
  }

  Result<bool> fetch(const SourceObject& object, Buffer& bytes) override {
    struct stat facts = {};
    if (object.source == kLocalSource && ::stat(object.key.c_str(), &facts) == 0) return false;
    const auto copy = CAIRN_TRY(lake_.objects().get(rejected_key(object), kBytesMax));
    bytes.clear();
    bytes.append(copy);
    return true;
  }

 private:
  store::Lake& lake_;
};

}  // namespace

std::string rejected_key(const SourceObject& object) {
  const std::string whole = object.source + '\n' + object.key;
  return fmt::format("{}{:016x}-{}", store::kRejectedPrefix,
                     static_cast<uint64_t>(XXH3_64bits(whole.data(), whole.size())),
                     safe_name(object.key));
}

Status keep_rejected(store::Lake& lake, Source& source, const SourceObject& object,
                     const ObjectOutcome& outcome) {
  const std::string key = rejected_key(object);
  const auto bytes = read_whole(source, object);
  if (!bytes.ok()) return bytes.error();
  CAIRN_TRY(lake.objects().put(key, bytes.value().view()));
  return lake.objects().put(key + ".json", facts_of(object, outcome));
}

Status drop_rejected(store::Lake& lake, const SourceObject& object) {
  const std::string key = rejected_key(object);
  CAIRN_TRY(lake.objects().remove(key));
  return lake.objects().remove(key + ".json");
}

std::unique_ptr<Source> make_rejected_source(store::Lake& lake) {
  return std::make_unique<RejectedSource>(lake);
}

}  // namespace cairn::ingest

#include "store/internal/avro.h"

#include "base/deflate.h"
#include "base/text.h"
#include "store/internal/snappy.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace cairn::store::avro {
namespace {

using nlohmann::json;

constexpr std::string_view kMagic{"Obj\1", 4};
constexpr size_t kSyncBytes = 16;
constexpr size_t kBlockBytes = 64'000;         // written
constexpr size_t kBlockBytesMax = 32'000'000;  // read
constexpr size_t kSchemaBytesMax = 4'000'000;
constexpr size_t kSchemaNodesMax = 100'000;
constexpr int kDepthMax = 24;

Error damaged(std::string_view why) {
  return Error{ErrorKind::corrupt, fmt::format("it is no sound Avro file: {}", why)};
}

class SchemaParser {
 public:
  using Node = std::shared_ptr<const Schema>;

  Result<Node> parse(const json& text, int depth) {
    if (depth > kDepthMax || ++nodes_ > kSchemaNodesMax) return damaged("its schema is too deep");
    if (text.is_string()) return named(text.get_ref<const std::string&>());
    if (text.is_array()) return list(Kind::choice, text, depth);
    if (!text.is_object() || !text.contains("type")) return damaged("its schema has no type");
    const auto& type = text["type"];
    if (!type.is_string()) return parse(type, depth + 1);
    const auto& name = type.get_ref<const std::string&>();
    if (name == "record" || name == "error") return record(text, depth);
    if (name == "array") return items(Kind::array, text, "items", depth);
    if (name == "map") return items(Kind::map, text, "values", depth);
    if (name == "fixed") return fixed(text);
    if (name == "enum")
      return remember(text, std::make_shared<Schema>(Schema{.kind = Kind::integer}));
    return named(name);
  }

 private:
  Result<Node> named(const std::string& name) {
    const auto make = [](Kind kind, uint8_t width = 0) -> Result<Node> {
      return Node(std::make_shared<Schema>(Schema{.kind = kind, .width = width}));
    };
    if (name == "null") return make(Kind::null);
    if (name == "boolean") return make(Kind::boolean);
    if (name == "int" || name == "long") return make(Kind::integer);
    if (name == "float") return make(Kind::real, 4);
    if (name == "double") return make(Kind::real, 8);
    if (name == "bytes" || name == "string") return make(Kind::bytes);
    const auto known = known_.find(name);
    if (known == known_.end())
      return damaged(fmt::format("its schema knows no type '{}'", printable(name)));
    return known->second;
  }

  Result<Node> remember(const json& text, Node node) {
    if (text.contains("name") && text["name"].is_string()) known_[text["name"]] = node;
    return node;
  }

  Result<Node> list(Kind kind, const json& of, int depth) {
    auto made = std::make_shared<Schema>(Schema{.kind = kind});
    for (const auto& one : of) {
      auto child = CAIRN_TRY(parse(one, depth + 1));
      made->children.push_back(std::move(child));
    }
    if (made->children.empty()) return damaged("its schema has an empty union");
    return Node(std::move(made));
  }

  Result<Node> items(Kind kind, const json& text, const char* key, int depth) {
    if (!text.contains(key)) return damaged("its schema has an array of nothing");
    auto made = std::make_shared<Schema>(Schema{.kind = kind});
    auto child = CAIRN_TRY(parse(text[key], depth + 1));
    made->children.push_back(std::move(child));
    return Node(std::move(made));
  }

  Result<Node> fixed(const json& text) {
    if (!text.contains("size") || !text["size"].is_number_unsigned() ||
        text["size"].get<uint64_t>() > kBlockBytesMax)
      return damaged("its schema has a fixed of no size");
    return remember(
        text, std::make_shared<Schema>(Schema{
                  .kind = Kind::bytes, .fixed = text["size"].get<size_t>(), .is_fixed = true}));
  }

  Result<Node> record(const json& text, int depth) {
    if (!text.contains("fields") || !text["fields"].is_array())
      return damaged("its schema has a record without fields");
    auto made = std::make_shared<Schema>(Schema{.kind = Kind::record});
    for (const auto& field : text["fields"]) {
      if (!field.is_object() || !field.contains("name") || !field["name"].is_string() ||
          !field.contains("type"))
        return damaged("its schema has a field without a name");
      auto child = CAIRN_TRY(parse(field["type"], depth + 1));
      made->children.push_back(std::move(child));
      made->names.push_back(field["name"]);
      const auto id = field.find("field-id");
      made->ids.push_back(id != field.end() && id->is_number_integer() ? id->get<int32_t>() : -1);
    }
    return remember(text, std::move(made));
  }

  std::map<std::string, Node> known_;
  size_t nodes_ = 0;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes), values_left_(bytes.size() * 2 + 1000) {}

  bool at_end() const { return rest_.empty(); }

  Result<int64_t> integer() {
    uint64_t raw = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return damaged("it ends within a number");
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      raw |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0)
        return static_cast<int64_t>(raw >> 1) ^ -static_cast<int64_t>(raw & 1);
    }
    return damaged("a number is too long");
  }

  Result<std::string_view> take(uint64_t length) {
    if (length > rest_.size()) return damaged("it ends within a text");
    const auto taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  Result<std::string_view> bytes() {
    const auto length = CAIRN_TRY(integer());
    return take(static_cast<uint64_t>(length));
  }

  /// Into `out`, whose memory is used again.
  Status value(const Schema& schema, Value& out) {
    CAIRN_TRY(count());
    out.kind = schema.kind;
    out.schema = &schema;
    switch (schema.kind) {
      case Kind::null:
        break;
      case Kind::boolean:
        out.number = CAIRN_TRY(take(1))[0] != 0;
        break;
      case Kind::integer:
        out.number = CAIRN_TRY(integer());
        break;
      case Kind::real:
        out.bytes = CAIRN_TRY(take(schema.width));
        break;
      case Kind::bytes:
        out.bytes = schema.is_fixed ? CAIRN_TRY(take(schema.fixed)) : CAIRN_TRY(bytes());
        break;
      case Kind::array:
      case Kind::map: {
        const auto before = rest_;
        CAIRN_TRY(skip_items(schema));
        out.bytes = before.substr(0, before.size() - rest_.size());
        break;
      }
      case Kind::record:
        out.items.resize(schema.children.size());
        for (size_t i = 0; i < out.items.size(); ++i)
          CAIRN_TRY(value(*schema.children[i], out.items[i]));
        break;
      case Kind::choice: {
        const auto* const branch = CAIRN_TRY(chosen(schema));
        return value(*branch, out);
      }
    }
    return {};
  }

  /// Of an array or a map: `item` reads the items, and before them `key` the keys.
  template <class Key, class Item>
  Status items(const Schema& schema, const Key& key, const Item& item) {
    // They come in blocks; a negative count is followed by the block's size in bytes.
    for (;;) {
      auto count = CAIRN_TRY(integer());
      if (count == 0) return {};
      if (count < 0) {
        CAIRN_TRY(integer());
        count = count == INT64_MIN ? INT64_MAX : -count;
      }
      if (static_cast<uint64_t>(count) > rest_.size())
        return damaged("an array has more items than bytes");
      for (int64_t i = 0; i < count; ++i) {
        if (schema.kind == Kind::map) CAIRN_TRY(key());
        CAIRN_TRY(item(*schema.children.front()));
      }
    }
  }

 private:
  Status count() {
    if (values_left_ == 0) return damaged("it holds more values than bytes");
    --values_left_;
    return {};
  }

  Result<const Schema*> chosen(const Schema& schema) {
    const auto branch = CAIRN_TRY(integer());
    if (branch < 0 || static_cast<uint64_t>(branch) >= schema.children.size())
      return damaged("it names a branch that its union lacks");
    return schema.children[static_cast<size_t>(branch)].get();
  }

  Status skip_bytes(uint64_t length) {
    CAIRN_TRY(take(length));
    return {};
  }

  Status skip_integer() {
    CAIRN_TRY(integer());
    return {};
  }

  Status skip_text() {
    CAIRN_TRY(bytes());
    return {};
  }

  Status skip_items(const Schema& schema) {
    return items(
        schema, [this] { return skip_text(); }, [this](const Schema& item) { return skip(item); });
  }

  Status skip(const Schema& schema) {
    CAIRN_TRY(count());
    switch (schema.kind) {
      case Kind::null:
        break;
      case Kind::boolean:
        return skip_bytes(1);
      case Kind::integer:
        return skip_integer();
      case Kind::real:
        return skip_bytes(schema.width);
      case Kind::bytes:
        return schema.is_fixed ? skip_bytes(schema.fixed) : skip_text();
      case Kind::array:
      case Kind::map:
        return skip_items(schema);
      case Kind::record:
        for (const auto& child : schema.children) CAIRN_TRY(skip(*child));
        break;
      case Kind::choice: {
        const auto* const branch = CAIRN_TRY(chosen(schema));
        return skip(*branch);
      }
    }
    return {};
  }

  std::string_view rest_;
  size_t values_left_;
};

Result<Header> parse_header(Reader& in) {
  const auto magic = CAIRN_TRY(in.take(kMagic.size()));
  if (magic != kMagic) return damaged("it does not begin like one");
  const Schema map{.kind = Kind::map,
                   .children = {std::make_shared<Schema>(Schema{.kind = Kind::bytes})}};
  Value pairs;
  CAIRN_TRY(in.value(map, pairs));
  Header header;
  std::optional<std::string> key;
  CAIRN_TRY(pairs.each([&](const Value& text) -> Status {
    if (!key) {
      key = text.bytes;
      return {};
    }
    header.metadata.emplace(std::move(*key), text.bytes);
    key.reset();
    return {};
  }));
  const auto& schema = header.metadata["avro.schema"];
  if (schema.size() > kSchemaBytesMax) return damaged("its schema is too long");
  const auto parsed = json::parse(schema, nullptr, false);
  if (parsed.is_discarded()) return damaged("its schema is no JSON");
  header.schema = CAIRN_TRY(SchemaParser().parse(parsed, 0));
  return header;
}

Result<std::string> decompressed(const std::string& codec, std::string_view block) {
  if (codec == "deflate") return inflate_raw(block, kBlockBytesMax);
  if (codec == "snappy") {
    if (block.size() < 4) return damaged("a block is cut off");
    return unsnappy(block.substr(0, block.size() - 4), kBlockBytesMax);  // a checksum follows
  }
  return Error{ErrorKind::unimplemented,
               fmt::format("the compression '{}' of Avro files is not supported\nhint: write "
                           "manifests with write.avro.compression-codec=gzip",
                           printable(codec))};
}

}  // namespace

const Value* Value::field(int32_t id, std::string_view name) const {
  if (kind != Kind::record) return nullptr;
  for (size_t i = 0; i < items.size(); ++i) {
    const bool same = schema->ids[i] >= 0 ? schema->ids[i] == id : schema->names[i] == name;
    if (same) return items[i].kind == Kind::null ? nullptr : &items[i];
  }
  return nullptr;
}

Status Value::each(const std::function<Status(const Value&)>& visit) const {
  if (kind != Kind::array && kind != Kind::map) return damaged("a list is something else");
  Reader in(bytes);
  Value item;
  const auto key = [&]() -> Status {
    Value text{.kind = Kind::bytes};
    text.bytes = CAIRN_TRY(in.bytes());
    return visit(text);
  };
  return in.items(*schema, key, [&](const Schema& of) -> Status {
    CAIRN_TRY(in.value(of, item));
    return visit(item);
  });
}

Result<Header> read_header(std::string_view file) {
  Reader in(file);
  return parse_header(in);
}

Result<Header> read(std::string_view file, const std::function<Status(const Value&)>& visit) {
  Reader in(file);
  auto header = CAIRN_TRY(parse_header(in));
  const auto sync = CAIRN_TRY(in.take(kSyncBytes));
  const auto named = header.metadata.find("avro.codec");
  const auto codec = named == header.metadata.end() ? "null" : named->second;
  Value record;
  while (!in.at_end()) {
    const auto records = CAIRN_TRY(in.integer());
    const auto stored = CAIRN_TRY(in.bytes());
    std::string unpacked;
    if (codec != "null") unpacked = CAIRN_TRY(decompressed(codec, stored));
    const auto block = codec == "null" ? stored : std::string_view(unpacked);
    if (records < 0 || static_cast<uint64_t>(records) > block.size())
      return damaged("a block has more records than bytes");
    Reader values(block);
    for (int64_t i = 0; i < records; ++i) {
      CAIRN_TRY(values.value(*header.schema, record));
      CAIRN_TRY(visit(record));
    }
    const auto after = CAIRN_TRY(in.take(kSyncBytes));
    if (!values.at_end() || after != sync) return damaged("a block does not end where it should");
  }
  return header;
}

Writer::Writer(std::string_view schema, std::vector<std::pair<std::string, std::string>> metadata,
               io::Random& random) {
  metadata.emplace_back("avro.schema", schema);
  metadata.emplace_back("avro.codec", "deflate");
  out_ = kMagic;
  append(out_, static_cast<int64_t>(metadata.size()));
  const auto text = [&](std::string_view value) {
    append(out_, static_cast<int64_t>(value.size()));
    out_ += value;
  };
  for (const auto& [key, value] : metadata) {
    text(key);
    text(value);
  }
  append(out_, 0);
  for (int half = 0; half < 2; ++half) {
    uint64_t number = random.next();
    for (int byte = 0; byte < 8; ++byte, number >>= 8) sync_ += static_cast<char>(number & 0xFF);
  }
  out_ += sync_;
}

void Writer::append(std::string& out, int64_t value) {
  auto raw = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  for (; raw >= 0x80; raw >>= 7) out += static_cast<char>((raw & 0x7F) | 0x80);
  out += static_cast<char>(raw);
}

void Writer::bytes(std::string_view value) {
  integer(static_cast<int64_t>(value.size()));
  block_ += value;
}

bool Writer::optional(bool there) {
  integer(there ? 1 : 0);
  return there;
}

void Writer::begin_array(size_t count) {
  if (count > 0) integer(static_cast<int64_t>(count));
}

void Writer::end_record() {
  ++records_;
  if (block_.size() >= kBlockBytes) flush();
}

void Writer::flush() {
  if (records_ == 0 || !status_.ok()) return;
  auto packed = deflate(block_);
  if (!packed.ok()) {
    status_ = std::move(packed).error();
    return;
  }
  append(out_, records_);
  append(out_, static_cast<int64_t>(packed.value().size()));
  out_ += packed.value();
  out_ += sync_;
  block_.clear();
  records_ = 0;
}

Result<std::string> Writer::finish() {
  flush();
  CAIRN_TRY(std::move(status_));
  return std::move(out_);
}

}  // namespace cairn::store::avro

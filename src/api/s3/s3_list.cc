#include "api/s3/s3_list.h"

#include "aws/uri.h"
#include "aws/xml_text.h"
#include "base/base64.h"
#include "base/crypto.h"
#include "base/time.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <vector>

namespace cairn::api {
namespace {

constexpr size_t kKeysMax = 1'000;
/// Behind every key that begins with a text: keys are UTF-8, which has no such byte.
const std::string kBehindAll(8, '\xFF');

struct Page {
  std::vector<io::ObjectInfo> objects{};
  std::vector<std::string> common_prefixes{};
  std::string last{};  ///< key or common prefix that the page ends with
  bool truncated = false;

  size_t size() const { return objects.size() + common_prefixes.size(); }
};

struct Wish {
  std::string prefix{};
  std::string delimiter{};
  std::string after{};
  size_t keys_max = kKeysMax;
};

Error invalid(std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), "InvalidArgument"};
}

/// `prefix…delimiter` of a key, "" when the delimiter is not behind the prefix.
std::string common_prefix(std::string_view key, const Wish& wish) {
  if (wish.delimiter.empty()) return "";
  const auto at = key.find(wish.delimiter, wish.prefix.size());
  return at == key.npos ? "" : std::string(key.substr(0, at + wish.delimiter.size()));
}

Result<Page> read_page(io::ObjectStore& store, const Wish& wish,
                       const std::function<bool(std::string_view)>& visible) {
  Page page;
  auto after = wish.after;
  // A marker that is a common prefix stands for all keys under it.
  if (after.starts_with(wish.prefix) && !after.empty() && common_prefix(after, wish) == after)
    after += kBehindAll;
  if (wish.keys_max == 0) return page;
  for (bool skipped = true; skipped && !page.truncated;) {
    skipped = false;
    CAIRN_TRY(store.list(wish.prefix, after, [&](const io::ObjectInfo& info) {
      if (!visible(info.key)) return true;
      if (page.size() == wish.keys_max) {
        page.truncated = true;
        return false;
      }
      page.last = common_prefix(info.key, wish);
      if (!page.last.empty()) {
        page.common_prefixes.push_back(page.last);
        after = page.last + kBehindAll;  // on behind all that it stands for
        skipped = true;
        return false;
      }
      page.last = info.key;
      page.objects.push_back(info);
      return true;
    }));
  }
  return page;
}

class Writer {
 public:
  explicit Writer(bool encodes) : encodes_(encodes) {
    text_ =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  }

  void plain(std::string_view name, std::string_view text) {
    aws::append_element(text_, name, text);
  }

  void key(std::string_view name, std::string_view text) {
    aws::append_element(text_, name,
                        encodes_ ? aws::uri_encode(text, aws::Slash::keep) : std::string(text));
  }

  void object(const io::ObjectInfo& info, bool owner) {
    text_ += "<Contents>";
    key("Key", info.key);
    const auto seconds = info.modified_us - info.modified_us % kMicrosPerSecond;
    auto time = format_iso8601(seconds);
    time.insert(time.size() - 1, ".000");
    plain("LastModified", time);
    plain("ETag", '"' + etag_of(info) + '"');
    plain("Size", std::to_string(info.size_bytes));
    if (owner) text_ += "<Owner><ID>cairn</ID></Owner>";
    text_ += "<StorageClass>STANDARD</StorageClass></Contents>";
  }

  void prefix(std::string_view text) {
    text_ += "<CommonPrefixes>";
    key("Prefix", text);
    text_ += "</CommonPrefixes>";
  }

  std::string end() && { return std::move(text_) + "</ListBucketResult>"; }

 private:
  const bool encodes_;
  std::string text_;
};

}  // namespace

std::string etag_of(const io::ObjectInfo& info) {
  return to_hex(md5(fmt::format("{}:{}:{}", info.key, info.size_bytes, info.etag))) + "-1";
}

Result<std::string> list_objects(io::ObjectStore& store, const S3Request& asked,
                                 const std::function<bool(std::string_view key)>& visible) {
  const bool second = asked.value("list-type") == "2";
  Wish wish{.prefix = asked.value("prefix"), .delimiter = asked.value("delimiter")};
  const auto wanted = asked.value("max-keys");
  if (!wanted.empty()) {
    size_t number = 0;
    const auto [end, code] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (code != std::errc() || end != wanted.data() + wanted.size())
      return invalid("Provided max-keys not an integer or within integer range");
    wish.keys_max = std::min(number, kKeysMax);
  }
  const auto encoding = asked.value("encoding-type");
  if (!encoding.empty() && encoding != "url")
    return invalid("Invalid Encoding Method specified in Request");
  const auto token = asked.value("continuation-token");
  if (second) {
    wish.after = asked.value("start-after");
    if (!token.empty()) {
      const auto decoded = decode_base64(token);
      if (!decoded) return invalid("The continuation token provided is incorrect");
      wish.after = *decoded;
    }
  } else {
    wish.after = asked.value("marker");
  }
  const auto page = CAIRN_TRY(read_page(store, wish, visible));

  Writer out(encoding == "url");
  out.plain("Name", asked.bucket);
  out.key("Prefix", wish.prefix);
  if (!second) out.key("Marker", asked.value("marker"));
  if (second) {
    out.plain("KeyCount", std::to_string(page.size()));
    if (!token.empty()) out.plain("ContinuationToken", token);
    if (asked.has("start-after")) out.key("StartAfter", asked.value("start-after"));
  }
  out.plain("MaxKeys", std::to_string(wish.keys_max));
  if (!wish.delimiter.empty()) out.key("Delimiter", wish.delimiter);
  if (!encoding.empty()) out.plain("EncodingType", "url");
  out.plain("IsTruncated", page.truncated ? "true" : "false");
  if (page.truncated && second) out.plain("NextContinuationToken", encode_base64(page.last));
  if (page.truncated && !second && !wish.delimiter.empty()) out.key("NextMarker", page.last);
  for (const auto& object : page.objects)
    out.object(object, !second || asked.value("fetch-owner") == "true");
  for (const auto& prefix : page.common_prefixes) out.prefix(prefix);
  return std::move(out).end();
}

}  // namespace cairn::api

#include "api/s3/s3_list.h"

#include "aws/uri.h"
#include "aws/xml_text.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace cairn::api {
namespace {

constexpr size_t kKeysMax = 1'000;
constexpr std::string_view kOwner = "<Owner><ID>cairn</ID></Owner>";
constexpr uint64_t kNumberMax = 2'147'483'647;
/// Behind every key that begins with a text: keys are UTF-8, which has no such byte.
const std::string kBehindAll(8, '\xFF');

struct Entry {
  io::ObjectInfo info{};
  std::string etag{};
};

struct Page {
  std::vector<Entry> objects{};
  std::vector<std::string> common_prefixes{};
  std::string last{};  ///< key or common prefix that the page ends with
  uint64_t read_bytes = 0;
  bool truncated = false;

  size_t size() const { return objects.size() + common_prefixes.size(); }
};

struct Wish {
  std::string prefix{};
  std::string delimiter{};
  std::string after{};
  size_t keys_max = kKeysMax;
  bool url_encoded = false;
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

/// One page in the making.
class Pager {
 public:
  Pager(const Listed& from, const Wish& wish) : from_(from), wish_(wish), after_(wish.after) {}

  Result<Page> read() {
    // A marker that is a common prefix stands for all keys under it.
    if (after_.starts_with(wish_.prefix) && !after_.empty() &&
        common_prefix(after_, wish_) == after_)
      after_ += kBehindAll;
    if (wish_.keys_max == 0) return page_;
    do {
      leaps_ = false;
      CAIRN_TRY(from_.store.list(wish_.prefix, after_,
                                 [&](const io::ObjectInfo& info) { return take(info); }));
    } while (leaps_);
    return std::move(page_);
  }

 private:
  /// False: the listing ends, or goes on behind `after_`.
  bool take(const io::ObjectInfo& info) {
    if (!from_.sight.sees(info.key)) {
      auto behind = from_.sight.behind(info.key);
      return behind == info.key || leap(std::move(behind));
    }
    page_.truncated = page_.size() == wish_.keys_max || page_.read_bytes > kPageReadBytesMax;
    if (page_.truncated) return false;
    page_.last = common_prefix(info.key, wish_);
    if (!page_.last.empty()) {
      page_.common_prefixes.push_back(page_.last);
      return leap(page_.last + kBehindAll);
    }
    page_.last = info.key;
    page_.objects.push_back({info, from_.etags.etag(from_.store, info, page_.read_bytes)});
    return true;
  }

  bool leap(std::string behind) {
    after_ = std::move(behind);
    leaps_ = true;
    return false;
  }

  const Listed& from_;
  const Wish& wish_;
  std::string after_;
  bool leaps_ = false;
  Page page_;
};

class Writer {
 public:
  explicit Writer(bool encodes) : encodes_(encodes) {}

  void plain(std::string_view name, std::string_view text) {
    aws::append_element(text_, name, text);
  }

  void key(std::string_view name, std::string_view text) {
    plain(name, encodes_ ? aws::uri_encode(text, aws::Slash::keep) : std::string(text));
  }

  void object(const Entry& entry, bool owner) {
    text_ += "<Contents>";
    describe(entry, owner);
    text_ += "</Contents>";
  }

  void version(const Entry& entry) {
    text_ += "<Version><VersionId>null</VersionId><IsLatest>true</IsLatest>";
    describe(entry, true);
    text_ += "</Version>";
  }

  void prefix(std::string_view text) {
    text_ += "<CommonPrefixes>";
    key("Prefix", text);
    text_ += "</CommonPrefixes>";
  }

  std::string document(std::string_view root) const { return aws::s3_document(root, text_); }

 private:
  void describe(const Entry& entry, bool owner) {
    key("Key", entry.info.key);
    plain("LastModified", aws::s3_instant(entry.info.modified_us));
    plain("ETag", '"' + entry.etag + '"');
    plain("Size", std::to_string(entry.info.size_bytes));
    if (owner) text_ += kOwner;
    text_ += "<StorageClass>STANDARD</StorageClass>";
  }

  const bool encodes_;
  std::string text_;
};

/// What all listings are told in the same way.
Result<Wish> read_wish(const S3Request& asked) {
  Wish wish{.prefix = asked.value("prefix"), .delimiter = asked.value("delimiter")};
  const auto wanted = asked.value("max-keys");
  if (!wanted.empty()) {
    uint64_t number = 0;
    const auto [end, code] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (code == std::errc::result_out_of_range || number > kNumberMax || wanted.front() == '-')
      return invalid("Argument maxKeys must be an integer between 0 and 2147483647");
    if (code != std::errc() || end != wanted.data() + wanted.size())
      return invalid("Provided max-keys not an integer or within integer range");
    wish.keys_max = std::min<size_t>(number, kKeysMax);
  }
  const auto encoding = asked.value("encoding-type");
  if (!encoding.empty() && encoding != "url")
    return invalid("Invalid Encoding Method specified in Request");
  wish.url_encoded = !encoding.empty();
  return wish;
}

void write_frame(Writer& out, const S3Request& asked, const Wish& wish, const Page& page) {
  out.plain("Name", asked.bucket);
  out.key("Prefix", wish.prefix);
  out.plain("MaxKeys", std::to_string(wish.keys_max));
  if (!wish.delimiter.empty()) out.key("Delimiter", wish.delimiter);
  if (wish.url_encoded) out.plain("EncodingType", "url");
  out.plain("IsTruncated", page.truncated ? "true" : "false");
}

}  // namespace

Result<std::string> list_objects(const Listed& from, const S3Request& asked) {
  const bool second = asked.value("list-type") == "2";
  auto wish = CAIRN_TRY(read_wish(asked));
  const auto token = asked.value("continuation-token");
  wish.after = asked.value(second ? "start-after" : "marker");
  if (second && asked.has("continuation-token")) {
    auto place = from.tokens.open(token);
    if (!place) return invalid("The continuation token provided is incorrect");
    wish.after = std::move(*place);
  }
  const auto page = CAIRN_TRY(Pager(from, wish).read());

  Writer out(wish.url_encoded);
  write_frame(out, asked, wish, page);
  if (second) {
    out.plain("KeyCount", std::to_string(page.size()));
    if (!token.empty()) out.plain("ContinuationToken", token);
    if (asked.has("start-after")) out.key("StartAfter", asked.value("start-after"));
    if (page.truncated) out.plain("NextContinuationToken", from.tokens.seal(page.last));
  } else {
    out.key("Marker", asked.value("marker"));
    if (page.truncated && !wish.delimiter.empty()) out.key("NextMarker", page.last);
  }
  for (const auto& object : page.objects)
    out.object(object, !second || asked.value("fetch-owner") == "true");
  for (const auto& prefix : page.common_prefixes) out.prefix(prefix);
  return out.document("ListBucketResult");
}

Result<std::string> list_versions(const Listed& from, const S3Request& asked) {
  auto wish = CAIRN_TRY(read_wish(asked));
  wish.after = asked.value("key-marker");
  if (wish.after.empty() && !asked.value("version-id-marker").empty())
    return invalid("A version-id marker cannot be specified without a key marker.");
  const auto page = CAIRN_TRY(Pager(from, wish).read());

  Writer out(wish.url_encoded);
  write_frame(out, asked, wish, page);
  out.key("KeyMarker", asked.value("key-marker"));
  out.plain("VersionIdMarker", asked.value("version-id-marker"));
  if (page.truncated) {
    out.key("NextKeyMarker", page.last);
    if (!page.objects.empty() && page.objects.back().info.key == page.last)
      out.plain("NextVersionIdMarker", "null");
  }
  for (const auto& object : page.objects) out.version(object);
  for (const auto& prefix : page.common_prefixes) out.prefix(prefix);
  return out.document("ListVersionsResult");
}

}  // namespace cairn::api

#include "integrity/digest.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <array>
#include <span>

namespace cairn::integrity {
namespace {

void add_name(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  append_json_string(out, name);
  out += ':';
}

void add(std::string& out, std::string_view name, const std::string& value) {
  add_name(out, name);
  append_json_string(out, value);
}

void add(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  add_name(out, name);
  if (value)
    append_json_string(out, *value);
  else
    out += "null";
}

void add(std::string& out, const DigestLogFile& file) {
  out += '{';
  add(out, "s3Bucket", file.bucket);
  add(out, "s3Object", file.object);
  add(out, "hashValue", file.hash);
  add(out, "hashAlgorithm", file.hash_algorithm);
  add(out, "newestEventTime", file.newest_event_time);
  add(out, "oldestEventTime", file.oldest_event_time);
  out += '}';
}

Error corrupt(std::string message) {
  return Error{ErrorKind::corrupt, std::move(message)};
}

/// A field of an object: its name, and where its text goes.
struct Field {
  std::string_view name;
  std::string* text = nullptr;                     ///< may not be null
  std::optional<std::string>* optional = nullptr;  ///< may be null
  bool required = false;
  bool seen = false;
};

Status take(Field& field, std::string_view raw) {
  field.seen = true;
  if (json::is_null(raw) && field.optional != nullptr) {
    field.optional->reset();
    return {};
  }
  if (!json::is_string(raw)) return corrupt(fmt::format("'{}' is not a text", field.name));
  std::string text;
  json::append_unescaped(text, raw);
  if (field.text != nullptr)
    *field.text = std::move(text);
  else
    *field.optional = std::move(text);
  return {};
}

/// Takes the fields of an object; `other` gets the members that are none of them.
template <class Other>
Status take_fields(std::string_view object, std::span<Field> fields, Other&& other) {
  Status status;
  std::string scratch;
  json::for_each_member(object, [&](std::string_view raw_name, std::string_view value) {
    // The scanner gives the name without its quotes, which unescaping wants.
    const auto name = json::string_content({raw_name.data() - 1, raw_name.size() + 2}, scratch);
    for (Field& field : fields)
      if (field.name == name) {
        status = take(field, value);
        return status.ok();
      }
    status = other(name, value);
    return status.ok();
  });
  CAIRN_TRY(std::move(status));
  for (const Field& field : fields)
    if (field.required && !field.seen) return corrupt(fmt::format("'{}' is missing", field.name));
  return {};
}

Result<DigestLogFile> parse_log_file(std::string_view raw) {
  if (!json::is_object(raw)) return corrupt("an element of 'logFiles' is no object");
  DigestLogFile file;
  std::array fields{
      Field{"s3Bucket", &file.bucket, nullptr, true},
      Field{"s3Object", &file.object, nullptr, true},
      Field{"hashValue", &file.hash, nullptr, true},
      Field{"hashAlgorithm", &file.hash_algorithm},
      Field{"newestEventTime", nullptr, &file.newest_event_time},
      Field{"oldestEventTime", nullptr, &file.oldest_event_time},
  };
  CAIRN_TRY(take_fields(raw, fields, [](auto, auto) { return Status(); }));
  return file;
}

Status parse_log_files(std::string_view raw, std::vector<DigestLogFile>& files) {
  files.clear();
  if (json::is_null(raw)) return {};
  if (!json::is_array(raw)) return corrupt("'logFiles' is no array");
  Status status;
  json::for_each_element(raw, [&](std::string_view element) {
    auto file = parse_log_file(element);
    if (!file.ok()) {
      status = std::move(file).error();
      return false;
    }
    files.push_back(std::move(file).value());
    return true;
  });
  return status;
}

/// The one value that the text is. `padded` has the scanner's padding.
Result<std::string_view> whole_value(const std::string& padded, size_t size) {
  const char* const end = padded.data() + size;
  const char* const begin = json::skip_space(padded.data());
  const auto scan = json::scan_value(begin, end);
  if (scan.fault != json::Fault::none)
    return corrupt(fmt::format("its JSON is damaged at byte {}: {}", scan.at - padded.data(),
                               json::describe(scan.fault)));
  if (const char* const rest = json::skip_space(scan.at); rest != end)
    return corrupt(fmt::format("something follows its JSON at byte {}", rest - padded.data()));
  if (*begin != '{') return corrupt("its JSON is no object");
  return std::string_view(begin, static_cast<size_t>(scan.at - begin));
}

}  // namespace

std::string write_digest_json(const Digest& digest) {
  std::string out = "{";
  out.reserve(2'500 + digest.log_files.size() * 450);
  add(out, "awsAccountId", digest.account);
  add(out, "digestStartTime", digest.start_time);
  add(out, "digestEndTime", digest.end_time);
  add(out, "digestS3Bucket", digest.bucket);
  add(out, "digestS3Object", digest.object);
  add(out, "digestPublicKeyFingerprint", digest.fingerprint);
  add(out, "digestSignatureAlgorithm", digest.signature_algorithm);
  add(out, "newestEventTime", digest.newest_event_time);
  add(out, "oldestEventTime", digest.oldest_event_time);
  add(out, "previousDigestS3Bucket", digest.previous_bucket);
  add(out, "previousDigestS3Object", digest.previous_object);
  add(out, "previousDigestHashValue", digest.previous_hash);
  add(out, "previousDigestHashAlgorithm", digest.previous_hash_algorithm);
  add(out, "previousDigestSignature", digest.previous_signature);
  out += ",\"logFiles\":[";
  for (size_t i = 0; i < digest.log_files.size(); ++i) {
    if (i > 0) out += ',';
    add(out, digest.log_files[i]);
  }
  return out + "]}";
}

Result<Digest> parse_digest(std::string_view json) {
  if (json.size() > kDigestBytesMax)
    return Error{ErrorKind::exhausted, fmt::format("it has {} bytes, more than the limit of {}",
                                                   json.size(), kDigestBytesMax)};
  if (!is_valid_utf8(json)) return corrupt("it is not UTF-8");
  const auto padded = json::padded_copy(json);
  const auto object = CAIRN_TRY(whole_value(padded, json.size()));
  Digest digest;
  std::array fields{
      Field{"awsAccountId", &digest.account},
      Field{"digestStartTime", &digest.start_time, nullptr, true},
      Field{"digestEndTime", &digest.end_time, nullptr, true},
      Field{"digestS3Bucket", &digest.bucket, nullptr, true},
      Field{"digestS3Object", &digest.object, nullptr, true},
      Field{"digestPublicKeyFingerprint", &digest.fingerprint, nullptr, true},
      Field{"digestSignatureAlgorithm", &digest.signature_algorithm},
      Field{"newestEventTime", nullptr, &digest.newest_event_time},
      Field{"oldestEventTime", nullptr, &digest.oldest_event_time},
      Field{"previousDigestS3Bucket", nullptr, &digest.previous_bucket},
      Field{"previousDigestS3Object", nullptr, &digest.previous_object},
      Field{"previousDigestHashValue", nullptr, &digest.previous_hash},
      Field{"previousDigestHashAlgorithm", nullptr, &digest.previous_hash_algorithm},
      Field{"previousDigestSignature", nullptr, &digest.previous_signature, true},
  };
  CAIRN_TRY(take_fields(object, fields, [&](std::string_view name, std::string_view value) {
    return name == "logFiles" ? parse_log_files(value, digest.log_files) : Status();
  }));
  return digest;
}

bool is_json_object(std::string_view text) {
  if (text.size() > kDigestBytesMax || !is_valid_utf8(text)) return false;
  const auto padded = json::padded_copy(text);
  return whole_value(padded, text.size()).ok();
}

std::string string_to_sign(const Digest& digest, std::string_view hash_hex) {
  return fmt::format("{}\n{}/{}\n{}\n{}", digest.end_time, digest.bucket, digest.object, hash_hex,
                     digest.previous_signature.value_or("null"));
}

}  // namespace cairn::integrity

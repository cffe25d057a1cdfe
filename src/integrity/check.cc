#include "integrity/check.h"

#include "base/crypto.h"
#include "base/inflate.h"
#include "base/text.h"
#include "integrity/signing_key.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::integrity {
namespace {

constexpr uint64_t kCompressedDigestBytesMax = 32 << 20;

/// The first member, as `zlib.decompress` of Python gives it: cut-off data is none.
Result<std::string> inflate_digest(std::string_view compressed) {
  std::string text;
  const auto end = inflate_member(compressed, [&](std::string_view piece) {
    text += piece;
    return text.size() <= kDigestBytesMax;
  });
  if (text.size() > kDigestBytesMax)
    return Error{ErrorKind::exhausted, fmt::format("it has more than {} bytes", kDigestBytesMax)};
  if (end == MemberEnd::damaged) return Error{ErrorKind::corrupt, "it is no sound gzip file"};
  if (end == MemberEnd::cut_off) return Error{ErrorKind::corrupt, "its gzip data ends early"};
  return text;
}

std::optional<std::string> value_of(const io::ObjectAttributes& attributes, std::string_view name) {
  const auto at = attributes.metadata.find(std::string(name));
  if (at == attributes.metadata.end()) return std::nullopt;
  return at->second;
}

/// A key that no object of the store can have is that of an object which is not there.
bool means_not_found(const Error& error) {
  return error.kind() == ErrorKind::not_found || error.kind() == ErrorKind::invalid_argument;
}

/// The fault of a signature that is not hexadecimal, in Python's words.
std::string hex_fault(std::string_view digits) {
  const bool ascii = std::all_of(digits.begin(), digits.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii) return "string argument should contain only ASCII characters";
  return digits.size() % 2 != 0 ? "Odd-length string" : "Non-hexadecimal digit found";
}

void verify(CheckedDigest& checked, const DigestContext& context) {
  const auto* const key = context.keys->find(checked.digest->fingerprint);
  if (key == nullptr) {
    checked.fault = DigestFault::unknown_key;
  } else if (!key->key) {
    checked.fault = DigestFault::unusable_key;
  } else if (!from_hex(checked.signature)) {
    checked.fault = DigestFault::other;
    checked.detail = hex_fault(checked.signature);
  } else if (!verify_digest(*key->key, *checked.digest, checked.hash, checked.signature)) {
    checked.fault = DigestFault::signature;
  }
}

}  // namespace

Result<LoadedDigest> load_digest(Archive& archive, const std::string& bucket,
                                 const std::string& key) {
  LoadedDigest loaded;
  auto place = archive.locate(bucket, key);
  if (!place.ok()) return std::move(place).error();
  io::ObjectStore& store = *place.value().store;
  const auto bytes = store.get(place.value().key, kCompressedDigestBytesMax);
  if (!bytes.ok()) {
    if (means_not_found(bytes.error())) return loaded;
    if (bytes.error().kind() != ErrorKind::exhausted) return bytes.error();
    loaded.found = true;
    loaded.problem = bytes.error().message();
    return loaded;
  }
  loaded.found = true;
  const auto attributes = store.attributes(place.value().key);
  if (!attributes.ok() && !means_not_found(attributes.error()) &&
      attributes.error().kind() != ErrorKind::corrupt)
    return attributes.error();
  if (attributes.ok()) {
    loaded.signature = value_of(attributes.value(), kSignatureMetadata);
    loaded.signature_algorithm = value_of(attributes.value(), kSignatureAlgorithmMetadata);
    loaded.backfill_time = value_of(attributes.value(), kBackfillMetadata);
  }
  const auto text = inflate_digest(bytes.value());
  if (!text.ok()) {
    loaded.problem = text.error().message();
    return loaded;
  }
  loaded.hash = to_hex(sha256(text.value()));
  auto digest = parse_digest(text.value());
  loaded.is_json = digest.ok() || is_json_object(text.value());
  if (digest.ok())
    loaded.digest = std::move(digest).value();
  else
    loaded.problem = digest.error().message();
  return loaded;
}

CheckedDigest check_digest(LoadedDigest loaded, const DigestContext& context) {
  CheckedDigest checked;
  checked.bucket = context.bucket;
  checked.key = context.key;
  checked.backfill = context.backfill;
  checked.digest = std::move(loaded.digest);
  checked.hash = std::move(loaded.hash);
  checked.detail = std::move(loaded.problem);
  const bool bare = !loaded.signature && !loaded.signature_algorithm;
  if (bare && context.signature_from_next) {
    checked.signature = *context.signature_from_next;
    checked.signature_from_next = true;
  } else {
    checked.signature = loaded.signature.value_or("");
  }
  const bool is_signed =
      checked.signature_from_next || (loaded.signature && loaded.signature_algorithm);
  const bool lacks_time = context.backfill && !loaded.backfill_time && !checked.signature_from_next;
  if (!loaded.found)
    checked.fault = DigestFault::not_found;
  else if (!loaded.is_json)
    checked.fault = DigestFault::format;
  else if (!is_signed)
    checked.fault = DigestFault::signature;
  else if (lacks_time || !checked.digest)
    checked.fault = DigestFault::format;
  else if (checked.digest->bucket != context.bucket || checked.digest->object != context.key)
    checked.fault = DigestFault::moved;
  else
    verify(checked, context);
  if (lacks_time && checked.fault == DigestFault::format && checked.detail.empty())
    checked.detail = "its metadata has no backfill-generation-timestamp";
  return checked;
}

}  // namespace cairn::integrity

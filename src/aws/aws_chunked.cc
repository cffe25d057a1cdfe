#include "aws/aws_chunked.h"

#include "base/base64.h"
#include "base/checksum.h"
#include "base/crypto.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace cairn::aws {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kSignatureField = ";chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";
constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr size_t kChunkHeadMax = 256;
constexpr size_t kTrailerMax = 8192;
constexpr size_t kTrailersMax = 16;
constexpr size_t kSignedChunkMin = 8192;

std::optional<uint64_t> parse_hex(std::string_view text) {
  if (text.empty() || text.size() > 16) return std::nullopt;
  uint64_t number = 0;
  for (const char c : text) {
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return std::nullopt;
    number = number << 4 | static_cast<uint64_t>(digit);
  }
  return number;
}

class Decoder {
 public:
  explicit Decoder(const ChunkedInput& input)
      : input_(input), left_(input.body), previous_(input.seed) {}

  std::variant<ChunkedBody, ChunkedFault> run() {
    if (input_.decoded_length > input_.bytes_max) return ChunkedFault::too_long;
    out_.data.reserve(std::min<uint64_t>(input_.decoded_length, input_.body.size()));
    for (bool last = false; !last;)
      if (const auto fault = take_chunk(last)) return *fault;
    if (out_.data.size() != input_.decoded_length) return ChunkedFault::wrong_length;
    if (const auto fault = take_end()) return *fault;
    return std::move(out_);
  }

 private:
  using Fault = std::optional<ChunkedFault>;

  Fault take_chunk(bool& last) {
    const auto line_end = left_.substr(0, kChunkHeadMax).find(kLineEnd);
    if (line_end == std::string_view::npos)
      return left_.size() < kChunkHeadMax ? ChunkedFault::truncated : ChunkedFault::malformed;
    auto head = left_.substr(0, line_end);
    left_.remove_prefix(line_end + kLineEnd.size());
    std::string_view signature;
    if (input_.form.chunks_signed) {
      const auto field = head.find(kSignatureField);
      if (field == std::string_view::npos) return ChunkedFault::malformed;
      signature = head.substr(field + kSignatureField.size());
      head = head.substr(0, field);
    }
    const auto size = parse_hex(head);
    if (!size) return ChunkedFault::malformed;
    last = *size == 0;
    if (*size > left_.size()) return ChunkedFault::truncated;
    const auto data = left_.substr(0, *size);
    if (const auto fault = check_chunk(data, signature)) return fault;
    left_.remove_prefix(*size);
    if (last) return std::nullopt;
    if (out_.data.size() + *size > input_.decoded_length) return ChunkedFault::wrong_length;
    out_.data += data;
    if (left_.size() < kLineEnd.size()) return ChunkedFault::truncated;
    if (!left_.starts_with(kLineEnd)) return ChunkedFault::malformed;
    left_.remove_prefix(kLineEnd.size());
    return std::nullopt;
  }

  Fault check_chunk(std::string_view data, std::string_view signature) {
    if (!input_.form.chunks_signed) return std::nullopt;
    if (!data.empty() && small_) return ChunkedFault::chunk_too_small;
    small_ = data.size() < kSignedChunkMin;
    auto expected = input_.signer.chunk_signature(previous_, data);
    if (!equal_in_constant_time(expected, signature)) return ChunkedFault::wrong_signature;
    previous_ = std::move(expected);
    return std::nullopt;
  }

  /// What follows the last chunk's line: trailers, or a line end alone.
  Fault take_end() {
    if (!input_.form.has_trailer)
      return left_ == kLineEnd             ? Fault()
             : kLineEnd.starts_with(left_) ? ChunkedFault::truncated
                                           : ChunkedFault::malformed;
    if (left_.size() > kTrailerMax) return ChunkedFault::trailer_malformed;
    std::string lines;
    std::string_view signature;
    while (!left_.empty())
      if (!take_trailer(lines, signature)) return ChunkedFault::trailer_malformed;
    if (!names_as_told()) return ChunkedFault::trailer_malformed;
    if (!input_.form.chunks_signed) return std::nullopt;
    if (!equal_in_constant_time(input_.signer.trailer_signature(previous_, lines), signature))
      return ChunkedFault::wrong_trailer_signature;
    return std::nullopt;
  }

  /// A line `name:value`. Some writers end it with "\n\r\n": empty lines mean nothing.
  bool take_trailer(std::string& lines, std::string_view& signature) {
    const auto end = left_.find('\n');
    if (end == std::string_view::npos) return false;
    auto line = left_.substr(0, end);
    left_.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return true;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    auto name = to_lower(trimmed(line.substr(0, colon)));
    const auto value = trimmed(line.substr(colon + 1));
    if (!signature.empty()) return false;  // it ends the trailers
    if (name == kTrailerSignature) {
      signature = value;
      return input_.form.chunks_signed && !value.empty();
    }
    if (out_.trailers.size() == kTrailersMax) return false;
    lines += fmt::format("{}:{}\n", name, value);
    out_.trailers.push_back({std::move(name), std::string(value)});
    return true;
  }

  /// The trailers are those that x-amz-trailer, which is signed, announced.
  bool names_as_told() const {
    size_t told = 0;
    for (auto rest = input_.trailer_names; !rest.empty();) {
      const auto comma = std::min(rest.find(','), rest.size());
      const auto name = trimmed(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (name.empty()) continue;
      ++told;
      if (std::none_of(out_.trailers.begin(), out_.trailers.end(), [&](const Header& trailer) {
            return equals_ignoring_case(trailer.name, name);
          }))
        return false;
    }
    return told == out_.trailers.size();
  }

  const ChunkedInput& input_;
  std::string_view left_;
  std::string previous_;
  bool small_ = false;  ///< the chunk before was below the minimum, so it has to be the last
  ChunkedBody out_;
};

template <class Word>
std::string big_endian(Word word) {
  std::string bytes;
  for (int shift = std::numeric_limits<Word>::digits - 8; shift >= 0; shift -= 8)
    bytes += static_cast<char>(word >> shift & 0xFF);
  return bytes;
}

}  // namespace

std::optional<ChunkedForm> chunked_form(std::string_view content_hash) {
  if (content_hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
    return ChunkedForm{.chunks_signed = true};
  if (content_hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
    return ChunkedForm{.chunks_signed = true, .has_trailer = true};
  if (content_hash == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return ChunkedForm{.has_trailer = true};
  return std::nullopt;
}

std::string ChunkSigner::chunk_signature(std::string_view previous, std::string_view data) const {
  return signature(signing_key,
                   fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}", scope.date_time,
                               scope.text(), previous, kEmptyHash, to_hex(sha256(data))));
}

std::string ChunkSigner::trailer_signature(std::string_view previous,
                                           std::string_view lines) const {
  return signature(signing_key,
                   fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}", scope.date_time,
                               scope.text(), previous, to_hex(sha256(lines))));
}

std::variant<ChunkedBody, ChunkedFault> decode_aws_chunked(const ChunkedInput& input) {
  return Decoder(input).run();
}

std::optional<bool> checksum_holds(std::string_view name, std::string_view value,
                                   std::string_view data) {
  std::string sum;
  if (name == "x-amz-checksum-crc32")
    sum = big_endian(crc32(data));
  else if (name == "x-amz-checksum-crc32c")
    sum = big_endian(crc32c(data));
  else if (name == "x-amz-checksum-crc64nvme")
    sum = big_endian(crc64_nvme(data));
  else if (name == "x-amz-checksum-sha1")
    sum = sha1(data);
  else if (name == "x-amz-checksum-sha256")
    sum = sha256(data);
  else if (name == "content-md5")
    sum = md5(data);
  else
    return std::nullopt;
  return decode_base64(value) == sum;
}

std::string checksum_title(std::string_view name) {
  constexpr std::string_view kPrefix = "x-amz-checksum-";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  std::string title(name);
  std::transform(title.begin(), title.end(), title.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return title;
}

}  // namespace cairn::aws

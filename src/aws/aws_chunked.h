// The content encoding aws-chunked: bodies whose chunks, and trailers, may be signed one after the
// other. Source: S3 API Reference, "Signature calculations: transferring payload in multiple
// chunks", and "… including trailing headers". Pure.
#pragma once

#include "aws/sigv4.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace cairn::aws {

/// What the word in x-amz-content-sha256 asks for.
struct ChunkedForm {
  bool chunks_signed = false;
  bool has_trailer = false;  ///< and, where chunks are signed, so is the trailer
};

/// nullopt for words that are none of S3's, or that need SigV4A.
std::optional<ChunkedForm> chunked_form(std::string_view content_hash);

/// What chunks are signed with. The texts are borrowed.
struct ChunkSigner {
  std::string_view signing_key;
  const Scope& scope;

  /// Lower-case hex; `previous` is that of the chunk before, first that of the request.
  std::string chunk_signature(std::string_view previous, std::string_view data) const;

  /// `lines`: `name:value\n` for each.
  std::string trailer_signature(std::string_view previous, std::string_view lines) const;
};

enum class ChunkedFault : uint8_t {
  malformed,          ///< not of this encoding
  truncated,          ///< ends within a chunk, or before the last one
  chunk_too_small,    ///< a signed chunk below 8 KiB that is not the last
  too_long,           ///< more than `bytes_max`
  wrong_length,       ///< not of the length that x-amz-decoded-content-length told
  wrong_signature,    ///< of a chunk
  trailer_malformed,  ///< or not the one that x-amz-trailer told
  wrong_trailer_signature,
};

struct ChunkedBody {
  std::string data{};
  Headers trailers{};  ///< names in lower case, without the signature
};

struct ChunkedInput {
  std::string_view body;
  ChunkedForm form{};
  const ChunkSigner& signer;
  std::string_view seed;        ///< the request's signature
  uint64_t decoded_length = 0;  ///< of x-amz-decoded-content-length
  uint64_t bytes_max = 0;
  std::string_view trailer_names{};  ///< x-amz-trailer: a list with commas; "" when not sent
};

std::variant<ChunkedBody, ChunkedFault> decode_aws_chunked(const ChunkedInput& input);

/// Whether `value` is the checksum of `data` that the header `name` ("x-amz-checksum-crc32c")
/// tells, in base64. nullopt: no such checksum is known.
std::optional<bool> checksum_holds(std::string_view name, std::string_view value,
                                   std::string_view data);

/// "CRC32C" of "x-amz-checksum-crc32c", as S3's errors call it.
std::string checksum_title(std::string_view name);

}  // namespace cairn::aws

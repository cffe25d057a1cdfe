// Any bytes as a body in chunks: no crash, nothing longer than was told, no signed chunk taken
// whose signature is not ours.
#include "aws/aws_chunked.h"

#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const aws::Scope scope{.date_time = "20130524T000000Z", .region = "us-east-1", .service = "s3"};
  const aws::ChunkSigner signer{.signing_key = "key", .scope = scope};
  const aws::ChunkedForm form{.chunks_signed = (data[0] & 1) != 0,
                              .has_trailer = (data[0] & 2) != 0};
  const uint64_t length = (data[0] & 4) != 0 ? input.size() / 2 : data[1];
  const auto decoded =
      aws::decode_aws_chunked({.body = input,
                               .form = form,
                               .signer = signer,
                               .seed = std::string_view("seed"),
                               .decoded_length = length,
                               .bytes_max = 1000,
                               .trailer_names = (data[0] & 8) != 0 ? "x-amz-checksum-crc32" : ""});
  const auto* const body = std::get_if<aws::ChunkedBody>(&decoded);
  if (body == nullptr) return 0;
  CAIRN_CHECK(body->data.size() == length && length <= 1000);
  CAIRN_CHECK(body->data.size() <= input.size());
  if (form.chunks_signed) {  // the end has a signature too, which no one can guess
    const auto last = signer.chunk_signature(
        body->data.empty() ? "seed" : signer.chunk_signature("seed", body->data), "");
    CAIRN_CHECK(input.find(last) != std::string_view::npos || body->data.size() > 8192);
  }
  for (const auto& trailer : body->trailers) {
    CAIRN_CHECK(!trailer.name.empty());
    (void)aws::checksum_holds(trailer.name, trailer.value, body->data);
    (void)aws::checksum_title(trailer.name);
  }
  return 0;
}

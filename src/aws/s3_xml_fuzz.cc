// Any bytes as S3's answers: no crash; a page that parses has keys.
#include "aws/s3_xml.h"

#include "aws/errors.h"
#include "base/check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto page = aws::parse_list_page(input); page.ok())
    for (const auto& object : page.value().objects) CAIRN_CHECK(!object.key.empty());
  if (const auto page = aws::parse_upload_page(input); page.ok())
    for (const auto& upload : page.value().uploads)
      CAIRN_CHECK(!upload.key.empty() && !upload.id.empty());
  if (const auto id = aws::parse_upload_id(input); id.ok()) CAIRN_CHECK(!id.value().empty());
  (void)aws::is_complete_upload_result(input);
  (void)aws::parse_error_xml(input);
  (void)aws::parse_error_json(input, {});
  return 0;
}

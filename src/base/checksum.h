// Checksums that find accidents, not forgers: CRCs as S3's flexible checksums use them.
#pragma once

#include <cstdint>
#include <string_view>

namespace cairn {

/// CRC-32 of ISO 3309, as in gzip.
uint32_t crc32(std::string_view bytes);

/// CRC-32C (Castagnoli), RFC 3720 §12.1.
uint32_t crc32c(std::string_view bytes);

/// CRC-64/NVME, NVM Express command set specification §5.2.1.3.
uint64_t crc64_nvme(std::string_view bytes);

}  // namespace cairn

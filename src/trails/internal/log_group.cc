#include "trails/internal/log_group.h"

#include "base/gzip.h"
#include "base/text.h"

#include <fmt/format.h>

#include <vector>

namespace cairn::trails {
namespace {

/// Letters, digits, `-` and `_` stay, all else becomes %XX: any name is one folder's, and none is
/// "..".
std::string folder_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

std::string log_group_folder(std::string_view group_arn) {
  // arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*
  std::vector<std::string_view> parts;
  for (int i = 0; i < 6; ++i) {
    const auto colon = std::min(group_arn.find(':'), group_arn.size());
    parts.push_back(group_arn.substr(0, colon));
    group_arn.remove_prefix(std::min(colon + 1, group_arn.size()));
  }
  if (group_arn.ends_with(":*")) group_arn.remove_suffix(2);
  return fmt::format("{}/{}/{}", folder_name(parts[4]), folder_name(parts[3]),
                     folder_name(group_arn));
}

void LogGroupWriter::add(const EventFacts& facts, std::string_view record) {
  if (record.size() > kLogEventBytesMax) {
    ++too_large_;
    return;
  }
  const auto stream = fmt::format("{}{}{}_CloudTrail_{}", organization_,
                                  organization_.empty() ? "" : "_", facts.account, facts.region);
  lines_ += fmt::format("{{\"timestamp\":{},\"ingestionTime\":{},\"logStreamName\":",
                        facts.time_us / 1000, ingested_us_ / 1000);
  append_json_string(lines_, stream);
  lines_ += ",\"message\":";
  append_json_string(lines_, record);
  lines_ += "}\n";
}

Status LogGroupWriter::write(io::ObjectStore& store, const std::string& key, int gzip_level) const {
  std::string compressed;
  Gzip gzip(gzip_level);
  CAIRN_TRY(gzip.compress(lines_, compressed));
  return store.put(key, compressed);
}

}  // namespace cairn::trails

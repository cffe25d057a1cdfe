#include "ingest/identity.h"

#include "base/json_scan.h"
#include "model/column_reader.h"

#include <xxhash.h>

#include <array>

namespace cairn::ingest {
namespace {

EventKey hash(std::string_view text, uint64_t seed) {
  const XXH128_hash_t made = XXH3_128bits_withSeed(text.data(), text.size(), seed);
  return {made.low64, made.high64};
}

/// Its length in front keeps neighbours apart.
void append(std::string& out, std::string_view part) {
  const auto size = static_cast<uint32_t>(part.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size).append(part);
}

}  // namespace

std::string insight_state(std::string_view insight_details) {
  if (!json::is_object(insight_details)) return {};
  const auto padded = json::padded_copy(insight_details);
  std::string scratch;
  const auto state = json::find_member({padded.data(), insight_details.size()}, "state");
  return std::string(model::varchar_of(state, scratch).value_or(""));
}

EventKey Identity::of(const IdentityParts& parts) const {
  std::string text;
  text.reserve(parts.account.size() + parts.region.size() + parts.event_id.size() + 32);
  append(text, parts.account);
  append(text, parts.region);
  append(text, parts.event_id);
  append(text, parts.insight_state);
  return hash(text, seed_);
}

EventKey Identity::of(std::span<const model::ColumnValue> values, std::string_view patch) const {
  std::string text(1, '\0');  // no text of the other kind begins like this and is as long
  using Kind = model::ColumnValue::Kind;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto& column = model::columns()[i];
    if (column.lake_id == 0 || column.name == "sourceFile" || column.name == "recordNumber")
      continue;
    const auto& value = values[i];
    text += static_cast<char>(value.kind);
    if (value.kind == Kind::text) append(text, value.text);
    if (value.kind == Kind::boolean) text += value.boolean ? '1' : '0';
    if (value.kind == Kind::number) append(text, std::to_string(value.number));
  }
  append(text, patch);
  return hash(text, ~seed_);
}

}  // namespace cairn::ingest

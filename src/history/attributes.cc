#include "history/attributes.h"

#include "base/text.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace cairn::history {
namespace {

constexpr std::string_view kAwsCode = "InvalidLookupAttributesException";

/// In the order of AttributeKey.
constexpr std::array<std::string_view, 8> kNames{
    "EventId",      "EventName",    "ReadOnly",    "Username",
    "ResourceType", "ResourceName", "EventSource", "AccessKeyId",
};

Error invalid_attribute(std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), kAwsCode};
}

/// The value of `member=` at the start of `text`, or nullopt.
std::optional<std::string_view> value_of(std::string_view text, std::string_view member) {
  if (text.size() <= member.size() || text[member.size()] != '=') return std::nullopt;
  if (!equals_ignoring_case(text.substr(0, member.size()), member)) return std::nullopt;
  return text.substr(member.size() + 1);
}

/// The CLI's shorthand; `first` and `second` are its two members in the order looked for.
std::optional<std::pair<std::string_view, std::string_view>> split_pair(std::string_view text,
                                                                        std::string_view first,
                                                                        std::string_view second) {
  const auto rest = value_of(text, first);
  if (!rest) return std::nullopt;
  for (size_t comma = rest->find(','); comma != std::string_view::npos;
       comma = rest->find(',', comma + 1))
    if (const auto value = value_of(rest->substr(comma + 1), second))
      return std::pair(rest->substr(0, comma), *value);
  return std::nullopt;
}

}  // namespace

std::string_view attribute_name(AttributeKey key) {
  return kNames[static_cast<size_t>(key)];
}

Result<Attribute> make_attribute(std::string_view key, std::string_view value) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (!equals_ignoring_case(kNames[i], key)) continue;
    const auto found = static_cast<AttributeKey>(i);
    if (value.empty() || value.size() > kAttributeValueMax)
      return invalid_attribute(
          fmt::format("the value of attribute {} must have 1 to {} bytes, it has {}", kNames[i],
                      kAttributeValueMax, value.size()));
    if (found == AttributeKey::read_only && value != "true" && value != "false")
      return invalid_attribute(
          fmt::format("attribute ReadOnly is 'true' or 'false', not '{}'", printable(value)));
    return Attribute{found, std::string(value)};
  }
  const std::string_view near = nearest_name(key, kNames);
  return invalid_attribute(
      fmt::format("there is no lookup attribute '{}'\nhint: {}", printable(key),
                  near.empty() ? fmt::format("the attributes are {}", fmt::join(kNames, ", "))
                               : fmt::format("did you mean {}?", near)));
}

Result<Attribute> parse_attribute(std::string_view text) {
  auto pair = split_pair(text, "AttributeKey", "AttributeValue");
  if (pair) return make_attribute(pair->first, pair->second);
  pair = split_pair(text, "AttributeValue", "AttributeKey");
  if (pair) return make_attribute(pair->second, pair->first);
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return invalid_attribute(
        fmt::format("'{}' is not a lookup attribute\nhint: write KEY=VALUE, such as "
                    "EventName=RunInstances",
                    printable(text)));
  return make_attribute(text.substr(0, equals), text.substr(equals + 1));
}

}  // namespace cairn::history

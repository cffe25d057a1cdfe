// The lookup attributes of LookupEvents: which there are, and how a person writes them.
// Source: AWS CloudTrail API Reference, LookupAttribute.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::history {

enum class AttributeKey : uint8_t {
  event_id,
  event_name,
  read_only,
  username,
  resource_type,
  resource_name,
  event_source,
  access_key_id,
};

inline constexpr size_t kAttributeValueMax = 2'000;

struct Attribute {
  AttributeKey key = AttributeKey::event_id;
  std::string value{};  ///< compared exactly; 1 to kAttributeValueMax bytes

  bool operator==(const Attribute&) const = default;
};

/// AWS's name: "EventName".
std::string_view attribute_name(AttributeKey key);

/// Checks a key (without regard to case) and its value. Fails with `invalid_argument` and
/// InvalidLookupAttributesException, naming the nearest key.
Result<Attribute> make_attribute(std::string_view key, std::string_view value);

/// `EventName=RunInstances`, or as the AWS CLI writes it:
/// `AttributeKey=EventName,AttributeValue=RunInstances` (in either order). Fails as make_attribute.
Result<Attribute> parse_attribute(std::string_view text);

}  // namespace cairn::history

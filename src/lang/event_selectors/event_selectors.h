// Event selectors: which events a trail (or an event data store) keeps. Basic and advanced ones are
// checked by AWS's rules and become one Predicate. Source of the rules: CloudTrail User Guide,
// "Logging data events"; API reference, PutEventSelectors and AdvancedFieldSelector.
#pragma once

#include "base/result.h"
#include "lang/predicate.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::lang::event_selectors {

inline constexpr size_t kSelectorsMax = 5;        ///< basic ones of a trail
inline constexpr size_t kDataResourcesMax = 250;  ///< values over all basic selectors of a trail
inline constexpr size_t kConditionsMax = 500;     ///< values over all advanced selectors
inline constexpr size_t kValueCharactersMax = 2048;

enum class ReadWrite : uint8_t { all, read_only, write_only };

struct DataResource {
  std::string type{};                 ///< "AWS::S3::Object"
  std::vector<std::string> values{};  ///< "arn:aws:s3:::bucket/prefix"

  bool operator==(const DataResource&) const = default;
};

struct EventSelector {
  ReadWrite read_write = ReadWrite::all;
  bool management_events = true;
  std::vector<DataResource> data_resources{};
  std::vector<std::string> excluded_management_sources{};  ///< "kms.amazonaws.com"

  bool operator==(const EventSelector&) const = default;
};

struct FieldSelector {
  std::string field{};
  std::vector<std::string> equals{};
  std::vector<std::string> starts_with{};
  std::vector<std::string> ends_with{};
  std::vector<std::string> not_equals{};
  std::vector<std::string> not_starts_with{};
  std::vector<std::string> not_ends_with{};

  bool operator==(const FieldSelector&) const = default;
};

struct AdvancedEventSelector {
  std::string name{};
  std::vector<FieldSelector> fields{};

  bool operator==(const AdvancedEventSelector&) const = default;
};

/// What the selectors are of.
enum class Owner : uint8_t { trail, event_data_store };

/// Basic or advanced ones, never both.
struct Selectors {
  std::vector<EventSelector> basic{};
  std::vector<AdvancedEventSelector> advanced{};

  bool operator==(const Selectors&) const = default;
};

/// What a trail has that was never told: all management events.
Selectors default_selectors();

/// `invalid_argument` with InvalidEventSelectorsException, in AWS's words where they are known.
Status check(const Selectors& selectors, Owner owner);

/// Which records they select. Of selectors that check() refuses it means something, too, but nobody
/// should care what.
Predicate compile(const Selectors& selectors);

/// Management, Data, NetworkActivity, Insight or another eventCategory. Records of old versions
/// have none; it is then told by their other fields, as query::kCategorySql does.
Predicate category_is(std::string_view category);

/// A text to keep them by, and back: JSON in our own words. Fails with `corrupt`.
std::string to_json(const Selectors& selectors);
Result<Selectors> from_json(std::string_view text);

}  // namespace cairn::lang::event_selectors

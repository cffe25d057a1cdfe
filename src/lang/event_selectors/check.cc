#include "lang/event_selectors/event_selectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace cairn::lang::event_selectors {
namespace {

constexpr std::string_view kCode = "InvalidEventSelectorsException";

Error refused(std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), kCode};
}

// ---- basic ----

struct DataType {
  std::string_view type;
  std::string_view service;
};

constexpr std::array kDataTypes{DataType{"AWS::S3::Object", "s3"},
                                DataType{"AWS::Lambda::Function", "lambda"},
                                DataType{"AWS::DynamoDB::Table", "dynamodb"}};
constexpr std::array<std::string_view, 3> kPartitions{"aws", "aws-cn", "aws-us-gov"};

bool bucket_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

/// What follows `arn:PARTITION:SERVICE`: nothing for all of the service.
bool data_value_fits(std::string_view type, std::string_view rest) {
  if (rest.empty()) return true;
  if (type == "AWS::S3::Object") {
    if (rest == ":::") return true;
    if (!rest.starts_with(":::")) return false;
    const auto slash = rest.find('/');
    if (slash == rest.npos || slash < 6) return false;
    const auto bucket = rest.substr(3, slash - 3);
    return std::all_of(bucket.begin(), bucket.end(), bucket_character);
  }
  // :REGION:ACCOUNT:function:NAME, :REGION:ACCOUNT:table/NAME
  const auto region_end = rest.find(':', 1);
  const auto account_end = region_end == rest.npos ? rest.npos : rest.find(':', region_end + 1);
  if (account_end == rest.npos || account_end - region_end != 13 || rest.find('*') != rest.npos)
    return false;
  const std::string_view kind = type == "AWS::Lambda::Function" ? "function:" : "table/";
  const auto name = rest.substr(account_end + 1);
  return name.starts_with(kind) && name.size() > kind.size();
}

bool data_value_valid(const DataType& type, std::string_view value) {
  return std::any_of(kPartitions.begin(), kPartitions.end(), [&](std::string_view partition) {
    const auto head = fmt::format("arn:{}:{}", partition, type.service);
    return value.starts_with(head) && data_value_fits(type.type, value.substr(head.size()));
  });
}

Status check_data_resource(const DataResource& resource) {
  const auto* const type =
      std::find_if(kDataTypes.begin(), kDataTypes.end(),
                   [&](const DataType& one) { return one.type == resource.type; });
  if (type == kDataTypes.end())
    return refused(fmt::format("Value {} for DataResources.Type is invalid.", resource.type));
  for (const auto& value : resource.values)
    if (!data_value_valid(*type, value))
      return refused(fmt::format("Value {} for DataResources.Values is invalid.", value));
  return {};
}

Status check_basic(const std::vector<EventSelector>& selectors) {
  if (selectors.size() > kSelectorsMax)
    return refused(
        fmt::format("A trail can have at most {} event selectors. Specified number of event "
                    "selectors: {}.",
                    kSelectorsMax, selectors.size()));
  size_t values = 0;
  for (const auto& selector : selectors) {
    for (const auto& source : selector.excluded_management_sources)
      if (source != "kms.amazonaws.com" && source != "rdsdata.amazonaws.com")
        return refused("Event selector ExcludeManagementEventSources is not valid");
    if (!selector.management_events && !selector.excluded_management_sources.empty())
      return refused(
          "ExcludeManagementEventSources can be specified only when IncludeManagementEvents is "
          "true.");
    for (const auto& resource : selector.data_resources) {
      CAIRN_TRY(check_data_resource(resource));
      values += resource.values.size();
    }
  }
  if (values > kDataResourcesMax)
    return refused(
        fmt::format("A trail can have at most {} data resources across all event selectors. "
                    "Specified number of data resources: {}.",
                    kDataResourcesMax, values));
  return {};
}

// ---- advanced ----

/// Categories of events, as bits.
constexpr uint8_t kManagement = 1;
constexpr uint8_t kData = 2;
constexpr uint8_t kNetwork = 4;
constexpr uint8_t kStoreOnly = 8;  ///< Insight, ActivityAuditLog, ConfigurationItem, Evidence

struct FieldRule {
  std::string_view name;
  uint8_t categories;
  std::string_view operators;  ///< "any", "Equals", "Equals NotEquals"
  bool one_value = false;
  /// Allowed values, separated by a blank; empty: all.
  std::string_view values{};
};

constexpr std::array kFields{
    FieldRule{"eventCategory", kManagement | kData | kNetwork | kStoreOnly, "Equals", true},
    FieldRule{"readOnly", kManagement | kData, "Equals", false, "true false"},
    FieldRule{"eventSource", kManagement | kData, "any"},
    FieldRule{"eventSource", kNetwork, "Equals"},
    FieldRule{"eventName", kManagement | kData | kNetwork, "any"},
    FieldRule{"resources.type", kData, "Equals", true},
    FieldRule{"resources.ARN", kData, "any"},
    FieldRule{"eventType", kManagement | kData, "any"},
    FieldRule{"userIdentity.arn", kManagement | kData, "any"},
    FieldRule{"sessionCredentialFromConsole", kManagement | kData, "Equals NotEquals", false,
              "true"},
    FieldRule{"errorCode", kNetwork, "Equals", false, "VpceAccessDenied"},
    FieldRule{"vpcEndpointId", kNetwork, "any"}};

struct CategoryName {
  std::string_view name;
  uint8_t category;
};

constexpr std::array kCategories{
    CategoryName{"Management", kManagement},      CategoryName{"Data", kData},
    CategoryName{"NetworkActivity", kNetwork},    CategoryName{"Insight", kStoreOnly},
    CategoryName{"ActivityAuditLog", kStoreOnly}, CategoryName{"ConfigurationItem", kStoreOnly},
    CategoryName{"Evidence", kStoreOnly}};

struct Operator {
  std::string_view name;
  const std::vector<std::string> FieldSelector::*values;
};

constexpr std::array kOperators{Operator{"Equals", &FieldSelector::equals},
                                Operator{"StartsWith", &FieldSelector::starts_with},
                                Operator{"EndsWith", &FieldSelector::ends_with},
                                Operator{"NotEquals", &FieldSelector::not_equals},
                                Operator{"NotStartsWith", &FieldSelector::not_starts_with},
                                Operator{"NotEndsWith", &FieldSelector::not_ends_with}};

bool among(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

const FieldSelector* find_field(const AdvancedEventSelector& selector, std::string_view name) {
  for (const auto& field : selector.fields)
    if (field.field == name) return &field;
  return nullptr;
}

Result<uint8_t> category_of(const AdvancedEventSelector& selector, Owner owner) {
  const auto* const field = find_field(selector, "eventCategory");
  if (field == nullptr)
    return refused(
        fmt::format("Advanced event selector '{}' has no field selector for eventCategory, which "
                    "is required.",
                    selector.name));
  const auto value = field->equals.empty() ? std::string_view() : field->equals.front();
  for (const auto& one : kCategories)
    if (one.name == value && (owner == Owner::event_data_store || one.category != kStoreOnly))
      return one.category;
  return refused(fmt::format("Value {} for the field eventCategory is invalid.", value));
}

size_t count_values(const FieldSelector& field) {
  size_t count = 0;
  for (const auto& one : kOperators) count += (field.*one.values).size();
  return count;
}

Status check_field(const FieldSelector& field, uint8_t category) {
  const FieldRule* rule = nullptr;
  bool known = false;
  for (const auto& one : kFields) {
    if (one.name != field.field) continue;
    known = true;
    if ((one.categories & category) != 0) rule = &one;
  }
  if (!known) return refused(fmt::format("The field {} is not valid.", field.field));
  if (rule == nullptr)
    return refused(
        fmt::format("The field {} cannot be used with this eventCategory.", field.field));
  if (count_values(field) == 0)
    return refused(fmt::format("The field selector for {} has no operator; it needs at least one.",
                               field.field));
  for (const auto& one : kOperators) {
    const auto& values = field.*one.values;
    if (values.empty()) continue;
    if (rule->operators != "any" && !among(rule->operators, one.name))
      return refused(
          fmt::format("The operator {} cannot be used with the field {}.", one.name, field.field));
    if (rule->one_value && values.size() != 1)
      return refused(fmt::format("The field {} takes exactly one value.", field.field));
    for (const auto& value : values) {
      if (value.empty() || value.size() > 4 * kValueCharactersMax)
        return refused(fmt::format("A value of the field {} is not 1 to {} characters long.",
                                   field.field, kValueCharactersMax));
      if (!rule->values.empty() && !among(rule->values, value))
        return refused(fmt::format("Value {} for the field {} is invalid.", value, field.field));
    }
  }
  return {};
}

/// Equals and NotEquals name whole ARNs, so these must be ones of the type.
Status check_arns(const AdvancedEventSelector& selector) {
  const auto* const type = find_field(selector, "resources.type");
  if (type == nullptr)
    return refused(
        fmt::format("Advanced event selector '{}' has no field selector for resources.type, which "
                    "is required for data events.",
                    selector.name));
  const auto& name = type->equals.front();
  if (!name.starts_with("AWS::") || name.find("::", 5) == name.npos)
    return refused(fmt::format("Value {} for the field resources.type is invalid.", name));
  const auto* const arns = find_field(selector, "resources.ARN");
  if (arns == nullptr) return {};
  for (const auto* values : {&arns->equals, &arns->not_equals}) {
    for (const auto& value : *values) {
      const auto slash = value.find('/');
      const bool object =
          name != "AWS::S3::Object" || (value.find(":s3:::") < slash && slash != value.npos);
      if (!value.starts_with("arn:") || !object)
        return refused(fmt::format("Value {} for the field resources.ARN is invalid.", value));
    }
  }
  return {};
}

Status check_advanced(const std::vector<AdvancedEventSelector>& selectors, Owner owner) {
  size_t conditions = 0;
  for (const auto& selector : selectors) {
    std::set<std::string_view> names;
    for (const auto& field : selector.fields) {
      if (!names.insert(field.field).second)
        return refused(
            fmt::format("The field {} occurs more than once in advanced event selector "
                        "'{}'.",
                        field.field, selector.name));
      conditions += count_values(field);
    }
    const auto category = CAIRN_TRY(category_of(selector, owner));
    for (const auto& field : selector.fields) CAIRN_TRY(check_field(field, category));
    if (category == kData) CAIRN_TRY(check_arns(selector));
    if (category == kNetwork && find_field(selector, "eventSource") == nullptr)
      return refused(
          fmt::format("Advanced event selector '{}' has no field selector for eventSource, which "
                      "is required for network activity events.",
                      selector.name));
  }
  if (conditions > kConditionsMax)
    return refused(
        fmt::format("At most {} values are allowed across all conditions of all advanced event "
                    "selectors. Specified number of values: {}.",
                    kConditionsMax, conditions));
  return {};
}

}  // namespace

Status check(const Selectors& selectors, Owner owner) {
  if (!selectors.basic.empty() && !selectors.advanced.empty())
    return refused("EventSelectors and AdvancedEventSelectors cannot be specified together.");
  if (selectors.basic.empty() && selectors.advanced.empty())
    return refused("At least one event selector is required.");
  if (!selectors.basic.empty() && owner == Owner::event_data_store)
    return refused("An event data store takes advanced event selectors only.");
  CAIRN_TRY(check_basic(selectors.basic));
  return check_advanced(selectors.advanced, owner);
}

}  // namespace cairn::lang::event_selectors

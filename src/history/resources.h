// Which resources an event is about, as LookupEvents lists them: those that the record names itself
// and those that well-known parameters of the request and the answer identify.
// Sources: AWS CloudTrail User Guide ("Viewing recent management events with the AWS CLI"), and
// recorded answers of LookupEvents. AWS does not publish its rules; these follow what it gives.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::history {

struct Resource {
  std::string type{};  ///< "AWS::S3::Bucket"; may be empty
  std::string name{};  ///< a short name, an id or an ARN, as the record has it

  bool operator==(const Resource&) const = default;
};

/// A record's list ends here; what names more is broken or hostile.
inline constexpr size_t kResourcesMax = 1'000;

enum class ResourceRules : uint8_t {
  every_event,
  as_aws,  ///< parameters count for events that change something only, as in Event history
};

/// The resources of `record` (valid JSON of one CloudTrail record), each once, in the order found.
std::vector<Resource> resources_of(std::string_view record, ResourceRules rules);

/// Whether `wanted`, a name or an ARN, means the resource called `name` in an event of `account`:
/// AWS lists some resources by ARN and others by short name, so each is matched by both of its
/// forms.
bool same_resource(std::string_view wanted, std::string_view name, std::string_view account);

/// The part of a name or an ARN behind its last '/' or ':'.
std::string_view short_name(std::string_view name);

/// Parameter names that identify resources of `type`.
std::vector<std::string_view> parameters_naming(std::string_view type);

}  // namespace cairn::history

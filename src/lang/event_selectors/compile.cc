#include "lang/event_selectors/event_selectors.h"

namespace cairn::lang::event_selectors {
namespace {

constexpr std::string_view kObject = "AWS::S3::Object";

/// Data events of records without managementEvent, by their names.
Predicate old_data_event() {
  return any_of(
      {all_of({equals("eventSource", {"s3.amazonaws.com"}),
               equals("eventName", {"AbortMultipartUpload",
                                    "CompleteMultipartUpload",
                                    "CopyObject",
                                    "CreateMultipartUpload",
                                    "DeleteObject",
                                    "DeleteObjectTagging",
                                    "DeleteObjects",
                                    "GetObject",
                                    "GetObjectAcl",
                                    "GetObjectTagging",
                                    "GetObjectTorrent",
                                    "HeadObject",
                                    "ListObjects",
                                    "ListParts",
                                    "PutObject",
                                    "PutObjectAcl",
                                    "PutObjectTagging",
                                    "RestoreObject",
                                    "SelectObjectContent",
                                    "UploadPart",
                                    "UploadPartCopy"})}),
       all_of({equals("eventSource", {"lambda.amazonaws.com"}), equals("eventName", {"Invoke"})})});
}

/// Of a record without eventCategory.
Predicate old_category_is(std::string_view category) {
  auto insight = equals("eventType", {"AwsCloudTrailInsight"});
  auto network = equals("eventType", {"AwsVpceEvents", "AwsVpceEvent"});
  if (category == "Insight") return insight;
  if (category == "NetworkActivity") return network;
  const bool management = category == "Management";
  if (!management && category != "Data") return any_of({});
  auto unnamed = negation_of(exists("managementEvent"));
  auto by_name = management ? negation_of(old_data_event()) : old_data_event();
  return all_of({negation_of(any_of({std::move(insight), std::move(network)})),
                 any_of({equals("managementEvent", {management ? "true" : "false"}),
                         all_of({std::move(unnamed), std::move(by_name)})})});
}

/// The ARN of a resource, or the prefix that calls like ListObjects tell instead.
Predicate resource_arn(Predicate::Kind kind, const std::vector<std::string>& values) {
  std::vector<Predicate> either;
  for (const auto* path : {"resources[].ARN", "resources[].ARNPrefix"})
    either.push_back({.kind = kind, .path = field_path(path), .values = values});
  return any_of(std::move(either));
}

Predicate read_write_is(ReadWrite wanted) {
  if (wanted == ReadWrite::all) return all_of({});
  // Service events may have no readOnly: they change something.
  auto reads = equals("readOnly", {"true"});
  return wanted == ReadWrite::read_only ? reads : negation_of(std::move(reads));
}

Predicate data_resource(const DataResource& resource) {
  std::vector<std::string> prefixes;
  std::vector<std::string> whole;
  for (const auto& value : resource.values) {
    const bool service_wide = value.find(':', value.find(':', 4) + 1) == value.npos;
    if (resource.type == kObject || service_wide) {
      prefixes.push_back(value);
      continue;
    }
    whole.push_back(value);
    // A version or alias of the function; an index, stream or export of the table.
    prefixes.push_back(value + (resource.type == "AWS::Lambda::Function" ? ":" : "/"));
  }
  return all_of({equals("resources[].type", {resource.type}),
                 any_of({resource_arn(Predicate::Kind::equals, whole),
                         resource_arn(Predicate::Kind::starts_with, prefixes)})});
}

Predicate basic(const EventSelector& selector) {
  std::vector<Predicate> either;
  if (selector.management_events)
    either.push_back(
        all_of({category_is("Management"),
                negation_of(equals("eventSource", selector.excluded_management_sources))}));
  for (const auto& resource : selector.data_resources)
    either.push_back(all_of({category_is("Data"), data_resource(resource)}));
  return all_of({read_write_is(selector.read_write), any_of(std::move(either))});
}

Predicate one_test(const FieldSelector& selector, Predicate::Kind kind,
                   const std::vector<std::string>& values) {
  if (selector.field == "resources.ARN") return resource_arn(kind, values);
  std::string path = selector.field;
  if (path.starts_with("resources.")) path.insert(9, "[]");
  return {.kind = kind, .path = field_path(path), .values = values};
}

/// readOnly and eventCategory have values that records need not spell out.
Predicate derived_test(const FieldSelector& selector, const std::vector<std::string>& values) {
  std::vector<Predicate> either;
  for (const auto& value : values)
    either.push_back(selector.field == "eventCategory" ? category_is(value)
                     : value == "true"                 ? equals("readOnly", {"true"})
                                                       : negation_of(equals("readOnly", {"true"})));
  return any_of(std::move(either));
}

Predicate field(const FieldSelector& selector) {
  const bool derived = selector.field == "eventCategory" || selector.field == "readOnly";
  using Kind = Predicate::Kind;
  std::vector<Predicate> positive;
  std::vector<Predicate> negative;
  const auto add = [&](std::vector<Predicate>& to, Kind kind,
                       const std::vector<std::string>& values) {
    if (values.empty()) return;
    to.push_back(derived && kind == Kind::equals ? derived_test(selector, values)
                                                 : one_test(selector, kind, values));
  };
  add(positive, Kind::equals, selector.equals);
  add(positive, Kind::starts_with, selector.starts_with);
  add(positive, Kind::ends_with, selector.ends_with);
  add(negative, Kind::equals, selector.not_equals);
  add(negative, Kind::starts_with, selector.not_starts_with);
  add(negative, Kind::ends_with, selector.not_ends_with);
  std::vector<Predicate> both;
  if (!positive.empty()) both.push_back(any_of(std::move(positive)));
  if (!negative.empty()) both.push_back(negation_of(any_of(std::move(negative))));
  return all_of(std::move(both));
}

}  // namespace

Selectors default_selectors() {
  Selectors out;
  out.basic.emplace_back();
  return out;
}

Predicate category_is(std::string_view category) {
  return any_of({equals("eventCategory", {std::string(category)}),
                 all_of({negation_of(exists("eventCategory")), old_category_is(category)})});
}

Predicate compile(const Selectors& selectors) {
  std::vector<Predicate> either;
  for (const auto& selector : selectors.basic) either.push_back(basic(selector));
  for (const auto& selector : selectors.advanced) {
    std::vector<Predicate> fields;
    for (const auto& one : selector.fields) fields.push_back(field(one));
    either.push_back(all_of(std::move(fields)));
  }
  return any_of(std::move(either));
}

}  // namespace cairn::lang::event_selectors

#include "history/resources.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "history/internal/resource_rules.h"

#include <algorithm>

namespace cairn::history {
namespace {

constexpr int kNestingMax = 64;  ///< parameters nested deeper name no resources

bool is_arn(std::string_view text) {
  return text.starts_with("arn:");
}

/// Member `index` of an ARN: 1 partition, 2 service, 3 region, 4 account, 5 all the rest.
std::string_view arn_part(std::string_view arn, int index) {
  for (int i = 0; i < index; ++i) {
    const size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return index == 5 ? arn : arn.substr(0, arn.find(':'));
}

/// A type for what older records name by ARN alone.
std::string_view type_of_arn(std::string_view arn) {
  const std::string_view service = arn_part(arn, 2);
  const std::string_view rest = arn_part(arn, 5);
  if (service == "s3")
    return rest.find('/') == std::string_view::npos ? "AWS::S3::Bucket" : "AWS::S3::Object";
  for (const ArnRule& rule : kArnRules)
    if (rule.service == service && rest.starts_with(rule.prefix)) return rule.type;
  return {};
}

class Collector {
 public:
  Collector(std::string_view source, std::vector<Resource>& out) : source_(source), out_(out) {}

  void add(std::string_view type, std::string_view name) {
    if (name.empty() || out_.size() >= kResourcesMax) return;
    const bool known = std::any_of(out_.begin(), out_.end(), [&](const Resource& r) {
      return r.name == name && r.type == type;
    });
    if (!known) out_.push_back({std::string(type), std::string(name)});
  }

  /// `resources` of the record itself.
  void add_listed(std::string_view list) {
    if (!json::is_array(list)) return;
    json::for_each_element(list, [&](std::string_view item) {
      if (!json::is_object(item)) return true;
      std::string arn_scratch;
      std::string type_scratch;
      std::string_view arn = member_text(item, "ARN", arn_scratch);
      if (arn.empty()) arn = member_text(item, "arn", arn_scratch);
      if (arn.empty()) arn = member_text(item, "ARNPrefix", arn_scratch);
      std::string_view type = member_text(item, "type", type_scratch);
      if (type.empty()) type = type_of_arn(arn);
      add(type, listed_name(type, arn));
      return true;
    });
  }

  /// Every value below `value` whose parameter name a rule knows.
  void add_parameters(std::string_view value, std::string_view key, int depth) {
    if (depth > kNestingMax) return;
    if (json::is_object(value)) {
      json::for_each_member(value, [&](std::string_view name, std::string_view child) {
        add_parameters(child, name, depth + 1);
        return true;
      });
    } else if (json::is_array(value)) {
      json::for_each_element(value, [&](std::string_view child) {
        add_parameters(child, key, depth + 1);
        return true;
      });
    } else if (json::is_string(value)) {
      add_named(key, value, depth);
    }
  }

 private:
  static std::string_view member_text(std::string_view object, std::string_view key,
                                      std::string& scratch) {
    const std::string_view raw = json::find_member(object, key);
    return json::is_string(raw) ? json::string_content(raw, scratch) : std::string_view{};
  }

  /// AWS lists keys, topics and roles that were assumed by ARN, the others by their short name.
  std::string_view listed_name(std::string_view type, std::string_view arn) const {
    if (!is_arn(arn)) return arn;
    const bool by_arn = type.starts_with("AWS::KMS::") || type.starts_with("AWS::SNS::") ||
                        type.starts_with("AWS::STS::") || source_ == "sts.amazonaws.com";
    if (by_arn) return arn;
    if (type == "AWS::S3::Object") return arn_part(arn, 5);
    return short_name(arn);
  }

  void add_named(std::string_view key, std::string_view raw, int depth) {
    std::string scratch;
    for (const ParameterRule& rule : kParameterRules) {
      if (!equals_ignoring_case(rule.parameter, key)) continue;
      if (!rule.service.empty() && !is_service(rule.service)) continue;
      if (rule.top_level && depth != 1) continue;
      const std::string_view name = json::string_content(raw, scratch);
      if (!rule.prefix.empty() && !name.starts_with(rule.prefix)) continue;
      add(rule.type, name);
      return;
    }
  }

  bool is_service(std::string_view service) const {
    return source_.size() > service.size() && source_.starts_with(service) &&
           source_[service.size()] == '.';
  }

  std::string_view source_;
  std::vector<Resource>& out_;
};

}  // namespace

std::vector<Resource> resources_of(std::string_view record, ResourceRules rules) {
  std::vector<Resource> found;
  const std::string padded = json::padded_copy(record);
  const std::string_view text(padded.data(), record.size());
  if (!json::is_object(text)) return found;
  std::string_view source;
  std::string_view listed;
  std::string_view request;
  std::string_view answer;
  bool reads = false;
  json::for_each_member(text, [&](std::string_view key, std::string_view value) {
    if (key == "eventSource") source = value;
    if (key == "resources") listed = value;
    if (key == "requestParameters") request = value;
    if (key == "responseElements") answer = value;
    if (key == "readOnly") reads = value == "true" || value == "\"true\"";
    return true;
  });
  std::string scratch;
  Collector collector(json::is_string(source) ? json::string_content(source, scratch) : "", found);
  collector.add_listed(listed);
  if (rules == ResourceRules::as_aws && reads) return found;
  collector.add_parameters(request, "", 0);
  collector.add_parameters(answer, "", 0);
  return found;
}

std::string_view short_name(std::string_view name) {
  const size_t cut = name.find_last_of("/:");
  return cut == std::string_view::npos ? name : name.substr(cut + 1);
}

bool same_resource(std::string_view wanted, std::string_view name, std::string_view account) {
  if (wanted == name) return true;
  if (is_arn(wanted) && is_arn(name)) return false;
  const std::string_view arn = is_arn(wanted) ? wanted : name;
  const std::string_view plain = is_arn(wanted) ? name : wanted;
  if (!is_arn(arn)) return false;
  const std::string_view owner = arn_part(arn, 4);
  if (is_arn(wanted) && !owner.empty() && !account.empty() && owner != account) return false;
  return plain == arn_part(arn, 5) || plain == short_name(arn);
}

std::vector<std::string_view> parameters_naming(std::string_view type) {
  std::vector<std::string_view> names;
  for (const ParameterRule& rule : kParameterRules)
    if (rule.type == type) names.push_back(rule.parameter);
  return names;
}

}  // namespace cairn::history

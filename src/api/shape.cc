#include "api/shape.h"

#include "api/internal/notation.h"
#include "base/text.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace cairn::api {

// The compiled form of a shape's pattern: linear in the text, whatever the text.
class Pattern {
 public:
  explicit Pattern(const std::string& text) : expression_(text, RE2::Quiet) {}

  bool ok() const { return expression_.ok(); }

  bool fits(std::string_view text) const {
    return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), expression_);
  }

 private:
  RE2 expression_;
};

std::shared_ptr<const Pattern> internal::compile_pattern(const std::string& text) {
  auto made = std::make_shared<const Pattern>(text);
  return made->ok() ? made : nullptr;
}

bool OperationShape::documents(std::string_view error) const {
  return std::find(errors.begin(), errors.end(), error) != errors.end();
}

const OperationShape* ServiceModel::find(std::string_view operation) const {
  const auto at = operations_.find(operation);
  return at == operations_.end() ? nullptr : &at->second;
}

namespace {

constexpr size_t kMisfitsMax = 20;
constexpr size_t kShownMax = 200;  // of a value in a message

std::string_view type_name(const Json& value) {
  if (value.is_string()) return "STRING_VALUE";
  if (value.is_number_integer()) return "NUMBER_VALUE";
  if (value.is_number()) return "DECIMAL_VALUE";
  if (value.is_boolean()) return value.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE";
  if (value.is_array()) return "START_ARRAY";
  return "START_OBJECT";
}

std::string_view kind_name(Shape::Kind kind) {
  switch (kind) {
    case Shape::Kind::string:
      return "String";
    case Shape::Kind::integer:
      return "Integer";
    case Shape::Kind::number:
      return "Double";
    case Shape::Kind::boolean:
      return "Boolean";
    case Shape::Kind::timestamp:
      return "Timestamp";
    case Shape::Kind::blob:
      return "Blob";
    case Shape::Kind::list:
      return "List";
    case Shape::Kind::map:
      return "Map";
    case Shape::Kind::structure:
      return "Structure";
  }
  return "";
}

bool has_kind(const Json& value, Shape::Kind kind) {
  switch (kind) {
    case Shape::Kind::string:
    case Shape::Kind::blob:
      return value.is_string();
    case Shape::Kind::integer:
      return value.is_number_integer();
    case Shape::Kind::number:
    case Shape::Kind::timestamp:
      return value.is_number();
    case Shape::Kind::boolean:
      return value.is_boolean();
    case Shape::Kind::list:
      return value.is_array();
    case Shape::Kind::map:
    case Shape::Kind::structure:
      return value.is_object();
  }
  return false;
}

std::string lower_first(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] + 32);
  return out;
}

int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

class Checker {
 public:
  std::vector<Misfit> take() { return std::move(misfits_); }

  void check(const Shape& shape, Json& value, const std::string& path) {
    if (misfits_.size() >= kMisfitsMax) return;
    if (!has_kind(value, shape.kind))
      return add(
          Misfit::Kind::type, path,
          fmt::format("{} can not be converted to a {}", type_name(value), kind_name(shape.kind)));
    switch (shape.kind) {
      case Shape::Kind::string:
        return check_text(shape, value.get_ref<const std::string&>(), path);
      case Shape::Kind::integer:
        return check_number(shape, value.get<int64_t>(), value, path);
      case Shape::Kind::list:
        return check_list(shape, value, path);
      case Shape::Kind::map:
        return check_map(shape, value, path);
      case Shape::Kind::structure:
        return check_members(shape, value, path);
      case Shape::Kind::number:
      case Shape::Kind::boolean:
      case Shape::Kind::timestamp:
      case Shape::Kind::blob:
        return;
    }
  }

  void check_members(const Shape& shape, Json& value, const std::string& path) {
    for (const auto& member : shape.members) {
      if (path.empty()) outermost_ = member.name;
      const auto here =
          path.empty() ? lower_first(member.name) : path + '.' + lower_first(member.name);
      const auto found = value.find(member.name);
      if (found == value.end() || found->is_null()) {
        if (found != value.end()) value.erase(found);
        if (member.required)
          add(Misfit::Kind::missing, here,
              fmt::format(
                  "Value null at '{}' failed to satisfy constraint: Member must not be null",
                  here));
        continue;
      }
      check(*member.shape, *found, here);
    }
  }

 private:
  void add(Misfit::Kind kind, const std::string& path, std::string message) {
    misfits_.push_back({kind, outermost_, path, std::move(message)});
  }

  void constraint(const std::string& path, const Json& value, std::string_view what) {
    auto shown = value.is_string() ? value.get<std::string>()
                                   : value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (shown.size() > kShownMax) shown = shown.substr(0, kShownMax) + "…";
    add(Misfit::Kind::constraint, path,
        fmt::format("Value '{}' at '{}' failed to satisfy constraint: {}", printable(shown), path,
                    what));
  }

  void check_length(const Shape& shape, int64_t length, const Json& value,
                    const std::string& path) {
    if (shape.least && length < *shape.least)
      constraint(path, value,
                 fmt::format("Member must have length greater than or equal to {}", *shape.least));
    if (shape.most && length > *shape.most)
      constraint(path, value,
                 fmt::format("Member must have length less than or equal to {}", *shape.most));
  }

  void check_text(const Shape& shape, const std::string& text, const std::string& path) {
    if (!shape.values.empty()) {
      if (std::find(shape.values.begin(), shape.values.end(), text) == shape.values.end())
        constraint(
            path, text,
            fmt::format("Member must satisfy enum value set: [{}]", fmt::join(shape.values, ", ")));
      return;
    }
    check_length(shape, characters(text), text, path);
    if (shape.pattern && !shape.pattern->fits(text))
      constraint(path, text,
                 "Member must satisfy regular expression pattern: " + shape.pattern_text);
  }

  void check_number(const Shape& shape, int64_t number, const Json& value,
                    const std::string& path) {
    if (shape.least && number < *shape.least)
      constraint(path, value,
                 fmt::format("Member must have value greater than or equal to {}", *shape.least));
    if (shape.most && number > *shape.most)
      constraint(path, value,
                 fmt::format("Member must have value less than or equal to {}", *shape.most));
  }

  void check_list(const Shape& shape, Json& value, const std::string& path) {
    check_length(shape, static_cast<int64_t>(value.size()), value, path);
    size_t number = 0;
    for (auto& element : value)
      check(*shape.element, element, fmt::format("{}.{}.member", path, ++number));
  }

  void check_map(const Shape& shape, Json& value, const std::string& path) {
    check_length(shape, static_cast<int64_t>(value.size()), value, path);
    for (auto& [name, element] : value.items()) {
      check_text(*shape.key, name, path + ".key");
      check(*shape.element, element, path + ".value");
    }
  }

  std::vector<Misfit> misfits_;
  std::string outermost_;
};

// What the operation documents for a member that does not fit; "" for ValidationException.
std::string_view documented_code(const OperationShape& operation, std::string_view member) {
  struct Rule {
    std::string_view member, code;
  };

  constexpr Rule kRules[] = {{"MaxResults", "InvalidMaxResultsException"},
                             {"MaxQueryResults", "InvalidMaxResultsException"},
                             {"NextToken", "InvalidNextTokenException"},
                             {"NextToken", "InvalidTokenException"},
                             {"LookupAttributes", "InvalidLookupAttributesException"},
                             {"EventCategory", "InvalidEventCategoryException"},
                             {"EventSelectors", "InvalidEventSelectorsException"},
                             {"AdvancedEventSelectors", "InvalidEventSelectorsException"},
                             {"InsightSelectors", "InvalidInsightSelectorsException"},
                             {"TagsList", "InvalidTagParameterException"},
                             {"Tags", "InvalidTagParameterException"},
                             {"QueryStatus", "InvalidQueryStatusException"},
                             {"QueryStatement", "InvalidQueryStatementException"},
                             {"KmsKeyId", "InvalidKmsKeyIdException"},
                             {"ResourceArn", "ResourceARNNotValidException"}};
  for (const auto& rule : kRules)
    if (rule.member == member && operation.documents(rule.code)) return rule.code;
  return "";
}

}  // namespace

std::vector<Misfit> find_misfits(const Shape& shape, Json& value) {
  Checker checker;
  checker.check_members(shape, value, "");
  return checker.take();
}

Error misfit_error(const OperationShape& operation, const std::vector<Misfit>& misfits) {
  for (const auto& misfit : misfits)
    if (misfit.kind == Misfit::Kind::type)
      return Error{ErrorKind::invalid_argument, misfit.message, "SerializationException"};
  std::string all;
  for (const auto& misfit : misfits) all += (all.empty() ? "" : "; ") + misfit.message;
  const auto code = documented_code(operation, misfits.front().member);
  return Error{ErrorKind::invalid_argument,
               fmt::format("{} validation error{} detected: {}", misfits.size(),
                           misfits.size() == 1 ? "" : "s", all),
               code.empty() ? "ValidationException" : code};
}

}  // namespace cairn::api

#include "io/internal/attributes_json.h"

#include <nlohmann/json.hpp>

namespace cairn::io::internal {
namespace {

constexpr const char* kContentType = "Content-Type";
constexpr const char* kContentEncoding = "Content-Encoding";

}  // namespace

std::string attributes_json(const ObjectAttributes& attributes) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  if (!attributes.content_type.empty()) out[kContentType] = attributes.content_type;
  if (!attributes.content_encoding.empty()) out[kContentEncoding] = attributes.content_encoding;
  for (const auto& [name, value] : attributes.metadata) out[name] = value;
  return out.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

Result<ObjectAttributes> parse_attributes(std::string_view text) {
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (!parsed.is_object())
    return Error{ErrorKind::corrupt, "it holds no JSON object of an object's metadata"};
  ObjectAttributes found;
  for (const auto& [name, value] : parsed.items()) {
    if (!value.is_string())
      return Error{ErrorKind::corrupt, "the value of '" + name + "' is not a text"};
    const auto& content = value.get_ref<const std::string&>();
    if (name == kContentType)
      found.content_type = content;
    else if (name == kContentEncoding)
      found.content_encoding = content;
    else
      found.metadata[name] = content;
  }
  return found;
}

}  // namespace cairn::io::internal

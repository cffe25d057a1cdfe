#include "aws/tags.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::aws {
namespace {

Error invalid(std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), "InvalidTagParameterException"};
}

size_t characters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// Letters, digits and blanks of any script, and `_ . : / = + - @`.
bool allowed(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || (static_cast<unsigned char>(c) & 0x80U) != 0 ||
           std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
  });
}

auto find_key(const Tags& tags, std::string_view key) {
  return std::find_if(tags.begin(), tags.end(), [&](const Tag& one) { return one.key == key; });
}

Error too_many(size_t count) {
  return Error{ErrorKind::exhausted,
               fmt::format("The number of tags per resource has exceeded the permissible amount: "
                           "at most {} tags, not {}.",
                           kTagsMax, count),
               "TagsLimitExceededException"};
}

}  // namespace

Status check_tags(const Tags& tags) {
  if (tags.size() > kTagsMax) return too_many(tags.size());
  for (auto tag = tags.begin(); tag != tags.end(); ++tag) {
    if (tag->key.empty() || characters(tag->key) > kTagKeyCharacters)
      return invalid(fmt::format("A tag key must be 1 to {} characters long.", kTagKeyCharacters));
    if (characters(tag->value) > kTagValueCharacters)
      return invalid(
          fmt::format("A tag value can be at most {} characters long.", kTagValueCharacters));
    if (!allowed(tag->key) || !allowed(tag->value))
      return invalid(
          "Tag keys and values can only contain letters, numbers, spaces, and _ . : / = + - @");
    if (tag->key.starts_with("aws:")) return invalid("Tag keys cannot begin with aws:");
    if (find_key(tags, tag->key) != tag)
      return invalid(fmt::format("The tag key {} is given more than once.", tag->key));
  }
  return {};
}

Result<Tags> with_tags(Tags tags, const Tags& added) {
  CAIRN_TRY(check_tags(added));
  for (const auto& one : added) {
    const auto at = find_key(tags, one.key);
    if (at == tags.end())
      tags.push_back(one);
    else
      tags[static_cast<size_t>(at - tags.begin())].value = one.value;
  }
  if (tags.size() > kTagsMax) return too_many(tags.size());
  return tags;
}

Tags without_tags(Tags tags, const Tags& removed) {
  std::erase_if(tags, [&](const Tag& tag) {
    const auto at = find_key(removed, tag.key);
    return at != removed.end() && (at->value.empty() || at->value == tag.value);
  });
  return tags;
}

}  // namespace cairn::aws

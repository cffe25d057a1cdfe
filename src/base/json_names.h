// The names of the members of JSON objects: written without needless escapes, and each once.
//
// Readers of JSON differ in what they do with a name that is there twice, and some compare names as
// they are written. A record that two readers could understand in two ways is misleading, so it is
// refused, and escapes that hide a plain name are undone before anything looks for a name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::json {

struct PlainNames {
  /// The value with plain names, such as `recipientAccountId` for `recipientAccount\u0049d`. Empty
  /// if it has none to change. Names of other characters keep their escapes.
  std::string text{};
  std::string repeated{};          ///< a name, decoded, that an object has twice; empty if none
  bool outermost_repeats = false;  ///< it is a name of the outermost object
};

/// `value` is the text of one valid JSON value.
PlainNames plain_names(std::string_view value);

/// A name that an object within the value has twice; nullopt if there is none, or if the text is
/// not one valid JSON value.
std::optional<std::string> repeated_name(std::string_view text);

}  // namespace cairn::json

// Texts with `{placeholders}`, filled in with what a diagnosis found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::diagnose {

/// Values by placeholder name. An absent or empty value means: nothing to say here.
using Facts = std::map<std::string, std::string, std::less<>>;

/// `text` with its placeholders filled in; nullopt when one of them has no value.
std::optional<std::string> fill(std::string_view text, const Facts& facts);

/// The same for a shell command: each value is quoted as one word, since it comes from a log.
/// Values of several words have their placeholder end in `s` and are split at blanks.
std::optional<std::string> fill_command(std::string_view text, const Facts& facts);

/// `word` so that a POSIX shell reads it as that one word.
std::string shell_quote(std::string_view word);

}  // namespace cairn::diagnose

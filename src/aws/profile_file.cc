#include "aws/profile_file.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::aws {
namespace {

// A comment behind a value begins with a blank and '#' or ';'.
std::string_view without_comment(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i)
    if ((text[i] == '#' || text[i] == ';') && (text[i - 1] == ' ' || text[i - 1] == '\t'))
      return trimmed(text.substr(0, i));
  return trimmed(text);
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    return text.substr(1, text.size() - 2);
  return text;
}

class Parser {
 public:
  explicit Parser(ProfileFileKind kind) : kind_(kind) {}

  Result<ProfileFile> parse(std::string_view text) {
    int number = 0;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      ++number;
      if (!take_line(text.substr(0, end)))
        return Error{ErrorKind::invalid_argument,
                     fmt::format("line {} is neither [section] nor name = value", number)};
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(file_);
  }

 private:
  bool take_line(std::string_view line) {
    const auto content = trimmed(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') return true;
    if (content.front() == '[') return take_section(content);
    const bool indented = line.front() == ' ' || line.front() == '\t';
    const auto equals = content.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return indented && settings_ != nullptr && !outer_.empty();  // a value that goes on: not ours
    if (settings_ == nullptr) return !begun_ ? false : true;       // within a section not for us
    auto name = to_lower(trimmed(content.substr(0, equals)));
    const std::string value(without_comment(content.substr(equals + 1)));
    if (!indented) {
      outer_ = value.empty() ? name : "";
    } else if (!outer_.empty()) {
      name = outer_ + "." + name;
    }
    (*settings_)[name] = value;
    return true;
  }

  bool take_section(std::string_view line) {
    const auto close = line.find(']');
    if (close == std::string_view::npos) return false;
    const auto title = trimmed(line.substr(1, close - 1));
    begun_ = true;
    outer_.clear();
    settings_ = nullptr;
    const auto blank = title.find_first_of(" \t");
    const auto word = title.substr(0, blank);
    const auto name = blank == std::string_view::npos ? std::string_view()
                                                      : unquoted(trimmed(title.substr(blank)));
    if (kind_ == ProfileFileKind::credentials)
      settings_ = &file_.profiles[std::string(unquoted(title))];
    else if (title == "default")
      settings_ = &file_.profiles["default"];
    else if (word == "profile" && !name.empty())
      settings_ = &file_.profiles[std::string(name)];
    else if (word == "services" && !name.empty())
      settings_ = &file_.services[std::string(name)];
    return !title.empty();
  }

  const ProfileFileKind kind_;
  ProfileFile file_;
  ProfileSettings* settings_ = nullptr;  ///< of the section that we are in
  std::string outer_;                    ///< the setting whose nested ones may follow
  bool begun_ = false;
};

}  // namespace

Result<ProfileFile> parse_profile_file(std::string_view text, ProfileFileKind kind) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Parser(kind).parse(text);
}

}  // namespace cairn::aws

#include "base/json_names.h"

#include "base/json_scan.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace cairn::json {
namespace {

bool is_plain(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':' || c == '@';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

/// Steps through a valid text and copies it. A string is a name if it stands where an object wants
/// one; no value is built, and depth costs an entry each.
class NameWalk {
 public:
  explicit NameWalk(std::string_view text) : text_(text) {}

  PlainNames run() {
    for (at_ = 0; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"') {
        take_string();
        continue;
      }
      if (c == '{' || c == '[') open_.push_back({.is_object = c == '{'});
      if ((c == '}' || c == ']') && !open_.empty()) open_.pop_back();
      wants_name_ = (c == '{' || c == ',') && !open_.empty() && open_.back().is_object;
      ++at_;
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') wants_name_ = wanted_before_;
      wanted_before_ = wants_name_;
    }
    if (changed_) found_.text = std::move(out_).append(text_.substr(copied_));
    return std::move(found_);
  }

 private:
  struct Open {
    bool is_object = false;
    std::unordered_set<std::string> names{};
  };

  void take_string() {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    const auto raw = text_.substr(at_, end + 1 - at_);
    if (wants_name_) take_name(raw);
    at_ += raw.size();
    wants_name_ = wanted_before_ = false;
  }

  void take_name(std::string_view raw) {
    std::string name;
    append_unescaped(name, raw);
    if (raw.size() != name.size() + 2 && is_plain(name)) {
      out_.append(text_.substr(copied_, at_ - copied_)).append(1, '"').append(name).append(1, '"');
      copied_ = at_ + raw.size();
      changed_ = true;
    }
    if (open_.back().names.insert(name).second) return;
    const bool outermost = open_.size() == 1;
    if (found_.repeated.empty() || outermost) found_.repeated = name.empty() ? "" : name;
    if (name.empty()) found_.repeated = "(an empty name)";
    found_.outermost_repeats = found_.outermost_repeats || outermost;
  }

  const std::string_view text_;
  PlainNames found_;
  std::string out_;
  size_t at_ = 0;
  size_t copied_ = 0;
  bool changed_ = false;
  bool wants_name_ = false;
  bool wanted_before_ = false;  ///< the same, behind blanks
  std::vector<Open> open_;
};

}  // namespace

PlainNames plain_names(std::string_view value) {
  return NameWalk(value).run();
}

std::optional<std::string> repeated_name(std::string_view text) {
  const auto padded = padded_copy(text);
  const char* const end = padded.data() + text.size();
  // One past the text, so that a number that ends with it is not taken for one cut off.
  const auto scan = scan_value_and_names(skip_space(padded.data()), end + 1);
  if (scan.fault != Fault::none || !scan.odd_names || skip_space(scan.at) < end)
    return std::nullopt;
  auto found = plain_names(text);
  if (found.repeated.empty()) return std::nullopt;
  return std::move(found.repeated);
}

}  // namespace cairn::json

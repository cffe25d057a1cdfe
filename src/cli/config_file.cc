#include "cli/config_file.h"

#include "base/text.h"
#include "io/file.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace cairn::cli {
namespace {

constexpr size_t kConfigBytesMax = 1 << 20;
constexpr const char* kConfigKey = "config";
constexpr const char* kConfigOption = "--config";

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

/// Reads the part of TOML 1.0 that options need: bare keys, strings of one line, integers, booleans
/// and arrays of these, comments.
class ConfigReader {
 public:
  explicit ConfigReader(std::string_view text) : text_(text) {}

  Result<std::vector<ConfigEntry>> read() {
    std::vector<ConfigEntry> entries;
    for (skip_to_value(); !at_end(); skip_to_value()) {
      auto entry = CAIRN_TRY(read_entry());
      for (const auto& other : entries)
        if (other.key == entry.key)
          return error_at(entry.line, fmt::format("'{}' is set again; line {} has it already",
                                                  entry.key, other.line));
      entries.push_back(std::move(entry));
    }
    return entries;
  }

 private:
  static Error error_at(size_t line, std::string_view what) {
    return Error{ErrorKind::invalid_argument, fmt::format("{}: {}", line, what)};
  }

  Error fault(std::string_view what) const { return error_at(line_, what); }

  bool at_end() const { return at_ >= text_.size(); }

  char next() const { return at_end() ? '\0' : text_[at_]; }

  void skip_blanks() {
    while (next() == ' ' || next() == '\t' || next() == '\r') ++at_;
    if (next() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
  }

  /// Over lines without a value, too.
  void skip_to_value() {
    for (skip_blanks(); next() == '\n'; skip_blanks()) {
      ++line_;
      ++at_;
    }
  }

  Result<ConfigEntry> read_entry() {
    ConfigEntry entry{.line = line_};
    if (next() == '[')
      return fault(
          "tables such as [section] are not known here: write options one under the other");
    while (is_key_character(next())) entry.key += text_[at_++];
    if (entry.key.empty()) return fault("expected the name of an option");
    skip_blanks();
    if (next() != '=') return fault(fmt::format("expected '=' behind '{}'", entry.key));
    ++at_;
    skip_blanks();
    if (next() == '[') {
      entry.is_array = true;
      CAIRN_TRY(read_array(entry.values));
    } else {
      auto value = CAIRN_TRY(read_value());
      entry.values.push_back(std::move(value));
    }
    skip_blanks();
    if (!at_end() && next() != '\n')
      return fault(fmt::format("unexpected text behind the value of '{}'", entry.key));
    return entry;
  }

  Status read_array(std::vector<std::string>& values) {
    ++at_;
    for (skip_to_value(); next() != ']'; skip_to_value()) {
      if (at_end()) return fault("the array has no end");
      auto value = CAIRN_TRY(read_value());
      values.push_back(std::move(value));
      skip_to_value();
      if (next() == ',')
        ++at_;
      else if (next() != ']')
        return fault("expected ',' or ']' behind a value of the array");
    }
    ++at_;
    return {};
  }

  Result<std::string> read_value() {
    if (next() == '"' || next() == '\'') return read_text(text_[at_++]);
    const auto end = std::min(text_.find_first_of(" \t\r\n,]#", at_), text_.size());
    const std::string word(text_.substr(at_, end - at_));
    at_ = end;
    const bool number = !word.empty() && word.size() < 20 &&
                        std::all_of(word.begin() + (word.front() == '-' && word.size() > 1 ? 1 : 0),
                                    word.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (number || word == "true" || word == "false") return word;
    return fault(fmt::format("'{}' is not a value: text stands in \"quotes\"", printable(word)));
  }

  Result<std::string> read_text(char quote) {
    std::string text;
    for (; !at_end() && next() != quote; ++at_) {
      char c = next();
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t')
        return fault("the text has no end on its line");
      if (c == '\\' && quote == '"') {
        ++at_;
        const auto escape = read_escape();
        if (!escape) return fault("an escape in a text is one of \\\\ \\\" \\t \\n");
        c = *escape;
      }
      text += c;
    }
    if (at_end()) return fault("the text has no end on its line");
    ++at_;
    return text;
  }

  std::optional<char> read_escape() const {
    switch (next()) {
      case '\\':
      case '"':
        return next();
      case 't':
        return '\t';
      case 'n':
        return '\n';
      default:
        return std::nullopt;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
};

/// Options that have a place in a file: those with a long name, but for --config itself and --help.
std::vector<std::string> keys_of(const CLI::App& command) {
  std::vector<std::string> keys;
  for (const CLI::Option* option : command.get_options())
    for (const auto& name : option->get_lnames())
      if (!option->get_group().empty() && name != kConfigKey && name != "help")
        keys.push_back(name);
  return keys;
}

std::string unknown_key(const std::vector<std::string>& keys, std::string_view key) {
  const std::vector<std::string_view> candidates(keys.begin(), keys.end());
  const auto near = nearest_name(key, candidates);
  return fmt::format("unknown option '{}'{}", key,
                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

/// Why the option does not take the values; "" if it took them.
std::string set_option(CLI::Option& option, const ConfigEntry& entry) {
  if (option.get_expected_min() == 0) {  // a flag
    if (entry.is_array || (entry.values[0] != "true" && entry.values[0] != "false"))
      return fmt::format("'{}' is true or false", entry.key);
    if (entry.values[0] == "false") return "";
  } else if (option.get_expected_max() == 1 && entry.is_array) {
    return fmt::format("'{}' takes one value", entry.key);
  }
  if (entry.values.empty()) return "";
  try {
    option.add_result(entry.values);
    option.run_callback();
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

void add_config_option(CLI::App& command) {
  command
      .add_option(kConfigOption,
                  "Read options from a TOML file, each under its long name; those of the command "
                  "line count for more")
      ->type_name("FILE")
      ->group("Configuration");
}

Result<std::vector<ConfigEntry>> parse_config(std::string_view text) {
  return ConfigReader(text).read();
}

Status apply_config_file(CLI::App& command) {
  const auto* const config = command.get_option_no_throw(kConfigOption);
  if (config == nullptr || config->count() == 0) return {};
  const auto path = config->as<std::string>();
  const auto text = CAIRN_TRY(io::read_file(path, kConfigBytesMax));
  auto entries = parse_config(text);
  const auto fault = [&](std::string_view line_and_reason) {
    return Error{ErrorKind::invalid_argument,
                 fmt::format("{}:{}\nhint: a line is an option's long name without dashes and its "
                             "value, such as listen = \"127.0.0.1:8472\"",
                             path, line_and_reason)};
  };
  if (!entries.ok()) return fault(entries.error().message());
  const auto keys = keys_of(command);
  for (const auto& entry : entries.value()) {
    const bool known = std::find(keys.begin(), keys.end(), entry.key) != keys.end();
    auto* const option = known ? command.get_option_no_throw("--" + entry.key) : nullptr;
    if (option == nullptr)
      return fault(fmt::format("{}: {}", entry.line, unknown_key(keys, entry.key)));
    if (option->count() > 0) continue;
    if (const auto refused = set_option(*option, entry); !refused.empty())
      return fault(fmt::format("{}: {}", entry.line, refused));
  }
  return {};
}

}  // namespace cairn::cli

#include "cli/config_file.h"

#include "cli/program.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

namespace cairn::cli {
namespace {

std::string fault_of(std::string_view text) {
  const auto entries = parse_config(text);
  return entries.ok() ? "" : entries.error().message();
}

TEST(ParseConfig, ReadsWhatOptionsNeed) {
  const auto entries = parse_config(
      "# a comment\n"
      "listen = [\"127.0.0.1:80\", # here\n"
      "  '[::1]:80',\n"
      "]\r\n"
      "\n"
      "  threads=32 # many\n"
      "allow-plain = true\n"
      "bucket = []\n"
      "home = \"a # b \\\"c\\\" \\\\d\"");
  ASSERT_TRUE(entries.ok()) << entries.error().message();
  const auto& read = entries.value();
  ASSERT_EQ(read.size(), 5U);
  EXPECT_EQ(read[0].key, "listen");
  EXPECT_EQ(read[0].values, (std::vector<std::string>{"127.0.0.1:80", "[::1]:80"}));
  EXPECT_TRUE(read[0].is_array);
  EXPECT_EQ(read[1].values, std::vector<std::string>{"32"});
  EXPECT_EQ(read[1].line, 6U);
  EXPECT_EQ(read[2].values, std::vector<std::string>{"true"});
  EXPECT_TRUE(read[3].values.empty());
  EXPECT_EQ(read[4].values, std::vector<std::string>{"a # b \"c\" \\d"});
  EXPECT_TRUE(parse_config("").value().empty());
}

TEST(ParseConfig, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(fault_of("a = 1\n[limits]\n"),
            "2: tables such as [section] are not known here: write options one under the other");
  EXPECT_EQ(fault_of("a = 1\nb = 2\na = 3"), "3: 'a' is set again; line 1 has it already");
  EXPECT_EQ(fault_of("a"), "1: expected '=' behind 'a'");
  EXPECT_EQ(fault_of("= 1"), "1: expected the name of an option");
  EXPECT_EQ(fault_of("a = b"), "1: 'b' is not a value: text stands in \"quotes\"");
  EXPECT_EQ(fault_of("a ="), "1: '' is not a value: text stands in \"quotes\"");
  EXPECT_EQ(fault_of("a = \"b"), "1: the text has no end on its line");
  EXPECT_EQ(fault_of("a = \"b\nc\""), "1: the text has no end on its line");
  EXPECT_EQ(fault_of("a = \"\\x\""), "1: an escape in a text is one of \\\\ \\\" \\t \\n");
  EXPECT_EQ(fault_of("a = [1, 2"), "1: expected ',' or ']' behind a value of the array");
  EXPECT_EQ(fault_of("a = [\n1,\n"), "3: the array has no end");
  EXPECT_EQ(fault_of("a = 1 2"), "1: unexpected text behind the value of 'a'");
}

class ConfigFileTest : public ::testing::Test {
 protected:
  ConfigFileTest()
      : path_((std::filesystem::temp_directory_path() /
               fmt::format("cairn_config_{}.toml", ::getpid()))
                  .string()) {}

  ~ConfigFileTest() override { std::filesystem::remove(path_); }

  /// Parses `cairn COMMAND --config FILE MORE…` with `text` in the file.
  Status apply(const std::string& command, const std::string& text,
               std::vector<std::string> more = {}) {
    std::ofstream(path_) << text;
    program_ = make_program();
    std::vector<std::string> words = {command, "--config", path_};
    words.insert(words.end(), more.begin(), more.end());
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    program_->app->parse(words);
    command_ = find_command(*program_->app, {command});
    return apply_config_file(*command_);
  }

  std::vector<std::string> results(const std::string& option) const {
    return command_->get_option(option)->results();
  }

  const std::string path_;
  std::unique_ptr<Program> program_;
  CLI::App* command_ = nullptr;
};

/// A value that the option takes, told from what it says of its values.
std::string value_for(const CLI::Option& option) {
  const auto type = option.get_type_name();  // "N:INT in [1 - 1024]", "WHEN:auto|always|never"
  const auto colon = type.find(':');
  if (const auto bar = type.find('|'); bar != type.npos && colon != type.npos)
    return type.substr(colon + 1, bar - colon - 1);
  if (type.starts_with("N:") || type == "N") return "7";
  return type.starts_with("MB") ? "128" : "x";
}

TEST_F(ConfigFileTest, EveryOptionOfServeAndCollectHasAKey) {
  for (const std::string name : {"serve", "collect"}) {
    const auto program = make_program();
    size_t keys = 0;
    for (const CLI::Option* option : find_command(*program->app, {name})->get_options()) {
      if (option->get_lnames().empty()) continue;
      const auto& key = option->get_lnames().front();
      if (key == "config" || key == "help") continue;
      SCOPED_TRACE(name + " --" + key);
      const bool flag = option->get_expected_min() == 0;
      const auto value = flag ? "true" : value_for(*option);
      const auto applied =
          apply(name, fmt::format("{} = {}\n", key, flag ? value : '"' + value + '"'));
      ASSERT_TRUE(applied.ok()) << applied.error().message();
      EXPECT_EQ(results("--" + key), std::vector<std::string>{value});
      ++keys;
    }
    EXPECT_GT(keys, 10U);
  }
}

TEST_F(ConfigFileTest, TheCommandLineCountsForMore) {
  ASSERT_TRUE(apply("serve", "threads = 3\nlisten = [\"a:1\", \"b:2\"]\nallow-plain = false\n",
                    {"--threads", "5"})
                  .ok());
  EXPECT_EQ(results("--threads"), std::vector<std::string>{"5"});
  EXPECT_EQ(results("--listen"), (std::vector<std::string>{"a:1", "b:2"}));
  EXPECT_TRUE(results("--allow-plain").empty());
}

TEST_F(ConfigFileTest, RefusesWhatOptionsDoNotTake) {
  const auto refused = [&](const std::string& text) {
    const auto applied = apply("serve", text);
    EXPECT_FALSE(applied.ok()) << text;
    if (applied.ok()) return std::string();
    EXPECT_EQ(applied.error().kind(), ErrorKind::invalid_argument);
    auto message = applied.error().message();
    message = message.substr(0, message.find('\n'));
    EXPECT_TRUE(message.starts_with(path_ + ':')) << message;
    return message.substr(path_.size());
  };
  EXPECT_EQ(refused("\nlissten = \"a:1\""), ":2: unknown option 'lissten'; did you mean 'listen'?");
  EXPECT_EQ(refused("config = \"x\""), ":1: unknown option 'config'");
  EXPECT_EQ(refused("help = true"), ":1: unknown option 'help'");
  EXPECT_EQ(refused("threads = 0").substr(0, 4), ":1: ");
  EXPECT_EQ(refused("threads = \"many\"").substr(0, 4), ":1: ");
  EXPECT_EQ(refused("threads = [1, 2]"), ":1: 'threads' takes one value");
  EXPECT_EQ(refused("allow-plain = 1"), ":1: 'allow-plain' is true or false");
  EXPECT_EQ(refused("allow-plain = [true]"), ":1: 'allow-plain' is true or false");
  EXPECT_EQ(refused("x"), ":1: expected '=' behind 'x'");
  std::filesystem::remove(path_);
}

TEST_F(ConfigFileTest, AFileThatIsNotThereIsAnError) {
  const auto program = make_program();
  std::vector<std::string> words = {"/nowhere/serve.toml", "--config", "serve"};
  program->app->parse(words);
  const auto applied = apply_config_file(*find_command(*program->app, {"serve"}));
  EXPECT_EQ(applied.error().kind(), ErrorKind::not_found);
}

}  // namespace
}  // namespace cairn::cli

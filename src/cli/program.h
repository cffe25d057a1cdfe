// The tree of commands and options, from which parsing, help, completion and the man page are made.
#pragma once

#include "cli/command.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::cli {

struct Program {
  std::unique_ptr<CLI::App> app;
  std::unique_ptr<Invocation> invocation;
  std::string color;
};

/// Declares every command. Does nothing else: no file, no library is touched before parsing.
std::unique_ptr<Program> make_program();

/// Parses and runs; the exit code of the process.
int run_program(int argc, char** argv);

/// The command named by the words of `path` ("diagnose", "eni"), nullptr if there is none.
CLI::App* find_command(CLI::App& root, const std::vector<std::string>& path);

/// "cairn diagnose eni"
std::string full_name(const CLI::App& command);

/// The visible subcommands, as declared.
std::vector<CLI::App*> commands_of(CLI::App& command);

}  // namespace cairn::cli

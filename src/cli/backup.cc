// cairn backup: online backup of the service's folder.
#include "app/backup.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/home_arguments.h"
#include "cli/options.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>

namespace cairn::cli {
namespace {

struct BackupCommand {
  std::string home;
  std::string target;
  bool without_master_key = false;
  bool json = false;
};

std::string backup_json(const app::BackupReport& report) {
  auto out =
      fmt::format("{{\"files\": {}, \"bytes\": {}, \"leftOut\": [", report.files, report.bytes);
  for (size_t i = 0; i < report.left_out.size(); ++i) {
    if (i > 0) out += ", ";
    append_json_string(out, report.left_out[i]);
  }
  return out + "]}\n";
}

Result<int> run_backup(const BackupCommand& command) {
  const auto home = CAIRN_TRY(home_folder(command.home));
  const auto report = CAIRN_TRY(app::back_up(
      {.home = home, .target = command.target, .master_key = !command.without_master_key}));
  for (const auto& text : report.left_out)
    print_error(fmt::format("cairn: not in the backup: {}\n", text));
  if (command.json) return print(backup_json(report));
  return print(fmt::format("{} files, {}, in {}\n", report.files, human_bytes(report.bytes),
                           command.target));
}

}  // namespace

void add_backup(CLI::App& app, Invocation& invocation) {
  const auto command = std::make_shared<BackupCommand>();
  CLI::App* const backup = app.add_subcommand(
      "backup", "Copies the folder of `cairn serve`, also while the service runs");
  add_home_option(*backup, command->home);
  backup->add_option("TARGET", command->target, "The folder to make; it must not be there yet")
      ->required();
  backup->add_flag("--without-master-key", command->without_master_key,
                   "Leaves out master.key, which opens the secrets in the copy; keep it elsewhere");
  backup->add_flag("--json", command->json, "For a program")->group("Output");
  backup->callback([command, &invocation] {
    invocation.run = [command] {
      const auto code = run_backup(*command);
      return code.ok() ? code.value() : fail(code.error());
    };
  });
}

}  // namespace cairn::cli

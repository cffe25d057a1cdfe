// cairn keys …: who may call the service, and what each may do.
#include "access/keys.h"

#include "access/rights.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/home_arguments.h"
#include "cli/key_report.h"
#include "cli/options.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "cli/this_actor.h"
#include "io/clock.h"
#include "io/random.h"
#include "store/state_database.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

namespace cairn::cli {
namespace {

struct KeysCommand {
  std::string home;
  bool json = false;
  std::string id;
  std::string role;
  std::string name;
  std::string home_account;
  std::vector<std::string> accounts;
  std::string expires;
  std::string grace = "24h";
  std::string lasts = "12h";
};

/// The store of keys with what it borrows.
struct OpenKeys {
  io::SystemClock clock{};
  io::SystemRandom random{};
  std::unique_ptr<store::StateDatabase> state{};
  std::unique_ptr<access::KeyStore> keys{};
};

Result<std::unique_ptr<store::StateDatabase>> open_state(const std::string& folder, bool create) {
  auto state = store::StateDatabase::open(state_file(folder), create);
  if (!state.ok() && state.error().kind() == ErrorKind::not_found)
    return Error{ErrorKind::not_found,
                 fmt::format("there are no keys in '{}'\n"
                             "hint: `cairn keys create --role admin` makes the first one",
                             folder)};
  return state;
}

/// `doing`: the command, for the events that record what it changes.
Result<std::unique_ptr<OpenKeys>> open(const KeysCommand& command, std::string_view doing) {
  const auto folder = CAIRN_TRY(home_folder(command.home));
  const bool create = doing == "create";
  if (create) CAIRN_TRY(make_home(folder));
  auto made = std::make_unique<OpenKeys>();
  made->state = CAIRN_TRY(open_state(folder, create));
  made->keys = CAIRN_TRY(access::KeyStore::open(
      *made->state, {.own = master_key_file(folder), .named = named_master_key_file()}, made->clock,
      made->random, this_actor(fmt::format("keys {}", doing))));
  return made;
}

Result<int64_t> parse_span(std::string_view option, const std::string& text) {
  const auto span = parse_duration(text);
  if (span && *span >= 0) return *span;
  return Error{
      ErrorKind::invalid_argument,
      fmt::format("{}: '{}' is no span of time\nhint: such as 90m, 12h, 90d", option, text)};
}

/// A span from now on, or a time.
Result<std::optional<int64_t>> parse_expiry(const std::string& text, int64_t now_us) {
  if (text.empty()) return std::optional<int64_t>();
  if (const auto span = parse_duration(text)) return std::optional(now_us + *span);
  if (const auto at = parse_iso8601(text)) return std::optional(*at);
  return Error{ErrorKind::invalid_argument,
               fmt::format("--expires: '{}' is neither a span nor a time\n"
                           "hint: such as 90d, or 2027-01-31T12:00:00Z",
                           text)};
}

/// The exports on standard output, so that a shell can take them; the rest beside it.
int show_issued(const access::IssuedKey& issued, const KeysCommand& command,
                const std::string& note) {
  if (!command.json) print_error(note);
  return print(command.json ? issued_json(issued) : issued_exports(issued));
}

Result<int> create(KeysCommand& command) {
  auto store = CAIRN_TRY(open(command, "create"));
  const int64_t now = store->clock.now_us();
  access::NewKey wanted{.name = command.name.empty() ? command.role : command.name,
                        .role = access::role_named(command.role).value_or(access::Role::auditor),
                        .account = command.home_account,
                        .accounts = command.accounts};
  wanted.expires_us = CAIRN_TRY(parse_expiry(command.expires, now));
  const auto issued = CAIRN_TRY(store->keys->create(wanted));
  return show_issued(issued, command, issued_note(issued));
}

Result<int> list(KeysCommand& command) {
  // Nothing is written: the folder may be a copy that can only be read.
  const auto folder = CAIRN_TRY(home_folder(command.home));
  const auto state = CAIRN_TRY(open_state(folder, false));
  const io::SystemClock clock;
  io::SystemRandom random;
  const auto keys = CAIRN_TRY(access::read_keys(
      *state, {.own = master_key_file(folder), .named = named_master_key_file()}, clock, random));
  const int64_t now = clock.now_us();
  return print(command.json ? keys_json(keys, now) : keys_text(keys, now));
}

Result<int> set_enabled(KeysCommand& command, bool enabled) {
  auto store = CAIRN_TRY(open(command, enabled ? "enable" : "disable"));
  CAIRN_TRY(store->keys->set_enabled(command.id, enabled));
  return print(fmt::format("key {} is {}\n", command.id, enabled ? "enabled" : "disabled"));
}

Result<int> enable(KeysCommand& command) {
  return set_enabled(command, true);
}

Result<int> disable(KeysCommand& command) {
  return set_enabled(command, false);
}

Result<int> remove(KeysCommand& command) {
  auto store = CAIRN_TRY(open(command, "delete"));
  CAIRN_TRY(store->keys->remove(command.id));
  return print(fmt::format("key {} is deleted\n", command.id));
}

Result<int> rotate(KeysCommand& command) {
  const int64_t grace = CAIRN_TRY(parse_span("--grace", command.grace));
  auto store = CAIRN_TRY(open(command, "rotate"));
  const auto issued = CAIRN_TRY(store->keys->rotate(command.id, grace));
  const auto old = CAIRN_TRY(store->keys->find(command.id));
  return show_issued(issued, command,
                     issued_note(issued) + fmt::format("key {} works until {}\n", old.id,
                                                       to_second(old.expires_us.value_or(0))));
}

Result<int> session(KeysCommand& command) {
  const int64_t lasts = CAIRN_TRY(parse_span("--for", command.lasts));
  auto store = CAIRN_TRY(open(command, "session"));
  const auto issued = CAIRN_TRY(store->keys->create_session(command.id, lasts));
  return show_issued(issued, command, issued_note(issued));
}

using Run = Result<int> (*)(KeysCommand&);

CLI::App* add(CLI::App& parent, Invocation& invocation, const std::shared_ptr<KeysCommand>& command,
              const std::string& name, const std::string& doc, Run run) {
  CLI::App* const made = parent.add_subcommand(name, doc);
  add_home_option(*made, command->home);
  made->callback([command, run, &invocation] {
    invocation.run = [command, run] {
      const auto exit_code = run(*command);
      return exit_code.ok() ? exit_code.value() : fail(exit_code.error());
    };
  });
  return made;
}

void add_json(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "For a program")->group("Output");
}

void add_create(CLI::App& keys, Invocation& invocation,
                const std::shared_ptr<KeysCommand>& command) {
  CLI::App* const made =
      add(keys, invocation, command, "create", "A new key; its secret is shown this once", create);
  const auto names = access::role_names();
  made->add_option("--role", command->role,
                   "admin (all), operator (trails, stores, reading), analyst (queries and event "
                   "history), auditor (reads all, changes nothing), writer (puts events only)")
      ->type_name("ROLE")
      ->required()
      ->check(one_of({names.begin(), names.end()}));
  made->add_option("--name", command->name, "The user that it is for (default: the role's name)")
      ->type_name("NAME");
  made->add_option("--account", command->accounts,
                   "An account whose events it may see; may be given again (default: all)")
      ->type_name("ACCOUNT");
  made->add_option("--home-account", command->home_account,
                   "The account that it lives in, where its trails are (default: the first "
                   "--account, else that of the first key, which has 000000000000)")
      ->type_name("ACCOUNT");
  made->add_option("--expires", command->expires,
                   "When it stops to work: a span such as 90d, or a time (default: never)")
      ->type_name("WHEN");
  add_json(*made, command->json);
}

void add_id(CLI::App& command, std::string& id) {
  command.add_option("KEY", id, "Its id, such as AKIA…; see `cairn keys list`")->required();
}

}  // namespace

void add_keys(CLI::App& app, Invocation& invocation) {
  CLI::App* const keys =
      app.add_subcommand("keys", "Who may call the service, and what each may do");
  keys->require_subcommand(0, 1);
  const auto command = std::make_shared<KeysCommand>();
  add_create(*keys, invocation, command);
  CLI::App* const listing =
      add(*keys, invocation, command, "list", "All keys, without their secrets", list);
  add_json(*listing, command->json);
  add_id(*add(*keys, invocation, command, "disable",
              "Takes a key out of use, at once, until it is enabled again", disable),
         command->id);
  add_id(*add(*keys, invocation, command, "enable", "Puts a disabled key back to use", enable),
         command->id);
  CLI::App* const rotating =
      add(*keys, invocation, command, "rotate",
          "A new key for the user of an old one, which goes on for a while", rotate);
  add_id(*rotating, command->id);
  rotating->add_option("--grace", command->grace, "How long the old one still works (24h)")
      ->type_name("SPAN");
  add_json(*rotating, command->json);
  CLI::App* const temporary =
      add(*keys, invocation, command, "session",
          "A temporary key, with a session token, that can do what KEY can", session);
  add_id(*temporary, command->id);
  temporary->add_option("--for", command->lasts, "How long it lasts, 15m to 36h (12h)")
      ->type_name("SPAN");
  add_json(*temporary, command->json);
  add_id(*add(*keys, invocation, command, "delete",
              "Removes a key, and the temporary ones that act for it, for good", remove),
         command->id);
}

}  // namespace cairn::cli

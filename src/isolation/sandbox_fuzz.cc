// Any text as a statement of a stranger who sees one account: no crash, nothing of the events of
// others, nothing of a file that lies there as bait, and no file that was not there before.
#include "query/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace cairn;

constexpr std::string_view kCanary = "canary7f3";
constexpr std::string_view kBait = "bait9f3a";

std::string record_of(std::string_view account, std::string_view text, int number) {
  return fmt::format(
      R"({{"eventVersion":"1.08","userIdentity":{{"type":"{1}","accountId":"{0}","userName":"{1}"}},)"
      R"("eventTime":"2024-03-05T10:00:{2:02}Z","eventSource":"{1}","eventName":"{1}{2}",)"
      R"("awsRegion":"{1}","userAgent":"{1}","errorMessage":"{1}","requestParameters":{{"a":"{1}"}},)"
      R"("eventID":"{1}-{2}","recipientAccountId":"{0}"}})",
      account, text, number);
}

class World {
 public:
  World()
      : folder_(std::filesystem::temp_directory_path() /
                fmt::format("cairn_sandbox_fuzz_{}", ::getpid())) {
    std::filesystem::create_directories(folder_ / "logs");
    std::ofstream(folder_ / "bait.csv") << kBait << "\n1\n";
    std::string records;
    for (int i = 0; i < 8; ++i)
      records += fmt::format("{}{},{}", i > 0 ? "," : "", record_of("111122223333", "good", i),
                             record_of("444455556666", kCanary, i));
    std::ofstream(folder_ / "logs" / "events.json") << "{\"Records\":[" << records << "]}";
    reopen();
  }

  World(const World&) = delete;
  World& operator=(const World&) = delete;

  ~World() {
    session_.reset();
    std::error_code failed;
    std::filesystem::remove_all(folder_, failed);
  }

  void reopen() {
    query::SessionOptions options{.threads = 1,
                                  .accounts = std::vector<std::string>{"111122223333"},
                                  .sandboxed = true,
                                  .limits = {.memory_max_bytes = 64'000'000,
                                             .temp_max_bytes = 1'000'000,
                                             .time_max_us = 500'000,
                                             .rows_max = 10'000,
                                             .answer_max_bytes = 1'000'000}};
    options.source.paths = {(folder_ / "logs").string()};
    auto session = query::Session::open(std::move(options));
    if (!session.ok()) __builtin_trap();
    session_.emplace(std::move(session).value());
  }

  /// `bait.csv` in the text stands for the bait's path.
  void ask(std::string statement) {
    constexpr std::string_view kName = "bait.csv";
    const auto path = (folder_ / kName).string();
    for (size_t at = statement.find(kName); at != std::string::npos;
         at = statement.find(kName, at + path.size()))
      statement.replace(at, kName.size(), path);
    auto rows = session_->sql(statement);
    if (!rows.ok()) return check(rows.error().message(), statement);
    for (const auto& column : rows.value().columns()) check(column.name, statement);
    while (true) {
      const auto more = rows.value().next();
      if (!more.ok()) return check(more.error().message(), statement);
      if (!more.value()) break;
      for (size_t row = 0; row < rows.value().rows(); ++row)
        for (size_t column = 0; column < rows.value().columns().size(); ++column)
          check_cell(rows.value().cell(column, row), statement);
    }
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      static_cast<void>(entry);
      ++files;
    }
    if (files != 2) __builtin_trap();
  }

 private:
  /// What the statement itself holds may come back.
  static void check(std::string_view text, std::string_view statement) {
    for (const auto secret : {kCanary, kBait})
      if (text.find(secret) != std::string_view::npos &&
          statement.find(secret) == std::string_view::npos)
        __builtin_trap();
  }

  static void check_cell(const engine::Cell& cell, std::string_view statement) {
    using engine::TypeKind;
    if (cell.is_null()) return;
    switch (cell.kind()) {
      case TypeKind::list:
      case TypeKind::structure:
        for (size_t i = 0; i < cell.size(); ++i) check_cell(cell.at(i), statement);
        return;
      case TypeKind::map:
        for (size_t i = 0; i < cell.size(); ++i) {
          check_cell(cell.map_key(i), statement);
          check_cell(cell.map_value(i), statement);
        }
        return;
      default:
        check(cell.to_text(), statement);
    }
  }

  std::filesystem::path folder_;
  std::optional<query::Session> session_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // A statement that spells a secret out says nothing about the walls.
  if (text.find("canary") != std::string_view::npos || text.find("bait9") != std::string_view::npos)
    return 0;
  world.ask(std::string(text));
  return 0;
}

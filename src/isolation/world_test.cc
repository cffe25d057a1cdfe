#include "isolation/testing/world.h"

#include "base/text.h"
#include "ingest/ingest.h"
#include "ingest/source.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace cairn::isolation {
namespace {

struct Made {
  std::string recipient{};  ///< "": absent
  std::string identity{};
  bool ours = false;
  std::string marker{};  ///< in every text
  std::string time{};
  std::string region{};
};

std::string record_of(const Made& made, int number) {
  const std::string& m = made.marker;
  std::string recipient;
  if (!made.recipient.empty())
    recipient = fmt::format(R"("recipientAccountId":"{}",)", made.recipient);
  std::string account;
  if (!made.identity.empty()) account = fmt::format(R"("accountId":"{}",)", made.identity);
  return fmt::format(
      R"({{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","principalId":"AIDA{0}{1}",)"
      R"("arn":"arn:aws:iam::{0}:user/{0}{1}",{2}"accessKeyId":"AKIA{0}{1}","userName":"{0}{1}",)"
      R"("sessionContext":{{"sessionIssuer":{{"type":"{0}","arn":"{0}{1}","userName":"{0}"}},)"
      R"("attributes":{{"mfaAuthenticated":"false","creationDate":"{0}"}}}}}},)"
      R"("eventTime":"{3}","eventSource":"{0}.amazonaws.com","eventName":"{0}Call{4}",)"
      R"("awsRegion":"{5}","sourceIPAddress":"{0}.example.com","userAgent":"{0}-cli/{1}",)"
      R"("errorCode":"{0}Denied","errorMessage":"{0} {1}","requestParameters":{{"key":"{0}/{1}",)"
      R"("{0}Name":[1,{{"deep":"{0}"}}]}},"responseElements":{{"{0}":"{1}"}},)"
      R"("additionalEventData":{{"{0}":true}},"requestID":"{0}-r{1}","eventID":"{0}-e{1}",)"
      R"("readOnly":{6},"resources":[{{"ARN":"arn:aws:s3:::{0}-{1}","accountId":"{7}",)"
      R"("type":"{0}"}}],"eventType":"AwsApiCall","apiVersion":"{0}","managementEvent":true,{8})"
      R"("sharedEventID":"{0}{1}","vpcEndpointId":"vpce-{0}","vpcEndpointAccountId":"{7}",)"
      R"("serviceEventDetails":{{"{0}":1}},"eventCategory":"Management","tlsDetails":{{)"
      R"("tlsVersion":"{0}","cipherSuite":"{0}","clientProvidedHostHeader":"{0}"}},)"
      R"("addendum":{{"reason":"{0}"}},"{0}Field":{{"{0}":"{1}"}}}})",
      m, number, account, made.time, number % 5, made.region, number % 3 == 0 ? "true" : "false",
      made.ours ? kOurs : kTheirs, recipient);
}

/// The events that kOurs sees, and those that it does not.
std::vector<Made> cast(bool whole) {
  const Made ours{.recipient = kOurs,
                  .identity = kOurs,
                  .ours = true,
                  .marker = "good",
                  .time = "2024-03-05T10:00:00Z",
                  .region = "eu-west-1"};
  const Made theirs{.recipient = kTheirs,
                    .identity = kTheirs,
                    .marker = kCanary,
                    .time = "2023-11-17T04:05:06Z",
                    .region = "ca-canary7f3-1"};
  std::vector<Made> out;
  for (int i = 0; i < 12; ++i) {
    Made one = ours;
    one.time = fmt::format("2024-03-{:02}T10:{:02}:00Z", 5 + i / 4, i);
    if (i == 7) one.recipient.clear();  // of old: known by who acted
    if (i == 8) one.identity.clear();
    if (i % 2 == 1) one.region = "us-east-1";
    out.push_back(one);
    if (!whole) continue;
    Made other = theirs;
    if (i % 3 == 0) other.time = one.time;  // of the same day, so in the same file of a lake
    if (i == 2) other.identity = kOurs;     // what ours did there is theirs
    if (i == 4) other.recipient.clear();
    if (i == 5) other.recipient.clear(), other.identity.clear();  // nobody's
    if (i == 6) other.recipient = "111122223334";
    if (i == 9) other.recipient = "1111222233331";
    out.push_back(other);
  }
  return out;
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

std::string text_of(const engine::Cell& cell) {
  using engine::TypeKind;
  if (cell.is_null()) return "NULL";
  std::string out;
  switch (cell.kind()) {
    case TypeKind::list:
      for (size_t i = 0; i < cell.size(); ++i) out += (i > 0 ? "," : "") + text_of(cell.at(i));
      return "[" + out + "]";
    case TypeKind::structure:
      for (size_t i = 0; i < cell.size(); ++i)
        out += (i > 0 ? "," : "") + cell.type().field_names[i] + "=" + text_of(cell.at(i));
      return "{" + out + "}";
    case TypeKind::map:
      for (size_t i = 0; i < cell.size(); ++i)
        out += (i > 0 ? "," : "") + text_of(cell.map_key(i)) + "=" + text_of(cell.map_value(i));
      return "{" + out + "}";
    default:
      return cell.to_text();
  }
}

std::string coverage_of(const source::Coverage& coverage) {
  std::string out = fmt::format(
      "read {} partial {} refused {} left out {} pruned {} not needed {} bytes {} events {} "
      "refused "
      "{} skipped {} warnings {}\n",
      coverage.files_read, coverage.files_partial, coverage.files_refused, coverage.files_left_out,
      coverage.files_pruned, coverage.files_not_needed, coverage.bytes_read, coverage.events,
      coverage.records_refused, coverage.records_skipped, coverage.warnings);
  for (const auto& file : coverage.files)
    out += fmt::format("{} {} {} {}\n", file.path, file.reason, file.bytes, file.events);
  for (const auto& problem : coverage.problems)
    out += fmt::format("{} {} {}\n", problem.file, problem.offset, problem.reason);
  return out;
}

}  // namespace

bool tells_of_others(std::string text) {
  text = to_lower(text);
  constexpr std::array kTold{"canary",     "444455556666", "111122223334", "1111222233331",
                             "2023-11-17", "2023/11/17",   "04:05:06"};
  return std::any_of(kTold.begin(), kTold.end(),
                     [&](const char* told) { return text.find(told) != std::string::npos; });
}

World::World()
    : folder_(std::filesystem::temp_directory_path() /
              fmt::format("cairn_isolation_{}_{}", ::getpid(), fmt::ptr(this))) {
  for (const bool whole : {true, false}) {
    const auto root = folder_ / (whole ? "all" : "own");
    write_logs(root / "logs", whole);
    make_lake(root);
  }
}

World::~World() {
  std::error_code failed;
  std::filesystem::remove_all(folder_, failed);
}

void World::write_logs(const std::filesystem::path& root, bool whole) const {
  std::string mixed;
  std::string keyed[2];
  int number[2] = {0, 0};
  for (const auto& made : cast(whole)) {
    const int n = number[made.ours ? 0 : 1]++;
    const auto record = record_of(made, n);
    const bool by_key = n % 4 == 3;
    std::string& into = by_key ? keyed[made.ours ? 0 : 1] : mixed;
    into += (into.empty() ? "" : ",\n") + record;
  }
  const auto wrapped = [](const std::string& records) {
    return "{\"Records\":[\n" + records + "\n]}";
  };
  write_file(root / "mixed" / "events.json", wrapped(mixed));
  const auto key = [](const std::string& account, const std::string& unique) {
    return fmt::format(
        "AWSLogs/{0}/CloudTrail/eu-west-1/2024/03/05/"
        "{0}_CloudTrail_eu-west-1_20240305T1000Z_{1}.json",
        account, unique);
  };
  write_file(root / key(kOurs, "GoodGoodGoodGood"), wrapped(keyed[0]));
  if (!whole) return;
  write_file(root / key(kTheirs, "Canary7f3Canary7"), wrapped(keyed[1]));
  write_file(root / "canary7f3.json", wrapped(record_of(cast(true)[1], 90)));
}

void World::make_lake(const std::filesystem::path& root) const {
  const io::SystemClock clock;
  auto lake = store::Lake::open({.location = (root / "lake").string()}, clock, true);
  ASSERT_TRUE(lake.ok()) << lake.error().message();
  const auto source = ingest::make_file_source({(root / "logs").string()});
  const std::atomic<bool> cancelled{false};
  ingest::IngestProgress progress;
  const auto report =
      ingest::ingest(lake.value(), *source, {.threads = 1}, clock, cancelled, progress);
  ASSERT_TRUE(report.ok()) << report.error().message();
}

query::Session World::open(Over over, bool whole, const query::SessionOptions& options) const {
  const auto root = folder_ / (whole ? "all" : "own");
  query::SessionOptions filled = options;
  if (over == Over::lake)
    filled.lake = query::LakeSource{.lake = {.location = (root / "lake").string()}};
  else
    filled.source.paths = {(root / "logs").string()};
  auto session = query::Session::open(std::move(filled));
  if (!session.ok()) ADD_FAILURE() << session.error().message();
  return std::move(session).value();
}

std::string answer(query::Session& session, const std::string& sql) {
  auto rows = session.sql(sql);
  if (!rows.ok()) return "error: " + rows.error().message();
  std::string head;
  for (const auto& column : rows.value().columns())
    head += (head.empty() ? "" : "|") + column.name + ":" + column.type.sql;
  std::vector<std::string> lines;
  while (true) {
    const auto more = rows.value().next();
    if (!more.ok()) return "error: " + more.error().message();
    if (!more.value()) break;
    for (size_t row = 0; row < rows.value().rows(); ++row) {
      std::string line;
      for (size_t column = 0; column < rows.value().columns().size(); ++column)
        line += (column > 0 ? "|" : "") + text_of(rows.value().cell(column, row));
      lines.push_back(std::move(line));
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string out = head;
  for (const auto& line : lines) out += "\n" + line;
  return out;
}

std::string outcome(query::Session& session, const std::string& sql) {
  const auto what = answer(session, sql);
  return what + "\n" + coverage_of(session.coverage());
}

}  // namespace cairn::isolation

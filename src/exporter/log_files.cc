#include "exporter/internal/log_files.h"

#include "io/file.h"
#include "model/key_layout.h"

#include <fmt/format.h>

#include <filesystem>

namespace cairn::exporter {
namespace {

constexpr std::string_view kBegin = "{\"Records\":[";
constexpr std::string_view kEnd = "]}";

/// 16 letters and digits that depend on the text: two FNV-1a hashes, in base 36.
std::string unique_part(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string out;
  for (uint64_t hash : {0xcbf29ce484222325ULL, 0x84222325cbf29ce4ULL}) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    for (int i = 0; i < 8; ++i, hash /= kDigits.size()) out += kDigits[hash % kDigits.size()];
  }
  return out;
}

Status make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!failed) return {};
  return io::system_error(fmt::format("cannot make the folder '{}'", folder.string()),
                          failed.value());
}

}  // namespace

void append_on_one_line(std::string& out, std::string_view json) {
  // Line ends within strings are escaped, so these stand between parts.
  for (const char c : json)
    if (c != '\n' && c != '\r') out += c;
}

Status LogFiles::add(const FileGroup& group, std::string_view record) {
  if (records_ > 0 &&
      (!(group == group_) || text_.size() + record.size() > options_.json_bytes_max))
    CAIRN_TRY(finish());
  if (records_ == 0) {
    group_ = group;
    text_ = kBegin;
  } else {
    text_ += ',';
  }
  text_ += record;
  ++records_;
  return {};
}

std::string LogFiles::path() const {
  // The end of the interval, which is when such a file would have been delivered.
  return model::log_file_key({.organization = options_.organization,
                              .account = group_.account,
                              .region = group_.region,
                              .insight = group_.insight,
                              .delivered_us = (group_.interval + 1) * options_.interval_us,
                              .unique = unique_part(text_)});
}

Status LogFiles::finish() {
  if (records_ == 0) return {};
  text_ += kEnd;
  const auto file = std::filesystem::path(options_.folder) / path();
  CAIRN_TRY(gzip_.compress(text_, compressed_));
  CAIRN_TRY(make_folder(file.parent_path()));
  CAIRN_TRY(io::write_file(file.string(), compressed_));
  ++report_.files;
  report_.events += records_;
  report_.json_bytes += text_.size();
  records_ = 0;
  return {};
}

Result<ExportReport> export_log_files(query::Session& session, const Filter& filter,
                                      const LogFileOptions& options,
                                      const std::atomic<bool>& cancelled) {
  LogFiles files(options);
  auto rows = CAIRN_TRY(session.sql(fmt::format(
      "SELECT eventJson, eventTime, coalesce(recipientAccountId, userIdentity.accountId, ''), "
      "coalesce(awsRegion, ''), coalesce(eventType = 'AwsCloudTrailInsight', false) "
      "FROM cloudtrail{} ORDER BY floor(epoch_us(eventTime)::DOUBLE / {}), 3, 4, 5, eventTime, "
      "eventID",
      where_clause(filter), options.interval_us)));
  for (;;) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) break;
    for (size_t row = 0; row < rows.rows() && !cancelled; ++row) {
      const int64_t time = rows.cell(1, row).timestamp_us();
      const int64_t interval =
          (time - (time < 0 ? options.interval_us - 1 : 0)) / options.interval_us;
      CAIRN_TRY(files.add({.account = std::string(rows.cell(2, row).text()),
                           .region = std::string(rows.cell(3, row).text()),
                           .insight = rows.cell(4, row).boolean(),
                           .interval = interval},
                          rows.cell(0, row).text()));
    }
    if (cancelled) break;
  }
  // A file that is not whole is not written: the same export makes it later.
  if (!cancelled) CAIRN_TRY(files.finish());
  return files.report();
}

}  // namespace cairn::exporter

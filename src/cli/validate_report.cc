#include "cli/validate_report.h"

#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

namespace cairn::cli {
namespace {

using integrity::CheckedDigest;
using integrity::CheckedLog;
using integrity::Finding;

/// A JSON object on its way out.
class Object {
 public:
  Object& add(std::string_view name, std::string_view text) {
    begin(name);
    append_json_string(out_, repair_utf8(text));
    return *this;
  }

  Object& add(std::string_view name, const std::optional<std::string>& text) {
    return text ? add(name, std::string_view(*text)) : raw(name, "null");
  }

  Object& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }

  Object& add(std::string_view name, const std::string& text) {
    return add(name, std::string_view(text));
  }

  Object& number(std::string_view name, uint64_t value) { return raw(name, fmt::to_string(value)); }

  Object& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }

  Object& time(std::string_view name, std::optional<int64_t> micros) {
    return micros ? add(name, format_iso8601(*micros)) : raw(name, "null");
  }

  Object& raw(std::string_view name, std::string_view json) {
    begin(name);
    out_ += json;
    return *this;
  }

  /// Without the brace at its end.
  const std::string& open() const { return out_; }

  std::string text() const { return out_ + "}"; }

 private:
  void begin(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    append_json_string(out_, name);
    out_ += ':';
  }

  std::string out_ = "{";
};

std::string tally_json(const integrity::Tally& tally) {
  return Object().number("valid", tally.valid).number("invalid", tally.invalid).text();
}

class TextReport final : public ChainReport {
 public:
  TextReport(ValidateOutput& output, const ChainSubject& subject, bool verbose)
      : output_(output),
        report_(
            {subject.trail, subject.chain.home_region, subject.start_us, subject.end_us, verbose},
            [&output](bool is_error, std::string_view text) {
              if (!is_error) return output.out(text);
              output.err(text);
              return !output.reader_gone();
            }),
        heading_(heading(subject)),
        bucket_(subject.bucket),
        is_copy_(!subject.place.empty()) {}

  void begin() override {
    if (!heading_.empty()) output_.out(heading_);
    report_.begin();
  }

  bool digest(const std::shared_ptr<const CheckedDigest>& digest) override {
    output_.count(*digest);
    ++digests_;
    if (!digest->signature.empty() && !digest->signature_from_next) any_metadata_ = true;
    return report_.digest(digest);
  }

  bool log(const CheckedLog& log) override {
    output_.count(log);
    return report_.log(log);
  }

  bool gap(const integrity::DigestGap& gap) override { return report_.gap(gap); }

  // Told after the AWS CLI's own words, which end with a summary.
  void finding(const Finding& finding) override { findings_ += describe(finding) + "\n"; }

  void end(const More& more) override {
    report_.end();
    if (more.counts) output_.out(counts_text(*more.counts));
    if (more.lake) output_.out(lake_text(*more.lake));
    if (!findings_.empty()) output_.err("\nBeyond what the AWS CLI checks:\n" + findings_ + "\n");
    if (more.lake) output_.err(unproven_text(*more.lake));
    if (is_copy_ && digests_ > 0 && !any_metadata_)
      output_.err(
          "hint: signatures are metadata of the objects, which this copy does not have; the "
          "manual's "
          "page validate-logs tells how to get them\n");
  }

  const integrity::WalkTotals& totals() const override { return report_.totals(); }

 private:
  static std::string counts_text(const integrity::ScrutinyCounts& counts) {
    auto text = fmt::format("{} log files lie in the folder", with_thousands(counts.logs));
    if (counts.pending > 0)
      text += fmt::format(", {} of them too new for a digest", with_thousands(counts.pending));
    return text + "\n";
  }

  /// One trail has a chain for each account and region.
  static std::string heading(const ChainSubject& subject) {
    if (!subject.one_of_several) return {};
    return fmt::format("Account {}, Region {}, s3://{}/{}\n", printable(subject.chain.account),
                       printable(subject.chain.region), printable(subject.bucket),
                       printable(subject.chain.prefix));
  }

  std::string lake_text(const LakeAnswer& lake) const {
    return fmt::format("{}/{} log files proven that the lake '{}' took\n",
                       with_thousands(lake.proven), with_thousands(lake.taken),
                       printable(lake.lake));
  }

  std::string unproven_text(const LakeAnswer& lake) const {
    std::string text;
    for (const auto& [key, why] : lake.unproven)
      text += fmt::format("In the lake\ts3://{}/{}\tUNPROVEN: {}\n", printable(bucket_),
                          printable(key), why);
    for (const auto& key : lake.not_taken)
      text += fmt::format("In the lake\ts3://{}/{}\tMISSING: the lake did not take it\n",
                          printable(bucket_), printable(key));
    return text;
  }

  ValidateOutput& output_;
  integrity::AwsReport report_;
  const std::string heading_;
  const std::string bucket_;
  const bool is_copy_;
  uint64_t digests_ = 0;
  bool any_metadata_ = false;
  std::string findings_;
};

class JsonReport final : public ChainReport {
 public:
  JsonReport(ValidateOutput& output, ChainSubject subject, bool first)
      : output_(output), subject_(std::move(subject)), first_(first) {}

  void begin() override {
    Object head;
    const auto& chain = subject_.chain;
    head.add("trail", subject_.trail)
        .add("account", chain.account)
        .add("region", chain.region)
        .add("homeRegion", chain.home_region);
    if (!chain.organization.empty()) head.add("organization", chain.organization);
    head.add("bucket", subject_.bucket).add("prefix", chain.prefix);
    if (!subject_.place.empty()) head.add("readFrom", subject_.place);
    head.time("start", subject_.start_us).time("end", subject_.end_us);
    output_.out((first_ ? "\n" : ",\n") + head.open() + ",\"files\":[");
  }

  bool digest(const std::shared_ptr<const CheckedDigest>& digest) override {
    output_.count(*digest);
    totals_.add(*digest, subject_.start_us, subject_.end_us);
    Object file;
    file.add("type", "digest").flag("backfill", digest->backfill);
    file.add("bucket", digest->bucket).add("key", digest->key);
    add_verdict(file, verdict(*digest, subject_.chain.home_region), digest->valid());
    if (!digest->detail.empty()) file.add("detail", digest->detail);
    if (digest->digest) {
      file.add("start", digest->digest->start_time).add("end", digest->digest->end_time);
      file.add("fingerprint", digest->digest->fingerprint);
      file.number("logFiles", digest->digest->log_files.size());
    }
    if (!digest->hash.empty()) file.add("sha256", digest->hash);
    if (digest->signature_from_next) file.add("signatureFrom", "next digest");
    return item(file);
  }

  bool log(const CheckedLog& log) override {
    output_.count(log);
    totals_.add(log);
    Object file;
    file.add("type", "log").add("bucket", log.file().bucket).add("key", log.file().object);
    add_verdict(file, verdict(log.fault), log.valid());
    file.add("expectedSha256", log.file().hash);
    if (!log.hash.empty()) file.add("sha256", log.hash);
    return item(file.number("bytes", log.size_bytes));
  }

  bool gap(const integrity::DigestGap& gap) override {
    Object file;
    file.add("type", "gap").flag("backfill", gap.backfill);
    return item(file.time("start", gap.older_end_us).time("end", gap.newer_start_us));
  }

  void finding(const Finding& finding) override {
    Object found;
    found.add("kind", name_of(finding.kind));
    if (!finding.key.empty()) found.add("bucket", finding.bucket).add("key", finding.key);
    if (finding.end_us > 0) found.time("start", finding.start_us).time("end", finding.end_us);
    if (!finding.detail.empty()) found.add("detail", finding.detail);
    findings_ += (findings_.empty() ? "\n" : ",\n") + found.text();
  }

  void end(const More& more) override {
    Object tail;
    tail.time("foundStart", totals_.found_start_us).time("foundEnd", totals_.found_end_us);
    tail.raw("digests", tally_json(totals_.digests))
        .raw("backfillDigests", tally_json(totals_.backfill_digests))
        .raw("logs", tally_json(totals_.logs))
        .number("logBytes", totals_.log_bytes)
        .number("logTextBytes", totals_.log_text_bytes);
    if (more.counts)
      tail.number("logsInFolder", more.counts->logs).number("logsTooNew", more.counts->pending);
    if (more.lake) tail.raw("lake", lake_json(*more.lake));
    tail.raw("findings", "[" + findings_ + "]");
    const bool lake_proven = !more.lake || more.lake->unproven.empty();
    tail.flag("valid", totals_.all_valid() && findings_.empty() && lake_proven);
    output_.out("]," + tail.text().substr(1));
  }

  const integrity::WalkTotals& totals() const override { return totals_; }

 private:
  static void add_verdict(Object& file, std::string_view verdict, bool valid) {
    file.flag("valid", valid);
    if (!valid) file.add("reason", verdict.substr(std::string_view("INVALID: ").size()));
  }

  static std::string lake_json(const LakeAnswer& lake) {
    std::string unproven;
    for (const auto& [key, why] : lake.unproven)
      unproven +=
          (unproven.empty() ? "" : ",") + Object().add("key", key).add("reason", why).text();
    std::string not_taken;
    for (const auto& key : lake.not_taken) {
      if (!not_taken.empty()) not_taken += ',';
      append_json_string(not_taken, repair_utf8(key));
    }
    return Object()
        .add("folder", lake.lake)
        .number("taken", lake.taken)
        .number("proven", lake.proven)
        .raw("unproven", "[" + unproven + "]")
        .raw("notTaken", "[" + not_taken + "]")
        .text();
  }

  bool item(const Object& file) {
    return output_.out((std::exchange(any_, true) ? ",\n" : "\n") + file.text());
  }

  ValidateOutput& output_;
  const ChainSubject subject_;
  const bool first_;
  integrity::WalkTotals totals_;
  bool any_ = false;
  std::string findings_;
};

}  // namespace

ValidateOutput::ValidateOutput(bool shows_progress, std::atomic<bool>& cancelled)
    : shows_progress_(shows_progress && is_terminal(STDERR_FILENO)),
      cancelled_(cancelled),
      sink_(STDOUT_FILENO, "standard output"),
      thread_([this] { watch(); }) {}

ValidateOutput::~ValidateOutput() {
  if (thread_.joinable()) (void)finish();
}

bool ValidateOutput::out(std::string_view text) {
  const std::lock_guard lock(mutex_);
  hide_progress();
  const bool written = sink_.write(text).ok();
  return is_terminal(STDOUT_FILENO) ? sink_.flush().ok() && written : written;
}

void ValidateOutput::err(std::string_view text) {
  const std::lock_guard lock(mutex_);
  hide_progress();
  (void)sink_.flush();
  print_error(text);
}

void ValidateOutput::count(const CheckedLog& log) {
  ++logs_;
  bytes_ += log.text_bytes;
}

void ValidateOutput::count(const CheckedDigest&) {
  ++digests_;
}

Status ValidateOutput::finish() {
  done_ = true;
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  hide_progress();
  return sink_.flush();
}

void ValidateOutput::hide_progress() {
  if (std::exchange(progress_shown_, false)) print_error("\r\x1b[K");
}

void ValidateOutput::watch() {
  using std::chrono::steady_clock;
  const auto began = steady_clock::now();
  for (int tick = 1; !done_; ++tick) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (interrupted()) cancelled_ = true;
    const double seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
    if (!shows_progress_ || seconds < 0.5 || tick % 10 != 0) continue;
    const std::lock_guard lock(mutex_);
    print_error(
        fmt::format("\r\x1b[K{} digests  {} log files  {}  {}/s", with_thousands(digests_),
                    with_thousands(logs_), human_bytes(bytes_),
                    human_bytes(static_cast<uint64_t>(static_cast<double>(bytes_) / seconds))));
    progress_shown_ = true;
  }
}

std::unique_ptr<ChainReport> make_text_report(ValidateOutput& output, const ChainSubject& subject,
                                              bool verbose) {
  return std::make_unique<TextReport>(output, subject, verbose);
}

std::unique_ptr<ChainReport> make_json_report(ValidateOutput& output, const ChainSubject& subject,
                                              bool first) {
  return std::make_unique<JsonReport>(output, subject, first);
}

namespace {

std::string proof_text(const EventAnswer& answer) {
  const auto& log = answer.place->log;
  const auto& digest = *log.digest->digest;
  const auto at = [](std::string_view bucket, std::string_view key) {
    return fmt::format("s3://{}/{}", printable(bucket), printable(key));
  };
  std::string text;
  text += fmt::format("Record       {} of {} in\n", answer.record->number, answer.record->records);
  text += fmt::format("Log file     {}\n             {}\n",
                      at(log.file().bucket, log.file().object), verdict(log.fault));
  text += fmt::format("  SHA-256    {}\n  in digest  {}\n", log.hash, printable(log.file().hash));
  text += fmt::format("Digest file  {}\n             {}; names the log file as {} of {}\n",
                      at(log.digest->bucket, log.digest->key),
                      log.digest->valid() ? "valid" : "INVALID", log.index + 1,
                      digest.log_files.size());
  text += fmt::format("  covers     {} to {}\n  SHA-256    {}\n", printable(digest.start_time),
                      printable(digest.end_time), log.digest->hash);
  text += fmt::format("  signature  {}{}\n", printable(log.digest->signature),
                      log.digest->signature_from_next ? " (from the next digest)" : "");
  text += fmt::format("Public key   {}", printable(digest.fingerprint));
  if (answer.key != nullptr && answer.key->valid_from_us && answer.key->valid_to_us)
    text += fmt::format(", valid from {} to {}", format_iso8601(*answer.key->valid_from_us),
                        format_iso8601(*answer.key->valid_to_us));
  const auto agrees = answer.next_agrees();
  if (!agrees)
    text += "\nNext digest  none names this one yet\n";
  else
    text += fmt::format(
        "\nNext digest  {}\n             names this digest with {} hash value and "
        "signature\n",
        at(answer.place->next_digest->bucket, answer.place->next_digest->key),
        *agrees ? "the same" : "ANOTHER");
  return text;
}

}  // namespace

std::optional<bool> EventAnswer::next_agrees() const {
  if (!place || place->next_digest == nullptr) return std::nullopt;
  const auto& next = *place->next_digest->digest;
  const auto& digest = *place->log.digest;
  return to_lower(next.previous_hash.value_or("")) == digest.hash &&
         to_lower(next.previous_signature.value_or("")) == to_lower(digest.signature);
}

bool EventAnswer::proven() const {
  return place && record && place->log.valid() && place->log.digest->valid() &&
         next_agrees().value_or(true);
}

std::string event_text(const EventAnswer& answer) {
  std::string text = fmt::format("Event        {}\n", printable(answer.event_id));
  if (answer.place && answer.record)
    text += proof_text(answer);
  else if (!answer.unnamed_key.empty())
    text += fmt::format("Log file     s3://{}/{}\n             no valid digest names it\n",
                        printable(answer.unnamed_bucket), printable(answer.unnamed_key));
  else
    return text + fmt::format("NOT FOUND in {} log files\n", with_thousands(answer.logs_searched));
  return text + (answer.proven() ? "PROVEN\n" : "NOT PROVEN\n");
}

std::string event_json(const EventAnswer& answer) {
  Object out;
  out.add("eventID", answer.event_id).flag("proven", answer.proven());
  if (answer.place && answer.record) {
    const auto& log = answer.place->log;
    const auto& digest = *log.digest->digest;
    out.number("record", answer.record->number).number("records", answer.record->records);
    Object file;
    file.add("bucket", log.file().bucket).add("key", log.file().object).flag("valid", log.valid());
    file.add("verdict", verdict(log.fault)).add("sha256", log.hash);
    out.raw("logFile", file.add("expectedSha256", log.file().hash).text());
    Object signed_by;
    signed_by.add("bucket", log.digest->bucket).add("key", log.digest->key);
    signed_by.flag("valid", log.digest->valid()).number("position", log.index + 1);
    signed_by.add("start", digest.start_time).add("end", digest.end_time);
    signed_by.add("sha256", log.digest->hash).add("signature", log.digest->signature);
    signed_by.add("stringToSign", string_to_sign(digest, log.digest->hash));
    out.raw("digest", signed_by.add("fingerprint", digest.fingerprint).text());
    if (answer.key != nullptr)
      out.raw("publicKey", Object()
                               .time("validFrom", answer.key->valid_from_us)
                               .time("validTo", answer.key->valid_to_us)
                               .text());
    if (const auto agrees = answer.next_agrees())
      out.raw("nextDigest", Object()
                                .add("bucket", answer.place->next_digest->bucket)
                                .add("key", answer.place->next_digest->key)
                                .flag("agrees", *agrees)
                                .text());
    out.raw("event", answer.record->text);
  } else if (!answer.unnamed_key.empty()) {
    out.raw("logFile", Object()
                           .add("bucket", answer.unnamed_bucket)
                           .add("key", answer.unnamed_key)
                           .flag("named", false)
                           .text());
  }
  return out.number("logsSearched", answer.logs_searched).text() + "\n";
}

}  // namespace cairn::cli

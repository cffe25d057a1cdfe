#include "cli/validate_run.h"

#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/source_arguments.h"
#include "cli/validate_lake.h"
#include "ingest/source.h"
#include "integrity/survey.h"
#include "io/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace cairn::cli {
namespace {

/// Requests to S3 wait more than they work.
constexpr int kBucketThreads = 16;

/// `arn:aws:cloudtrail:us-east-1:111122223333:trail/NAME`, apart.
struct TrailArn {
  std::string home_region;
  std::string account;
  std::string trail;
};

Error wrong(std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message)};
}

Result<TrailArn> parse_trail_arn(const std::string& arn) {
  std::vector<std::string> parts;
  for (size_t begin = 0; parts.size() < 5;) {
    const auto end = arn.find(':', begin);
    if (end == arn.npos) break;
    parts.push_back(arn.substr(begin, end - begin));
    begin = end + 1;
    if (parts.size() == 5) parts.push_back(arn.substr(begin));
  }
  const bool fine = parts.size() == 6 && parts[0] == "arn" && parts[2] == "cloudtrail" &&
                    !parts[3].empty() && is_account_id(parts[4]) &&
                    parts[5].starts_with("trail/") && parts[5].size() > 6;
  if (!fine)
    return wrong(
        fmt::format("Invalid trail ARN provided: {}\nhint: write it as "
                    "arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME",
                    printable(arn)));
  return TrailArn{parts[3], parts[4], parts[5].substr(parts[5].rfind('/') + 1)};
}

std::string without_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

/// What was asked for, complete.
struct Request {
  std::optional<TrailArn> trail;
  integrity::ChainFilter filter;
  std::optional<int64_t> start_us;
  int64_t end_us = 0;
  int64_t now_us = 0;
};

/// Where the files are read.
struct Source {
  std::unique_ptr<AwsAccess> access;
  std::unique_ptr<io::ObjectStore> folder;
  io::ObjectStore* store = nullptr;
  std::string bucket;  ///< by which digests know it, as far as that is known before reading any
  std::string opened_bucket;  ///< in which they are, if it is one
  bool is_copy = false;
  std::string place;  ///< of a copy, for people
};

/// Splits `…/AWSLogs/o-id/ACCOUNT/CloudTrail-Digest/REGION/…` into what comes before AWSLogs and
/// what narrows the chains.
std::string take_narrowing(std::string path, integrity::ChainFilter& filter) {
  path = without_slashes(path);
  const auto padded = "/" + path + "/";
  const auto at = padded.rfind("/AWSLogs/");
  if (at == padded.npos) return path;
  std::vector<std::string> below;
  for (size_t begin = at + 9; begin < padded.size();) {
    const auto end = padded.find('/', begin);
    below.push_back(padded.substr(begin, end - begin));
    begin = end + 1;
  }
  size_t next = 0;
  if (next < below.size() && below[next].starts_with("o-")) ++next;
  if (next < below.size() && !is_account_id(below[next])) return path;  // a folder of that name
  if (next < below.size() && filter.account.empty()) filter.account = below[next];
  if (next + 2 < below.size() && filter.region.empty()) filter.region = below[next + 2];
  return without_slashes(padded.substr(0, at + 1));
}

/// CloudTrail's own; tells how to do without.
class AskedKeys final : public integrity::KeySource {
 public:
  explicit AskedKeys(std::unique_ptr<integrity::TrailService> service)
      : service_(std::move(service)) {}

  Result<integrity::PublicKeys> keys(const std::string& region, int64_t start_us,
                                     int64_t end_us) override {
    auto keys = service_->keys(region, start_us, end_us);
    if (keys.ok()) return keys;
    return Error{keys.error().kind(),
                 keys.error().message() + "\nhint: with --public-keys nobody needs to be asked"};
  }

 private:
  std::unique_ptr<integrity::TrailService> service_;
};

class Validation {
 public:
  /// `lake` may be null. `several`: other chains are told of too.
  Validation(const ValidateArguments& arguments, std::atomic<bool>& cancelled,
             ValidateOutput& output, store::Lake* lake, bool several)
      : arguments_(arguments),
        cancelled_(cancelled),
        output_(output),
        lake_(lake),
        several_(several) {}

  /// Whether all is valid. `first` says whether no chain has been told of before, and is changed.
  Result<bool> run(bool& first) {
    CAIRN_TRY(read_request());
    CAIRN_TRY(open_source());
    CAIRN_TRY(open_keys());
    const auto chains = CAIRN_TRY(find());
    if (!arguments_.event.empty()) return prove(chains);
    bool valid = true;
    several_ = several_ || chains.size() > 1;
    for (const auto& chain : chains) {
      if (output_.reader_gone()) break;
      const bool begins = std::exchange(first, false);
      if (!begins && arguments_.output != "json") output_.out("\n");
      const bool good = CAIRN_TRY(validate(chain, begins));
      valid = valid && good;
    }
    return valid;
  }

 private:
  Status read_request() {
    request_.now_us = io::SystemClock().now_us();
    request_.end_us = request_.now_us;
    if (!arguments_.end.empty())
      request_.end_us =
          CAIRN_TRY(parse_time_argument("--end-time", arguments_.end, request_.now_us));
    if (!arguments_.start.empty())
      request_.start_us =
          CAIRN_TRY(parse_time_argument("--start-time", arguments_.start, request_.now_us));
    if (request_.start_us && *request_.start_us > request_.end_us)
      return wrong("Invalid time range specified: start-time must occur before end-time");
    auto& filter = request_.filter;
    filter.account = arguments_.account;
    filter.region = arguments_.buckets.region;
    if (arguments_.has_prefix) filter.prefix = without_slashes(arguments_.s3_prefix);
    if (arguments_.trail_arn.empty()) return {};
    request_.trail = CAIRN_TRY(parse_trail_arn(arguments_.trail_arn));
    filter.trail = request_.trail->trail;
    filter.home_region = request_.trail->home_region;
    filter.trail_account = request_.trail->account;
    return {};
  }

  Status open_access() {
    if (source_.access != nullptr) return {};
    auto arguments = arguments_.buckets;
    arguments.region.clear();  // that of the events; where the bucket is, is found out
    source_.access = CAIRN_TRY(AwsAccess::open(arguments, &cancelled_));
    return {};
  }

  Status open_source() {
    if (!arguments_.source.empty() && !io::is_s3_url(arguments_.source)) return open_folder();
    std::string bucket = arguments_.s3_bucket;
    if (!arguments_.source.empty()) {
      const auto url = CAIRN_TRY(io::parse_s3_url(arguments_.source));
      auto prefix = take_narrowing(url.prefix, request_.filter);
      if (!request_.filter.prefix && (url.prefix != prefix || !prefix.empty()))
        request_.filter.prefix = std::move(prefix);
      source_.bucket = bucket.empty() ? url.bucket : bucket;
      bucket = url.bucket;
    }
    CAIRN_TRY(open_access());
    if (bucket.empty()) {
      if (!request_.trail)
        return wrong(
            "nothing to validate\nhint: name a folder or s3://bucket, or a trail with "
            "--trail-arn");
      const auto service = CAIRN_TRY(source_.access->trail_service());
      const auto place =
          CAIRN_TRY(service->find_trail(arguments_.trail_arn, request_.trail->home_region));
      bucket = place.bucket;
      if (!request_.filter.prefix) request_.filter.prefix = without_slashes(place.prefix);
    } else if (arguments_.source.empty() && !request_.filter.prefix) {
      request_.filter.prefix = "";  // as the AWS CLI takes --s3-bucket without --s3-prefix
    }
    if (source_.bucket.empty()) source_.bucket = bucket;
    source_.opened_bucket = bucket;
    source_.store = CAIRN_TRY(source_.access->bucket(bucket));
    source_.is_copy = arguments_.moved;
    source_.place = source_.store->uri("");
    return {};
  }

  Status open_folder() {
    std::error_code failed;
    const auto path = std::filesystem::absolute(arguments_.source, failed).lexically_normal();
    auto& filter = request_.filter;
    // In a folder the prefix is what the digests say, not where they lie.
    recorded_prefix_ = std::exchange(filter.prefix, std::nullopt);
    const auto root = "/" + take_narrowing(path.string(), filter);
    source_.folder = CAIRN_TRY(io::open_folder_store(root, false));
    source_.store = source_.folder.get();
    source_.bucket = arguments_.s3_bucket.empty() ? std::filesystem::path(root).filename().string()
                                                  : arguments_.s3_bucket;
    source_.is_copy = true;
    source_.place = root;
    return {};
  }

  Status open_keys() {
    if (!arguments_.public_keys.empty()) {
      auto keys = CAIRN_TRY(integrity::read_public_keys(arguments_.public_keys));
      keys_ = std::make_unique<integrity::FixedKeys>(std::move(keys));
      return {};
    }
    CAIRN_TRY(open_access());
    auto service = CAIRN_TRY(source_.access->trail_service());
    keys_ = std::make_unique<AskedKeys>(std::move(service));
    return {};
  }

  /// What narrows the chains, for a message.
  std::string asked_for() const {
    std::string text;
    const auto add = [&](std::string_view what, std::string_view value) {
      if (!value.empty()) text += fmt::format(" of {} {}", what, printable(value));
    };
    add("account", request_.filter.account);
    add("region", request_.filter.region);
    if (request_.start_us) text += " in that time";
    return text;
  }

  /// The chains as they lie in the store.
  Result<std::vector<integrity::DigestChain>> find() {
    auto chains = CAIRN_TRY(integrity::find_chains(*source_.store, request_.filter,
                                                   request_.start_us.value_or(0), request_.end_us));
    if (!chains.empty()) return chains;
    if (!request_.trail)
      return Error{ErrorKind::not_found,
                   fmt::format("no digest files{} in '{}'\nhint: they lie below "
                               "AWSLogs/ACCOUNT/CloudTrail-Digest/ of a trail with log file "
                               "validation",
                               asked_for(), printable(source_.place))};
    // The AWS CLI tells of a trail without digests as of any other.
    integrity::DigestChain chain;
    chain.prefix = request_.filter.prefix.value_or("");
    chain.account = arguments_.account.empty() ? request_.trail->account : arguments_.account;
    chain.region =
        request_.filter.region.empty() ? request_.trail->home_region : request_.filter.region;
    chain.trail = request_.trail->trail;
    chain.home_region = request_.trail->home_region;
    return std::vector{chain};
  }

  /// A chain with all that its walk needs.
  struct Walk {
    ChainSubject subject;
    std::unique_ptr<integrity::Archive> archive;
    integrity::WalkOptions options;
  };

  Result<Walk> prepare(const integrity::DigestChain& lies) {
    Walk walk;
    walk.subject.chain = lies;
    walk.subject.bucket = source_.bucket;
    walk.subject.end_us = request_.end_us;
    walk.subject.one_of_several = several_;
    if (request_.start_us) {
      walk.subject.start_us = *request_.start_us;
    } else {
      const auto oldest = CAIRN_TRY(integrity::oldest_digest(*source_.store, lies));
      walk.subject.start_us = oldest.value_or(request_.end_us) - kMicrosPerHour;
    }
    if (source_.is_copy) {
      auto names = CAIRN_TRY(integrity::recorded_names(*source_.store, lies, walk.subject.start_us,
                                                       walk.subject.end_us, source_.bucket));
      if (!arguments_.s3_bucket.empty()) names.bucket = arguments_.s3_bucket;
      if (recorded_prefix_) names.recorded_prefix = *recorded_prefix_;
      walk.subject.bucket = names.bucket;
      walk.subject.chain.prefix = names.recorded_prefix;
      walk.subject.place = source_.place;
      walk.archive = std::make_unique<integrity::CopiedBucket>(*source_.store, std::move(names));
    } else {
      walk.archive = std::make_unique<integrity::OriginalBuckets>(
          [this](const std::string& bucket) -> Result<io::ObjectStore*> {
            io::ObjectStore* const store = CAIRN_TRY(source_.access->bucket(bucket));
            return store;
          });
    }
    walk.subject.trail = trail_name(walk.subject.chain);
    walk.options.start_us = walk.subject.start_us;
    walk.options.end_us = walk.subject.end_us;
    walk.options.threads = threads();
    walk.options.event_id = arguments_.event;
    walk.options.cancelled = &cancelled_;
    return walk;
  }

  std::string trail_name(const integrity::DigestChain& chain) const {
    if (!arguments_.trail_arn.empty()) return arguments_.trail_arn;
    if (chain.organization.empty()) return trail_arn(chain);
    return fmt::format("{} of {}", chain.trail, chain.organization);
  }

  int threads() const {
    if (arguments_.threads > 0) return arguments_.threads;
    if (source_.folder == nullptr) return kBucketThreads;
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  }

  Result<bool> validate(const integrity::DigestChain& lies, bool first) {
    auto walk = CAIRN_TRY(prepare(lies));
    const auto report = arguments_.output == "json"
                            ? make_json_report(output_, walk.subject, first)
                            : make_text_report(output_, walk.subject, arguments_.verbose);
    bool found_more = false;
    const integrity::ChainNotes::Found found = [&](const integrity::Finding& finding) {
      found_more = true;
      report->finding(finding);
    };
    integrity::ChainNotes notes(walk.subject.chain, report.get(), found);
    report->begin();
    CAIRN_TRY(integrity::walk(*walk.archive, *keys_, walk.subject.chain, walk.subject.bucket,
                              walk.options, notes));
    ChainReport::More more;
    if (arguments_.deep)
      more.counts = CAIRN_TRY(integrity::scrutinize(*walk.archive, *keys_, walk.subject.chain,
                                                    walk.subject.bucket, walk.options,
                                                    request_.now_us, notes, found));
    if (lake_ != nullptr) more.lake = CAIRN_TRY(ask_lake(walk.subject, lies, notes));
    report->end(more);
    const bool lake_proven = !more.lake || more.lake->unproven.empty();
    return report->totals().all_valid() && !found_more && lake_proven;
  }

  Result<LakeAnswer> ask_lake(const ChainSubject& subject, const integrity::DigestChain& lies,
                              const integrity::ChainNotes& notes) {
    LakeQuestion question{subject, notes, *source_.store};
    question.folder = log_folder(lies);
    if (source_.folder == nullptr) {
      question.source = "s3://" + source_.opened_bucket;
    } else {
      question.source = ingest::kLocalSource;
      // The ledger has paths as they were given, made absolute; links in them are not followed.
      question.root = source_.place.ends_with('/') ? source_.place : source_.place + "/";
    }
    return check_lake(*lake_, question);
  }

  Result<bool> prove(const std::vector<integrity::DigestChain>& chains) {
    EventAnswer answer;
    answer.event_id = arguments_.event;
    integrity::PublicKeys keys;
    for (const auto& lies : chains) {
      auto walk = CAIRN_TRY(prepare(lies));
      CAIRN_TRY(search(walk, answer));
      if (!answer.place) continue;
      const auto& digest = *answer.place->log.digest;
      keys = CAIRN_TRY(keys_->keys(lies.region, walk.options.start_us,
                                   walk.options.end_us + 2 * kMicrosPerHour));
      answer.key = keys.find(digest.digest->fingerprint);
      const auto& file = answer.place->log.file();
      answer.record = CAIRN_TRY(
          integrity::read_event(*walk.archive, file.bucket, file.object, arguments_.event));
      break;
    }
    output_.out(arguments_.output == "json" ? event_json(answer) : event_text(answer));
    return answer.proven();
  }

  /// Through the log files that digests name, then through those that none names.
  Status search(Walk& walk, EventAnswer& answer) {
    CountingVisitor counter(output_);
    integrity::EventSearch search(&counter);
    integrity::ChainNotes notes(walk.subject.chain, &search, [](const integrity::Finding&) {});
    CAIRN_TRY(integrity::walk(*walk.archive, *keys_, walk.subject.chain, walk.subject.bucket,
                              walk.options, notes));
    answer.logs_searched += search.logs_searched();
    answer.place = search.found();
    if (answer.place || !answer.unnamed_key.empty()) return {};
    std::vector<integrity::Finding> unnamed;
    CAIRN_TRY(integrity::scrutinize(
        *walk.archive, *keys_, walk.subject.chain, walk.subject.bucket, walk.options,
        request_.now_us, notes, [&](const integrity::Finding& finding) {
          using Kind = integrity::Finding::Kind;
          if (finding.kind == Kind::log_unnamed || finding.kind == Kind::log_unproven ||
              finding.kind == Kind::log_overdue)
            unnamed.push_back(finding);
        }));
    for (const auto& log : unnamed) {
      if (cancelled_) return Error{ErrorKind::unavailable, "interrupted"};
      ++answer.logs_searched;
      const bool holds =
          CAIRN_TRY(integrity::holds_event(*walk.archive, log.bucket, log.key, arguments_.event));
      if (!holds) continue;
      answer.unnamed_bucket = log.bucket;
      answer.unnamed_key = log.key;
      return {};
    }
    return {};
  }

  /// Feeds the progress line.
  class CountingVisitor final : public integrity::WalkVisitor {
   public:
    explicit CountingVisitor(ValidateOutput& output) : output_(output) {}

    bool digest(const std::shared_ptr<const integrity::CheckedDigest>& digest) override {
      output_.count(*digest);
      return true;
    }

    bool log(const integrity::CheckedLog& log) override {
      output_.count(log);
      return true;
    }

    bool gap(const integrity::DigestGap&) override { return true; }

   private:
    ValidateOutput& output_;
  };

  const ValidateArguments& arguments_;
  std::atomic<bool>& cancelled_;
  ValidateOutput& output_;
  store::Lake* const lake_;
  Request request_;
  Source source_;
  std::optional<std::string> recorded_prefix_;
  std::unique_ptr<integrity::KeySource> keys_;
  bool several_ = false;  ///< chains are told of
};

}  // namespace

Result<int> validate_all(const ValidateArguments& arguments, std::atomic<bool>& cancelled,
                         ValidateOutput& output) {
  const bool json = arguments.output == "json" && arguments.event.empty();
  std::vector<std::string> sources{arguments.source};
  std::optional<store::Lake> lake;
  const io::SystemClock clock;
  if (arguments.asks_lake()) {
    const auto options = CAIRN_TRY(lake_options(arguments.lake));
    lake = CAIRN_TRY(store::Lake::open(options, clock, false));
    if (arguments.source.empty() && arguments.s3_bucket.empty() && arguments.trail_arn.empty())
      sources = CAIRN_TRY(sources_of(*lake));
    if (sources.empty())
      return Error{ErrorKind::not_found,
                   fmt::format("the lake '{}' took nothing that lay below AWSLogs/\nhint: name the "
                               "bucket whose digests prove it",
                               printable(lake->options().location))};
  }
  if (json) output.out("{\"chains\":[");
  bool valid = true;
  bool first = true;
  for (const auto& source : sources) {
    auto one = arguments;
    one.source = source;
    Validation validation(one, cancelled, output, lake ? &*lake : nullptr, sources.size() > 1);
    auto good = validation.run(first);
    // Of the places from which a lake took, some may have no digests: that is an answer.
    if (!good.ok() && sources.size() > 1 && good.error().kind() == ErrorKind::not_found) {
      output.err(fmt::format("{}\n", good.error().message()));
      good = false;
    }
    if (!good.ok()) return std::move(good).error();
    valid = valid && good.value();
  }
  if (json) output.out(fmt::format("],\"valid\":{}}}\n", valid));
  return static_cast<int>(valid ? exit_done : exit_failed);
}

}  // namespace cairn::cli

#include "cli/bucket_arguments.h"

#include "base/text.h"
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>

namespace cairn::cli {
namespace {

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

aws::Addressing addressing_of(const std::string& name) {
  if (name == "path") return aws::Addressing::path;
  if (name == "virtual") return aws::Addressing::virtual_host;
  return aws::Addressing::automatic;
}

}  // namespace

Result<uint64_t> parse_amount(std::string_view option, const std::string& text) {
  uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit = to_lower(std::string_view(end, text.data() + text.size()));
  uint64_t factor = 0;
  if (unit.empty() || unit == "b") factor = 1;
  if (unit == "k" || unit == "kb") factor = 1000;
  if (unit == "m" || unit == "mb") factor = 1'000'000;
  if (unit == "g" || unit == "gb") factor = 1'000'000'000;
  if (unit == "t" || unit == "tb") factor = 1'000'000'000'000;
  uint64_t bytes = 0;
  if (wrong != std::errc() || factor == 0 || number == 0 ||
      __builtin_mul_overflow(number, factor, &bytes))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("{}: '{}' is no amount\nhint: write 500KB, 10MB or 1GB", option,
                             printable(text))};
  return bytes;
}

namespace {

/// Options that both kinds of buckets have; `prefix` begins their names.
void add_reach_options(CLI::App& command, BucketArguments& arguments, const std::string& prefix,
                       const std::string& group) {
  command
      .add_option(prefix + "profile", arguments.profile,
                  "Profile of the AWS configuration (default: as the AWS CLI finds it)")
      ->type_name("NAME")
      ->group(group);
  command
      .add_option(prefix + "region", arguments.region, "Region of the bucket (default: found out)")
      ->type_name("REGION")
      ->group(group);
  command
      .add_option(prefix + "endpoint-url", arguments.endpoint,
                  "S3-compatible service, such as http://127.0.0.1:9000 (default: AWS)")
      ->type_name("URL")
      ->group(group);
  command
      .add_option(prefix + "addressing", arguments.addressing,
                  "How the bucket stands in URLs: auto, path or virtual")
      ->check(one_of({"auto", "path", "virtual"}))
      ->group(group);
  command
      .add_option(prefix + "ca-bundle", arguments.ca_bundle, "Certificates to trust, a PEM file")
      ->type_name("FILE")
      ->group(group);
  command.add_option(prefix + "bandwidth", arguments.bandwidth, "Limit of a second, such as 10MB")
      ->type_name("AMOUNT")
      ->group(group);
  command
      .add_flag(prefix + "request-payer", arguments.requester_pays,
                "Pay for requests to the bucket")
      ->group(group);
}

}  // namespace

void add_lake_bucket_options(CLI::App& command, BucketArguments& arguments) {
  const std::string group = "Lake on S3";
  add_reach_options(command, arguments, "--lake-", group);
  command
      .add_option(
          "--lake-sse", arguments.encryption,
          "How S3 encrypts what is written: AES256 or aws:kms (default: as the bucket says)")
      ->check(one_of({"AES256", "aws:kms"}))
      ->group(group);
  command.add_option("--lake-kms-key", arguments.kms_key, "KMS key for --lake-sse aws:kms")
      ->type_name("KEY")
      ->group(group);
}

BucketArguments BucketArguments::or_else(const BucketArguments& others) const {
  BucketArguments both = *this;
  const auto take = [](std::string& mine, const std::string& other) {
    if (mine.empty()) mine = other;
  };
  take(both.profile, others.profile);
  take(both.region, others.region);
  take(both.endpoint, others.endpoint);
  take(both.ca_bundle, others.ca_bundle);
  take(both.bandwidth, others.bandwidth);
  if (both.addressing == "auto") both.addressing = others.addressing;
  both.requester_pays |= others.requester_pays;
  return both;
}

void add_bucket_options(CLI::App& command, BucketArguments& arguments) {
  const std::string group = "Buckets";
  add_reach_options(command, arguments, "--", group);
  command.add_flag("--no-sign-request", arguments.anonymous, "Without credentials: public buckets")
      ->group(group);
}

Result<std::unique_ptr<AwsAccess>> AwsAccess::open(const BucketArguments& arguments,
                                                   const std::atomic<bool>* cancelled) {
  auto settings = CAIRN_TRY(io::AwsSettings::load(variable, arguments.profile));
  const uint64_t bandwidth =
      arguments.bandwidth.empty() ? 0 : CAIRN_TRY(parse_amount("--bandwidth", arguments.bandwidth));
  std::unique_ptr<AwsAccess> access(new AwsAccess(arguments, std::move(settings)));
  access->bandwidth_ = bandwidth;
  access->cancelled_ = cancelled;
  access->credentials_ =
      arguments.anonymous
          ? io::make_static_credentials({})
          : io::make_credentials_chain(access->settings_,
                                       {access->clock_, access->waiter_, access->random_});
  return access;
}

io::AwsWorld AwsAccess::world() {
  return {*credentials_, clock_, waiter_, random_, cancelled_};
}

io::S3Options AwsAccess::bucket_options(const std::string& name) const {
  io::S3Options options;
  options.bucket = name;
  options.region = arguments_.region.empty() ? settings_.region() : arguments_.region;
  options.endpoint = arguments_.endpoint.empty() ? settings_.endpoint("s3") : arguments_.endpoint;
  options.addressing = addressing_of(arguments_.addressing);
  options.requester_pays = arguments_.requester_pays;
  options.ca_bundle = arguments_.ca_bundle.empty() ? settings_.ca_bundle() : arguments_.ca_bundle;
  options.proxy = settings_.proxy();
  options.no_proxy = settings_.no_proxy();
  options.bandwidth_bytes_per_second = bandwidth_;
  if (arguments_.encryption == "AES256") options.encryption = io::ServerEncryption::aes256;
  if (arguments_.encryption == "aws:kms") options.encryption = io::ServerEncryption::kms;
  options.kms_key = arguments_.kms_key;
  return options;
}

Result<io::S3Store*> AwsAccess::bucket(const std::string& name) {
  auto& store = buckets_[name];
  if (store == nullptr) store = CAIRN_TRY(io::open_s3_store(bucket_options(name), world()));
  return store.get();
}

Result<std::unique_ptr<io::ObjectStore>> AwsAccess::open_url(const std::string& url,
                                                             int64_t retry_budget_ms) {
  const auto place = CAIRN_TRY(io::parse_s3_url(url));
  auto options = bucket_options(place.bucket);
  options.prefix = place.prefix;
  options.retries.budget_ms = retry_budget_ms;
  auto store = CAIRN_TRY(io::open_s3_store(std::move(options), world()));
  return std::unique_ptr<io::ObjectStore>(std::move(store));
}

Result<std::unique_ptr<io::Queue>> AwsAccess::queue(const std::string& url) {
  io::QueueOptions options;
  options.url = url;
  options.region = arguments_.region;
  options.endpoint = settings_.endpoint("sqs");
  options.http.ca_bundle =
      arguments_.ca_bundle.empty() ? settings_.ca_bundle() : arguments_.ca_bundle;
  options.http.proxy = settings_.proxy();
  options.http.no_proxy = settings_.no_proxy();
  return io::open_queue(std::move(options), world());
}

Result<std::unique_ptr<integrity::TrailService>> AwsAccess::trail_service() {
  integrity::TrailServiceOptions options;
  options.endpoint =
      arguments_.endpoint.empty() ? settings_.endpoint("cloudtrail") : arguments_.endpoint;
  options.http.ca_bundle =
      arguments_.ca_bundle.empty() ? settings_.ca_bundle() : arguments_.ca_bundle;
  options.http.proxy = settings_.proxy();
  options.http.no_proxy = settings_.no_proxy();
  return integrity::open_trail_service(options, world());
}

}  // namespace cairn::cli

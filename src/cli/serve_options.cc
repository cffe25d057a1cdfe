#include "cli/serve_options.h"

#include "base/text.h"
#include "base/time.h"
#include "cli/config_file.h"
#include "cli/home_arguments.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace cairn::cli {
namespace {

constexpr int64_t kRefillIntervals = 5;  ///< of --flush-interval between commits of a trickle
/// One body of the largest kind has room.
constexpr int kBodyMegabytesMin = 64;
constexpr int kBodyMegabytesMax = 1 << 20;

/// `NAME=VALUE`
Result<std::pair<std::string, std::string>> parse_pair(std::string_view option,
                                                       const std::string& text,
                                                       std::string_view example) {
  const auto equals = text.find('=');
  if (equals == text.npos || equals == 0 || equals + 1 == text.size())
    return Error{
        ErrorKind::invalid_argument,
        fmt::format("{}: '{}' is not NAME=VALUE\nhint: such as {}", option, text, example)};
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<trails::NoticeTarget> parse_target(const std::string& text) {
  trails::NoticeTarget target;
  std::string_view rest = text;
  if (rest.ends_with(",raw")) {
    target.raw = true;
    rest.remove_suffix(4);
  }
  if (rest.starts_with("sqs:")) {
    target.kind = trails::NoticeTarget::Kind::sqs;
    rest.remove_prefix(4);
  }
  if (!rest.starts_with("http://") && !rest.starts_with("https://"))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("--topic: '{}' is no target of notices\n"
                             "hint: such as deliveries=https://host/path or "
                             "deliveries=sqs:https://sqs.eu-west-1.amazonaws.com/111122223333/name",
                             text)};
  target.url = rest;
  return target;
}

void add_delivery_options(CLI::App& command, ServeArguments& arguments) {
  const std::string group = "Trails";
  command
      .add_option("--bucket", arguments.buckets,
                  "A bucket that trails can name, and where it is: a folder or S3 (others are "
                  "folders below HOME/buckets)")
      ->type_name("NAME=PLACE")
      ->allow_extra_args(false)
      ->group(group);
  command
      .add_option("--topic", arguments.topics,
                  "An SNS topic that trails can name, and where its notices go: a URL, or "
                  "sqs:QUEUE-URL; with ,raw behind it without SNS's envelope")
      ->type_name("NAME=TARGET")
      ->allow_extra_args(false)
      ->group(group);
  command
      .add_option("--organization", arguments.organization,
                  "Id of the organization, for organization trails; its management account is that "
                  "of --account")
      ->type_name("o-ID")
      ->group(group);
  command
      .add_option("--delivery-interval", arguments.delivery_interval,
                  "Time between deliveries of log files")
      ->type_name("SPAN")
      ->capture_default_str()
      ->group(group);
  command.add_option("--digest-interval", arguments.digest_interval, "Time that a digest covers")
      ->type_name("SPAN")
      ->capture_default_str()
      ->group(group);
}

void add_limit_options(CLI::App& command, ServeArguments& arguments) {
  const std::string group = "Limits";
  command.add_option("--threads", arguments.threads, "Requests that are worked on at once")
      ->check(CLI::Range(1, 1024))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  command.add_option("--connections", arguments.connections_max, "Connections at once")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--connections-per-address", arguments.address_connections_max,
                  "Connections at once from one IPv4 address or IPv6 /64 (default: a quarter of "
                  "--connections, at least 64)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N")
      ->group(group);
  command
      .add_option("--body-memory", arguments.bodies_megabytes,
                  "Memory for bodies of requests, in MiB")
      ->check(CLI::Range(kBodyMegabytesMin, kBodyMegabytesMax))
      ->type_name("MB")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--body-memory-per-address", arguments.address_bodies_megabytes,
                  "Of it, for requests from one IPv4 address or IPv6 /64 (default: a quarter, at "
                  "least 64)")
      ->check(CLI::Range(kBodyMegabytesMin, kBodyMegabytesMax))
      ->type_name("MB")
      ->group(group);
  command
      .add_option("--flush-interval", arguments.flush_interval,
                  "Time after which accepted events are in the lake; up to five times as long "
                  "while few come in all the time")
      ->type_name("SPAN")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--min-free", arguments.free_min,
                  "Free disk space below which events from outside are refused (default: 512MB, "
                  "and at most a twentieth of the disk)")
      ->type_name("SIZE")
      ->group(group);
  command
      .add_option("--grace", arguments.grace, "Time that requests have to end when it is stopped")
      ->type_name("SPAN")
      ->capture_default_str()
      ->group(group);
  command
      .add_flag("--aws-limits", arguments.aws_limits,
                "Refuse what AWS refuses to protect itself: two LookupEvents a second, one "
                "attribute, 90 days")
      ->group(group);
}

}  // namespace

void add_serve_options(CLI::App& command, ServeArguments& arguments) {
  add_config_option(command);
  add_home_option(command, arguments.home);
  add_lake_options(command, arguments.lake);
  const std::string group = "Service";
  command
      .add_option("--listen", arguments.listen,
                  fmt::format("Address and port; may be given again (default: {})", kDefaultListen))
      ->type_name("ADDRESS:PORT")
      ->allow_extra_args(false)
      ->group(group);
  command.add_option("--tls-certificate", arguments.tls_certificate, "PEM file of the chain")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--tls-key", arguments.tls_key, "PEM file of its key")
      ->type_name("FILE")
      ->group(group);
  command
      .add_flag("--allow-plain", arguments.allow_plain,
                "Plain HTTP also on addresses that others reach")
      ->group(group);
  command
      .add_option("--trusted-proxy", arguments.trusted_proxies,
                  "A proxy, or a range of them, whose X-Forwarded-For and X-Forwarded-Proto count; "
                  "may be given again")
      ->type_name("CIDR")
      ->allow_extra_args(false)
      ->group(group);
  command.add_option("--account", arguments.account, "Account of the first key")
      ->type_name("ID")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--access-log", arguments.access_log,
                  "File of the access log (default: HOME/access.jsonl), or none")
      ->type_name("FILE")
      ->group(group);
  add_delivery_options(command, arguments);
  add_limit_options(command, arguments);
  add_bucket_options(command, arguments.remote);
}

Result<int64_t> parse_interval(std::string_view option, const std::string& text) {
  const auto span = parse_duration(text);
  if (span && *span >= kMicrosPerSecond && *span <= kMicrosPerDay) return *span;
  return Error{ErrorKind::invalid_argument,
               fmt::format("{}: '{}' is no span between 1s and 1d\nhint: such as 30s, 5m, 1h",
                           option, text)};
}

Result<app::ServiceOptions> service_options(const ServeArguments& arguments,
                                            const std::string& home) {
  app::ServiceOptions options;
  options.home = home;
  options.master_key = {.own = master_key_file(home), .named = named_master_key_file()};
  options.account = arguments.account;
  if (!arguments.remote.region.empty()) options.region = arguments.remote.region;
  if (!is_account_id(options.account))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("--account: '{}' is not 12 digits", options.account)};
  auto lake = arguments.lake;
  lake.folder = (std::filesystem::path(home) / "lake").string();
  options.lake = CAIRN_TRY(lake_options(lake));
  options.server.listen = arguments.listen;
  if (options.server.listen.empty()) options.server.listen = {kDefaultListen};
  options.server.tls_certificate = arguments.tls_certificate;
  options.server.tls_key = arguments.tls_key;
  options.server.allow_plain = arguments.allow_plain;
  options.server.handler_threads = arguments.threads;
  auto& limits = options.server.limits;
  limits.connections_max = arguments.connections_max;
  limits.address_connections_max = arguments.address_connections_max;
  if (limits.address_connections_max == 0)
    limits.address_connections_max = std::max<size_t>(arguments.connections_max / 4, 64);
  options.bodies.bytes_max = arguments.bodies_megabytes << 20;
  options.bodies.address_bytes_max = arguments.address_bodies_megabytes << 20;
  if (options.bodies.address_bytes_max == 0)
    options.bodies.address_bytes_max =
        std::max(options.bodies.bytes_max / 4, uint64_t{kBodyMegabytesMin} << 20);
  for (const auto& text : arguments.trusted_proxies) {
    auto network = server::Network::parse(text);
    if (!network.ok())
      return Error{ErrorKind::invalid_argument,
                   fmt::format("--trusted-proxy: {}", network.error().message())};
    options.server.trusted_proxies.push_back(network.value());
  }
  options.aws_limits = arguments.aws_limits;
  options.trails.organization_id = arguments.organization;
  if (!arguments.organization.empty()) options.trails.management_account = arguments.account;
  options.trails.interval_us =
      CAIRN_TRY(parse_interval("--delivery-interval", arguments.delivery_interval));
  options.trails.digest_interval_us =
      CAIRN_TRY(parse_interval("--digest-interval", arguments.digest_interval));
  options.feed.pace.interval_us =
      CAIRN_TRY(parse_interval("--flush-interval", arguments.flush_interval));
  options.feed.pace.refill_us = kRefillIntervals * options.feed.pace.interval_us;
  if (!arguments.free_min.empty())
    options.free_bytes_min = CAIRN_TRY(parse_amount("--min-free", arguments.free_min));
  for (const auto& text : arguments.buckets) {
    auto pair = CAIRN_TRY(parse_pair("--bucket", text, "audit=s3://company-audit/cairn"));
    options.buckets[std::move(pair.first)] = std::move(pair.second);
  }
  for (const auto& text : arguments.topics) {
    const auto pair = CAIRN_TRY(parse_pair("--topic", text, "deliveries=https://host/path"));
    auto target = CAIRN_TRY(parse_target(pair.second));
    options.trails.topics[pair.first].push_back(std::move(target));
  }
  return options;
}

}  // namespace cairn::cli

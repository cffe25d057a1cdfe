// The options of `cairn serve`.
#pragma once

#include "app/service.h"
#include "base/result.h"
#include "cli/bucket_arguments.h"
#include "cli/lake_arguments.h"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cairn::cli {

inline constexpr const char* kDefaultListen = "127.0.0.1:8472";

struct ServeArguments {
  std::string home;
  LakeArguments lake;
  BucketArguments remote;
  std::vector<std::string> listen;
  std::string tls_certificate;
  std::string tls_key;
  bool allow_plain = false;
  std::vector<std::string> trusted_proxies;  ///< ranges of addresses
  std::string account{access::kDefaultAccount};
  std::string organization;
  std::vector<std::string> buckets;  ///< NAME=FOLDER or NAME=s3://…
  std::vector<std::string> topics;   ///< NAME=URL
  std::string delivery_interval = "5m";
  std::string digest_interval = "1h";
  std::string flush_interval = "2s";
  std::string free_min;    ///< "": app's default
  std::string access_log;  ///< "": in the service's folder; "none"
  std::string grace = "30s";
  int threads = 16;
  size_t connections_max = 10'000;
  size_t address_connections_max = 0;  ///< 0: a quarter of all, but not fewer than 64
  uint64_t bodies_megabytes = 512;
  uint64_t address_bodies_megabytes = 0;  ///< 0: a quarter of all, but not fewer than 64
  bool aws_limits = false;
};

void add_serve_options(CLI::App& command, ServeArguments& arguments);

/// All but what opens buckets and queues, and the logs. Fails with `invalid_argument`.
Result<app::ServiceOptions> service_options(const ServeArguments& arguments,
                                            const std::string& home);

/// `15m` in microseconds, between 1 s and a day. Fails with `invalid_argument`.
Result<int64_t> parse_interval(std::string_view option, const std::string& text);

}  // namespace cairn::cli

// The service put together: keys, spool, lake, trails, API and server, and what runs beside the
// requests. Owns all of it.
#pragma once

#include "access/keys.h"
#include "app/buckets.h"
#include "app/lake_feed.h"
#include "app/log.h"
#include "app/upkeep.h"
#include "base/result.h"
#include "io/sqs.h"
#include "server/server.h"
#include "store/lake.h"
#include "trails/trails.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn::app {

struct ServiceOptions {
  std::string home{};     ///< its folder; exists
  std::string version{};  ///< of the program, for its log and its metrics
  access::MasterKeyFiles master_key{};
  access::KeyActor actor{};  ///< who runs the service: the first key is made by it
  store::LakeOptions lake{};
  std::string account{access::kDefaultAccount};  ///< of the first key
  std::string region{"us-east-1"};               ///< of the buckets
  server::ServerOptions server{};
  server::BodyLimits bodies{};
  trails::TrailsOptions trails{};
  LakeFeedOptions feed{};
  UpkeepOptions upkeep{};
  std::map<std::string, std::string> buckets{};  ///< folder or S3 URL by name
  OpenS3 open_s3{};
  std::function<Result<std::unique_ptr<io::Queue>>(const std::string& url)> open_queue{};
  /// Ends what is under way to S3 and SQS, for good; called at the end. May be empty.
  std::function<void()> cancel_remote{};
  uint64_t spool_bytes_max = 16ULL << 30;
  bool aws_limits = false;  ///< throttles and quotas that only make sense on a shared service
  std::function<void(const std::string& line)> access_log{};  ///< null: none
  Log::Sink log{};
};

class Service {
 public:
  /// Listens when it returns. Fails as its parts do; nothing runs then.
  static Result<std::unique_ptr<Service>> start(ServiceOptions options);
  ~Service();

  /// `http://127.0.0.1:41234`
  std::vector<std::string> urls() const;

  /// The key that was made because there was none; its secret is told only now.
  const std::optional<access::IssuedKey>& first_key() const;

  const trails::TrailsOptions& trail_options() const;

  /// Buckets in folders.
  std::vector<std::string> buckets() const;

  Status reload_tls();

  /// The service's log, for those who run it.
  Log& log();

  /// Takes no more requests, lets those that are there end (at most so long), delivers and feeds
  /// what was accepted, and ends. True when no request was cut off.
  bool stop(int64_t grace_ms);

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace cairn::app

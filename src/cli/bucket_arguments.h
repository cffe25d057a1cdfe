// The options that say how buckets and queues are reached, and what reaching them needs.
#pragma once

#include "base/result.h"
#include "integrity/trail_service.h"
#include "io/aws_client.h"
#include "io/aws_settings.h"
#include "io/clock.h"
#include "io/credentials.h"
#include "io/random.h"
#include "io/s3_store.h"
#include "io/sqs.h"
#include "io/waiter.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace cairn::cli {

struct BucketArguments {
  std::string profile;
  std::string region;
  std::string endpoint;
  std::string addressing = "auto";  ///< auto, path, virtual
  std::string ca_bundle;
  std::string bandwidth;  ///< such as 10MB; "": no limit
  bool requester_pays = false;
  bool anonymous = false;
  std::string encryption{};  ///< of what is written: AES256, aws:kms; "": as the bucket does it
  std::string kms_key{};

  /// What is said here, and where nothing is, what `others` say.
  BucketArguments or_else(const BucketArguments& others) const;
};

/// Declares them in the group "Buckets".
void add_bucket_options(CLI::App& command, BucketArguments& arguments);

/// Those that a bucket which holds a lake has of its own, as `--lake-…`, in the group "Lake on S3".
void add_lake_bucket_options(CLI::App& command, BucketArguments& arguments);

/// `500KB`, `10MB`, `1GB`, `2TB`, or a number of bytes.
Result<uint64_t> parse_amount(std::string_view option, const std::string& text);

/// Clients with one set of credentials. Stays where it is: the clients point into it.
class AwsAccess {
 public:
  /// Reads the environment and the profile files. `cancelled` must outlive this.
  static Result<std::unique_ptr<AwsAccess>> open(const BucketArguments& arguments,
                                                 const std::atomic<bool>* cancelled);

  /// The store of a whole bucket, opened once. Not thread-safe.
  Result<io::S3Store*> bucket(const std::string& name);

  /// The objects below `s3://bucket/prefix`; must not outlive this. No try begins later than
  /// `retry_budget_ms` after the first.
  Result<std::unique_ptr<io::ObjectStore>> open_url(const std::string& url,
                                                    int64_t retry_budget_ms);

  Result<std::unique_ptr<io::Queue>> queue(const std::string& url);

  /// CloudTrail itself, for keys and trails. It must not outlive this.
  Result<std::unique_ptr<integrity::TrailService>> trail_service();

 private:
  AwsAccess(const BucketArguments& arguments, io::AwsSettings settings)
      : arguments_(arguments), settings_(std::move(settings)) {}

  io::AwsWorld world();
  io::S3Options bucket_options(const std::string& name) const;

  BucketArguments arguments_;
  io::AwsSettings settings_;
  uint64_t bandwidth_ = 0;
  const std::atomic<bool>* cancelled_ = nullptr;
  io::SystemClock clock_;
  io::SystemWaiter waiter_;
  io::SystemRandom random_;
  std::unique_ptr<io::CredentialsProvider> credentials_;
  std::map<std::string, std::unique_ptr<io::S3Store>> buckets_;
};

}  // namespace cairn::cli

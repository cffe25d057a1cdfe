// Trails: what they are set up to keep, and the delivery of it. A trail takes the accepted events
// of its account (or of all, an organization's) that its selectors want, and delivers them as
// CloudTrail does: gzip log files in a bucket, a notice for each delivery, a line each in a log
// group, and every hour a signed digest of the log files.
//
// How nothing is lost, and nothing delivered twice: a trail's logging is cut into spans of spool
// segments. A run rolls the spool, turns the segments of each span into log files in the outbox,
// and commits their names together with how far the span has come. From then on the spool is no
// longer needed: a file stays in the outbox until a put of it, under that one name, has succeeded.
// docs/formats/trails.md has the tables.
#pragma once

#include "aws/tags.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/object_store.h"
#include "io/random.h"
#include "io/waiter.h"
#include "spool/spool.h"
#include "store/state_database.h"
#include "trails/notice.h"
#include "trails/trail.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::trails {

inline constexpr size_t kTrailsMax = 5;  ///< of an account in a Region; AWS's quota

struct TrailsOptions {
  int64_t interval_us = 300'000'000;           ///< between deliveries
  int64_t digest_interval_us = 3'600'000'000;  ///< what a digest covers; whole seconds
  uint64_t file_bytes_max = 50'000'000;        ///< of a log file, before compression
  uint64_t batch_bytes_max = 64 << 20;         ///< of segments that are worked on at once
  int64_t retry_us = 5'000'000;                ///< after a failed delivery; doubles
  int64_t retry_max_us = 300'000'000;
  int64_t notice_life_us = 86'400'000'000;  ///< a notice that could not be sent for so long is lost
  int64_t key_life_us = 2'592'000'000'000;  ///< 30 days that a signing key is valid
  int64_t key_overlap_us = 86'400'000'000;  ///< the next one is made so long before its end
  int gzip_level = 6;
  std::string organization_id{};     ///< `o-…`; empty: there is none, and no organization trails
  std::string management_account{};  ///< the one that may make organization trails
  /// What SnsTopicName may name (a topic's name or ARN), and where its notices go.
  std::map<std::string, std::vector<NoticeTarget>> topics{};
};

/// Encrypts signing keys at rest. `bound_to` must be the same both times.
struct SecretBox {
  std::function<Result<std::string>(std::string_view plain, std::string_view bound_to)> seal{};
  std::function<Result<std::string>(std::string_view sealed, std::string_view bound_to)> open{};
};

/// The world of trails. All must outlive them.
struct TrailsWorld {
  store::StateDatabase& state;
  spool::Spool& spool;
  const io::Clock& clock;
  io::Waiter& waiter;  ///< of the threads that start() begins, and of stop()
  io::Random& random;
  /// Fails with `not_found` and `permission_denied`.
  std::function<Result<std::shared_ptr<io::ObjectStore>>(const std::string& bucket)> open_bucket;
  io::ObjectStore& outbox;      ///< log files that wait for their delivery
  io::ObjectStore& log_groups;  ///< docs/formats/trails.md
  NoticeSender& notices;
  SecretBox secrets;
  /// Ends what is under way to buckets and targets of notices, for good; may be empty. Called from
  /// stop() and the destructor when a delivery does not end.
  std::function<void()> cancel{};
  /// Is told each event that a trail takes, at least once, before it is delivered; may be empty.
  std::function<void(const Trail& trail, std::string_view record)> on_event{};
};

/// What a run did.
struct RunReport {
  uint64_t files_made = 0;
  uint64_t files_delivered = 0;
  uint64_t events = 0;  ///< in the files that were made
  uint64_t digests_delivered = 0;
  uint64_t notices_sent = 0;
  /// What failed, and will be tried again; a sentence each.
  std::vector<std::string> problems{};
  /// Buckets that refused at their last try, be it in an earlier run.
  uint64_t refusing = 0;
};

/// Thread-safe. Functions that take `trail` take a name or an ARN; they fail with
/// TrailNotFoundException, InvalidTrailNameException, CloudTrailARNInvalidException, those that
/// change something also with InvalidHomeRegionException and NotOrganizationMasterAccountException.
class Trails final : public aws::TaggedResources {
 public:
  static Result<std::unique_ptr<Trails>> open(TrailsOptions options, TrailsWorld world);
  ~Trails() override;
  Trails(const Trails&) = delete;
  Trails& operator=(const Trails&) = delete;

  // ---- resources ----

  Result<Trail> create(const Scope& scope, const std::string& name, const TrailSettings& settings,
                       const aws::Tags& tags);
  Result<Trail> update(const Scope& scope, const std::string& trail, const TrailSettings& settings);
  /// What it took until now is still delivered.
  Status remove(const Scope& scope, const std::string& trail);

  /// Returns the trail that a request names, of any account and Region, so that the caller's right
  /// to it can be decided. A name alone is one of the scope.
  Result<Trail> locate(const Scope& scope, const std::string& trail);

  Result<Trail> get(const Scope& scope, const std::string& trail);
  /// Of this Region, with `shadows` also those that cover it from another one. With names: those
  /// that exist.
  Result<std::vector<Trail>> describe(const Scope& scope, const std::vector<std::string>& names,
                                      bool shadows);
  /// All of the account's, in any Region.
  Result<std::vector<Trail>> list(const Scope& scope);
  /// Returns the trails of all accounts that deliver to the bucket.
  Result<std::vector<Trail>> delivering_to(const std::string& bucket);
  Result<TrailStatus> status(const Scope& scope, const std::string& trail);
  /// All trails of all accounts, for the operator of the service.
  Result<std::vector<std::pair<Trail, TrailStatus>>> statuses();

  /// Take effect with the next event that is accepted. Doing it again changes nothing.
  Status start_logging(const Scope& scope, const std::string& trail);
  Status stop_logging(const Scope& scope, const std::string& trail);

  /// These replace what was set and give the trail as it is then.
  Result<Trail> put_selectors(const Scope& scope, const std::string& trail,
                              lang::event_selectors::Selectors selectors);
  Result<Trail> put_insights(const Scope& scope, const std::string& trail,
                             std::vector<InsightSelector> insights);
  Result<Trail> put_aggregations(const Scope& scope, const std::string& trail,
                                 std::vector<Aggregation> aggregations);

  Status add_tags(const std::string& arn, const aws::Tags& tags) override;
  Status remove_tags(const std::string& arn, const aws::Tags& tags) override;
  Result<aws::Tags> tags_of(const std::string& arn) override;

  /// Keys of the Region that are, were or will be valid at some time of [start, end]. The first
  /// question about a Region makes its first key.
  Result<std::vector<PublicKey>> public_keys(const std::string& region, int64_t start_us,
                                             int64_t end_us);

  // ---- delivery ----

  /// Does what is due. Fails when our own state or the spool does; a bucket that refuses is a
  /// problem of the report. One run at a time: a second caller waits. Not between start() and
  /// stop().
  Result<RunReport> run_once(int64_t now_us);

  /// Delivers all that was accepted until now, due or not. Digests come at their time only. Not
  /// between start() and stop().
  Result<RunReport> flush();

  /// Segments below are no longer needed by any trail.
  Result<uint64_t> least_segment();

  /// Looks about every second for what is due and has it done by a few threads: a bucket that does
  /// not answer keeps no other waiting. `on_run` is told what was done since the last time (may be
  /// empty).
  void start(std::function<void(const Result<RunReport>&)> on_run);
  /// Delivers all that was accepted until now, for as long as anything is delivered (at most
  /// `most_ms`), and ends the threads. Also done by the destructor, without the delivery.
  void stop(int64_t most_ms = 30'000);

 private:
  struct Impl;

  explicit Trails(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace cairn::trails

#include "app/service.h"

#include "access/authenticator.h"
#include "access/master_key.h"
#include "api/api.h"
#include "api/call_record.h"
#include "api/cloudtrail/lookup_events.h"
#include "api/feeds.h"
#include "api/page_tokens.h"
#include "api/s3/s3_face.h"
#include "app/disk_watch.h"
#include "app/health.h"
#include "app/key_changes.h"
#include "app/numbers.h"
#include "base/crypto.h"
#include "base/seal.h"
#include "io/clock.h"
#include "io/http_client.h"
#include "io/process_memory.h"
#include "io/random.h"
#include "io/waiter.h"
#include "recording/recording.h"
#include "spool/spool.h"
#include "store/state_database.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <utility>

namespace cairn::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstBucket = "cairn-logs";

/// Twice what the records of calls that run at once can need, so that half of it is left for those
/// that are done.
uint64_t reserve_bytes(int threads) {
  constexpr uint64_t kLeast = 8 << 20;
  return std::max(kLeast, 2 * static_cast<uint64_t>(threads) * api::kCallRecordBytesMax);
}

/// A nonce of the kernel's randomness: 96 bits that never come twice.
std::string make_nonce(io::Random& random) {
  std::string nonce;
  while (nonce.size() < kSealNonceBytes) {
    const auto bits = random.next();
    for (int i = 0; i < 8 && nonce.size() < kSealNonceBytes; ++i)
      nonce += static_cast<char>(bits >> (8 * i));
  }
  return nonce;
}

}  // namespace

// In the order in which they are made; they end in the other order.
struct Service::Parts {
  explicit Parts(ServiceOptions wanted)
      : options(std::move(wanted)),
        log(clock, options.log),
        bodies(options.bodies),
        access_log(options.access_log) {}

  Status open_state();
  Status open_keys();
  Status make_first_key();
  Status open_events();
  Status open_trails();
  Status open_api();
  Result<api::WriteRecord> book_record();
  void describe_metrics();
  void note_failure(const aws::ServerRequest& request, const access::AuthFailure& failure);
  trails::SecretBox secrets();

  void cancel_remote() {
    hung_up = true;
    if (options.cancel_remote) options.cancel_remote();
  }

  std::vector<api::ShelfBucket> shelf_buckets() const;
  Status clean_spool();
  void take_key_changes();
  void note_run(const Result<trails::RunReport>& run);

  std::string in_home(std::string_view name) const {
    return (fs::path(options.home) / name).string();
  }

  ServiceOptions options;
  io::SystemClock clock;
  io::SystemWaiter waiter;
  io::SystemRandom random;
  Log log;
  server::Metrics metrics;
  server::BodyBudget bodies;
  server::AccessLog access_log;
  std::atomic<bool> stopping{false};
  std::atomic<bool> hung_up{false};  ///< ends notices by HTTP
  std::optional<access::MasterKey> master_key;
  std::unique_ptr<store::StateDatabase> state;
  std::unique_ptr<store::StateDatabase> key_state;  // authentication waits for nobody's commit
  std::unique_ptr<access::KeyStore> keys;
  std::optional<access::Authenticator> authenticator;
  std::optional<access::IssuedKey> first_key;
  std::unique_ptr<Buckets> buckets;
  std::unique_ptr<spool::Spool> spool;
  std::optional<KeyChanges> key_changes;
  std::optional<store::Lake> lake;
  std::unique_ptr<LakeFeed> feed;
  std::unique_ptr<io::HttpClient> http;
  std::unique_ptr<trails::NoticeSender> notices;
  std::unique_ptr<io::ObjectStore> outbox;
  std::unique_ptr<io::ObjectStore> log_groups;
  std::unique_ptr<trails::Trails> trails;
  std::mutex problem_mutex;
  std::string last_problem;  // of the trails' runs, so that it is told once
  std::atomic<bool> key_changes_wait{false};
  std::unique_ptr<Upkeep> upkeep;
  std::unique_ptr<recording::Recording> recording;
  std::optional<api::Feeds> feeds;
  std::optional<api::BucketRights> bucket_rights;
  std::optional<api::PageTokens> page_tokens;
  std::optional<api::S3Face> s3;
  std::unique_ptr<api::EventHistory> history;
  std::unique_ptr<api::Api> api;
  std::unique_ptr<server::Server> server;
};

Status Service::Parts::open_state() {
  CAIRN_TRY(io::open_folder_store(options.home, true));
  state = CAIRN_TRY(store::StateDatabase::open(in_home("state.db"), true));
  key_state = CAIRN_TRY(store::StateDatabase::open(in_home("state.db"), true));
  return {};
}

Status Service::Parts::open_keys() {
  keys = CAIRN_TRY(
      access::KeyStore::open(*key_state, options.master_key, clock, random, options.actor));
  master_key = CAIRN_TRY(options.master_key.named.empty()
                             ? access::own_master_key(options.master_key.own, false, random)
                             : access::read_master_key(options.master_key.named));
  authenticator.emplace(*keys, access::AuthenticatorOptions{});
  page_tokens.emplace(hmac_sha256(master_key->bytes(), "page tokens"));
  return authenticator->remember_in(in_home("replays"), clock.now_us());
}

// Once all else stands: a start that fails must not use up the one time that a secret is shown.
Status Service::Parts::make_first_key() {
  const auto known = CAIRN_TRY(keys->list());
  if (known.empty())
    first_key = CAIRN_TRY(
        keys->create({.name = "admin", .role = access::Role::admin, .account = options.account}));
  return {};
}

Status Service::Parts::open_events() {
  DiskWatch watch({options.home, options.lake.location});
  spool = CAIRN_TRY(spool::Spool::open(
      {.folder = in_home("spool"),
       .bytes_max = options.spool_bytes_max,
       .reserve_bytes = reserve_bytes(options.server.handler_threads),
       .free_bytes_min = options.free_bytes_min.value_or(watch.default_minimum()),
       .free_bytes = [watch = std::move(watch)] { return watch.free_bytes(); }},
      clock));
  const auto& found = spool->recovery();
  if (found.torn_bytes > 0 || found.damaged_records > 0)
    log.write(Level::warning, "the last run ended in the middle of a write",
              {{"bytes_never_acknowledged", std::to_string(found.torn_bytes)},
               {"damaged_records", std::to_string(found.damaged_records)},
               {"kept_in", found.damaged_file}});
  key_changes.emplace(*keys, *spool);
  CAIRN_TRY(key_changes->settle());
  lake = CAIRN_TRY(store::Lake::open(options.lake, clock, true));
  CAIRN_TRY(lake->open_table());
  recording = CAIRN_TRY(recording::Recording::open(*state, *spool, clock, random));
  options.feed.rejected_folder = in_home("spool-rejected");
  return {};
}

std::vector<api::ShelfBucket> Service::Parts::shelf_buckets() const {
  std::vector<api::ShelfBucket> listed;
  for (auto& name : buckets->names()) {
    const auto created_us = buckets->created_us(name);
    listed.push_back({std::move(name), created_us});
  }
  return listed;
}

trails::SecretBox Service::Parts::secrets() {
  return {
      .seal = [this](std::string_view plain, std::string_view bound_to) -> Result<std::string> {
        return seal(master_key->bytes(), make_nonce(random), plain, bound_to);
      },
      .open = [this](std::string_view sealed, std::string_view bound_to) -> Result<std::string> {
        auto plain = open_sealed(master_key->bytes(), sealed, bound_to);
        if (plain) return std::move(*plain);
        return Error{ErrorKind::permission_denied,
                     "a secret cannot be opened: it was sealed with another master key"};
      }};
}

Status Service::Parts::open_trails() {
  buckets = CAIRN_TRY(Buckets::open(in_home("buckets"), options.buckets, options.open_s3, *state));
  if (buckets->names().empty()) CAIRN_TRY(buckets->create(std::string(kFirstBucket), ""));
  http = io::make_http_client({.connections_max = 64, .idle_timeout_ms = 15'000}, &hung_up);
  notices = trails::make_notice_sender(*http, options.open_queue);
  outbox = CAIRN_TRY(io::open_folder_store(in_home("outbox"), true));
  log_groups = CAIRN_TRY(io::open_folder_store(in_home("log-groups"), true));
  trails = CAIRN_TRY(trails::Trails::open(
      options.trails,
      {.state = *state,
       .spool = *spool,
       .clock = clock,
       .waiter = waiter,
       .random = random,
       .open_bucket = [this](const std::string& name) { return buckets->store(name); },
       .outbox = *outbox,
       .log_groups = *log_groups,
       .notices = *notices,
       .secrets = secrets(),
       .cancel = [this] { cancel_remote(); }}));
  return {};
}

Status Service::Parts::open_api() {
  api::ApiOptions wanted;
  wanted.authenticate = [this](const aws::ServerRequest& request, std::string_view service,
                               access::ErrorStyle style) {
    auto result = authenticator->authenticate(request, service, style, clock.now_us());
    if (const auto* const failure = std::get_if<access::AuthFailure>(&result))
      note_failure(request, *failure);
    return result;
  };
  wanted.authenticate_head = [this](const aws::ServerRequest& head, std::string_view service,
                                    access::ErrorStyle style) {
    auto failure = authenticator->check_head(head, service, style, clock.now_us());
    if (failure) note_failure(head, *failure);
    return failure;
  };
  wanted.book_record = [this] { return book_record(); };
  wanted.report_error = [this](const std::string& request_id, const Error& error) {
    log.write(Level::error, "a request failed",
              {{"request_id", request_id}, {"reason", error.message()}});
  };
  const Health health{.feed = *feed,
                      .spool = *spool,
                      .spool_bytes_max = options.spool_bytes_max,
                      .metrics = metrics,
                      .bodies = bodies};
  add_health_paths(health, wanted.paths);
  for (const auto& [path, handler] : wanted.paths) wanted.path_body_bytes_max[path] = 0;
  feeds.emplace(*recording, clock, [this](std::string_view key) {
    return authenticator->authenticate_plain(key, clock.now_us());
  });
  const std::string firehose(api::kFirehosePath);
  const std::string event_bridge(api::kEventBridgePath);
  wanted.paths[firehose] = [this](const auto& request) { return feeds->firehose(request); };
  wanted.paths[event_bridge] = [this](const auto& request) { return feeds->event_bridge(request); };
  wanted.path_body_bytes_max[firehose] = api::kFeedBytesMax;
  wanted.path_body_bytes_max[event_bridge] = api::kFeedBytesMax;
  wanted.path_head_checks[firehose] = [this](const auto& head) {
    return feeds->check_firehose_head(head);
  };
  wanted.path_head_checks[event_bridge] = [this](const auto& head) {
    return feeds->check_event_bridge_head(head);
  };
  wanted.path_refusals[firehose] = [this](const auto& head, int status, const auto& message) {
    return feeds->refuse_firehose(head, status, message);
  };
  wanted.path_refusals[event_bridge] = [](const auto& /*head*/, int status, const auto& message) {
    return api::Feeds::refuse_event_bridge(status, message);
  };
  const api::BucketShelf shelf{
      .open = [this](const std::string& name) { return buckets->store(name); },
      .list = [this] { return shelf_buckets(); },
      .create = [this](const std::string& name,
                       const std::string& owner) { return buckets->create(name, owner); },
      .owner = [this](const std::string& name) { return buckets->owner(name); }};
  bucket_rights.emplace(shelf, trails.get());
  s3.emplace(shelf, *bucket_rights, options.region, *page_tokens);
  wanted.buckets = &*s3;
  history = std::make_unique<api::EventHistory>(
      api::EventHistoryOptions{.lake = {.lake = options.lake}, .aws_limits = options.aws_limits});
  api::Features features;
  features.trails = trails.get();
  features.history = history.get();
  features.buckets = &*bucket_rights;
  features.page_tokens = &*page_tokens;
  features.recording = recording.get();
  features.stores_and_channels = recording.get();
  features.organization_id = options.trails.organization_id;
  features.management_account = options.trails.management_account;
  api = CAIRN_TRY(api::Api::create(std::move(wanted), features, clock, random));
  return {};
}

Result<api::WriteRecord> Service::Parts::book_record() {
  auto held = spool->hold(api::kCallRecordBytesMax);
  if (!held.ok()) {
    metrics.add("cairn_calls_refused_without_space_total", {}, 1);
    return std::move(held).error();
  }
  const std::shared_ptr<const spool::Room> room = std::move(held).value();
  return api::WriteRecord([this, room](const std::string& record) {
    auto kept = spool->append_call(record, *room);
    if (!kept.ok()) metrics.add("cairn_calls_unrecorded_total", {}, 1);
    return kept;
  });
}

Status Service::Parts::clean_spool() {
  const auto written = keys->write_last_used();
  if (!written.ok())
    log.write(Level::warning, "when keys were used cannot be noted",
              {{"reason", written.error().message()}});
  const auto noted = recording->write_statuses();
  if (!noted.ok())
    log.write(Level::warning, "the last events of channels cannot be noted",
              {{"reason", noted.error().message()}});
  const auto needed = CAIRN_TRY(trails->least_segment());
  return spool->remove_before(std::min(needed, feed->status().next_segment));
}

void Service::Parts::take_key_changes() {
  const auto taken = key_changes->take();
  if (taken.ok()) {
    key_changes_wait = false;
  } else if (!key_changes_wait.exchange(true)) {  // once, however often it is tried
    log.write(Level::warning, "the events of changes to keys cannot be kept now; it is tried again",
              {{"reason", taken.error().message()}});
  }
}

void Service::Parts::note_run(const Result<trails::RunReport>& run) {
  std::string problem;
  if (!run.ok())
    problem = run.error().message();
  else if (!run.value().problems.empty())
    problem = run.value().problems.front();
  if (run.ok()) {
    metrics.add("cairn_trail_files_delivered_total", {},
                static_cast<double>(run.value().files_delivered));
    metrics.add("cairn_trail_duplicates_total", {}, static_cast<double>(run.value().duplicates));
    metrics.add("cairn_trail_digests_delivered_total", {},
                static_cast<double>(run.value().digests_delivered));
    if (!problem.empty())
      metrics.add("cairn_trail_problems_total", {},
                  static_cast<double>(run.value().problems.size()));
  }
  const std::lock_guard lock(problem_mutex);
  if (problem == last_problem || (problem.empty() && run.value().refusing > 0)) return;
  if (!problem.empty())
    log.write(Level::warning, "a trail cannot be delivered now; it is tried again",
              {{"reason", problem}});
  else
    log.write(Level::info, "trails are delivered again");
  last_problem = problem;
}

void Service::Parts::note_failure(const aws::ServerRequest& request,
                                  const access::AuthFailure& failure) {
  if (failure.cause.empty()) return;  // the client's doing, which the access log has
  log.write(Level::error, "a request could not be authenticated",
            {{"request_id", request.request_id}, {"reason", failure.cause}});
}

void Service::Parts::describe_metrics() {
  describe_numbers(metrics);
  metrics.describe("cairn_trail_duplicates_total", "counter",
                   "Events that a trail left out because it had delivered them.");
  describe_space(metrics);
  metrics.on_read([this](server::Metrics& all) {
    add_numbers(*feed, *upkeep, *spool, all);
    add_space(*spool, all);
    set_trail_numbers(*trails, clock, all);
    set_process_numbers(options.version, all);
  });
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Service>> Service::start(ServiceOptions options) {
  io::share_heaps();
  auto made = std::make_unique<Parts>(std::move(options));
  auto& parts = *made;
  CAIRN_TRY(parts.open_state());
  CAIRN_TRY(parts.open_keys());
  CAIRN_TRY(parts.open_events());
  CAIRN_TRY(parts.open_trails());
  parts.feed = CAIRN_TRY(LakeFeed::start(*parts.lake, *parts.spool, *parts.state, parts.clock,
                                         parts.waiter, parts.log, parts.options.feed));
  CAIRN_TRY(parts.open_api());
  parts.trails->start([raw = made.get()](const Result<trails::RunReport>& run) {
    raw->take_key_changes();
    raw->note_run(run);
  });
  parts.upkeep = CAIRN_TRY(Upkeep::start(parts.options.lake, parts.clock, parts.waiter, parts.log,
                                         parts.options.upkeep,
                                         [raw = made.get()] { return raw->clean_spool(); }));
  parts.describe_metrics();
  parts.server = CAIRN_TRY(server::Server::start(parts.options.server, *parts.api, parts.clock,
                                                 parts.access_log, parts.metrics, parts.bodies));
  CAIRN_TRY(parts.make_first_key());
  parts.log.write(Level::info, "the service has started",
                  {{"version", parts.options.version},
                   {"address", fmt::format("{}", fmt::join(parts.server->addresses(), " "))},
                   {"home", parts.options.home}});
  return std::unique_ptr<Service>(new Service(std::move(made)));
}

Service::~Service() {
  stop(0);
}

std::vector<std::string> Service::urls() const {
  const bool tls = !parts_->options.server.tls_certificate.empty();
  std::vector<std::string> urls;
  for (const auto& address : parts_->server->addresses())
    urls.push_back((tls ? "https://" : "http://") + address);
  return urls;
}

const std::optional<access::IssuedKey>& Service::first_key() const {
  return parts_->first_key;
}

const trails::TrailsOptions& Service::trail_options() const {
  return parts_->options.trails;
}

std::vector<std::string> Service::buckets() const {
  return parts_->buckets->names();
}

Status Service::reload_tls() {
  return parts_->server->reload_tls();
}

Log& Service::log() {
  return parts_->log;
}

bool Service::stop(int64_t grace_ms) {
  if (parts_->stopping.exchange(true)) return true;
  const bool clean = parts_->server->stop(grace_ms);
  parts_->upkeep.reset();
  parts_->take_key_changes();
  parts_->trails->stop(std::max<int64_t>(grace_ms, 1));
  parts_->feed->stop();
  const auto cleaned = parts_->clean_spool();
  if (!cleaned.ok())
    parts_->log.write(Level::warning, "the spool could not be cleaned",
                      {{"reason", cleaned.error().message()}});
  return clean;
}

}  // namespace cairn::app

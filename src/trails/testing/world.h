// A world for tests of trails: a spool, a state and buckets in a folder of their own, a clock that
// stands, and faults: from the n-th change of anything on, all changes fail, as after a kill.
#pragma once

#include "base/check.h"
#include "base/inflate.h"
#include "io/testing/fakes.h"
#include "trails/trails.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace cairn::trails::testing {

/// The account and Region in which tests make their trails.
inline const Scope kHome{.account = "111122223333", .region = "eu-west-1"};

/// Counts changes. `alive()` is asked before one, `survived()` after it.
class Faults {
 public:
  /// Dies at change number `at` (from 1): before it takes effect, or right after. 0: never.
  void arm(int at, bool after) {
    at_ = at;
    after_ = after;
    count_ = 0;
    dead_ = false;
  }

  Status alive() {
    const std::lock_guard lock(mutex_);
    ++count_;
    if (at_ != 0 && count_ >= at_ && !after_) dead_ = true;
    return state();
  }

  Status survived() {
    const std::lock_guard lock(mutex_);
    if (at_ != 0 && count_ >= at_) dead_ = true;
    return state();
  }

  bool dead() const { return dead_; }

 private:
  Status state() const {
    if (dead_) return Error{ErrorKind::unavailable, "the process is dead"};
    return {};
  }

  std::mutex mutex_;
  int at_ = 0;
  int count_ = 0;
  bool after_ = false;
  bool dead_ = false;
};

class FaultyStore final : public io::ObjectStore {
 public:
  FaultyStore(std::shared_ptr<io::ObjectStore> inner, Faults& faults)
      : inner_(std::move(inner)), faults_(faults) {}

  Result<std::string> get(const std::string& key, uint64_t bytes_max) override {
    return inner_->get(key, bytes_max);
  }

  Result<std::string> get_range(const std::string& key, uint64_t offset, uint64_t length) override {
    return inner_->get_range(key, offset, length);
  }

  Result<io::ObjectInfo> head(const std::string& key) override { return inner_->head(key); }

  Status put(const std::string& key, std::string_view bytes) override {
    return put_with(key, bytes, {});
  }

  Status put_with(const std::string& key, std::string_view bytes,
                  const io::ObjectAttributes& attributes) override {
    if (refusal) return *refusal;
    if (before_put) CAIRN_TRY(before_put());
    CAIRN_TRY(faults_.alive());
    CAIRN_TRY(inner_->put_with(key, bytes, attributes));
    {
      const std::lock_guard lock(mutex_);
      last = attributes;
    }
    if (after_put) after_put();
    return faults_.survived();
  }

  Result<io::ObjectAttributes> attributes(const std::string& key) override {
    return inner_->attributes(key);
  }

  Status remove(const std::string& key) override {
    CAIRN_TRY(faults_.alive());
    CAIRN_TRY(inner_->remove(key));
    return faults_.survived();
  }

  Status list(const std::string& prefix, const std::string& start_after,
              const std::function<bool(const io::ObjectInfo&)>& visit) override {
    return inner_->list(prefix, start_after, visit);
  }

  std::string uri(std::string_view key) const override { return inner_->uri(key); }

  std::optional<std::string> local_path(std::string_view key) const override {
    return remote ? std::nullopt : inner_->local_path(key);
  }

  std::optional<Error> refusal{};        ///< of all puts
  std::function<Status()> before_put{};  ///< may take its time
  std::function<void()> after_put{};     ///< of a put that worked
  bool remote = false;                   ///< does as if it were not of this machine
  io::ObjectAttributes last{};           ///< of the last put

 private:
  std::shared_ptr<io::ObjectStore> inner_;
  Faults& faults_;
  std::mutex mutex_;
};

class FaultyState final : public store::StateDatabase {
 public:
  FaultyState(std::unique_ptr<store::StateDatabase> inner, Faults& faults)
      : inner_(std::move(inner)), faults_(faults) {}

  Status migrate(std::string_view component,
                 const std::vector<std::string_view>& versions) override {
    return inner_->migrate(component, versions);
  }

  Result<std::vector<store::StateRow>> query(
      std::string_view sql, const std::vector<store::StateValue>& values) override {
    return inner_->query(sql, values);
  }

  Result<int64_t> execute(std::string_view sql,
                          const std::vector<store::StateValue>& values) override {
    if (within_ == std::this_thread::get_id()) return inner_->execute(sql, values);
    CAIRN_TRY(faults_.alive());
    const auto changed = CAIRN_TRY(inner_->execute(sql, values));
    CAIRN_TRY(faults_.survived());
    return changed;
  }

  Status transaction(const std::function<Status()>& work) override {
    CAIRN_TRY(faults_.alive());
    auto status = inner_->transaction([&] {
      within_ = std::this_thread::get_id();
      auto worked = work();
      within_ = std::thread::id();
      return worked;
    });
    CAIRN_TRY(std::move(status));
    return faults_.survived();
  }

 private:
  std::unique_ptr<store::StateDatabase> inner_;
  Faults& faults_;
  std::atomic<std::thread::id> within_{};  ///< the thread that is in a transaction
};

class FakeSender final : public NoticeSender {
 public:
  Status send(const NoticeTarget& target, const Notice& notice) override {
    if (refusal) return *refusal;
    sent.emplace_back(target, notice);
    return {};
  }

  std::vector<std::pair<NoticeTarget, Notice>> sent{};
  std::optional<Error> refusal{};
};

inline constexpr int64_t kSecond = 1'000'000;
inline constexpr int64_t kMinute = 60 * kSecond;
inline constexpr int64_t kHour = 60 * kMinute;

/// A record of the kind that the default selectors take.
struct Made {
  std::string id{};
  std::string account = "111122223333";
  std::string region = "eu-west-1";
  std::string source = "ec2.amazonaws.com";
  std::string more{};  ///< further members, with a comma before
};

inline std::string record(const Made& made) {
  return fmt::format(
      R"({{"eventVersion":"1.08","eventTime":"2025-03-14T09:00:00Z","eventSource":"{}",)"
      R"("eventName":"RunInstances","awsRegion":"{}","eventID":"{}","readOnly":false,)"
      R"("eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{}",)"
      R"("eventCategory":"Management"{}}})",
      made.source, made.region, made.id, made.account, made.more);
}

inline std::string gunzip(std::string_view bytes) {
  Gunzip gunzip;
  Buffer out;
  const bool fine = gunzip.decompress(bytes, 1 << 30, out);
  EXPECT_TRUE(fine);
  return fine ? std::string(out.data(), out.size()) : "";
}

class World {
 public:
  World() {
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("cairn_trails_test_{}_{}", ::getpid(), static_cast<void*>(this));
    std::filesystem::remove_all(folder_);
    make_bucket("logs");
    options.retry_us = kSecond;
    options.retry_max_us = 8 * kSecond;
  }

  ~World() {
    trails.reset();
    std::filesystem::remove_all(folder_);
  }

  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void make_bucket(const std::string& name) {
    std::filesystem::create_directories(folder_ / "buckets" / name);
  }

  /// Opens all anew, as a process that starts.
  void open() {
    trails.reset();
    spool.reset();
    state.reset();
    faults.arm(0, false);
    auto database = store::StateDatabase::open((folder_ / "state.db").string(), true);
    CAIRN_CHECK(database.ok());
    state = std::make_unique<FaultyState>(std::move(database).value(), faults);
    auto opened_spool = spool::Spool::open({.folder = (folder_ / "spool").string()}, time);
    CAIRN_CHECK(opened_spool.ok());
    spool = std::move(opened_spool).value();
    auto faulty_outbox = open_store("outbox");
    outbox_puts = faulty_outbox.get();
    outbox = std::move(faulty_outbox);
    log_groups = open_store("log-groups");
    buckets.clear();
    auto opened = Trails::open(
        options, TrailsWorld{.state = *state,
                             .spool = *spool,
                             .clock = time,
                             .waiter = time,
                             .random = random,
                             .open_bucket = [this](const auto& name) { return bucket(name); },
                             .outbox = *outbox,
                             .log_groups = *log_groups,
                             .notices = sender,
                             .secrets = {seal, unseal},
                             .cancel =
                                 [this] {
                                   cancelled = true;
                                   cancelled.notify_all();
                                 }});
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    trails = std::move(opened).value();
  }

  Result<std::shared_ptr<io::ObjectStore>> bucket(const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto& known = buckets[name];
    if (!known) {
      auto store = io::open_folder_store((folder_ / "buckets" / name).string(), false);
      if (!store.ok()) {
        buckets.erase(name);
        return std::move(store).error();
      }
      known = std::make_shared<FaultyStore>(std::shared_ptr(std::move(store).value()), faults);
    }
    return std::shared_ptr<io::ObjectStore>(known);
  }

  void append(const std::vector<std::string>& records) const {
    std::vector<std::string_view> views(records.begin(), records.end());
    ASSERT_TRUE(spool->append(views).ok());
  }

  void accept(std::initializer_list<Made> made) const {
    std::vector<std::string> records;
    for (const auto& one : made) records.push_back(record(one));
    append(records);
  }

  /// Lets time pass, then runs.
  RunReport run(int64_t after_us = 5 * kMinute) {
    time.wait_us(after_us);
    auto report = trails->run_once(time.now_us());
    EXPECT_TRUE(report.ok()) << report.error().message();
    return report.ok() ? report.value() : RunReport{};
  }

  /// Keys of a bucket that hold this text.
  std::vector<std::string> keys(const std::string& part = "", const std::string& name = "logs") {
    std::vector<std::string> out;
    const auto store = bucket(name);
    EXPECT_TRUE(store.ok());
    (void)store.value()->list("", "", [&](const io::ObjectInfo& info) {
      if (info.key.find(part) != std::string::npos) out.push_back(info.key);
      return true;
    });
    return out;
  }

  std::string text(const std::string& key, const std::string& name = "logs") {
    const auto bytes = bucket(name).value()->get(key, 1 << 30);
    EXPECT_TRUE(bytes.ok()) << key;
    return bytes.ok() ? gunzip(bytes.value()) : "";
  }

  /// eventIDs in all log files of a bucket, as often as they are there.
  std::multiset<std::string> delivered(const std::string& name = "logs") {
    std::multiset<std::string> ids;
    for (const auto& key : keys("/CloudTrail/", name)) {
      const auto file = nlohmann::json::parse(text(key, name));
      for (const auto& one : file.at("Records")) ids.insert(one.at("eventID").get<std::string>());
    }
    return ids;
  }

  /// Messages of all log groups.
  std::vector<nlohmann::json> log_lines() const {
    std::vector<nlohmann::json> lines;
    (void)log_groups->list("", "", [&](const io::ObjectInfo& info) {
      std::istringstream text(gunzip(log_groups->get(info.key, 1 << 30).value()));
      for (std::string line; std::getline(text, line);)
        lines.push_back(nlohmann::json::parse(line));
      return true;
    });
    return lines;
  }

  io::testing::FakeTime time{};
  io::testing::FakeRandom random{};
  Faults faults{};
  std::atomic<bool> cancelled{false};  ///< notifies threads that wait() for it
  TrailsOptions options{};
  FakeSender sender{};
  std::unique_ptr<FaultyState> state{};
  std::unique_ptr<spool::Spool> spool{};
  std::unique_ptr<io::ObjectStore> outbox{};
  FaultyStore* outbox_puts = nullptr;  ///< the same
  std::unique_ptr<io::ObjectStore> log_groups{};
  std::map<std::string, std::shared_ptr<FaultyStore>> buckets{};
  std::unique_ptr<Trails> trails{};

 private:
  std::unique_ptr<FaultyStore> open_store(const std::string& name) {
    auto store = io::open_folder_store((folder_ / name).string(), true);
    CAIRN_CHECK(store.ok());
    return std::make_unique<FaultyStore>(std::shared_ptr(std::move(store).value()), faults);
  }

  static Result<std::string> seal(std::string_view plain, std::string_view bound_to) {
    return std::string(bound_to) + "|" + std::string(plain.rbegin(), plain.rend());
  }

  static Result<std::string> unseal(std::string_view sealed, std::string_view bound_to) {
    if (!sealed.starts_with(std::string(bound_to) + "|"))
      return Error{ErrorKind::corrupt, "sealed for another"};
    sealed.remove_prefix(bound_to.size() + 1);
    return std::string(sealed.rbegin(), sealed.rend());
  }

  std::filesystem::path folder_;
  std::mutex mutex_;
};

}  // namespace cairn::trails::testing

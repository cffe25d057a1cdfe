// Every step that a change of the table takes is made to fail once: afterwards the table is as it
// was, or as it should be, and what nobody names is found.
#include "store/store_test_support.h"

#include <gtest/gtest.h>

#include <set>

namespace cairn::store {
namespace {

namespace fs = std::filesystem;

Error broken() {
  return Error{ErrorKind::exhausted, "the disk is full"};
}

/// Counts down; the step at which it reaches nothing fails, and in `for_good` all after it.
struct Countdown {
  int left = -1;
  bool for_good = false;

  bool fails() {
    if (left < 0) return false;
    if (left > 0) {
      --left;
      return false;
    }
    if (!for_good) left = -1;
    return true;
  }
};

class FaultyStore final : public io::ObjectStore {
 public:
  FaultyStore(io::ObjectStore& real, Countdown& countdown) : real_(&real), countdown_(&countdown) {}

  Result<std::string> get(const std::string& key, uint64_t bytes_max) override {
    if (countdown_->fails()) return broken();
    return real_->get(key, bytes_max);
  }

  Result<std::string> get_range(const std::string& key, uint64_t offset, uint64_t length) override {
    if (countdown_->fails()) return broken();
    return real_->get_range(key, offset, length);
  }

  Result<io::ObjectInfo> head(const std::string& key) override {
    if (countdown_->fails()) return broken();
    return real_->head(key);
  }

  Status put(const std::string& key, std::string_view bytes) override {
    if (countdown_->fails()) return broken();
    return real_->put(key, bytes);
  }

  Status remove(const std::string& key) override {
    if (countdown_->fails()) return broken();
    return real_->remove(key);
  }

  Status list(const std::string& prefix, const std::string& start_after,
              const std::function<bool(const io::ObjectInfo&)>& visit) override {
    if (countdown_->fails()) return broken();
    return real_->list(prefix, start_after, visit);
  }

  std::string uri(std::string_view key) const override { return real_->uri(key); }

  std::optional<std::string> local_path(std::string_view key) const override {
    return real_->local_path(key);
  }

 private:
  io::ObjectStore* real_;
  Countdown* countdown_;
};

class FaultyCatalog final : public Catalog {
 public:
  FaultyCatalog(Catalog& real, Countdown& countdown) : real_(&real), countdown_(&countdown) {}

  std::string table_path() const override { return real_->table_path(); }

  Result<std::optional<std::string>> metadata_location() override {
    if (countdown_->fails()) return broken();
    return real_->metadata_location();
  }

  Result<bool> commit(const std::optional<std::string>& expected, const std::string& next,
                      const std::vector<LedgerEntry>& entries) override {
    if (countdown_->fails()) return broken();
    auto done = real_->commit(expected, next, entries);
    if (countdown_->fails()) return broken();  // the answer is lost
    return done;
  }

  Status record(const std::vector<LedgerEntry>& entries) override { return real_->record(entries); }

  Status visit_ledger(const std::string& source, const std::string& key_prefix,
                      const std::function<void(const LedgerEntry&)>& visit) override {
    return real_->visit_ledger(source, key_prefix, visit);
  }

  Result<std::unique_ptr<WriterLock>> lock_for_writing(int seconds_max) override {
    return real_->lock_for_writing(seconds_max);
  }

 private:
  Catalog* real_;
  Countdown* countdown_;
};

using Names = std::set<std::string>;

class FaultTest : public ::testing::TestWithParam<bool> {
 protected:
  // A lake with files a, b, c.
  void begin() {
    catalog_.reset();
    fs::remove_all(folder_.path() / "lake");
    store_ = io::open_folder_store((folder_.path() / "lake").string(), true).value();
    catalog_ = open_catalog({.url = "sqlite://" + (folder_.path() / "lake/catalog.db").string(),
                             .create = true})
                   .value();
    auto table = Table::open_or_create(*store_, *catalog_, clock_, test_definition()).value();
    for (const auto* name : {"a", "b", "c"}) {
      clock_.now += 1'000'000;
      ASSERT_TRUE(table.commit(adding(name)).ok());
    }
  }

  Change adding(const std::string& name) {
    Change change;
    change.added = {test_file(name, 1)};
    change.ledger = {{.source = "s", .key = name}};
    EXPECT_TRUE(store_->put(change.added[0].key, "data").ok());
    return change;
  }

  Names files() {
    Names names;
    auto table = Table::open(*store_, *catalog_, clock_).value();
    const auto found = table.files(*table.current(), {});
    EXPECT_TRUE(found.ok());
    for (const auto& file : found.value()) names.insert(fs::path(file.key).stem());
    return names;
  }

  Names ledger() {
    Names names;
    EXPECT_TRUE(
        catalog_->visit_ledger("s", "", [&](const auto& entry) { names.insert(entry.key); }).ok());
    return names;
  }

  std::vector<io::ObjectInfo> orphans() {
    return Table::open(*store_, *catalog_, clock_).value().orphans(INT64_MAX).value();
  }

  // Runs `change` with its n-th step failing, for every n, until none fails.
  template <class Act, class Check>
  void at_every_step(const Act& act, const Check& check) {
    for (int step = 0;; ++step) {
      ASSERT_LT(step, 500);
      begin();
      Countdown countdown{.left = step, .for_good = GetParam()};
      FaultyStore store(*store_, countdown);
      FaultyCatalog catalog(*catalog_, countdown);
      auto table = Table::open(store, catalog, clock_);
      const bool done = table.ok() && act(table.value());
      const bool never_failed = countdown.left > 0;
      countdown.left = -1;
      check(done, step);
      if (never_failed) {
        EXPECT_TRUE(done);
        return;
      }
    }
  }

  TestFolder folder_{"fault_test"};
  TestClock clock_;
  std::unique_ptr<io::ObjectStore> store_;
  std::unique_ptr<Catalog> catalog_;
};

TEST_P(FaultTest, Replacing) {
  const Names before{"a", "b", "c"};
  const Names after{"ab", "c"};
  at_every_step(
      [&](Table& table) {
        auto change = adding("ab");
        change.removed_keys = {test_file("a", 1).key, test_file("b", 1).key};
        return table.commit(change).ok();
      },
      [&](bool done, int step) {
        const auto now = files();
        EXPECT_TRUE(now == after || (!done && now == before)) << step;
        EXPECT_EQ(ledger().contains("ab"), now == after) << step;
        EXPECT_TRUE(!done || orphans().empty()) << step;
        // Another writer goes on as if nothing had been.
        auto table = Table::open(*store_, *catalog_, clock_).value();
        EXPECT_TRUE(table.commit(adding("d")).ok()) << step;
        for (const auto& object : orphans()) EXPECT_TRUE(store_->remove(object.key).ok());
        EXPECT_EQ(files().size(), now.size() + 1) << step;
      });
}

TEST_P(FaultTest, Expiring) {
  const Names before{"a", "b", "c"};
  at_every_step([](Table& table) { return table.expire_snapshots(INT64_MAX, false).ok(); },
                [&](bool done, int step) {
                  EXPECT_EQ(files(), before) << step;
                  auto table = Table::open(*store_, *catalog_, clock_).value();
                  for (const auto& snapshot : table.snapshots())
                    EXPECT_TRUE(table.files(snapshot, {}).ok()) << step;
                  EXPECT_TRUE(!done || table.snapshots().size() == 1U) << step;
                  for (const auto& object : orphans()) EXPECT_TRUE(store_->remove(object.key).ok());
                  EXPECT_EQ(files(), before) << step;
                });
}

TEST_P(FaultTest, Making) {
  for (int step = 0;; ++step) {
    ASSERT_LT(step, 100);
    begin();
    const auto fresh = folder_.path() / "fresh";
    fs::remove_all(fresh);
    auto real_store = io::open_folder_store(fresh.string(), true).value();
    auto real_catalog =
        open_catalog({.url = "sqlite://" + (fresh / "catalog.db").string(), .create = true})
            .value();
    Countdown countdown{.left = step, .for_good = GetParam()};
    FaultyStore store(*real_store, countdown);
    FaultyCatalog catalog(*real_catalog, countdown);
    const bool done = Table::open_or_create(store, catalog, clock_, test_definition()).ok();
    const bool never_failed = countdown.left > 0;
    countdown.left = -1;
    EXPECT_TRUE(Table::open_or_create(*real_store, *real_catalog, clock_, test_definition()).ok());
    if (never_failed) {
      EXPECT_TRUE(done);
      return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OnceAndForGood, FaultTest, testing::Bool());

}  // namespace
}  // namespace cairn::store

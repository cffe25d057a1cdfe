#include "access/keys.h"

#include "base/time.h"
#include "io/private_file.h"
#include "store/state_database.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace cairn::access {
namespace {

class TestClock final : public io::Clock {
 public:
  int64_t now_us() const override { return now; }

  int64_t now = 1'760'000'000'000'000;
};

class KeysTest : public ::testing::Test {
 protected:
  KeysTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("cairn_keys_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    state_ = store::StateDatabase::open(path("state.db"), true).value();
    files_.own = path("master.key");
  }

  ~KeysTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }

  std::unique_ptr<KeyStore> open() {
    return KeyStore::open(*state_, files_, clock_, random_).value();
  }

  Result<std::unique_ptr<KeyStore>> try_open() {
    return KeyStore::open(*state_, files_, clock_, random_);
  }

  static NewKey ann() {
    return {.name = "ann", .role = Role::operator_, .account = "123456789012"};
  }

  std::string bytes_on_disk() const {
    std::string all;
    for (const auto* name : {"state.db", "state.db-wal"}) {
      std::ifstream file(path(name), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  }

  std::filesystem::path folder_;
  TestClock clock_;
  io::SystemRandom random_;
  std::unique_ptr<store::StateDatabase> state_;
  MasterKeyFiles files_;
};

TEST_F(KeysTest, AKeyIsAsAwsMakesThem) {
  auto keys = open();
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const auto issued = keys->create(ann()).value();
    EXPECT_EQ(issued.key.id.size(), 20U);
    EXPECT_TRUE(issued.key.id.starts_with("AKIA"));
    EXPECT_EQ(issued.key.id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
              std::string::npos);
    EXPECT_EQ(issued.secret.size(), 40U);
    EXPECT_EQ(issued.secret.find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
              std::string::npos);
    EXPECT_EQ(issued.session_token, "");
    EXPECT_TRUE(seen.insert(issued.key.id).second);
    EXPECT_TRUE(seen.insert(issued.secret).second);
  }
  const auto caller = keys->list().value().front().caller();
  EXPECT_EQ(caller.arn, "arn:aws:iam::123456789012:user/ann");
  EXPECT_EQ(caller.role, Role::operator_);
  EXPECT_TRUE(caller.principal_id.starts_with("AIDA"));
  EXPECT_EQ(caller.principal_id.size(), 21U);
  EXPECT_TRUE(caller.may_see("1"));
}

TEST_F(KeysTest, AllOfAUsersKeysHaveOnePrincipal) {
  auto keys = open();
  const auto first = keys->create(ann()).value().key;
  EXPECT_EQ(keys->create(ann()).value().key.principal_id, first.principal_id);
  auto other = ann();
  other.account = "000000000000";
  EXPECT_NE(keys->create(other).value().key.principal_id, first.principal_id);
}

TEST_F(KeysTest, AllLiveWhereTheFirstOneDoes) {
  auto keys = open();
  auto wanted = ann();
  wanted.account.clear();
  EXPECT_EQ(keys->create(wanted).value().key.account, kDefaultAccount);
  ASSERT_TRUE(keys->remove(keys->list().value().front().id).ok());
  keys->create(ann()).value();
  clock_.now += 1;
  EXPECT_EQ(keys->create(wanted).value().key.account, "123456789012");
}

TEST_F(KeysTest, SecretsAreSealedAndOpenAgain) {
  IssuedKey issued;
  IssuedKey session;
  {
    auto keys = open();
    auto wanted = ann();
    wanted.accounts = {"222222222222", "111111111111", "222222222222"};
    wanted.expires_us = clock_.now + kMicrosPerDay;
    issued = keys->create(wanted).value();
    session = keys->create_session(issued.key.id, kMicrosPerHour).value();
  }
  const auto disk = bytes_on_disk();
  EXPECT_NE(disk.find(issued.key.id), std::string::npos);
  for (const auto& secret : {issued.secret, session.secret, session.session_token})
    EXPECT_EQ(disk.find(secret), std::string::npos);
  auto keys = open();
  const auto read = keys->signing_key(issued.key.id).value();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->secret, issued.secret);
  EXPECT_EQ(read->key.accounts, (std::vector<std::string>{"111111111111", "222222222222"}));
  EXPECT_EQ(read->key.expires_us, clock_.now + kMicrosPerDay);
  EXPECT_FALSE(read->key.caller().may_see("333333333333"));
  EXPECT_EQ(keys->signing_key(session.key.id).value()->secret, session.secret);
  EXPECT_FALSE(keys->signing_key("AKIANOTTHERE").value());

  struct stat info {};

  ASSERT_EQ(stat(path("master.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(KeysTest, AMasterKeyThatIsLostOrAnotherIsSaid) {
  open()->create(ann()).value();
  std::filesystem::rename(path("master.key"), path("away"));
  const auto lost = try_open();
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().kind(), ErrorKind::not_found);
  EXPECT_FALSE(std::filesystem::exists(path("master.key")));

  ASSERT_TRUE(io::make_private_file(path("master.key"), std::string(64, 'a')).ok());
  const auto other = try_open();
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().kind(), ErrorKind::permission_denied);
  EXPECT_NE(other.error().message().find("is not the one"), std::string::npos);

  std::ofstream(path("master.key")) << "not-a-key-but-secret";
  const auto none = try_open();
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(none.error().message().find("but-secret"), std::string::npos);

  files_.named = path("away");
  EXPECT_TRUE(try_open().ok());
  chmod(path("away").c_str(), 0644);
  EXPECT_TRUE(try_open().ok());
  files_.named.clear();
  std::filesystem::rename(path("away"), path("master.key"));
  EXPECT_EQ(try_open().error().kind(), ErrorKind::permission_denied);
}

TEST_F(KeysTest, ASecretOpensOnlyInItsOwnRow) {
  auto keys = open();
  const auto first = keys->create(ann()).value();
  const auto second = keys->create(ann()).value();
  state_
      ->execute(
          "UPDATE access_keys SET sealed_secret = (SELECT sealed_secret FROM access_keys WHERE "
          "id = ?) WHERE id = ?",
          {first.key.id, second.key.id})
      .value();
  const auto read = keys->signing_key(second.key.id);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(read.error().message().find(first.secret), std::string::npos);
  EXPECT_EQ(keys->signing_key(first.key.id).value()->secret, first.secret);
}

TEST_F(KeysTest, ChangesOfOthersAreSeenAtOnce) {
  auto here = open();
  auto state = store::StateDatabase::open(path("state.db"), true).value();
  auto there = KeyStore::open(*state, files_, clock_, random_).value();
  const auto id = here->create(ann()).value().key.id;
  EXPECT_TRUE(here->signing_key(id).value()->key.enabled);
  ASSERT_TRUE(there->set_enabled(id, false).ok());
  EXPECT_FALSE(here->signing_key(id).value()->key.enabled);
  ASSERT_TRUE(here->set_enabled(id, true).ok());
  EXPECT_TRUE(here->signing_key(id).value()->key.enabled);
  ASSERT_TRUE(there->remove(id).ok());
  EXPECT_FALSE(here->signing_key(id).value());
  EXPECT_EQ(here->remove(id).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(here->set_enabled("x\x1b", true).error().message().find('\x1b'), std::string::npos);
}

TEST_F(KeysTest, AKeyOfSomeAccountsLivesInTheFirst) {
  auto keys = open();
  ASSERT_TRUE(keys->create(ann()).ok());  // lives in 123456789012
  const auto home = [&](std::vector<std::string> accounts, const std::string& account = "") {
    return keys->create({.name = "bob", .account = account, .accounts = std::move(accounts)})
        .value()
        .key.account;
  };
  EXPECT_EQ(home({}), "123456789012");
  EXPECT_EQ(home({"111122223333"}), "111122223333");
  EXPECT_EQ(home({"444455556666", "111122223333"}), "444455556666");
  EXPECT_EQ(home({"444455556666"}, "111122223333"), "111122223333");
  EXPECT_EQ(keys->create({.name = "bob", .accounts = {"4444"}}).error().kind(),
            ErrorKind::invalid_argument);
}

TEST_F(KeysTest, EveryChangeLeavesItsEvents) {
  const KeyActor actor{.name = "root", .id = "uid:0", .agent = "cairn/1 keys create"};
  auto keys = KeyStore::open(*state_, files_, clock_, random_, actor).value();
  std::vector<std::string> secrets;
  const auto taken = [&] {
    std::vector<nlohmann::json> events;
    const auto changes = keys->recorded_changes(100).value();
    for (const auto& change : changes) {
      for (const auto& secret : secrets) EXPECT_EQ(change.record.find(secret), std::string::npos);
      EXPECT_EQ(change.record.find('\n'), std::string::npos);
      events.push_back(nlohmann::json::parse(change.record));
      EXPECT_TRUE(keys->forget_changes(change.id).ok());
    }
    return events;
  };
  auto wanted = ann();
  wanted.accounts = {"123456789012"};
  const auto made = keys->create(wanted).value();
  secrets.push_back(made.secret);
  auto events = taken();
  ASSERT_EQ(events.size(), 2U);
  const nlohmann::json user = {{"path", "/"},
                               {"userName", "ann"},
                               {"userId", made.key.principal_id},
                               {"arn", "arn:aws:iam::123456789012:user/ann"},
                               {"createDate", "Oct 9, 2025, 8:53:20 AM"}};
  EXPECT_EQ(events[0]["eventName"], "CreateUser");
  EXPECT_EQ(events[0]["responseElements"], (nlohmann::json{{"user", user}}));
  const auto& created = events[1];
  EXPECT_EQ(created["eventName"], "CreateAccessKey");
  EXPECT_EQ(created["eventSource"], "iam.amazonaws.com");
  EXPECT_EQ(created["eventTime"], "2025-10-09T08:53:20Z");
  EXPECT_EQ(created["awsRegion"], "us-east-1");
  EXPECT_EQ(created["userAgent"], "cairn/1 keys create");
  EXPECT_EQ(created["userIdentity"], (nlohmann::json{{"type", "Unknown"},
                                                     {"principalId", "uid:0"},
                                                     {"accountId", "123456789012"},
                                                     {"userName", "root"}}));
  EXPECT_EQ(created["requestParameters"], (nlohmann::json{{"userName", "ann"}}));
  EXPECT_EQ(created["responseElements"]["accessKey"],
            (nlohmann::json{{"userName", "ann"},
                            {"accessKeyId", made.key.id},
                            {"status", "Active"},
                            {"createDate", "Oct 9, 2025, 8:53:20 AM"}}));
  EXPECT_EQ(created["additionalEventData"],
            (nlohmann::json{{"role", "operator"}, {"accounts", {"123456789012"}}}));
  EXPECT_EQ(created["recipientAccountId"], "123456789012");
  EXPECT_EQ(created["readOnly"], false);
  EXPECT_NE(events[0]["eventID"], created["eventID"]);
  EXPECT_EQ(events[0]["requestID"], created["requestID"]);

  const auto second = keys->create(wanted).value();
  secrets.push_back(second.secret);
  events = taken();
  ASSERT_EQ(events.size(), 1U) << "the user is there";
  EXPECT_EQ(events[0]["eventName"], "CreateAccessKey");

  ASSERT_TRUE(keys->set_enabled(second.key.id, false).ok());
  ASSERT_TRUE(keys->set_enabled(second.key.id, true).ok());
  events = taken();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["requestParameters"],
            (nlohmann::json{
                {"userName", "ann"}, {"accessKeyId", second.key.id}, {"status", "Inactive"}}));
  EXPECT_EQ(events[1]["requestParameters"]["status"], "Active");

  const auto next = keys->rotate(second.key.id, kMicrosPerHour).value();
  secrets.push_back(next.secret);
  events = taken();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["responseElements"]["accessKey"]["accessKeyId"], next.key.id);
  EXPECT_EQ(events[1]["eventName"], "UpdateAccessKey");
  EXPECT_EQ(events[1]["requestParameters"]["accessKeyId"], second.key.id);
  EXPECT_EQ(events[1]["additionalEventData"]["expires"], "2025-10-09T09:53:20Z");

  const auto session = keys->create_session(made.key.id, kMicrosPerHour).value();
  secrets.insert(secrets.end(), {session.secret, session.session_token});
  events = taken();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["eventSource"], "sts.amazonaws.com");
  EXPECT_EQ(events[0]["eventName"], "GetSessionToken");
  EXPECT_EQ(events[0]["requestParameters"]["durationSeconds"], 3600);
  EXPECT_EQ(events[0]["readOnly"], true);

  for (const auto& id : {made.key.id, second.key.id, next.key.id})
    ASSERT_TRUE(keys->remove(id).ok());
  events = taken();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[2]["eventName"], "DeleteAccessKey");
  EXPECT_EQ(events[3]["eventName"], "DeleteUser");
  // What fails leaves nothing.
  EXPECT_FALSE(keys->remove(made.key.id).ok());
  EXPECT_FALSE(keys->set_enabled(made.key.id, true).ok());
  EXPECT_FALSE(keys->create({.name = "a b"}).ok());
  EXPECT_TRUE(taken().empty());
}

TEST_F(KeysTest, AreListedWithoutWriting) {
  const auto read = [&] { return read_keys(*state_, files_, clock_, random_); };
  EXPECT_TRUE(read().value().empty());
  EXPECT_FALSE(std::filesystem::exists(path("master.key")));
  std::string id;
  {
    auto keys = open();
    id = keys->create(ann()).value().key.id;
    ASSERT_TRUE(keys->create_session(id, kMicrosPerHour).ok());
  }
  auto listed = read().value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].id, id);
  EXPECT_TRUE(listed[1].temporary());
  clock_.now += kMicrosPerDay;
  EXPECT_EQ(read().value().size(), 1U);
  std::filesystem::rename(path("master.key"), path("away"));
  EXPECT_EQ(read().error().kind(), ErrorKind::not_found);
}

TEST_F(KeysTest, RotationLetsTheOldOneWorkForAWhile) {
  auto keys = open();
  auto wanted = ann();
  wanted.accounts = {"111111111111"};
  wanted.expires_us = clock_.now + 90 * kMicrosPerDay;
  const auto old = keys->create(wanted).value();
  clock_.now += 80 * kMicrosPerDay;
  const auto next = keys->rotate(old.key.id, kMicrosPerDay).value();
  EXPECT_NE(next.key.id, old.key.id);
  EXPECT_NE(next.secret, old.secret);
  EXPECT_EQ(next.key.accounts, wanted.accounts);
  EXPECT_EQ(next.key.principal_id, old.key.principal_id);
  EXPECT_EQ(next.key.expires_us, clock_.now + 90 * kMicrosPerDay);
  EXPECT_EQ(keys->find(old.key.id).value().expires_us, clock_.now + kMicrosPerDay);
  clock_.now += 2 * kMicrosPerDay;
  EXPECT_EQ(keys->rotate(old.key.id, 0).error().kind(), ErrorKind::invalid_argument);
  ASSERT_TRUE(keys->set_enabled(next.key.id, false).ok());
  EXPECT_EQ(keys->rotate(next.key.id, 0).error().kind(), ErrorKind::invalid_argument);
}

TEST_F(KeysTest, TemporaryKeysEndWithTheirParent) {
  auto keys = open();
  const auto parent = keys->create(ann()).value();
  const auto session = keys->create_session(parent.key.id, kMicrosPerHour).value();
  EXPECT_TRUE(session.key.id.starts_with("ASIA"));
  EXPECT_EQ(session.key.role, Role::operator_);
  EXPECT_EQ(session.key.expires_us, clock_.now + kMicrosPerHour);
  EXPECT_GT(session.session_token.size(), 100U);
  auto read = keys->signing_key(session.key.id).value();
  EXPECT_TRUE(read->parent_good);
  EXPECT_EQ(read->token_hash.size(), 64U);
  EXPECT_EQ(keys->create_session(session.key.id, kMicrosPerHour).error().kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(keys->create_session(parent.key.id, kMicrosPerMinute).error().kind(),
            ErrorKind::invalid_argument);
  ASSERT_TRUE(keys->set_enabled(parent.key.id, false).ok());
  EXPECT_FALSE(keys->signing_key(session.key.id).value()->parent_good);
  ASSERT_TRUE(keys->remove(parent.key.id).ok());
  EXPECT_FALSE(keys->signing_key(session.key.id).value());
}

TEST_F(KeysTest, OldTemporaryKeysAreSweptUp) {
  auto keys = open();
  const auto parent = keys->create(ann()).value();
  const auto session = keys->create_session(parent.key.id, kMicrosPerHour).value();
  EXPECT_EQ(keys->list().value().size(), 2U);
  clock_.now += 2 * kMicrosPerHour;
  EXPECT_EQ(keys->list().value().size(), 1U);
  EXPECT_TRUE(keys->signing_key(session.key.id).value());
  clock_.now += 2 * kMicrosPerDay;
  keys->create_session(parent.key.id, kMicrosPerHour).value();
  EXPECT_FALSE(keys->signing_key(session.key.id).value());
}

TEST_F(KeysTest, UseIsWrittenLater) {
  std::string id;
  {
    auto keys = open();
    id = keys->create(ann()).value().key.id;
    EXPECT_EQ(keys->find(id).value().last_used_us, std::nullopt);
    keys->note_used(id, 7);
    keys->note_used(id, 5);
    EXPECT_EQ(keys->find(id).value().last_used_us, 7);
    const auto stored = "SELECT last_used_us FROM access_keys";
    EXPECT_TRUE(state_->query(stored, {}).value().front().null(0));
    ASSERT_TRUE(keys->write_last_used().ok());
    EXPECT_EQ(state_->query(stored, {}).value().front().number(0), 7);
    keys->note_used(id, 9);
  }
  EXPECT_EQ(open()->find(id).value().last_used_us, 9);
}

TEST_F(KeysTest, RefusesOddWishes) {
  auto keys = open();
  const auto refused = [&](auto change) {
    auto wanted = ann();
    change(wanted);
    const auto made = keys->create(wanted);
    return !made.ok() && made.error().kind() == ErrorKind::invalid_argument;
  };
  EXPECT_TRUE(refused([](NewKey& key) { key.name = ""; }));
  EXPECT_TRUE(refused([](NewKey& key) { key.name = "a/b"; }));
  EXPECT_TRUE(refused([](NewKey& key) { key.name = std::string(65, 'a'); }));
  EXPECT_TRUE(refused([](NewKey& key) { key.account = "1"; }));
  EXPECT_TRUE(refused([](NewKey& key) { key.accounts = {"12345678901x"}; }));
  EXPECT_TRUE(refused([&](NewKey& key) { key.expires_us = clock_.now; }));
  EXPECT_EQ(keys->list().value().size(), 0U);
}

}  // namespace
}  // namespace cairn::access

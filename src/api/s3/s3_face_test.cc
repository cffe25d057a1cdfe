#include "api/s3/s3_face.h"

#include "api/s3/s3_request.h"
#include "api/s3/s3_sight.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace cairn::api {
namespace {

namespace fs = std::filesystem;

class S3FaceTest : public ::testing::Test {
 protected:
  S3FaceTest()
      : folder_(fs::temp_directory_path() / fmt::format("cairn_s3_face_test_{}", getpid())),
        store_(io::open_folder_store((folder_ / "logs").string(), true).value()),
        shelf_{.open = [this](const std::string& name) -> Result<std::shared_ptr<io::ObjectStore>> {
                 if (name == "logs") return store_;
                 return Error{ErrorKind::not_found, "no", "NoSuchBucket"};
               },
               .list =
                   [] {
                     return std::vector<ShelfBucket>{{"logs", 1'700'000'000'000'000}};
                   },
               .create = [this](const std::string& name, const std::string& owner) -> Status {
                 if (name == "logs")
                   return Error{ErrorKind::already_exists, "it is there", "BucketAlreadyExists"};
                 created_ = name;
                 created_for_ = owner;
                 return {};
               },
               .owner = [this](const std::string& /*name*/) { return owner_; }},
        rights_(shelf_, nullptr),
        face_(shelf_, rights_, "eu-west-1") {
    caller_.role = access::Role::auditor;
    for (const auto* const key : {"AWSLogs/111122223333/CloudTrail/a", "AWSLogs/111122223333/b",
                                  "AWSLogs/444455556666/c", "other/x y"})
      EXPECT_TRUE(store_->put(key, key).ok());
    EXPECT_TRUE(
        store_
            ->put_with("digest", std::string(2'500'000, 'd'),
                       {.content_type = "application/json", .metadata = {{"signature", "abcd"}}})
            .ok());
  }

  ~S3FaceTest() override { fs::remove_all(folder_); }

  aws::ServerResponse get(const std::string& target, aws::Headers headers = {},
                          const std::string& method = "GET") {
    const aws::ServerRequest request{
        .method = method, .target = target, .headers = std::move(headers)};
    return face_.handle(caller_, face_.read(caller_, request), request);
  }

  static std::vector<std::string> names_of(const aws::ServerResponse& response) {
    std::vector<std::string> names;
    for (const auto& header : response.headers) names.push_back(header.name + ": " + header.value);
    return names;
  }

  static std::string all_of(aws::ServerResponse& response) {
    if (!response.stream) return response.body;
    std::string all;
    for (;;) {
      const auto piece = response.stream->next().value();
      if (piece.empty()) return all;
      all += piece;
    }
  }

  static std::vector<std::string> keys(const aws::ServerResponse& response,
                                       const std::string& name = "Key") {
    std::vector<std::string> found;
    const auto open = "<" + name + ">";
    for (size_t at = 0; (at = response.body.find(open, at)) != std::string::npos; ++at) {
      const auto begin = at + open.size();
      found.push_back(response.body.substr(begin, response.body.find('<', begin) - begin));
    }
    return found;
  }

  fs::path folder_;
  std::shared_ptr<io::ObjectStore> store_;
  std::string created_;
  std::string created_for_;
  std::string owner_;  ///< of the bucket
  BucketShelf shelf_;
  BucketRights rights_;
  S3Face face_;
  access::Caller caller_;
};

using Keys = std::vector<std::string>;

TEST_F(S3FaceTest, ListsPageByPage) {
  EXPECT_EQ(keys(get("/logs")).size(), 5U);
  EXPECT_EQ(keys(get("/logs?prefix=AWSLogs%2F1111")),
            (Keys{"AWSLogs/111122223333/CloudTrail/a", "AWSLogs/111122223333/b"}));
  const auto first = get("/logs?max-keys=2&marker=AWSLogs/111122223333/b");
  EXPECT_EQ(keys(first), (Keys{"AWSLogs/444455556666/c", "digest"}));
  EXPECT_NE(first.body.find("<IsTruncated>true</IsTruncated>"), std::string::npos);
  const auto second = get("/logs?list-type=2&max-keys=4");
  const auto token = keys(second, "NextContinuationToken");
  ASSERT_EQ(token.size(), 1U);
  EXPECT_EQ(keys(get("/logs?list-type=2&encoding-type=url&continuation-token=" + token[0])),
            Keys{"other/x%20y"});
  EXPECT_EQ(get("/logs?max-keys=x").error_code, "InvalidArgument");
  EXPECT_EQ(get("/nothing").error_code, "NoSuchBucket");
}

TEST_F(S3FaceTest, GroupsByDelimiter) {
  const auto top = get("/logs?delimiter=%2F");
  EXPECT_EQ(keys(top), Keys{"digest"});
  EXPECT_EQ(keys(top, "Prefix"), (Keys{"", "AWSLogs/", "other/"}));
  const auto page = get("/logs?delimiter=/&max-keys=1");
  EXPECT_EQ(keys(page, "NextMarker"), Keys{"AWSLogs/"});
  EXPECT_EQ(keys(get("/logs?delimiter=/&max-keys=1&marker=AWSLogs/")), Keys{"digest"});
  EXPECT_EQ(
      keys(get("/logs?list-type=2&delimiter=/&prefix=AWSLogs/&start-after=AWSLogs/"), "Prefix"),
      (Keys{"AWSLogs/", "AWSLogs/111122223333/", "AWSLogs/444455556666/"}));
}

TEST_F(S3FaceTest, GivesObjects) {
  auto whole = get("/logs/digest");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(all_of(whole).size(), 2'500'000U);
  EXPECT_EQ(aws::find_header(whole.headers, "x-amz-meta-signature"), "abcd");
  EXPECT_EQ(aws::find_header(whole.headers, "content-type"), "application/json");
  const std::string etag(aws::find_header(whole.headers, "etag"));
  auto part = get("/logs/digest", {{"Range", "bytes=10-19"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "dddddddddd");
  EXPECT_EQ(aws::find_header(part.headers, "content-range"), "bytes 10-19/2500000");
  EXPECT_EQ(get("/logs/digest", {{"Range", "bytes=2500000-"}}).error_code, "InvalidRange");
  EXPECT_EQ(get("/logs/digest", {{"If-None-Match", etag}}).status, 304);
  EXPECT_EQ(get("/logs/digest", {{"If-Match", "\"other\""}}).error_code, "PreconditionFailed");
  const auto head = get("/logs/digest", {}, "HEAD");
  EXPECT_EQ(aws::find_header(head.headers, "content-length"), "2500000");
  EXPECT_EQ(get("/logs/other/x%20y").body, "other/x y");
  EXPECT_EQ(get("/logs/none").error_code, "NoSuchKey");
  EXPECT_EQ(get("/logs/../state.db").status, 400);
  EXPECT_EQ(get("/logs/%2e%2e%2fstate.db").status, 400);
}

TEST_F(S3FaceTest, ShowsAnAccountItsOwnFiles) {
  caller_.accounts = {"444455556666"};
  EXPECT_EQ(keys(get("/logs")), Keys{"AWSLogs/444455556666/c"});
  EXPECT_EQ(get("/logs/AWSLogs/444455556666/c").status, 200);
  EXPECT_EQ(get("/logs/AWSLogs/111122223333/b").error_code, "AccessDenied");
  EXPECT_EQ(get("/logs/digest").error_code, "AccessDenied");
}

TEST_F(S3FaceTest, LeapsOverTheFoldersOfOthers) {
  for (int account = 0; account < 40; ++account)
    for (const auto* const place : {"AWSLogs", "p/q/AWSLogs/o-abc"})
      for (const char file : {'a', 'b', 'c'})
        ASSERT_TRUE(
            store_->put(fmt::format("{}/{:012}/CloudTrail/{}", place, account, file), "x").ok());
  caller_.accounts = {"000000000039", "000000000007"};
  const Keys wanted = {"AWSLogs/000000000007/CloudTrail/a", "AWSLogs/000000000007/CloudTrail/b",
                       "AWSLogs/000000000007/CloudTrail/c", "AWSLogs/000000000039/CloudTrail/a"};
  EXPECT_EQ(keys(get("/logs?max-keys=4")), wanted);
  EXPECT_EQ(keys(get("/logs")).size(), 12U);
  EXPECT_EQ(keys(get("/logs?delimiter=/&prefix=p/q/AWSLogs/o-abc/"), "Prefix"),
            (Keys{"p/q/AWSLogs/o-abc/", "p/q/AWSLogs/o-abc/000000000007/",
                  "p/q/AWSLogs/o-abc/000000000039/"}));
  EXPECT_EQ(keys(get("/logs?delimiter=/"), "Prefix"), (Keys{"", "AWSLogs/", "p/"}));
  EXPECT_EQ(keys(get("/logs?prefix=AWSLogs/00000000001")), Keys{});
  EXPECT_EQ(keys(get("/logs?list-type=2&start-after=AWSLogs/000000000007/CloudTrail/b&max-keys=1")),
            Keys{"AWSLogs/000000000007/CloudTrail/c"});
  caller_.accounts = {"999999999999"};
  EXPECT_EQ(get("/logs").error_code, "NoSuchBucket");
  EXPECT_EQ(keys(get("/"), "Name"), Keys{});
}

TEST_F(S3FaceTest, ABucketWithNothingToSeeDoesNotExist) {
  caller_.account = "777788889999";
  caller_.accounts = {"777788889999"};
  const auto missing = get("/none");
  const auto same = [&](const std::string& target, const std::string& method) {
    SCOPED_TRACE(method + ' ' + target);
    const auto asked = get(target, {}, method);
    const auto none = get("/none" + target.substr(5), {}, method);
    EXPECT_EQ(asked.status, none.status);
    EXPECT_EQ(asked.error_code, none.error_code);
    EXPECT_EQ(names_of(asked), names_of(none));
  };
  for (const auto* const rest :
       {"", "?list-type=2", "?versions", "?location", "?policy", "?acl", "?max-keys=x", "?uploads",
        "/digest", "/none", "/AWSLogs/777788889999/x", "/AWSLogs/111122223333/b", "/digest?acl",
        "/digest?partNumber=2", "/digest?versionId=x", "/a//b"})
    for (const auto* const method : {"GET", "HEAD", "PUT", "POST", "DELETE"})
      if (std::string_view(method) != "PUT" || *rest != '\0')  // which makes a bucket
        same("/logs" + std::string(rest), method);
  same("/logs/" + std::string(1'025, 'k'), "GET");
  EXPECT_EQ(get("/logs/AWSLogs/777788889999/x").error_code, "NoSuchBucket");
  caller_.role = access::Role::operator_;
  EXPECT_EQ(get("/logs", {}, "PUT").error_code, "BucketAlreadyExists");
  // One's own is there while nothing is in it that is seen.
  owner_ = "777788889999";
  EXPECT_EQ(get("/logs").status, 200);
  EXPECT_EQ(get("/logs/AWSLogs/777788889999/x").error_code, "NoSuchKey");
  EXPECT_EQ(get("/logs", {}, "PUT").error_code, "BucketAlreadyOwnedByYou");
  EXPECT_EQ(keys(get("/"), "Name"), Keys{"logs"});
}

TEST_F(S3FaceTest, TrailsOfAKeyDeliverOnlyWhereItSeesAll) {
  access::Caller caller{.account = "111122223333", .accounts = {"111122223333"}};
  const auto code = [&] {
    const auto checked = rights_.check_delivery(caller, "logs");
    return checked.ok() ? "" : std::string(checked.error().aws_code());
  };
  EXPECT_EQ(code(), "InsufficientS3BucketPolicyException");
  caller.accounts = {"777788889999"};
  EXPECT_EQ(code(), "S3BucketDoesNotExistException");
  caller.accounts = {};
  EXPECT_EQ(code(), "");
  EXPECT_TRUE(rights_.check_delivery(caller, "none").ok());
  caller.accounts = {"111122223333"};
  for (const auto* const key : {"AWSLogs/444455556666/c", "digest"})
    ASSERT_TRUE(store_->remove(key).ok());
  EXPECT_EQ(code(), "InsufficientS3BucketPolicyException");  // other/x y
  ASSERT_TRUE(store_->remove("other/x y").ok());
  EXPECT_EQ(code(), "");
  ASSERT_TRUE(store_->put("AWSLogs/o-abc/444455556666/c", "x").ok());
  EXPECT_EQ(code(), "InsufficientS3BucketPolicyException");
  ASSERT_TRUE(store_->remove("AWSLogs/o-abc/444455556666/c").ok());
  owner_ = "444455556666";
  EXPECT_EQ(code(), "InsufficientS3BucketPolicyException");
  owner_ = "111122223333";
  EXPECT_EQ(code(), "");
}

TEST_F(S3FaceTest, NamesTheOperation) {
  const auto asked = face_.read(caller_, {.method = "PUT", .target = "/new"});
  EXPECT_EQ(asked.call.operation, "CreateBucket");
  EXPECT_TRUE(asked.call.management);
  EXPECT_EQ(asked.request.bucket, "new");
  EXPECT_EQ(get("/").operation, "ListBuckets");
  caller_.role = access::Role::writer;
  const auto denied = get("/new", {}, "PUT");
  EXPECT_EQ(denied.operation, "CreateBucket");
  EXPECT_EQ(denied.error_code, "AccessDenied");
  EXPECT_EQ(denied.error_message, "Access Denied");
}

TEST_F(S3FaceTest, NamesOnlyBucketsInWhichSomethingIsSeen) {
  EXPECT_EQ(keys(get("/"), "Name"), Keys{"logs"});
  EXPECT_EQ(keys(get("/"), "CreationDate"), Keys{"2023-11-14T22:13:20.000Z"});
  EXPECT_EQ(keys(get("/?prefix=x"), "Name"), Keys{});
  EXPECT_EQ(keys(get("/?bucket-region=us-east-1"), "Name"), Keys{});
  EXPECT_EQ(get("/?max-buckets=0").error_code, "InvalidArgument");
  caller_.accounts = {"444455556666"};
  EXPECT_EQ(keys(get("/"), "Name"), Keys{"logs"});
  caller_.accounts = {"777788889999"};
  EXPECT_EQ(keys(get("/"), "Name"), Keys{});
}

TEST(Sight, SeesWhatAllFoldersOfAccountsInTheKeyAllow) {
  access::Caller caller;
  EXPECT_TRUE(Sight(caller).sees("anything"));
  caller.accounts = {"444455556666"};
  const Sight sight(caller);
  EXPECT_TRUE(sight.sees("p/AWSLogs/o-abc/444455556666/x"));
  EXPECT_FALSE(sight.sees("p/AWSLogs/o-abc/111122223333/x"));
  EXPECT_FALSE(sight.sees("xAWSLogs/444455556666/x"));
  EXPECT_FALSE(sight.sees("AWSLogs/o-444455556666"));
  EXPECT_FALSE(sight.sees("AWSLogs/444455556666"));
  EXPECT_FALSE(sight.sees("AWSLogs/444455556666/"));
  EXPECT_FALSE(sight.sees("AWSLogs/4444555566667/x"));
  EXPECT_FALSE(sight.sees("AWSLogs/"));
  EXPECT_FALSE(sight.sees("AWSLogs/o-"));
  EXPECT_TRUE(sight.sees("AWSLogs/AWSLogs/444455556666/x"));
  // A trail's prefix may look like the place of another account's files.
  EXPECT_FALSE(sight.sees("AWSLogs/444455556666/AWSLogs/111122223333/x"));
  EXPECT_FALSE(sight.sees("AWSLogs/111122223333/AWSLogs/444455556666/x"));
  EXPECT_TRUE(sight.sees("AWSLogs/444455556666/AWSLogs/444455556666/x"));
  EXPECT_EQ(sight.behind("p/AWSLogs/111122223333/x"), "p/AWSLogs/444455556666");
  EXPECT_EQ(sight.behind("p/AWSLogs/555555555555/x"), "p/AWSLogs/:");
  EXPECT_EQ(sight.behind("AWSLogs/o-a/111122223333/x"), "AWSLogs/o-a/444455556666");
  EXPECT_EQ(sight.behind("other/x"), "other/x");
  EXPECT_EQ(sight.past("p/AWSLogs/444455556666/x"), "p/AWSLogs/4444555566660");
  EXPECT_EQ(sight.past("AWSLogs/o-a/444455556666/x/y"), "AWSLogs/o-a/4444555566660");
  EXPECT_EQ(sight.past("AWSLogs/111122223333/x"), "AWSLogs/111122223333/x");
  EXPECT_EQ(sight.past("other/x"), "other/x");
}

TEST_F(S3FaceTest, ChangesNothingButMakesBuckets) {
  EXPECT_EQ(get("/logs/digest", {}, "PUT").error_code, "MethodNotAllowed");
  EXPECT_EQ(get("/logs/digest", {}, "DELETE").error_code, "MethodNotAllowed");
  EXPECT_EQ(get("/new", {}, "PUT").error_code, "AccessDenied");
  caller_.role = access::Role::operator_;
  EXPECT_EQ(get("/new", {}, "PUT").status, 200);
  EXPECT_EQ(created_, "new");
  EXPECT_EQ(created_for_, "");
  EXPECT_EQ(get("/new?unknown", {}, "PUT").error_code, "MethodNotAllowed");
  caller_.account = "111122223333";
  caller_.accounts = {"111122223333"};
  EXPECT_EQ(get("/own", {}, "PUT").status, 200);
  EXPECT_EQ(created_for_, "111122223333");
  caller_.accounts = {"444455556666"};  // it sees nothing of where it lives
  EXPECT_EQ(get("/other", {}, "PUT").error_code, "AccessDenied");
  EXPECT_EQ(created_, "own");
  caller_.accounts.clear();
  caller_.role = access::Role::writer;
  EXPECT_EQ(get("/logs/digest").error_code, "AccessDenied");
}

TEST_F(S3FaceTest, AnswersWhatClientsAskFirst) {
  EXPECT_NE(get("/logs?location").body.find("LocationConstraint"), std::string::npos);
  EXPECT_EQ(keys(get("/"), "Name"), Keys{"logs"});
  EXPECT_NE(get("/logs?location").body.find(">eu-west-1<"), std::string::npos);
  EXPECT_EQ(get("/logs?acl").status, 200);
  EXPECT_EQ(get("/logs?policy").error_code, "NoSuchBucketPolicy");
  EXPECT_EQ(get("/logs?tagging").error_code, "NoSuchTagSet");
  EXPECT_EQ(get("/logs?analytics&id=1").error_code, "NoSuchConfiguration");
  EXPECT_EQ(get("/logs?uploads").status, 200);
  EXPECT_EQ(get("/logs/digest?tagging").status, 200);
  EXPECT_EQ(get("/logs/digest?torrent").error_code, "NotImplemented");
  EXPECT_EQ(get("/logs/none?acl").error_code, "NoSuchKey");
  const auto head = get("/logs", {}, "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(aws::find_header(head.headers, "x-amz-bucket-region"), "eu-west-1");
  EXPECT_EQ(keys(get("/logs?versions&max-keys=2"), "NextKeyMarker"),
            Keys{"AWSLogs/111122223333/b"});
  EXPECT_EQ(keys(get("/logs?versions&key-marker=AWSLogs/111122223333/b")).size(), 3U);
}

TEST_F(S3FaceTest, GivesMd5AsEtag) {
  const auto etag = [&](const std::string& target) {
    return std::string(aws::find_header(get(target).headers, "etag"));
  };
  ASSERT_TRUE(store_->put("e", "hello").ok());
  EXPECT_EQ(etag("/logs/e"), "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_NE(get("/logs?prefix=e").body.find("&quot;5d41402abc4b2a76b9719d911017c592&quot;"),
            std::string::npos);
  ASSERT_TRUE(store_->put("e", "HELLO").ok());
  EXPECT_EQ(etag("/logs/e"), "\"eb61eead90e3b899c6bcbe27ac581660\"");
  ASSERT_TRUE(store_->put("large", std::string((8 << 20) + 1, 'x')).ok());
  const auto large = etag("/logs/large");
  EXPECT_TRUE(large.ends_with("-2\"")) << large;
  EXPECT_EQ(etag("/logs/large"), large);
}

TEST_F(S3FaceTest, HeedsConditions) {
  auto at = get("/logs/digest");
  const aws::Headers have = at.headers;
  const std::string date(aws::find_header(have, "last-modified"));
  EXPECT_EQ(get("/logs/digest", {{"If-Modified-Since", date}}).status, 304);
  EXPECT_EQ(get("/logs/digest", {{"If-Modified-Since", date}, {"If-None-Match", "\"x\""}}).status,
            200);
  EXPECT_EQ(get("/logs/digest", {{"If-Unmodified-Since", date}}).status, 200);
  EXPECT_EQ(
      get("/logs/digest", {{"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}).error_code,
      "PreconditionFailed");
  EXPECT_EQ(get("/logs/digest", {{"Range", "bytes=0-1"}, {"If-Range", date}}).status, 206);
  EXPECT_EQ(get("/logs/digest", {{"Range", "bytes=0-1"}, {"If-Range", "\"x\""}}).status, 200);
  const auto refused = get("/logs/digest", {{"Range", "bytes=2500000-"}});
  EXPECT_EQ(refused.status, 416);
  EXPECT_EQ(aws::find_header(refused.headers, "content-range"), "bytes */2500000");
  EXPECT_EQ(keys(refused, "ActualObjectSize"), Keys{"2500000"});
}

TEST_F(S3FaceTest, RefusesWhatNamesNoObject) {
  EXPECT_EQ(get("/logs/a//b").error_code, "NoSuchKey");
  EXPECT_EQ(get("/logs/other/").error_code, "NoSuchKey");
  EXPECT_EQ(get("/logs/" + std::string(300, 'k')).error_code, "NoSuchKey");
  EXPECT_EQ(get("/logs/" + std::string(1'025, 'k')).error_code, "KeyTooLongError");
  EXPECT_EQ(get("/logs/%00").error_code, "NoSuchKey");
  EXPECT_EQ(get("/logs/digest.metadata.json").error_code, "NoSuchKey");
  EXPECT_EQ(get("/logs/../state.db").error_code, "InvalidURI");
  EXPECT_EQ(get("/logs/digest?versionId=x").error_code, "InvalidArgument");
  EXPECT_EQ(get("/logs/digest?versionId=null").status, 200);
  EXPECT_EQ(get("/logs/digest?partNumber=2").error_code, "InvalidPartNumber");
  EXPECT_EQ(get("/logs/digest?partNumber=1").status, 206);
  EXPECT_EQ(get("/logs/digest?response-content-type=a%0D%0Ab").error_code, "InvalidArgument");
  const auto named = get("/logs/digest?response-content-disposition=attachment%3B%20filename%3Dx");
  EXPECT_EQ(aws::find_header(named.headers, "content-disposition"), "attachment; filename=x");
}

TEST_F(S3FaceTest, ShowsMetadataThatNoHeaderCanHold) {
  ASSERT_TRUE(store_->put_with("m", "x", {.metadata = {{"a", "é"}, {"b", "x\r\ny"}}}).ok());
  const auto head = get("/logs/m", {}, "HEAD");
  EXPECT_EQ(aws::find_header(head.headers, "x-amz-meta-a"), "=?UTF-8?B?w6k=?=");
  EXPECT_EQ(aws::find_header(head.headers, "x-amz-meta-b"), "");
  EXPECT_EQ(aws::find_header(head.headers, "x-amz-missing-meta"), "1");
}

TEST_F(S3FaceTest, FindsTheBucketInTheHost) {
  const auto host = [](const std::string& name) { return aws::Headers{{"Host", name}}; };
  EXPECT_EQ(get("/AWSLogs/444455556666/c", host("logs.localhost:8472")).body,
            "AWSLogs/444455556666/c");
  EXPECT_EQ(get("/AWSLogs/444455556666/c", host("LOGS.s3.example.com")).status, 200);
  EXPECT_EQ(keys(get("/", host("logs.localhost"))).size(), 5U);
  EXPECT_EQ(get("/", host("none.s3.us-east-1.amazonaws.com"), "HEAD").error_code, "NoSuchBucket");
  EXPECT_EQ(get("/?list-type=2", host("none.localhost")).error_code, "NoSuchBucket");
  // The service's own name, or an address: the path names the bucket.
  for (const auto* const name : {"localhost:8472", "cairn.localhost", "127.0.0.1:8472", "[::1]:80",
                                 "s3.example.com", "logs.example.com", ""}) {
    EXPECT_EQ(get("/logs/AWSLogs/444455556666/c", host(name)).status, 200) << name;
    EXPECT_EQ(keys(get("/", host(name)), "Name"), Keys{"logs"}) << name;
  }
  caller_.role = access::Role::operator_;
  EXPECT_EQ(get("/", host("new.s3.localhost"), "PUT").status, 200);
  EXPECT_EQ(created_, "new");
}

TEST(ReadRange, FollowsRfc9110) {
  constexpr auto kAll = RangeKind::all;
  constexpr auto kPart = RangeKind::part;
  constexpr auto kNone = RangeKind::unsatisfiable;

  const struct {
    std::string_view header;
    uint64_t size;
    RangeKind kind;
    uint64_t first = 0;
    uint64_t length = 0;
  } cases[] = {
      {"bytes=5-", 10, kPart, 5, 5},
      {"bytes=-3", 10, kPart, 7, 3},
      {"Bytes=1-1", 10, kPart, 1, 1},
      {"bytes=0-1000", 10, kPart, 0, 10},
      {"bytes=0-99999999999999999999", 10, kPart, 0, 10},
      {"bytes=-99999999999999999999", 10, kPart, 0, 10},
      {"bytes=3-2", 10, kAll},
      {"bytes=0-1,3-4", 10, kAll},
      {"lines=1-2", 10, kAll},
      {"", 10, kAll},
      {"bytes=-0", 10, kNone},
      {"bytes=99999999999999999999-", 10, kNone},
      {"bytes=0-", 0, kNone},
  };

  for (const auto& [header, size, kind, first, length] : cases) {
    ByteRange range;
    EXPECT_EQ(read_range(header, size, range), kind) << header;
    if (kind != kPart) continue;
    EXPECT_EQ(range.first, first) << header;
    EXPECT_EQ(range.length, length) << header;
  }
}

}  // namespace
}  // namespace cairn::api

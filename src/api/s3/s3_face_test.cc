#include "api/s3/s3_face.h"

#include "api/s3/s3_request.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace cairn::api {
namespace {

namespace fs = std::filesystem;

class S3FaceTest : public testing::Test {
 protected:
  S3FaceTest()
      : folder_(fs::temp_directory_path() / fmt::format("cairn_s3_face_test_{}", getpid())),
        store_(io::open_folder_store((folder_ / "logs").string(), true).value()),
        face_({.open = [this](const std::string& name) -> Result<std::shared_ptr<io::ObjectStore>> {
                 if (name == "logs") return store_;
                 return Error{ErrorKind::not_found, "no", "NoSuchBucket"};
               },
               .names = [] { return std::vector<std::string>{"logs"}; },
               .create =
                   [this](const std::string& name) {
                     created_ = name;
                     return Status();
                   }}) {
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
    return face_.handle(caller_,
                        {.method = method, .target = target, .headers = std::move(headers)});
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
  EXPECT_TRUE(may_read(caller_, "p/AWSLogs/o-abc/444455556666/x"));
  EXPECT_FALSE(may_read(caller_, "p/AWSLogs/o-abc/111122223333/x"));
  EXPECT_FALSE(may_read(caller_, "xAWSLogs/444455556666/x"));
  EXPECT_FALSE(may_read(caller_, "AWSLogs/o-444455556666"));
  // A trail's prefix may look like the place of another account's files.
  EXPECT_FALSE(may_read(caller_, "AWSLogs/444455556666/AWSLogs/111122223333/x"));
  EXPECT_TRUE(may_read(caller_, "AWSLogs/111122223333/AWSLogs/444455556666/x"));
  EXPECT_FALSE(may_read(caller_, "AWSLogs/444455556666"));
}

TEST_F(S3FaceTest, ChangesNothingButMakesBuckets) {
  EXPECT_EQ(get("/logs/digest", {}, "PUT").error_code, "MethodNotAllowed");
  EXPECT_EQ(get("/logs/digest", {}, "DELETE").error_code, "MethodNotAllowed");
  EXPECT_EQ(get("/new", {}, "PUT").error_code, "AccessDenied");
  caller_.role = access::Role::operator_;
  EXPECT_EQ(get("/new", {}, "PUT").status, 200);
  EXPECT_EQ(created_, "new");
  caller_.role = access::Role::writer;
  EXPECT_EQ(get("/logs/digest").error_code, "AccessDenied");
}

TEST_F(S3FaceTest, AnswersWhatClientsAskFirst) {
  EXPECT_NE(get("/logs?location").body.find("LocationConstraint"), std::string::npos);
  EXPECT_EQ(keys(get("/"), "Name"), Keys{"logs"});
  EXPECT_EQ(get("/logs?acl").error_code, "NotImplemented");
  EXPECT_EQ(get("/logs", {}, "HEAD").status, 200);
}

TEST(ReadRange, FollowsRfc9110) {
  ByteRange range;
  EXPECT_EQ(read_range("bytes=5-", 10, range), RangeKind::part);
  EXPECT_EQ(range.first, 5U);
  EXPECT_EQ(range.length, 5U);
  EXPECT_EQ(read_range("bytes=-3", 10, range), RangeKind::part);
  EXPECT_EQ(range.first, 7U);
  EXPECT_EQ(read_range("bytes=0-1000", 10, range), RangeKind::part);
  EXPECT_EQ(range.length, 10U);
  EXPECT_EQ(read_range("bytes=3-2", 10, range), RangeKind::all);
  EXPECT_EQ(read_range("bytes=0-1,3-4", 10, range), RangeKind::all);
  EXPECT_EQ(read_range("bytes=-0", 10, range), RangeKind::unsatisfiable);
  EXPECT_EQ(read_range("lines=1-2", 10, range), RangeKind::all);
}

}  // namespace
}  // namespace cairn::api

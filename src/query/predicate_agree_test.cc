// A predicate means the same to a matcher and in SQL: made-up predicates on made-up records, asked
// both ways. The seed is fixed and printed.
#include "base/json_scan.h"
#include "lang/event_selectors/event_selectors.h"
#include "lang/predicate.h"
#include "query/event_expressions.h"
#include "query/session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

namespace cairn::query {
namespace {

using lang::Predicate;

constexpr unsigned kSeed = 20250314;
constexpr int kRecords = 300;
constexpr int kPredicates = 300;

class Maker {
 public:
  size_t below(size_t limit) { return dice_() % limit; }

  template <class T>
  const T& one_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

  std::string text() {
    return one_of<std::string>({"", "a", "ab", "b", "it's", "\\\"q\\\"", "Ü", "GetObject",
                                "s3.amazonaws.com", "Management", "Data", "true", "arn:aws:s3:::b",
                                "arn:aws:s3:::b/k", "AWS::S3::Object"});
  }

  /// A JSON value of any kind.
  std::string value(int depth = 0) {
    switch (below(depth > 2 ? 6 : 9)) {
      case 0:
        return "null";
      case 1:
        return one_of<std::string>({"true", "false"});
      case 2:
        return one_of<std::string>({"7", "-12", "0.5"});
      case 6:
        return fmt::format("[{},{}]", value(depth + 1), value(depth + 1));
      case 7:
        return fmt::format("{{\"a\":{},\"b/c\":{}}}", value(depth + 1), value(depth + 1));
      case 8:
        return fmt::format("[{{\"a\":{}}},{}]", value(depth + 1), value(depth + 1));
      default:
        return "\"" + text() + "\"";
    }
  }

  std::string text_or_null() { return below(6) == 0 ? "null" : "\"" + text() + "\""; }

  void add(std::string& record, const std::string& name, const std::string& json) {
    if (below(4) != 0) record += fmt::format(",\"{}\":{}", name, json);
  }

  std::string record(int id) {
    auto out = fmt::format("{{\"eventTime\":\"2025-03-14T09:00:00Z\",\"eventID\":\"{}\"", id);
    add(out, "eventName", text_or_null());
    add(out, "eventSource", text_or_null());
    add(out, "eventCategory", text_or_null());
    add(out, "eventType",
        one_of<std::string>(
            {"\"AwsApiCall\"", "\"AwsCloudTrailInsight\"", "\"AwsVpceEvents\"", "null"}));
    add(out, "managementEvent", one_of<std::string>({"true", "false", "null"}));
    add(out, "readOnly", one_of<std::string>({"true", "false", "null"}));
    add(out, "userIdentity",
        fmt::format("{{\"type\":{},\"arn\":{}}}", text_or_null(), text_or_null()));
    add(out, "resources",
        fmt::format("[{{\"type\":{},\"ARN\":{}}},{{\"ARNPrefix\":{}}}]", text_or_null(),
                    text_or_null(), text_or_null()));
    add(out, "requestParameters", fmt::format("{{\"a\":{},\"b/c\":{}}}", value(), value()));
    add(out, "neverHeardOf", value());
    return out + "}";
  }

  std::vector<std::string> values() {
    std::vector<std::string> out(below(8) == 0 ? 0 : 1 + below(3));
    for (auto& one : out) one = one_of<std::string>({text(), "7", "0.5", "false", "\"q\"", "{"});
    return out;
  }

  Predicate predicate(int depth = 0) {
    const auto kind = static_cast<Predicate::Kind>(depth > 2 ? 3 + below(3) : below(6));
    Predicate out{.kind = kind};
    switch (kind) {
      case Predicate::Kind::all:
      case Predicate::Kind::any:
        for (size_t i = below(4); i > 0; --i) out.parts.push_back(predicate(depth + 1));
        break;
      case Predicate::Kind::negation:
        out.parts.push_back(predicate(depth + 1));
        break;
      case Predicate::Kind::equals:
      case Predicate::Kind::starts_with:
      case Predicate::Kind::ends_with:
        out.path = lang::field_path(one_of<std::string>(
            {"eventName", "eventSource", "readOnly", "eventTime", "userIdentity.arn",
             "userIdentity.none.x", "resources[].ARN", "resources[].type", "resources[].ARNPrefix",
             "resources", "resources.ARN", "requestParameters.a", "requestParameters.b/c",
             "requestParameters.a.a", "requestParameters.a[]", "requestParameters.a[].a",
             "neverHeardOf", "neverHeardOf.a[].b/c", "none"}));
        out.values = values();
        break;
    }
    return out;
  }

 private:
  std::mt19937 dice_{kSeed};
};

class PredicateAgreeTest : public ::testing::Test {
 protected:
  PredicateAgreeTest() {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cairn_predicate_{}", getpid());
    std::filesystem::create_directories(folder_);
    std::ofstream file(folder_ / "events.json");
    file << "{\"Records\":[";
    for (int id = 0; id < kRecords; ++id) {
      records_.push_back(maker_.record(id));
      file << (id == 0 ? "" : ",") << records_.back();
    }
    file << "]}";
    file.close();
    SessionOptions options;
    options.source.paths = {folder_.string()};
    auto session = Session::open(options);
    EXPECT_TRUE(session.ok());
    session_.emplace(std::move(session).value());
  }

  ~PredicateAgreeTest() override { std::filesystem::remove_all(folder_); }

  std::set<int> by_matcher(const Predicate& predicate) const {
    model::FieldPlan plan;
    const lang::PredicateMatcher matcher(predicate, plan);
    std::vector<std::string_view> slots(plan.slots());
    std::set<int> ids;
    for (size_t id = 0; id < records_.size(); ++id) {
      const auto text = json::padded_copy(records_[id]);
      const auto size = records_[id].size();
      const auto scan = model::scan_object(text.data(), text.data() + size + 1, plan, slots.data());
      EXPECT_EQ(scan.scan.fault, json::Fault::none) << records_[id];
      if (matcher.matches({.json = {text.data(), size}, .slots = slots.data()}))
        ids.insert(static_cast<int>(id));
    }
    return ids;
  }

  std::set<int> by_sql(const std::string& condition) {
    std::set<int> ids;
    auto rows = session_->sql("SELECT CAST(eventID AS BIGINT) FROM cloudtrail WHERE " + condition);
    EXPECT_TRUE(rows.ok()) << rows.error().message() << condition;
    while (rows.ok()) {
      const auto more = rows.value().next();
      EXPECT_TRUE(more.ok()) << more.error().message() << condition;
      if (!more.ok() || !more.value()) break;
      for (size_t row = 0; row < rows.value().rows(); ++row)
        ids.insert(static_cast<int>(rows.value().cell(0, row).integer()));
    }
    return ids;
  }

  Maker maker_;
  std::vector<std::string> records_;
  std::filesystem::path folder_;
  std::optional<Session> session_;
};

TEST_F(PredicateAgreeTest, matcherAndSql) {
  int some = 0;
  for (int i = 0; i < kPredicates; ++i) {
    const auto predicate = maker_.predicate();
    const auto sql = lang::to_sql(predicate);
    SCOPED_TRACE(fmt::format("seed {}, predicate {}: {}", kSeed, i, sql));
    const auto expected = by_matcher(predicate);
    const auto got = by_sql(sql);
    std::vector<int> different;
    std::set_symmetric_difference(expected.begin(), expected.end(), got.begin(), got.end(),
                                  std::back_inserter(different));
    ASSERT_TRUE(different.empty()) << records_[static_cast<size_t>(different.front())]
                                   << "\nmatcher: " << expected.contains(different.front());
    some += !expected.empty() && expected.size() < records_.size() ? 1 : 0;
  }
  EXPECT_GT(some, kPredicates / 5);  // many of them tell records apart
}

TEST_F(PredicateAgreeTest, categories) {
  for (const auto* category : {"Management", "Data", "NetworkActivity", "Insight", "ab"}) {
    SCOPED_TRACE(category);
    EXPECT_EQ(by_matcher(lang::event_selectors::category_is(category)),
              by_sql(fmt::format("({}) = '{}'", kCategorySql, category)));
  }
}

}  // namespace
}  // namespace cairn::query

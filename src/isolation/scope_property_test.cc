// Queries made at random: over all events with a scope, and over a world that has the scope's
// events only, the answers are the same.
#include "isolation/testing/world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <optional>

namespace cairn::isolation {
namespace {

/// A grammar of statements. Every statement has one answer, whatever the order of rows is.
class Maker {
 public:
  std::string statement() { return query(3) + (one_of(4) == 0 ? " ORDER BY 1" : ""); }

 private:
  static size_t one_of(size_t count) { return *rc::gen::inRange<size_t>(0, count); }

  template <size_t kCount>
  static std::string pick(const char* const (&choices)[kCount]) {
    return choices[one_of(kCount)];
  }

  std::string alias() { return fmt::format("t{}", ++aliases_); }

  std::string query(int depth) {
    if (depth > 0 && one_of(6) == 0)
      return fmt::format(
          "SELECT a, b FROM ({}) AS {} {} SELECT a, b FROM ({}) AS {}", query(depth - 1), alias(),
          pick({"UNION", "UNION ALL", "EXCEPT", "INTERSECT"}), query(depth - 1), alias());
    if (depth > 0 && one_of(6) == 0) {
      const auto name = "w" + alias();
      return fmt::format(
          "WITH {0} AS ({1}) SELECT x.a AS a, y.b AS b FROM {0} AS x JOIN {0} AS y "
          "ON x.a = y.a WHERE x.b {2} y.b",
          name, query(depth - 1), pick({"=", "<>", "<="}));
    }
    const auto t = alias();
    const auto from = relation(t, depth);
    const auto where = one_of(4) == 0 ? "" : " WHERE " + condition(t, depth);
    switch (one_of(4)) {
      case 0:
        return fmt::format("SELECT {0} AS a, CAST(count(*) AS varchar) AS b FROM {1}{2} GROUP BY 1",
                           text(t), from, where);
      case 1:
        return fmt::format("SELECT {0} AS a, CAST({3}({4}) AS varchar) AS b FROM {1}{2} GROUP BY 1",
                           text(t), from, where, pick({"min", "max", "count"}), text(t));
      case 2:
        return fmt::format(
            "SELECT {0} AS a, CAST(rank() OVER (PARTITION BY {3} ORDER BY {4}) AS "
            "varchar) AS b FROM {1}{2}",
            text(t), from, where, text(t), text(t));
      default:
        return fmt::format("SELECT {} AS a, {} AS b FROM {}{}", text(t), text(t), from, where);
    }
  }

  std::string relation(const std::string& t, int depth) {
    if (depth > 0 && one_of(5) == 0)
      return fmt::format(
          "(SELECT a AS eventID, b AS eventName, b AS awsRegion, a AS recipientAccountId, b AS "
          "userAgent FROM ({}) AS {}) AS {}",
          query(depth - 1), alias(), t);
    return pick({"cloudtrail", "cloudtrail_logs", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
                 "main.cloudtrail"}) +
           " AS " + t;
  }

  std::string text(const std::string& t) {
    const auto column =
        t + "." +
        pick({"eventID", "eventName", "awsRegion", "recipientAccountId", "userAgent", "eventID"});
    switch (one_of(6)) {
      case 0:
        return fmt::format("substr({}, 1, {})", column, one_of(8) + 1);
      case 1:
        return fmt::format("coalesce({}, 'none')", column);
      case 2:
        return fmt::format("CASE WHEN {0} LIKE '%1%' THEN {0} ELSE 'other' END", column);
      default:
        return column;
    }
  }

  std::string condition(const std::string& t, int depth) {
    switch (one_of(depth > 0 ? 9 : 6)) {
      case 0:
        return fmt::format("{} LIKE '%{}%'", text(t), one_of(10));
      case 1:
        return fmt::format("{} IS {}NULL", text(t), one_of(2) == 0 ? "" : "NOT ");
      case 2:
        return fmt::format(
            "{} IN ('good-e{}', 'eu-west-1', 'goodCall{}', '444455556666', "
            "'111122223333')",
            text(t), one_of(12), one_of(5));
      case 3:
        return fmt::format("NOT ({})", condition(t, depth - 1));
      case 4:
        // Fails on rows of others, were it asked of them.
        return fmt::format(
            "CAST(CASE WHEN starts_with(coalesce({0}.eventID, 'good'), 'good') OR "
            "length({0}.eventID) < 8 OR {0}.eventID = 'other' THEN '1' ELSE 'x' END "
            "AS integer) = {1}",
            t, one_of(2));
      case 5:
        return fmt::format("{} {} {}", text(t), pick({"=", "<>", "<", ">="}), text(t));
      case 6:
        return fmt::format("({} {} {})", condition(t, depth - 1), pick({"AND", "OR"}),
                           condition(t, depth - 1));
      case 7: {
        const auto inner = alias();
        return fmt::format("EXISTS (SELECT 1 FROM {} WHERE {}.eventID = {} AND {})",
                           "cloudtrail AS " + inner, inner, text(t), condition(inner, 0));
      }
      default:
        return fmt::format("{} IN (SELECT a FROM ({}) AS {})", text(t), query(depth - 1), alias());
    }
  }

  int aliases_ = 0;
};

struct Worlds {
  World world;
  std::vector<query::Session> all;
  std::vector<query::Session> own;

  Worlds() {
    const query::SessionOptions options{
        .threads = 2, .accounts = std::vector<std::string>{kOurs}, .sandboxed = true};
    for (const auto over : {World::Over::logs, World::Over::lake}) {
      all.push_back(world.open(over, true, options));
      own.push_back(world.open(over, false, options));
    }
  }
};

/// Errors are compared by their being there: which row an error meets first is not said.
std::string comparable(const std::string& answer) {
  return answer.starts_with("error: ") ? "error" : answer;
}

TEST(ScopeProperty, AnswersAsIfOthersWereNotThere) {
  static std::unique_ptr<Worlds> worlds;
  worlds = std::make_unique<Worlds>();
  size_t with_rows = 0;
  size_t failed = 0;
  const bool held = rc::check([&] {
    const auto sql = Maker().statement();
    std::optional<std::string> first;
    for (size_t i = 0; i < worlds->all.size(); ++i) {
      const auto seen = answer(worlds->all[i], sql);
      const auto expected = answer(worlds->own[i], sql);
      if (tells_of_others(seen) && !seen.starts_with("error: "))
        RC_FAIL(fmt::format("tells of others: {}\n{}", sql, seen));
      if (comparable(seen) != comparable(expected))
        RC_FAIL(fmt::format("differs: {}\nseen: {}\nexpected: {}", sql, seen, expected));
      if (!first) first = comparable(seen);
      if (*first != comparable(seen))
        RC_FAIL(fmt::format("logs and lake differ: {}\n{}\n{}", sql, *first, seen));
      with_rows += seen.find('\n') != std::string::npos && !seen.starts_with("error") ? 1 : 0;
      failed += seen.starts_with("error") ? 1 : 0;
    }
  });
  worlds.reset();
  EXPECT_TRUE(held);
  fmt::print("{} answers with rows, {} errors\n", with_rows, failed);
  EXPECT_GT(with_rows, 20U);
}

}  // namespace
}  // namespace cairn::isolation

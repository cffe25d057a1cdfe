#include "history/internal/lookup_sql.h"

#include "model/event_account.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::history {
namespace {

void holds(const LookupRequest& request, std::string_view part) {
  const std::string sql = lookup_sql({}, request, std::nullopt, 10);
  EXPECT_NE(sql.find(part), std::string::npos) << "no " << part << " in\n" << sql;
}

TEST(LookupSql, PushesEveryConditionDown) {
  holds({.start_us = 0, .end_us = 1'500'000},
        "WHERE eventTime >= TIMESTAMP '1970-01-01 00:00:00.000000' AND eventTime <= TIMESTAMP "
        "'1970-01-01 00:00:01.500000'");
  holds({.accounts = {"111111111111", "2"}, .regions = {"eu-west-1"}},
        "recipientAccountId IN ('111111111111', '2') AND awsRegion IN ('eu-west-1')");
  holds({.attributes = {{AttributeKey::event_id, "x' OR 1=1 --"}}}, "(eventID = 'x'' OR 1=1 --')");
  holds({.attributes = {{AttributeKey::access_key_id, "A"}, {AttributeKey::access_key_id, "B"}}},
        "(userIdentity.accessKeyId = 'A' OR userIdentity.accessKeyId = 'B')");
  holds({.attributes = {{AttributeKey::read_only, "false"}}}, "(NOT readOnly)");
  holds({.category = Category::insight}, "END) = 'Insight'");
  holds({}, " LIMIT 10");
}

TEST(LookupSql, OfALakeAnEventIsItsAccountsByOneDefinition) {
  const LookupSource lake{.events = "x", .stored = true};
  const std::string sql = lookup_sql(lake, {.accounts = {"111111111111"}}, std::nullopt, 10);
  EXPECT_NE(sql.find(std::string(model::kStoredEventAccountSql) + " IN ('111111111111')"),
            std::string::npos)
      << sql;
}

TEST(LookupSql, GoesOnBehindACursor) {
  const std::string with_id =
      lookup_sql({}, {}, Cursor{.time_us = 0, .event_id = "e"}, std::nullopt);
  EXPECT_NE(with_id.find("(eventTime < TIMESTAMP '1970-01-01 00:00:00.000000' OR eventTime IS NULL "
                         "OR (eventTime = TIMESTAMP '1970-01-01 00:00:00.000000' AND "
                         "(coalesce(eventID, '') > 'e')))"),
            std::string::npos)
      << with_id;
  EXPECT_EQ(with_id.find("LIMIT"), std::string::npos);
  const std::string without_id = lookup_sql({}, {}, Cursor{.file = "f", .record = 3}, std::nullopt);
  EXPECT_NE(without_id.find("sourceFile > 'f' OR (sourceFile = 'f' AND recordNumber > 3)"),
            std::string::npos)
      << without_id;
}

TEST(LookupSql, SearchesRawJsonForWhatIsNeverEscaped) {
  EXPECT_EQ(unescaped_part("my-bucket_1.x"), "my-bucket_1.x");
  EXPECT_EQ(unescaped_part("a b/long-part=x"), "long-part");
  EXPECT_EQ(unescaped_part("\"é"), "");
  EXPECT_EQ(unescaped_part(""), "");
}

}  // namespace
}  // namespace cairn::history

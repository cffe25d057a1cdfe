#include "model/record.h"

#include "base/time.h"
#include "model/column_reader.h"

#include <gtest/gtest.h>

namespace cairn::model {
namespace {

TEST(Fields, every_name_finds_itself_and_others_nothing) {
  for (size_t i = 0; i < kFieldCount; ++i)
    EXPECT_EQ(find_field(field_name(static_cast<Field>(i))), static_cast<Field>(i));
  for (const auto* other :
       {"", "EventTime", "eventtime", "x", "aVeryLongMemberNameThatNoRecordHas"})
    EXPECT_EQ(find_field(other), Field::end) << other;
}

TEST(Columns, names_are_found_without_case_and_are_unique) {
  for (size_t i = 0; i < columns().size(); ++i)
    EXPECT_EQ(find_column(columns()[i].name), static_cast<int>(i));
  EXPECT_EQ(columns()[static_cast<size_t>(find_column("useridentity.ARN"))].name,
            "userIdentity.arn");
  EXPECT_EQ(find_column("nothing"), -1);
}

std::vector<std::string> read(const std::vector<std::string_view>& names, std::string_view record) {
  std::vector<int> indices;
  for (const auto name : names) indices.push_back(find_column(name));
  const ColumnReader reader(indices);
  const auto padded = json::padded_copy(record);
  std::vector<std::string_view> slots(reader.plan().slots());
  const auto found =
      scan_object(padded.data(), padded.data() + record.size(), reader.plan(), slots.data());
  EXPECT_EQ(found.scan.fault, json::Fault::none);
  std::vector<std::string_view> raw(indices.size());
  reader.read(slots.data(), raw);
  return {raw.begin(), raw.end()};
}

TEST(ColumnReader, finds_leaves_at_any_depth) {
  const auto* record =
      R"({"eventName":"A","userIdentity":{"type":"AssumedRole","arn":"x","sessionContext":)"
      R"({"sessionIssuer":{"arn":"role"},"attributes":{"mfaAuthenticated":"false"}}},"eventTime":"t","eventName":"B"})";
  EXPECT_EQ(read({"userIdentity.sessionContext.sessionIssuer.arn", "eventName", "userIdentity.type",
                  "userIdentity.sessionContext.attributes.mfaAuthenticated", "eventTime",
                  "eventTimeText", "errorCode"},
                 record),
            (std::vector<std::string>{R"("role")", R"("B")", R"("AssumedRole")", R"("false")",
                                      R"("t")", R"("t")", ""}));
}

TEST(ColumnReader, odd_types_are_no_leaves) {
  EXPECT_EQ(read({"userIdentity.arn", "tlsDetails.tlsVersion"},
                 R"({"userIdentity":"text","tlsDetails":[1]})"),
            (std::vector<std::string>{"", ""}));
}

TEST(Values, varchar_boolean_and_time) {
  std::string scratch;
  EXPECT_EQ(varchar_of(R"("a\nb")", scratch), "a\nb");
  EXPECT_EQ(varchar_of("12.50", scratch), "12.50");
  EXPECT_FALSE(varchar_of("null", scratch).has_value());
  EXPECT_FALSE(varchar_of(R"({"a":1})", scratch).has_value());
  EXPECT_EQ(boolean_of(R"("True")"), true);
  EXPECT_EQ(boolean_of("false"), false);
  EXPECT_FALSE(boolean_of("1").has_value());
  const auto nine = parse_iso8601("2025-03-14T09:00:00Z");
  for (const auto* raw :
       {R"("2025-03-14T09:00:00Z")", R"("2025-03-14T10:00:00+01:00")", "1741942800",
        "1741942800000", "1741942800.0", R"("2025-03-14 09:00:00")"}) {
    EXPECT_EQ(event_time_of(raw), nine) << raw;
  }
  for (const auto* raw :
       {R"("yesterday")", R"("")", "null", "true", "-5", "0", R"("2025-02-29T00:00:00Z")", "1e99"})
    EXPECT_FALSE(event_time_of(raw).has_value()) << raw;
  const auto others = [](std::string_view record) {
    const auto padded = json::padded_copy(record);
    return other_fields_of({padded.data(), record.size()});
  };
  EXPECT_EQ(others(R"({"eventName":"A","new":{"x":[1]},"z":1.50})"),
            R"({"new":{"x":[1]},"z":1.50})");
  EXPECT_FALSE(others(R"({"eventName":"A"})").has_value());
}

}  // namespace
}  // namespace cairn::model

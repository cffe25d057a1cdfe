#include "model/record_parts.h"

#include "base/json_scan.h"
#include "base/time.h"

#include <gtest/gtest.h>

namespace cairn::model {
namespace {

constexpr int64_t kNine = 1741942800LL * 1'000'000;  // 2025-03-14T09:00:00Z

std::string joined(std::string_view record, std::string* patch = nullptr) {
  const auto padded = json::padded_copy(record);
  RecordSplitter splitter;
  splitter.split({padded.data(), record.size()}, kNine);
  if (patch != nullptr) *patch = splitter.patch();
  std::string out;
  append_record(out, splitter.values(), splitter.patch());
  return out;
}

/// The record comes back as it was written, with `patch`.
void check(std::string_view record, std::string_view patch) {
  SCOPED_TRACE(record);
  std::string made;
  EXPECT_EQ(joined(record, &made), record);
  EXPECT_EQ(made, patch);
}

TEST(RecordParts, a_usual_record_needs_no_patch) {
  check(
      R"({"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROA:s",)"
      R"("arn":"arn:aws:sts::1:assumed-role/R/s","sessionContext":{"sessionIssuer":{"type":"Role"},)"
      R"("attributes":{"creationDate":"2025-03-14T08:00:00Z","mfaAuthenticated":"false"}}},)"
      R"("eventTime":"2025-03-14T09:00:00Z","eventSource":"ec2.amazonaws.com","userAgent":"a\"b\\c\n",)"
      R"("requestParameters":{"n":1.50,"big":12345678901234567890123,"x":{"y":[1,2e5]}},)"
      R"("responseElements":null,"readOnly":false,"resources":[{"ARN":"arn:a"}],)"
      R"("tlsDetails":{"tlsVersion":"TLSv1.3"}})",
      "");
}

TEST(RecordParts, unknown_fields_are_kept) {
  check(R"({"eventTime":"2025-03-14T09:00:00Z","requestParameters":null,"responseElements":null,)"
        R"("futureField":{"a":[1.0]},"other":null})",
        "");
}

TEST(RecordParts, what_columns_cannot_say_is_patched) {
  const auto around = [](std::string_view member) {
    return std::string(R"({"eventTime":"2025-03-14T09:00:00Z",)").append(member) +
           R"("requestParameters":null,"responseElements":null})";
  };
  check(around(R"("sourceIPAddress":17.50,)"), R"({"set":[[["sourceIPAddress"],17.50]]})");
  check(around(R"("userAgent":null,)"), R"({"set":[[["userAgent"],null]]})");
  check(
      R"({"eventTime":"2025-03-14T09:00:00.000Z","requestParameters":null,"responseElements":null})",
      R"({"set":[[["eventTime"],"2025-03-14T09:00:00.000Z"]]})");
  check(R"({"userIdentity":{"sessionContext":{"sessionIssuer":{}},"new":[true]},)"
        R"("eventTime":"2025-03-14T09:00:00Z","responseElements":"text"})",
        R"({"set":[[["userIdentity","sessionContext","sessionIssuer"],{}],)"
        R"([["userIdentity","new"],[true]]],"drop":["requestParameters"]})");
  check(R"({"userIdentity":"root","eventTime":"2025-03-14T09:00:00Z","errorCode":"\ud800",)"
        R"("requestParameters":null,"responseElements":null,"readOnly":"true"})",
        R"({"set":[[["errorCode"],"\ud800"],[["userIdentity"],"root"],[["readOnly"],"true"]]})");
  check(R"({"requestParameters":null,"responseElements":null})", R"({"drop":["eventTime"]})");
}

TEST(RecordParts, values_and_parents) {
  const std::string_view record =
      R"({"userIdentity":{"arn":"a","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}},)"
      R"("resources":[{"ARN":"arn:1"},{"type":"t"},7,{"arn":"arn:2"}]})";
  const auto padded = json::padded_copy(record);
  RecordSplitter splitter;
  splitter.split({padded.data(), record.size()}, kNine);
  const auto value = [&](std::string_view name) {
    return splitter.values()[static_cast<size_t>(find_column(name))];
  };
  EXPECT_EQ(value("eventTime").number, kNine);
  EXPECT_EQ(value("userIdentity.arn").text, "a");
  EXPECT_EQ(value("userIdentity.type").parents, 1);
  EXPECT_EQ(value("userIdentity.sessionContext.sessionIssuer.arn").parents, 2);
  EXPECT_EQ(value("userIdentity.sessionContext.attributes.creationDate").parents, 3);
  EXPECT_TRUE(value("userIdentity.sessionContext.attributes.mfaAuthenticated").boolean);
  EXPECT_EQ(value("tlsDetails.tlsVersion").parents, 0);
  EXPECT_EQ(std::vector<std::string_view>(splitter.resource_arns().begin(),
                                          splitter.resource_arns().end()),
            (std::vector<std::string_view>{"arn:1", "arn:2"}));
}

TEST(RecordParts, a_patch_of_any_shape_does_no_harm) {
  std::vector<ColumnValue> values(columns().size());
  for (const auto* patch : {"{}", R"({"set":1,"drop":2})",
                            R"({"set":[1,[2,3],[[4],5]],"drop":[6]})", R"({"set":[[["a"]],[]]})"}) {
    std::string out;
    append_record(out, values, patch);
    EXPECT_TRUE(out.starts_with('{')) << patch;
  }
}

TEST(Columns, lake_ids_are_unique) {
  std::vector<bool> seen(1000);
  for (const auto& column : columns()) {
    if (column.lake_id == 0) continue;
    EXPECT_FALSE(seen[static_cast<size_t>(column.lake_id)]) << column.name;
    seen[static_cast<size_t>(column.lake_id)] = true;
  }
}

}  // namespace
}  // namespace cairn::model

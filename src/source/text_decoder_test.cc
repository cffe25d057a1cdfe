#include "source/internal/text_decoder.h"

#include <gtest/gtest.h>

namespace cairn::source {
namespace {

constexpr const char* kA = R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A","eventID":"1"})";
constexpr const char* kB = R"({"eventTime":"2025-03-14T09:00:01Z","eventName":"B","eventID":"2"})";

std::string escaped(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

struct Decoded {
  std::vector<std::string> records;
  DecodeNotes notes;
};

Decoded decode(std::string_view text, size_t window_step) {
  const model::FieldPlan plan;
  Buffer buffer;
  MemoryStream stream(text);
  buffer.clear();
  if (window_step == 0) buffer.append(text);
  TextWindow window(buffer, window_step == 0 ? nullptr : &stream, 1 << 20, window_step);
  TextDecoder decoder(window, plan);
  Decoded decoded;
  model::RecordBatch batch;
  bool more = true;
  while (more) {
    more = decoder.next(batch, 2);
    for (const auto& head : batch.heads) decoded.records.emplace_back(head.json);
    batch.clear();
  }
  decoded.notes = decoder.notes();
  return decoded;
}

// Decodes whole, and through windows of all small sizes: the answer must not depend on it.
void check(std::string_view text, const std::vector<std::string>& want, uint64_t refused = 0,
           const std::string& fault = {}) {
  SCOPED_TRACE(text);
  for (const size_t step : {0U, 1U, 2U, 3U, 7U, 64U}) {
    SCOPED_TRACE(step);
    const auto decoded = decode(text, step);
    EXPECT_EQ(decoded.notes.fault, fault);
    if (!fault.empty()) continue;
    EXPECT_EQ(decoded.records, want);
    EXPECT_EQ(decoded.notes.records_refused, refused);
  }
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) out += part;
  return out;
}

TEST(TextDecoder, log_files_arrays_lines_and_single_events) {
  check(join({R"({"Records":[)", kA, ",", kB, "]}"}), {kA, kB});
  check(join({"\xEF\xBB\xBF {\n\"Records\" : [ ", kA, " , ", kB, " ] } \n"}), {kA, kB});
  check(R"({"Records":[]})", {});
  check(join({R"({"Records":[)", kA, R"(],"Records":[)", kB, "]}"}), {kA, kB});
  check(join({"[", kA, ",", kB, "]"}), {kA, kB});
  check(join({kA, "\r\n\n", kB}), {kA, kB});
  check(join({kA, kB}), {kA, kB});
  check(kA, {kA});
}

TEST(TextDecoder, wrappers) {
  check(join({R"({"Events":[{"EventId":"1","CloudTrailEvent":)", escaped(kA), "}]}"}), {kA});
  check(join({R"({"detail-type":"AWS API Call via CloudTrail","detail":)", kA, "}"}), {kA});
  check(join({R"({"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":)", escaped(kA),
              "}]}"}),
        {kA});
  check(R"({"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"checking"}]})", {});
  check(join({R"({"events":[{"message":)", escaped(kA), "}]}"}), {kA});
  check(join({R"({"QueryResultRows":[[{"eventJson":)", escaped(kB), "}]]}"}), {kB});
  check(join({R"({"eventJson":)", escaped(kA), "}\n"}), {kA});
  check(
      R"({"requestId":"r","records":[{"data":"eyJldmVudFRpbWUiOiIyMDI1LTAzLTE0VDA5OjAwOjAwWiIsImV2ZW50TmFtZSI6IkEifQ=="}]})",
      {R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A"})"});
  check(join({"2025-03-14T09:00:00.000Z ", kA, "\n"}), {kA});
  check(join({"Mar 14 host app: ", kA, "\nMar 14 host app: ", kB}), {kA, kB});
  check(join({"eventJson\n\"", R"({""eventTime"":""2025-03-14T09:00:00Z"",""eventName"":""A""})",
              "\"\n"}),
        {R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A"})"});
}

TEST(TextDecoder, braces_and_quotes_within_strings) {
  const std::string odd =
      R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A","userAgent":"}]{[\"\\","x":"\u007d"})";
  check(join({R"({"Records":[)", odd, ",", kB, "]}"}), {odd, kB});
}

TEST(TextDecoder, bad_elements_are_counted_and_the_others_taken) {
  check(join({R"({"Records":[null,1,"x",[],{"a":1},)", kA, "]}"}), {kA}, 5);
  check(join({kA, "\n{\"eventName\":\n", kB, "\n"}), {kA, kB}, 1);
  check(R"({"Records":[{"eventName":"A"},{"eventName":"B","eventTime":"soon"}]})", {}, 2);
  check(
      R"({"Records":[{"eventSource":"aws:s3","eventTime":"2025-03-14T09:00:00Z","eventName":"x"}]})",
      {}, 1);
}

TEST(TextDecoder, damaged_documents_are_refused_whole) {
  check(join({R"({"Records":[)", kA, ",", "{\"eventTime\":\"20"}), {}, 0,
        "the text ends within a JSON value");
  check(join({R"({"Records":[)", kA, ",]}"}), {}, 0,
        "a JSON array without a proper comma or bracket");
  check(R"({"Records":{}})", {}, 0, "'Records' is not an array");
  check("", {}, 0, "the file is empty");
  EXPECT_EQ(decode(std::string(20000, '['), 0).notes.fault, "JSON nested deeper than 8,192 levels");
}

TEST(TextDecoder, salvage_takes_the_whole_records_around_the_damage) {
  const model::FieldPlan plan;
  Buffer buffer;
  buffer.append(join({R"({"Records":[)", kA, ",{\"eventTime\":!}, x ", kB, "]}"}));
  TextWindow window(buffer, nullptr, 0);
  TextDecoder decoder(window, plan, true);
  model::RecordBatch batch;
  while (decoder.next(batch, 100)) {
  }
  EXPECT_EQ(decoder.notes().fault, "no JSON value where one is expected");
  ASSERT_EQ(batch.heads.size(), 2U);
  EXPECT_EQ(batch.heads[1].json, kB);
}

TEST(TextDecoder, names_place_of_a_refused_record) {
  const auto decoded = decode(join({R"({"Records":[)", kA, ",7]}"}), 0);
  ASSERT_EQ(decoded.notes.problems.size(), 1U);
  EXPECT_EQ(decoded.notes.problems[0].record, 2U);
  EXPECT_EQ(decoded.notes.problems[0].offset, 12U + std::string_view(kA).size() + 1);

  // A bad line's place is where it begins; the reason says how far into it the fault was noticed.
  const auto lines = decode(join({kA, "\n{\"eventTime\":!}\n", kB, "\n"}), 0);
  ASSERT_EQ(lines.notes.problems.size(), 1U);
  EXPECT_EQ(lines.notes.problems[0].record, 2U);
  EXPECT_EQ(lines.notes.problems[0].offset, std::string_view(kA).size() + 1);
  EXPECT_EQ(lines.notes.problems[0].reason,
            "no JSON value where one is expected, at byte 13 of the record");
}

TEST(TextDecoder, invalid_utf8_is_repaired_and_told) {
  const auto decoded =
      decode(join({R"({"Records":[{"eventTime":"2025-03-14T09:00:00Z","eventName":")", "\xFF",
                   R"("},)", kB, "]}"}),
             0);
  ASSERT_EQ(decoded.records.size(), 2U);
  EXPECT_NE(decoded.records[0].find("\xEF\xBF\xBD"), std::string::npos);
  EXPECT_EQ(decoded.notes.warnings, 1U);
}

TEST(TextDecoder, names_with_escapes_are_the_names_that_they_mean) {
  const std::string odd =
      R"({"event\u0054ime":"2025-03-14T09:00:00Z","\u0065ventName":"A","a":{"\u0062":1,"\"":2}})";
  const std::string plain =
      R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A","a":{"b":1,"\"":2}})";
  for (const auto& text :
       {odd, "[" + odd + "]", "{\"Records\":[" + odd + "]}", "{\"R\\u0065cords\":[" + odd + "]}",
        "{\"d\\u0065tail-type\":\"X via CloudTrail\",\"detail\":" + odd + "}",
        "{\"message\":" + escaped(odd) + "}"}) {
    SCOPED_TRACE(text);
    for (const size_t step : {size_t{0}, size_t{7}}) {
      const auto decoded = decode(text, step);
      EXPECT_EQ(decoded.records, std::vector<std::string>{plain});
      EXPECT_EQ(decoded.notes.records_refused, 0U);
    }
  }
}

TEST(TextDecoder, malformed_accounts_and_regions_are_told_and_kept) {
  const std::string start = R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A",)";
  for (const auto* const part : {R"("recipientAccountId":"1111"})", R"("awsRegion":"../x"})",
                                 R"("recipientAccountId":[]})"}) {
    const auto decoded = decode(start + part, 0);
    EXPECT_EQ(decoded.records.size(), 1U) << part;
    EXPECT_EQ(decoded.notes.warnings, 1U) << part;
    ASSERT_EQ(decoded.notes.problems.size(), 1U) << part;
    EXPECT_EQ(decoded.notes.problems[0].record, 1U) << part;
    EXPECT_TRUE(decoded.notes.problems[0].warning) << part;
  }
  EXPECT_EQ(decode(start + R"("recipientAccountId":"111122223333","awsRegion":"eu-west-1"})", 0)
                .notes.warnings,
            0U);
}

TEST(TextDecoder, events_with_a_name_twice_are_refused) {
  const std::string b = kB;
  for (
      const auto* const odd :
      {R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A","eventName":"B"})",
       R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A","event\u004eame":"B"})",
       R"({"eventTime":"2025-03-14T09:00:00Z","eventName":"A","x":1,"x":1})",
       R"({"eventTime":"2025-03-14T09:00:00Z","userIdentity":{"accountId":"1","account\u0049d":"2"}})"}) {
    SCOPED_TRACE(odd);
    const auto decoded = decode("{\"Records\":[" + b + "," + odd + "," + b + "]}", 0);
    EXPECT_EQ(decoded.records, (std::vector{b, b}));
    EXPECT_EQ(decoded.notes.records_refused, 1U);
    ASSERT_EQ(decoded.notes.problems.size(), 1U);
    EXPECT_EQ(decoded.notes.problems[0].record, 2U);
    EXPECT_NE(decoded.notes.problems[0].reason.find("twice"), std::string::npos)
        << decoded.notes.problems[0].reason;
    const auto bridge =
        decode(std::string("{\"detail-type\":\"X via CloudTrail\",\"detail\":") + odd + "}", 0);
    EXPECT_TRUE(bridge.records.empty());
    EXPECT_EQ(bridge.notes.records_refused, 1U);
  }
}

TEST(TextDecoder, digests_and_notices_are_left_out) {
  EXPECT_EQ(decode(R"({"awsAccountId":"1","digestS3Object":"k","logFiles":[]})", 0).notes.left_out,
            "a digest file");
  EXPECT_NE(decode(R"({"s3Bucket":"b","s3ObjectKey":["k"]})", 0).notes.left_out, "");
}

TEST(TextDecoder, a_value_beyond_the_limit_is_refused) {
  const auto decoded =
      decode(join({R"({"Records":[{"eventTime":")", std::string(3 << 20, 'x'), "\"}]}"}), 4096);
  EXPECT_NE(decoded.notes.fault.find("is larger than"), std::string::npos);
}

}  // namespace
}  // namespace cairn::source

// Writes a Parquet file, and beside it as JSON lines what its rows hold, for
// tests/peers/parquet_files.py: parquet_probe FILE ROWS GROUPS
#include "parquet/file_writer.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cairn;  // NOLINT(google-build-using-namespace): a program of one file
using parquet::Field;
using parquet::Type;

/// Leaves, in their order.
enum Leaf : size_t { time, id, few, narrow, wide, flag, nothing, arn, deep, mfa, arns, text };

std::vector<Field> fields() {
  return {
      {.name = "time", .id = 1, .type = Type::timestamp_us},
      {.name = "id", .id = 2, .bloom = true},
      {.name = "few", .id = 3, .bloom = true},
      {.name = "narrow", .id = 4, .type = Type::int32},
      {.name = "wide", .id = 5, .type = Type::int64},
      {.name = "flag", .id = 6, .type = Type::boolean},
      {.name = "nothing", .id = 7, .bloom = true},
      {.name = "who",
       .id = 8,
       .children = {{.name = "arn", .id = 9, .bloom = true},
                    {.name = "inner",
                     .id = 10,
                     .children = {{.name = "deep", .id = 11},
                                  {.name = "mfa", .id = 12, .type = Type::boolean}}}}},
      {.name = "arns", .id = 13, .list = true, .element_id = 14, .bloom = true},
      {.name = "text", .id = 15},
  };
}

class Rows {
 public:
  Rows() {
    parquet::EncodingOptions options;
    options.page_bytes = 20'000;  // several pages in a column
    for (const auto& leaf : parquet::leaves_of(fields())) columns_.emplace_back(leaf, options);
  }

  /// Appends a row and gives it as JSON.
  std::string add() {
    row_ = "{";
    time_ += static_cast<int64_t>(below(3)) * 1'000'000;
    columns_[time].append_int(time_);
    say("time", fmt::format("{}", time_));
    add_text(id, "id", fmt::format("{:016x}{:016x}", random_(), random_()));
    below(5) == 0 ? columns_[few].append_null(0)
                  : add_text(few, "few", fmt::format("few{}", below(13)));
    add_number(narrow, "narrow", static_cast<int32_t>(random_()),
               std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
    add_number(wide, "wide", static_cast<int64_t>(random_()), std::numeric_limits<int64_t>::min(),
               std::numeric_limits<int64_t>::max());
    below(3) == 0 ? columns_[flag].append_null(0) : add_flag();
    columns_[nothing].append_null(0);
    add_who();
    add_list();
    std::string letters(below(4) == 0 ? 0 : below(500), ' ');
    for (auto& letter : letters) letter = static_cast<char>('a' + below(26));
    add_text(text, "text", letters);
    return row_ + "}";
  }

  Result<std::vector<parquet::EncodedColumn>> finish() {
    std::vector<parquet::EncodedColumn> made;
    for (auto& column : columns_) {
      auto encoded = CAIRN_TRY(column.finish());
      made.push_back(std::move(encoded));
    }
    return made;
  }

 private:
  uint64_t below(uint64_t limit) { return random_() % limit; }

  void say(std::string_view name, std::string_view json) {
    row_ += fmt::format("{}\"{}\":{}", row_.size() > 1 ? "," : "", name, json);
  }

  void add_text(Leaf leaf, std::string_view name, const std::string& value) {
    columns_[leaf].append(value);
    say(name, '"' + value + '"');
  }

  /// Extremes often, so that differences overflow.
  void add_number(Leaf leaf, std::string_view name, int64_t any, int64_t min, int64_t max) {
    const uint64_t kind = below(8);
    if (kind == 0) return columns_[leaf].append_null(0);
    const int64_t value = kind == 1 ? min : kind == 2 ? max : any;
    columns_[leaf].append_int(value);
    say(name, fmt::format("{}", value));
  }

  void add_flag() {
    const bool value = below(2) == 1;
    columns_[flag].append_bool(value);
    say("flag", value ? "true" : "false");
  }

  void add_who() {
    const auto depth = static_cast<int16_t>(below(4));
    std::string json = "null";
    if (depth >= 2) {
      const auto value = fmt::format("arn:{}", below(300));
      columns_[arn].append(value);
      json = fmt::format(R"({{"arn":"{}")", value);
    } else {
      columns_[arn].append_null(depth);
      if (depth == 1) json = R"({"arn":null)";
    }
    if (depth == 3) {
      const auto value = fmt::format("gr\xC3\xBC\xC3\x9F {}", below(50));
      columns_[deep].append(value);
      columns_[mfa].append_bool(true);
      json += fmt::format(R"(,"inner":{{"deep":"{}","mfa":true}}}})", value);
    } else {
      columns_[deep].append_null(depth);
      columns_[mfa].append_null(depth);
      if (depth == 2) json += R"(,"inner":{"deep":null,"mfa":null}})";
      if (depth == 1) json += R"(,"inner":null})";
    }
    say("who", json);
  }

  void add_list() {
    if (below(4) == 0) return columns_[arns].append_null(0);
    std::vector<std::string> values(below(4));
    for (auto& value : values) value = fmt::format("resource{}", below(100'000));
    columns_[arns].append_list(std::vector<std::string_view>(values.begin(), values.end()));
    std::string json;
    for (const auto& value : values) json += (json.empty() ? "\"" : ",\"") + value + '"';
    say("arns", '[' + json + ']');
  }

  std::vector<parquet::ColumnBuilder> columns_;
  std::mt19937_64 random_{7};
  int64_t time_ = 1'790'000'000'000'000;
  std::string row_;
};

Status write(const std::string& path, int64_t rows, int groups) {
  std::ofstream file(path, std::ios::binary);
  std::ofstream said(path + ".jsonl");
  parquet::FileWriter writer(fields(), {.metadata = {{"key", "value"}}, .sorted_by = {time}},
                             [&](std::string_view bytes) {
                               file << bytes;
                               return Status{};
                             });
  Rows made;
  for (int group = 0; group < groups; ++group) {
    for (int64_t row = 0; row < rows; ++row) said << made.add() << '\n';
    auto columns = CAIRN_TRY(made.finish());
    CAIRN_TRY(writer.add_row_group(std::move(columns), rows));
  }
  const auto done = CAIRN_TRY(writer.finish());
  if (!file.flush() || !said.flush() || done.rows != rows * groups)
    return Error{ErrorKind::unavailable, fmt::format("cannot write {}", path)};
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto done = write(argv[1], std::atoll(argv[2]), std::atoi(argv[3]));
  if (!done.ok()) fmt::print(stderr, "{}\n", done.error().message());
  return done.ok() ? 0 : 1;
}

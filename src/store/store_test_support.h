// A small table for tests.
#pragma once

#include "io/clock.h"
#include "io/object_store.h"
#include "store/catalog.h"
#include "store/table.h"

#include <unistd.h>

#include <filesystem>
#include <string>

namespace cairn::store {

class TestClock final : public io::Clock {
 public:
  int64_t now_us() const override { return now; }

  int64_t now = 1'760'000'000'000'000;
};

inline TableDefinition test_definition() {
  using parquet::Field;
  using parquet::Type;
  TableDefinition made;
  made.fields = {Field{.name = "eventTime", .id = 1, .type = Type::timestamp_us},
                 Field{.name = "eventName", .id = 2},
                 Field{.name = "bytes", .id = 3, .type = Type::int64},
                 Field{.name = "userIdentity",
                       .id = 4,
                       .children = {Field{.name = "arn", .id = 5},
                                    Field{.name = "mfa", .id = 6, .type = Type::boolean}}},
                 Field{.name = "arns", .id = 7, .list = true, .element_id = 8}};
  made.partition = {{.source_id = 1, .field_id = 1000, .name = "eventTime_day"}};
  made.sort_field_id = 1;
  return made;
}

/// Bounds of eventTime are those of the day.
inline DataFile test_file(const std::string& name, int32_t day, int64_t rows = 10) {
  DataFile file;
  file.key = "cairn/cloudtrail/data/" + name + ".parquet";
  file.partition_days = {day};
  file.rows = rows;
  file.size_bytes = 1000 + rows;
  file.column_sizes = {{1, 100}, {2, 900}};
  file.value_counts = {{1, rows}, {2, rows}};
  file.null_counts = {{1, 0}, {2, 3}};
  file.lower_bounds = {{2, "Assume"}};
  file.upper_bounds = {{2, "Zebra"}};
  file.split_offsets = {4};
  file.sort_order_id = 1;
  return file;
}

/// A folder that goes with the object.
class TestFolder {
 public:
  explicit TestFolder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              ("cairn_" + name + "_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }

  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  ~TestFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace cairn::store

// Rows of a lake's file, one after the other, with all that a file holds.
#pragma once

#include "base/result.h"
#include "engine/database.h"
#include "model/record_parts.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::ingest {

/// Steps through a Parquet file of the lake in the order of its rows. Not thread-safe.
class LakeRows {
 public:
  /// `connection` serves this file alone while it lives.
  static Result<LakeRows> open(engine::Connection connection, const std::string& path);

  /// False behind the last row. Fails with what is wrong with the file.
  Result<bool> next();

  // The current row; valid until next().
  int64_t time_us() const;

  std::span<const model::ColumnValue> values() const { return values_; }

  std::string_view patch() const { return patch_; }

  std::span<const std::string_view> resource_arns() const { return arns_; }

 private:
  LakeRows(engine::Connection connection, engine::ResultSet rows)
      : connection_(std::move(connection)), rows_(std::move(rows)) {}

  void read_row();

  engine::Connection connection_;
  engine::ResultSet rows_;
  size_t row_ = 0;
  bool in_chunk_ = false;
  std::vector<model::ColumnValue> values_;
  std::string_view patch_;
  std::vector<std::string_view> arns_;
};

}  // namespace cairn::ingest

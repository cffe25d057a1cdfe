// Rows of text fields as a table, CSV, JSON, … Knows nothing of where the rows come from.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::render {

/// Where rendered bytes go.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status write(std::string_view bytes) = 0;
};

enum class Format : uint8_t { table, csv, json, jsonl, markdown, vertical };

/// By the name that users give it.
std::optional<Format> find_format(std::string_view name);

struct Header {
  std::string name;
  bool number = false;  ///< shown at the right, and no danger to spreadsheets
};

struct Field {
  std::string text;  ///< for json and jsonl the JSON text of the value, else as people read it
  bool null = false;
};

struct WriterOptions {
  size_t columns_max = 0;  ///< table, vertical: cut to so many terminal columns; 0: cut nothing
  bool color = false;      ///< table, vertical: bold names, dim NULLs
  bool safe_csv = false;   ///< csv: a text that a spreadsheet would compute gets a leading '
};

/// Not thread-safe. Fails only as the sink does.
class RowWriter {
 public:
  virtual ~RowWriter() = default;

  /// One field per header.
  virtual Status row(std::span<const Field> fields) = 0;

  /// After the last row; writes what is still held back.
  virtual Status finish() = 0;
};

/// Borrows the sink.
///
/// table: aligned columns. Widths come from the first rows: 1,000 of them when cutting, else as
/// many as take 32 MB; wider fields that come later are cut, or stick out. Columns that do not fit
/// into columns_max even when cut to a few characters are shown as `vertical`.
/// csv: Athena's result files: every value in quotes, NULL is nothing at all, lines end in \n.
/// json: one array of objects; jsonl: one object per line. A repeated column name gets _1, _2, …
/// markdown: a table, with pipes and line ends escaped.
/// vertical: one field per line.
std::unique_ptr<RowWriter> make_row_writer(Format format, std::vector<Header> headers,
                                           const WriterOptions& options, ByteSink& sink);

}  // namespace cairn::render

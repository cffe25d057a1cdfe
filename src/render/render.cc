#include "render/render.h"

#include "render/display.h"
#include "render/value_text.h"

#include <string>
#include <utility>
#include <vector>

namespace cairn::render {
namespace {

constexpr size_t kRowsPerCheck = 128;

bool is_number(const engine::Type& type) {
  return type.kind == engine::TypeKind::integer || type.kind == engine::TypeKind::real ||
         type.kind == engine::TypeKind::number;
}

class FieldMaker {
 public:
  explicit FieldMaker(const RenderOptions& options)
      : json_(options.format == Format::json || options.format == Format::jsonl),
        style_{.zone = options.zone, .exact = options.format == Format::csv} {}

  void fill(Field& field, const engine::Cell& cell) const {
    field.text.clear();
    field.null = cell.is_null();
    if (field.null) return;
    if (json_)
      append_json(field.text, cell, style_.zone);
    else
      append_text(field.text, cell, style_);
  }

 private:
  bool json_;
  TextStyle style_;
};

/// For formats that keep control characters. Their writers write whole lines.
class ShowingSink final : public ByteSink {
 public:
  explicit ShowingSink(ByteSink& behind) : behind_(behind) {}

  Status write(std::string_view bytes) override {
    std::string safe;
    while (!bytes.empty()) {
      const size_t end = bytes.find('\n');
      safe += shown(bytes.substr(0, end));
      if (end == std::string_view::npos) break;
      safe += '\n';
      bytes.remove_prefix(end + 1);
    }
    return behind_.write(safe);
  }

 private:
  ByteSink& behind_;
};

bool keeps_controls(Format format) {
  return format == Format::csv || format == Format::json || format == Format::jsonl;
}

}  // namespace

Result<uint64_t> render(engine::ResultSet& rows, const RenderOptions& options, ByteSink& sink) {
  std::vector<Header> headers;
  for (const engine::ResultColumn& column : rows.columns())
    headers.push_back({column.name, is_number(column.type)});
  std::vector<Field> fields(headers.size());
  const FieldMaker maker(options);
  ShowingSink showing(sink);
  const bool show = options.terminal && keeps_controls(options.format);
  const std::unique_ptr<RowWriter> writer =
      make_row_writer(options.format, std::move(headers), options.writer,
                      show ? static_cast<ByteSink&>(showing) : sink);
  uint64_t written = 0;
  while (true) {
    const bool more = CAIRN_TRY(rows.next());
    if (!more) break;
    for (size_t row = 0; row < rows.rows(); ++row) {
      if (options.stopped && row % kRowsPerCheck == 0 && options.stopped())
        return Error(ErrorKind::unavailable, "interrupted");
      for (size_t column = 0; column < fields.size(); ++column)
        maker.fill(fields[column], rows.cell(column, row));
      CAIRN_TRY(writer->row(fields));
      ++written;
    }
  }
  CAIRN_TRY(writer->finish());
  return written;
}

}  // namespace cairn::render

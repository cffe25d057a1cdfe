#include "render/row_writer.h"

#include "render/display.h"
#include "render/internal/writers.h"

#include <array>
#include <utility>

namespace cairn::render {
namespace {

constexpr std::array kFormats{
    std::pair{std::string_view("table"), Format::table},
    std::pair{std::string_view("csv"), Format::csv},
    std::pair{std::string_view("json"), Format::json},
    std::pair{std::string_view("jsonl"), Format::jsonl},
    std::pair{std::string_view("markdown"), Format::markdown},
    std::pair{std::string_view("vertical"), Format::vertical},
};

}  // namespace

std::optional<Format> find_format(std::string_view name) {
  for (const auto& [known, format] : kFormats)
    if (known == name) return format;
  return std::nullopt;
}

std::unique_ptr<RowWriter> make_row_writer(Format format, std::vector<Header> headers,
                                           const WriterOptions& options, ByteSink& sink) {
  switch (format) {
    case Format::table:
      return internal::make_table_writer(std::move(headers), options, sink);
    case Format::csv:
      return internal::make_csv_writer(std::move(headers), options, sink);
    case Format::json:
      return internal::make_json_writer(headers, false, sink);
    case Format::jsonl:
      return internal::make_json_writer(headers, true, sink);
    case Format::markdown:
      return internal::make_markdown_writer(headers, sink);
    case Format::vertical:
      return internal::make_vertical_writer(headers, options, sink);
  }
  return nullptr;
}

std::string internal::table_text(const Field& field) {
  if (field.null) return "NULL";
  if (field.text == "NULL") return "\"NULL\"";
  return shown(field.text);
}

}  // namespace cairn::render

#include "render/display.h"
#include "render/internal/writers.h"

#include <algorithm>
#include <utility>

namespace cairn::render::internal {
namespace {

constexpr size_t kGap = 2;  // blanks between columns
constexpr size_t kColumnsMin = 6;
constexpr size_t kHeldRowsMax = 1'000;
constexpr size_t kHeldBytesMax = 32'000'000;

class TableWriter final : public RowWriter {
 public:
  TableWriter(std::vector<Header> headers, const WriterOptions& options, ByteSink& sink)
      : headers_(std::move(headers)), options_(options), sink_(sink) {}

  Status row(std::span<const Field> fields) override {
    if (vertical_ != nullptr) return vertical_->row(fields);
    if (started_) return write_row(fields);
    held_.insert(held_.end(), fields.begin(), fields.end());
    for (const Field& field : fields) held_bytes_ += sizeof(Field) + field.text.size();
    ++held_rows_;
    const bool enough =
        held_bytes_ > kHeldBytesMax || (options_.columns_max > 0 && held_rows_ >= kHeldRowsMax);
    return enough ? start() : Status();
  }

  Status finish() override {
    if (!started_) return start();
    return {};
  }

 private:
  /// Settles the widths and writes what was held back.
  Status start() {
    started_ = true;
    const size_t columns = headers_.size();
    for (Header& header : headers_) {
      header.name = shown(header.name);
      widths_.push_back(display_width(header.name));
    }
    for (size_t i = 0; i < held_.size(); ++i)
      widths_[i % columns] = std::max(widths_[i % columns], display_width(table_text(held_[i])));
    if (options_.columns_max > 0 && !fit())
      vertical_ = make_vertical_writer(headers_, options_, sink_);
    else
      CAIRN_TRY(write_head());
    for (size_t row = 0; row < held_rows_; ++row) {
      const auto fields = std::span<const Field>(held_).subspan(row * columns, columns);
      CAIRN_TRY(vertical_ != nullptr ? vertical_->row(fields) : write_row(fields));
    }
    held_ = {};
    return {};
  }

  /// Columns of a line in which no field is wider than `cap`.
  size_t line_columns(size_t cap) const {
    size_t sum = kGap * (widths_.size() - 1);
    for (const size_t width : widths_) sum += std::min(width, cap);
    return sum;
  }

  /// Cuts the widest columns to one width; false when even kColumnsMin is too wide.
  bool fit() {
    size_t cap = options_.columns_max;
    while (cap >= kColumnsMin && line_columns(cap) > options_.columns_max) --cap;
    if (cap < kColumnsMin) return false;
    size_t left = options_.columns_max - line_columns(cap);
    for (size_t& width : widths_) {
      if (width <= cap) continue;
      width = cap + (left > 0 ? 1 : 0);
      if (left > 0) --left;
    }
    return true;
  }

  Status write_head() {
    line_.clear();
    for (size_t i = 0; i < headers_.size(); ++i) append_cell(i, headers_[i].name, "1");
    line_ += '\n';
    for (size_t i = 0; i < headers_.size(); ++i) {
      if (i > 0) line_.append(kGap, ' ');
      for (size_t column = 0; column < widths_[i]; ++column) line_ += "─";
    }
    line_ += '\n';
    return sink_.write(line_);
  }

  Status write_row(std::span<const Field> fields) {
    line_.clear();
    for (size_t i = 0; i < fields.size(); ++i)
      append_cell(i, table_text(fields[i]), fields[i].null ? "2" : "");
    line_.erase(line_.find_last_not_of(' ') + 1);
    line_ += '\n';
    return sink_.write(line_);
  }

  void append_cell(size_t column, std::string_view text, std::string_view style) {
    std::string cut;
    if (options_.columns_max > 0 && display_width(text) > widths_[column]) {
      // ARNs begin alike and tell who or what at their end.
      cut = text.starts_with("arn:") ? cut_start_to_width(text, widths_[column])
                                     : cut_to_width(text, widths_[column]);
      text = cut;
    }
    const size_t width = display_width(text);
    const size_t padding = widths_[column] > width ? widths_[column] - width : 0;
    if (column > 0) line_.append(kGap, ' ');
    if (headers_[column].number) line_.append(padding, ' ');
    const bool styled = options_.color && !style.empty();
    if (styled) line_.append("\033[").append(style).append("m");
    line_ += text;
    if (styled) line_ += "\033[0m";
    if (!headers_[column].number && column + 1 < headers_.size()) line_.append(padding, ' ');
  }

  std::vector<Header> headers_;
  WriterOptions options_;
  ByteSink& sink_;
  bool started_ = false;
  std::vector<Field> held_;  ///< row after row
  size_t held_rows_ = 0;
  size_t held_bytes_ = 0;
  std::vector<size_t> widths_;
  std::unique_ptr<RowWriter> vertical_;
  std::string line_;
};

}  // namespace

std::unique_ptr<RowWriter> make_table_writer(std::vector<Header> headers,
                                             const WriterOptions& options, ByteSink& sink) {
  return std::make_unique<TableWriter>(std::move(headers), options, sink);
}

}  // namespace cairn::render::internal

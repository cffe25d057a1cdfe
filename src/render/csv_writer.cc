#include "render/internal/writers.h"

#include <array>
#include <utility>

namespace cairn::render::internal {
namespace {

// What makes a spreadsheet compute a cell (OWASP, "CSV Injection"), full-width forms included.
constexpr std::array<std::string_view, 11> kFormulaStarts{"=",  "+",  "-",  "@",  "\t", "\r",
                                                          "\n", "＝", "＋", "－", "＠"};

bool may_be_formula(std::string_view text) {
  for (const std::string_view start : kFormulaStarts)
    if (text.starts_with(start)) return true;
  return false;
}

class CsvWriter final : public RowWriter {
 public:
  CsvWriter(std::vector<Header> headers, const WriterOptions& options, ByteSink& sink)
      : headers_(std::move(headers)), safe_(options.safe_csv), sink_(sink) {
    for (size_t i = 0; i < headers_.size(); ++i) {
      if (i > 0) line_ += ',';
      append_quoted(headers_[i].name, safe_);
    }
    line_ += '\n';
  }

  Status row(std::span<const Field> fields) override {
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) line_ += ',';
      if (!fields[i].null) append_quoted(fields[i].text, safe_ && !headers_[i].number);
    }
    line_ += '\n';
    return flush();
  }

  Status finish() override { return flush(); }

 private:
  Status flush() {
    Status done = sink_.write(line_);
    line_.clear();
    return done;
  }

  void append_quoted(std::string_view text, bool safe) {
    line_ += '"';
    if (safe && may_be_formula(text)) line_ += '\'';
    for (const char c : text) {
      if (c == '"') line_ += '"';
      line_ += c;
    }
    line_ += '"';
  }

  std::vector<Header> headers_;
  bool safe_;
  ByteSink& sink_;
  std::string line_;
};

}  // namespace

std::unique_ptr<RowWriter> make_csv_writer(std::vector<Header> headers,
                                           const WriterOptions& options, ByteSink& sink) {
  return std::make_unique<CsvWriter>(std::move(headers), options, sink);
}

}  // namespace cairn::render::internal

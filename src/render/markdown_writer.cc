#include "render/display.h"
#include "render/internal/writers.h"

#include <utility>

namespace cairn::render::internal {
namespace {

/// In a table of GitHub's Markdown: pipes would end the cell, HTML and emphasis would be acted on.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("|\\`*_<>[]&~").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

class MarkdownWriter final : public RowWriter {
 public:
  MarkdownWriter(const std::vector<Header>& headers, ByteSink& sink) : sink_(sink) {
    for (const Header& header : headers) text_ += "| " + escaped(shown(header.name)) + " ";
    text_ += "|\n";
    for (const Header& header : headers) text_ += header.number ? "| ---: " : "| --- ";
    text_ += "|\n";
  }

  Status row(std::span<const Field> fields) override {
    for (const Field& field : fields) text_ += "| " + escaped(table_text(field)) + " ";
    text_ += "|\n";
    return finish();
  }

  Status finish() override {
    Status done = sink_.write(text_);
    text_.clear();
    return done;
  }

 private:
  ByteSink& sink_;
  std::string text_;
};

}  // namespace

std::unique_ptr<RowWriter> make_markdown_writer(const std::vector<Header>& headers,
                                                ByteSink& sink) {
  return std::make_unique<MarkdownWriter>(headers, sink);
}

}  // namespace cairn::render::internal

#include "render/display.h"
#include "render/internal/writers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace cairn::render::internal {
namespace {

constexpr size_t kRuleColumns = 60;

class VerticalWriter final : public RowWriter {
 public:
  VerticalWriter(const std::vector<Header>& headers, const WriterOptions& options, ByteSink& sink)
      : color_(options.color), sink_(sink) {
    size_t width = 0;
    for (const Header& header : headers) {
      names_.push_back(shown(header.name));
      width = std::max(width, display_width(names_.back()));
    }
    for (std::string& name : names_) {
      name.append(width - display_width(name) + 2, ' ');
      if (color_) name = "\033[1m" + name + "\033[0m";
    }
  }

  Status row(std::span<const Field> fields) override {
    std::string text = fmt::format("── {} ", ++number_);
    for (size_t at = display_width(text); at < kRuleColumns; ++at) text += "─";
    if (color_) text = "\033[2m" + text + "\033[0m";
    text += '\n';
    for (size_t i = 0; i < fields.size(); ++i) {
      const std::string value = table_text(fields[i]);
      fmt::format_to(std::back_inserter(text), "{}{}{}{}\n", names_[i],
                     color_ && fields[i].null ? "\033[2m" : "", value,
                     color_ && fields[i].null ? "\033[0m" : "");
    }
    return sink_.write(text);
  }

  Status finish() override { return {}; }

 private:
  bool color_;
  ByteSink& sink_;
  std::vector<std::string> names_;
  uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<RowWriter> make_vertical_writer(const std::vector<Header>& headers,
                                                const WriterOptions& options, ByteSink& sink) {
  return std::make_unique<VerticalWriter>(headers, options, sink);
}

}  // namespace cairn::render::internal

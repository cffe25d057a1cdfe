#include "base/text.h"
#include "base/utf8.h"
#include "render/internal/writers.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace cairn::render::internal {
namespace {

/// `"name":` for each column; repeated names are told apart, since readers keep one key of each.
std::vector<std::string> make_keys(const std::vector<Header>& headers) {
  std::set<std::string> used;
  for (const Header& header : headers) used.insert(header.name);
  std::set<std::string> seen;
  std::vector<std::string> keys;
  for (const Header& header : headers) {
    std::string name = header.name;
    if (!seen.insert(name).second) {
      for (int number = 1; !used.insert(name).second; ++number)
        name = fmt::format("{}_{}", header.name, number);
    }
    std::string key;
    append_json_string(key, repair_utf8(name));
    keys.push_back(key + ":");
  }
  return keys;
}

class JsonWriter final : public RowWriter {
 public:
  JsonWriter(const std::vector<Header>& headers, bool lines, ByteSink& sink)
      : keys_(make_keys(headers)), lines_(lines), sink_(sink) {}

  Status row(std::span<const Field> fields) override {
    text_.clear();
    if (!lines_) text_ += first_ ? "[\n" : ",\n";
    first_ = false;
    text_ += '{';
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) text_ += ',';
      text_ += keys_[i];
      text_ += fields[i].null ? std::string_view("null") : std::string_view(fields[i].text);
    }
    text_ += '}';
    if (lines_) text_ += '\n';
    return sink_.write(text_);
  }

  Status finish() override {
    if (lines_) return {};
    return sink_.write(first_ ? "[]\n" : "\n]\n");
  }

 private:
  std::vector<std::string> keys_;
  bool lines_;
  ByteSink& sink_;
  bool first_ = true;
  std::string text_;
};

}  // namespace

std::unique_ptr<RowWriter> make_json_writer(const std::vector<Header>& headers, bool lines,
                                            ByteSink& sink) {
  return std::make_unique<JsonWriter>(headers, lines, sink);
}

}  // namespace cairn::render::internal

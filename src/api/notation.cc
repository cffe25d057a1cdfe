#include "api/internal/notation.h"

#include "base/text.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace cairn::api {
namespace {

using ShapePointer = std::shared_ptr<const Shape>;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Reads the text from left to right. A name may be used before its line: structures and types are
// read twice, names first.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::map<std::string, OperationShape, std::less<>>> read() {
    while (skip_blank(), at_ < text_.size()) {
      const auto word = name();
      Status status;
      if (word == "type")
        status = read_type();
      else if (word == "structure")
        status = read_structure();
      else if (word == "operation")
        status = read_operation();
      else
        status = wrong("a line begins with type, structure or operation");
      if (!status.ok()) return std::move(status).error();
    }
    for (const auto& [name, shape] : named_)
      if (!defined_.contains(name)) return wrong("there is no type '" + name + "'");
    return std::move(operations_);
  }

 private:
  Error wrong(std::string_view what) const {
    size_t line = 1;
    for (size_t i = 0; i < at_ && i < text_.size(); ++i) line += text_[i] == '\n' ? 1 : 0;
    return Error{ErrorKind::invalid_argument, fmt::format("line {}: {}", line, what)};
  }

  void skip_blank() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  bool take(char c) {
    skip_blank();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  char peek() {
    skip_blank();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  std::string name() {
    skip_blank();
    const size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  // The next word, when it is `wanted`.
  bool take_word(std::string_view wanted) {
    skip_blank();
    const size_t begin = at_;
    if (name() == wanted) return true;
    at_ = begin;
    return false;
  }

  Status read_type() {
    const auto called = name();
    if (!take('=')) return wrong("'=' is missing");
    *hold(called) = CAIRN_TRY(shape());
    defined_[called] = true;
    return {};
  }

  Status read_structure() {
    const auto called = name();
    *hold(called) = CAIRN_TRY(members());
    defined_[called] = true;
    return {};
  }

  Status read_operation() {
    OperationShape made;
    made.name = name();
    made.input.kind = made.output.kind = Shape::Kind::structure;
    if (take_word("in")) made.input = CAIRN_TRY(members());
    if (take_word("out")) made.output = CAIRN_TRY(members());
    if (take_word("errors")) do {
        made.errors.push_back(name() + "Exception");
      } while (take(','));
    auto called = made.name;
    operations_[std::move(called)] = std::move(made);
    return {};
  }

  Result<Shape> members() {
    Shape made;
    made.kind = Shape::Kind::structure;
    do {
      Member member;
      member.name = name();
      member.required = take('*');
      if (member.name.empty() || !take(':')) return wrong("a member is written Name:type");
      member.shape = CAIRN_TRY(reference());
      made.members.push_back(std::move(member));
    } while (take(','));
    return made;
  }

  std::shared_ptr<Shape> hold(const std::string& called) {
    auto& shape = named_[called];
    if (!shape) shape = std::make_shared<Shape>();
    return shape;
  }

  // A name stays a pointer to its shape, which may come later.
  Result<ShapePointer> reference() {
    const size_t begin = at_;
    const auto called = peek() == '[' ? std::string() : name();
    if (!called.empty() && !kind_of(called) && called != "map") {
      if (peek() == '(') return wrong("limits belong to the definition of '" + called + "'");
      return ShapePointer(hold(called));
    }
    at_ = begin;
    auto made = CAIRN_TRY(shape());
    return ShapePointer(std::make_shared<const Shape>(std::move(made)));
  }

  static std::optional<Shape::Kind> kind_of(std::string_view word) {
    if (word == "str") return Shape::Kind::string;
    if (word == "int" || word == "long") return Shape::Kind::integer;
    if (word == "dbl" || word == "flt") return Shape::Kind::number;
    if (word == "bool") return Shape::Kind::boolean;
    if (word == "ts") return Shape::Kind::timestamp;
    if (word == "blob") return Shape::Kind::blob;
    return std::nullopt;
  }

  Result<Shape> shape() {
    Shape made;
    if (take('[')) {
      made.kind = Shape::Kind::list;
      made.element = CAIRN_TRY(reference());
      if (!take(']')) return wrong("']' is missing");
    } else if (const auto word = name(); word == "map") {
      made.kind = Shape::Kind::map;
      if (!take('<')) return wrong("'<' is missing");
      made.key = CAIRN_TRY(reference());
      if (!take(',')) return wrong("',' is missing");
      made.element = CAIRN_TRY(reference());
      if (!take('>')) return wrong("'>' is missing");
    } else if (const auto kind = kind_of(word); kind) {
      made.kind = *kind;
    } else {
      return wrong("'" + word + "' is no type");
    }
    if (take('(')) CAIRN_TRY(limits(made));
    return made;
  }

  Status limits(Shape& made) {
    const char first = peek();
    if (first != '.' && first != '/' && !(first >= '0' && first <= '9')) return values(made);
    if (first != '/') {
      made.least = number();
      if (!take('.') || !take('.')) return wrong("'..' is missing");
      made.most = number();
    }
    if (peek() == '/') CAIRN_TRY(pattern(made));
    return take(')') ? Status() : wrong("')' is missing");
  }

  Status values(Shape& made) {
    do {
      made.values.push_back(name());
    } while (take('|'));
    return take(')') ? Status() : wrong("')' is missing");
  }

  std::optional<int64_t> number() {
    skip_blank();
    int64_t value = 0;
    const auto [end, code] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (code != std::errc()) return std::nullopt;
    at_ = static_cast<size_t>(end - text_.data());
    return value;
  }

  // Up to the next '/' that is neither in brackets nor behind a backslash; "\/" is '/'.
  Status pattern(Shape& made) {
    take('/');
    for (bool in_class = false; at_ < text_.size() && (in_class || text_[at_] != '/'); ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        if (text_[at_ + 1] != '/') made.pattern_text += text_[at_];
        ++at_;
      } else if (text_[at_] == '[' || text_[at_] == ']') {
        in_class = text_[at_] == '[';
      }
      made.pattern_text += text_[at_];
    }
    if (!take('/')) return wrong("the pattern does not end");
    made.pattern = internal::compile_pattern(made.pattern_text);
    return made.pattern ? Status() : wrong("'" + made.pattern_text + "' is no pattern");
  }

  std::string_view text_;
  size_t at_ = 0;
  std::map<std::string, std::shared_ptr<Shape>> named_;
  std::map<std::string, bool> defined_;
  std::map<std::string, OperationShape, std::less<>> operations_;
};

}  // namespace

Result<ServiceModel> ServiceModel::parse(std::string_view notation) {
  ServiceModel model;
  model.operations_ = CAIRN_TRY(Reader(notation).read());
  return model;
}

}  // namespace cairn::api

// The input shapes of a service's operations, and the check that a request fits one. The shapes are
// read from a short notation that says what AWS's service model says:
//
//   type Name = str(3..128 /^[a-zA-Z0-9._\-]+$/)
//   structure Tag Key*:str(1..128), Value:str(..256)
//   operation AddTags
//     in ResourceId*:str, TagsList*:[Tag](..200)
//     out …
//     errors ResourceNotFound, …
//
// `*`: required. Types: str int long dbl flt bool ts blob [T] map<K,V> or a name; behind them may
// stand `(MIN..MAX /PATTERN/)` (characters, elements or values) or `(A|B)` for an enumeration.
// Names of errors are without "Exception".
#pragma once

#include "api/operation.h"
#include "base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {

struct Shape;

struct Member {
  std::string name{};
  bool required = false;
  std::shared_ptr<const Shape> shape{};
};

class Pattern;

struct Shape {
  enum class Kind : uint8_t {
    string,
    integer,
    number,
    boolean,
    timestamp,
    blob,
    list,
    map,
    structure,
  };
  Kind kind = Kind::string;
  std::optional<int64_t> least{};
  std::optional<int64_t> most{};
  std::string pattern_text{};
  std::shared_ptr<const Pattern> pattern{};
  std::vector<std::string> values{};       ///< of an enumeration
  std::shared_ptr<const Shape> element{};  ///< of a list; the values of a map
  std::shared_ptr<const Shape> key{};      ///< of a map
  std::vector<Member> members{};
};

struct OperationShape {
  std::string name{};
  Shape input{};
  Shape output{};
  std::vector<std::string> errors{};  ///< with "Exception"

  bool documents(std::string_view error) const;
};

class ServiceModel {
 public:
  /// Fails with `invalid_argument` and the line: a mistake in our own text.
  static Result<ServiceModel> parse(std::string_view notation);

  /// Null when the service has no such operation.
  const OperationShape* find(std::string_view operation) const;

  const std::map<std::string, OperationShape, std::less<>>& operations() const {
    return operations_;
  }

 private:
  std::map<std::string, OperationShape, std::less<>> operations_;
};

/// Where a value does not fit its shape.
struct Misfit {
  enum class Kind : uint8_t { type, missing, constraint, unknown_value };
  Kind kind = Kind::type;
  std::string member{};   ///< the outermost member
  std::string path{};     ///< "tagsList.1.member.key", as AWS writes it
  std::string message{};  ///< AWS's words
};

/// Checks all of `value`; members that the shape does not know are ignored, as AWS does, and nulls
/// count as absent (they are taken out of `value`).
std::vector<Misfit> find_misfits(const Shape& shape, Json& value);

/// What the service answers: "N validation errors detected: …", or what it says of a wrong type.
Error misfit_error(const OperationShape& operation, const std::vector<Misfit>& misfits);

}  // namespace cairn::api

// Avro object container files, as Iceberg's manifests need them: whole files in memory, records as
// trees of values whose fields carry Iceberg's field ids, and headers with the metadata that
// readers of Iceberg demand. Avro's own C library keeps neither (docs/decisions/0006-own-avro.md).
// Source: Apache Avro specification 1.11.
#pragma once

#include "base/result.h"
#include "io/random.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::store::avro {

enum class Kind : uint8_t {
  null,
  boolean,
  integer,  ///< int, long
  real,     ///< float, double
  bytes,    ///< bytes, string, fixed, enumeration's index as integer
  array,
  map,
  record,
  choice,  ///< union; of schemas only
};

/// A node of a schema. Named types that refer to themselves are refused.
struct Schema {
  Kind kind = Kind::null;
  uint8_t width = 0;  ///< of real: 4 or 8 bytes
  size_t fixed = 0;   ///< size of a fixed, if it is one
  bool is_fixed = false;
  std::vector<std::shared_ptr<const Schema>> children{};  ///< fields, branches, items
  std::vector<std::string> names{};                       ///< of a record's fields
  std::vector<int32_t> ids{};                             ///< Iceberg's field ids; -1 if none
};

/// Points into the block that is being read. What arrays and maps hold is decoded when it is asked
/// for: most readers of a manifest want nothing of the hundreds of numbers that it has for a file.
struct Value {
  Kind kind = Kind::null;
  int64_t number = 0;
  std::string_view bytes{};        ///< of arrays and maps: their encoding
  std::vector<Value> items{};      ///< of records: the fields
  const Schema* schema = nullptr;  ///< of records, arrays and maps

  /// The field of a record by its id, or by its name in files that have no ids; nullptr if absent
  /// or null.
  const Value* field(int32_t id, std::string_view name) const;

  /// Calls `visit` with each item of an array, or with each key and then its value of a map; the
  /// value lasts as long as the call. Fails with `corrupt`, and with what `visit` fails with.
  Status each(const std::function<Status(const Value&)>& visit) const;
};

struct Header {
  std::map<std::string, std::string> metadata;
  std::shared_ptr<const Schema> schema;
};

/// Reads a whole file. Codecs null, deflate, snappy. Fails with `corrupt`, with `unimplemented` for
/// another codec, and with what `visit` fails with.
Result<Header> read(std::string_view file, const std::function<Status(const Value&)>& visit);

/// Only the header.
Result<Header> read_header(std::string_view file);

/// Encodes one file. The caller writes the fields in the order of the schema's text.
class Writer {
 public:
  Writer(std::string_view schema, std::vector<std::pair<std::string, std::string>> metadata,
         io::Random& random);

  void boolean(bool value) { block_ += value ? '\1' : '\0'; }

  /// int, long, index of a union's branch, count of an array's block.
  void integer(int64_t value) { append(block_, value); }

  void bytes(std::string_view value);
  /// A union of null and something: true if the something follows.
  bool optional(bool there);
  /// An array: count, items, and end_array().
  void begin_array(size_t count);

  void end_array() { integer(0); }

  void end_record();

  /// About the size of the file so far, before compression of the last block.
  size_t size() const { return out_.size() + block_.size(); }

  Result<std::string> finish();

 private:
  static void append(std::string& out, int64_t value);
  void flush();

  std::string out_;
  std::string block_;
  int64_t records_ = 0;
  std::string sync_;
  Status status_;
};

}  // namespace cairn::store::avro

// Writes one CloudTrail record as JSON, with the fields in the order in which AWS writes them.
#pragma once

#include "generate/world.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::generate {

/// What differs from the call's usual course.
struct Outcome {
  std::string_view error_code;     ///< "" for success
  std::string_view error_message;  ///< may hold placeholders, as templates do
};

/// A record to write. Texts in the templates are JSON already.
struct Event {
  std::string_view source;  ///< without ".amazonaws.com"
  std::string_view name;
  std::string_view type = "AwsApiCall";
  std::string_view request = "null";
  std::string_view response = "null";
  std::string_view resources;
  std::string_view extra;  ///< members to add, such as `,"x":1`
  bool read_only = false;
  bool data = false;
  Outcome outcome;
};

class RecordWriter {
 public:
  explicit RecordWriter(const World& world) : world_(world) {}

  /// Appends the record; gives its eventID.
  std::string write(std::string& out, const Event& event, const Actor& actor, size_t account,
                    size_t region, int64_t time_us, Random& random) const;

 private:
  /// What the placeholders of one record stand for: the same name is the same thing throughout.
  struct Names;

  void expand(std::string& out, std::string_view text, const Names& names, Random& random) const;
  void append_value(std::string& out, std::string_view name, const Names& names,
                    Random& random) const;

  const World& world_;
};

}  // namespace cairn::generate

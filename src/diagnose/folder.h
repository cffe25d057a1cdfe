// The folder that a diagnosis writes: one file of rows per kind of event, tables of counts, the
// report. docs/manual/diagnose.md describes each file.
#pragma once

#include "base/result.h"
#include "diagnose/classic.h"
#include "diagnose/diagnosis.h"
#include "diagnose/event.h"
#include "diagnose/tally.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::diagnose {

/// Writes under a name that ends in `.partial`, and gives the folder its name when it is complete;
/// what is not completed is removed again. Rows are written as they come.
class Folder {
 public:
  /// Makes `parent` too if need be. The name is the diagnosis' prefix and `now_us` as
  /// YYYYmmdd_HHMMSS in UTC; `_2` and so on follows where that exists.
  static Result<Folder> create(const std::string& parent, const Diagnosis& diagnosis, bool classic,
                               int64_t now_us);
  Folder(Folder&&) noexcept;
  Folder& operator=(Folder&&) noexcept;
  ~Folder();

  /// The path that it will have.
  const std::string& path() const;

  /// Adds the event's rows. Events come in the order that the files shall have.
  Status add(const Event& event, ErrorClass error_class);
  Status add_classic(const Event& event, const ClassicClass& classes);

  /// Writes the tables of counts.
  Status write_tables(const Tally& tally);
  Status write_classic_tables(const ClassicTally& tally);
  Status write_file(std::string_view name, std::string_view content);

  /// Closes the files and gives the folder its name.
  Status complete();

 private:
  struct State;
  explicit Folder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// One field as jq's @tsv writes it: backslash, tab, line end and carriage return escaped.
void append_tsv_field(std::string& out, std::string_view field);

/// A string as jq prints it; it escapes DEL, unlike append_json_string().
void append_jq_string(std::string& out, std::string_view text);

}  // namespace cairn::diagnose

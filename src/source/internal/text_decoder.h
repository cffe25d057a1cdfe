// From the text of one file, in any of the forms in which CloudTrail events exist, to records. The
// form is recognised by content. docs/manual/inputs.md lists the forms and what is refused.
#pragma once

#include "base/inflate.h"
#include "model/record.h"
#include "source/coverage.h"
#include "source/internal/text_window.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::source {

/// What decoding a file found besides records. Counts are exact, problems stop at kProblemsMax.
struct DecodeNotes {
  static constexpr size_t kProblemsMax = 1000;

  uint64_t records_taken = 0;
  uint64_t records_refused = 0;
  uint64_t records_skipped = 0;
  uint64_t warnings = 0;
  std::vector<Problem> problems;  ///< without the file's name
  std::string left_out;           ///< why this is no log file at all: a digest, a notice
  bool recognised = false;        ///< something of the text is of a known form
  std::string fault;              ///< why the text as a whole is refused
  uint64_t fault_offset = 0;
};

/// Decodes one text. Feed it a window, then call next() until it says that nothing is left.
class TextDecoder {
 public:
  /// With `salvage`, a fault of the text as a whole is noted, and reading goes on where the next
  /// record seems to begin.
  TextDecoder(TextWindow& window, const model::FieldPlan& plan, bool salvage = false)
      : window_(window), plan_(plan), salvage_(salvage) {}

  /// Adds records to `batch` (which it does not clear): at least `records_wanted` if the text has
  /// them, unless the window must move first. False when the text is at its end or refused
  /// (notes().fault). Slices of earlier calls may dangle after the next one, if the window is a
  /// moving one.
  bool next(model::RecordBatch& batch, size_t records_wanted);

  const DecodeNotes& notes() const { return notes_; }

  DecodeNotes& notes() { return notes_; }

 private:
  enum class State : uint8_t {
    start,
    document,
    object,
    array,
    behind_array,
    lines,
    csv,
    resync,
    finished
  };
  enum class Step : uint8_t { done, more };

  // One value in the window, and where it is.
  struct Place {
    uint64_t offset = 0;
    int depth = 0;             ///< of wrappers within wrappers
    bool names_plain = false;  ///< its names were looked at
  };

  Step step(model::RecordBatch& batch);
  Step step_start();
  Step step_document(model::RecordBatch& batch);
  Step step_object();
  Step step_array(model::RecordBatch& batch);
  Step step_behind_array();
  Step step_line(model::RecordBatch& batch);
  Step step_csv(model::RecordBatch& batch);
  Step step_resync();
  void read_csv_header(std::string_view line);

  // A value cut off by the window's end: asks for more, or if there is no more reports the fault.
  Step incomplete(json::Fault fault, const char* at);
  Step refuse_text(std::string reason, const char* at);
  Step bad_document(const char* begin, const char* at, json::Fault fault);
  bool find_line_end(const char*& line_end) const;

  void take_value(model::RecordBatch& batch, std::string_view value, Place place);
  void take_object(model::RecordBatch& batch, std::string_view text, const model::ObjectScan& found,
                   size_t first_slot, Place place);
  bool take_wrapper(model::RecordBatch& batch, std::string_view text,
                    const model::ObjectScan& found, Place place);
  bool take_wrapped_array(model::RecordBatch& batch, std::string_view text,
                          const model::ObjectScan& found, Place place);
  void take_bridge_event(model::RecordBatch& batch, std::string_view text, Place place);
  void take_query_row(model::RecordBatch& batch, std::string_view row, Place place);
  void take_embedded(model::RecordBatch& batch, std::string_view raw_string, Place place);
  void take_base64(model::RecordBatch& batch, std::string_view raw_string, Place place);
  void take_text(model::RecordBatch& batch, std::string_view text, Place place);
  void take_repaired(model::RecordBatch& batch, std::string_view text, Place place);
  void take_odd_names(model::RecordBatch& batch, std::string_view text, Place place);
  void keep(model::RecordBatch& batch, std::string_view text, int64_t event_time_us,
            const model::ObjectScan& found, Place place);
  void refuse(std::string reason, Place place);
  void warn(std::string reason, Place place);

  TextWindow& window_;
  const model::FieldPlan& plan_;
  bool salvage_;
  DecodeNotes notes_;
  State state_ = State::start;
  const char* at_ = nullptr;
  model::Field container_ = model::Field::end;  ///< whose array is open
  bool in_object_ = false;
  bool after_comma_ = false;  ///< within an array, so that its end would be a fault
  int resyncs_ = 0;
  bool after_container_ = false;  ///< no line end followed the last document, a container
  bool container_last_ = false;   ///< the last document was a container
  uint32_t documents_ = 0;
  uint32_t number_ = 0;
  size_t csv_column_ = 0;
  size_t csv_columns_ = 0;
};

}  // namespace cairn::source

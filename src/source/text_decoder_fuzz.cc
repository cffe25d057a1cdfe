// Any text in any form: no crash, and the same records and counts whether the text is decoded whole
// or through a window that moves.
#include "source/internal/text_decoder.h"

#include "base/check.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace cairn;

struct Outcome {
  std::vector<std::string> records;
  source::DecodeNotes notes;
};

Outcome decode(std::string_view text, bool windowed) {
  model::FieldPlan plan;
  plan.want(model::Field::event_name);
  Buffer buffer;
  buffer.clear();
  source::MemoryStream stream(text);
  if (!windowed) buffer.append(text);
  source::TextWindow window(buffer, windowed ? &stream : nullptr, 1 << 20, 5);
  source::TextDecoder decoder(window, plan);
  Outcome outcome;
  model::RecordBatch batch;
  bool more = true;
  while (more) {
    more = decoder.next(batch, 3);
    CAIRN_CHECK(batch.slots.size() == batch.heads.size());
    for (const auto& head : batch.heads) outcome.records.emplace_back(head.json);
    batch.clear();
  }
  outcome.notes = decoder.notes();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = decode(text, false);
  const auto windowed = decode(text, true);
  CAIRN_CHECK(whole.notes.fault == windowed.notes.fault);
  if (!whole.notes.fault.empty()) return 0;
  CAIRN_CHECK(whole.records == windowed.records);
  CAIRN_CHECK(whole.notes.records_refused == windowed.notes.records_refused);
  return 0;
}

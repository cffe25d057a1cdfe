// The first half of an ingest: records as they come out of files, copied to memory with what is
// needed to sort them and to tell them from those that are there. One Gatherer per thread.
#pragma once

#include "base/buffer.h"
#include "ingest/identity.h"
#include "model/record.h"
#include "source/file_reader.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::ingest {

/// One event of a batch. The text is padded, in the Gatherer that took it.
struct Event {
  std::string_view record;
  int64_t time_us = 0;
  EventKey key;
  uint32_t object = 0;  ///< index of the source object that it came from
  uint32_t number = 0;  ///< place within that object, from 1
};

class Gatherer {
 public:
  Gatherer(const Identity& identity, const source::ReaderOptions& options,
           const std::atomic<bool>* cancelled);

  /// Begins an object, of which `bytes` are the contents if it is not a file of this machine.
  void open(const source::SourceFile& file, uint32_t object, std::string_view bytes);

  /// Takes the next records; false when the object has no more (then report() is complete).
  bool take();

  const source::FileReader& reader() const { return reader_; }

  std::vector<Event>& events() { return events_; }

  /// Of the records that are held.
  uint64_t bytes() const { return bytes_; }

  /// Drops what is held, and keeps the memory.
  void clear();

 private:
  std::string_view keep(std::string_view record);
  EventKey key_of(const std::string_view* slots, const Event& event);

  const Identity& identity_;
  model::FieldPlan plan_;
  source::FileReader reader_;
  model::RecordSplitter splitter_;
  std::vector<Event> events_;
  std::deque<Buffer> chunks_;
  size_t chunk_ = 0;  ///< the one being filled
  uint64_t bytes_ = 0;
  uint32_t object_ = 0;
  std::string scratch_[4];
};

}  // namespace cairn::ingest

#include "source/file_reader.h"

#include "base/utf8.h"
#include "io/file.h"
#include "source/internal/archive.h"
#include "source/internal/text_decoder.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <optional>

namespace cairn::source {
namespace {

constexpr std::string_view kParquetMagic = "PAR1";
constexpr size_t kBatchRecords = 2048;
constexpr size_t kBufferKept = 16'000'000;  ///< memory that a reader keeps between files

using OpenStream = std::function<Result<std::unique_ptr<ByteStream>>()>;

OpenStream opener_of(std::string path) {
  return [path = std::move(path)]() -> Result<std::unique_ptr<ByteStream>> {
    auto file = CAIRN_TRY(io::File::open(path));
    return std::unique_ptr<ByteStream>(std::make_unique<FileStream>(std::move(file), ""));
  };
}

// Leaves the file at its start.
Result<bool> is_parquet(io::File& file) {
  std::array<char, 4> magic{};
  const size_t got = CAIRN_TRY(file.read(magic.data(), magic.size()));
  CAIRN_TRY(file.rewind());
  return std::string_view(magic.data(), got) == kParquetMagic;
}

// Bytes that can be read only once (a pipe, a member of an archive), kept so that they can be read
// again: in memory up to a size, then in an unnamed file.
class Spool {
 public:
  /// `read(out, max)` gives 0 at the end.
  template <class Read>
  Status fill(Read&& read, size_t memory_max) {
    memory_.clear();
    file_.reset();
    for (;;) {
      memory_.reserve(
          std::max<size_t>(memory_.size() + 65'536, std::min(memory_max, memory_.capacity() * 2)));
      const size_t got =
          CAIRN_TRY(read(memory_.data() + memory_.size(), memory_.capacity() - memory_.size()));
      if (got == 0) break;
      memory_.set_size(memory_.size() + got);
      if (memory_.size() >= memory_max) {
        if (!file_) file_ = CAIRN_TRY(io::File::temporary());
        CAIRN_TRY(file_->write(memory_.view()));
        memory_.set_size(0);
      }
    }
    if (file_) CAIRN_TRY(file_->write(memory_.view()));
    return {};
  }

  bool in_memory() const { return !file_; }

  std::string_view bytes() const { return memory_.view(); }

  void shrink() { memory_.shrink(kBufferKept); }

  /// Reads the spool from its start. The last stream given ends its use of the one before.
  Result<std::unique_ptr<ByteStream>> open() {
    if (!file_) return std::unique_ptr<ByteStream>(std::make_unique<MemoryStream>(memory_.view()));
    CAIRN_TRY(file_->rewind());
    return std::unique_ptr<ByteStream>(std::make_unique<Borrowed>(*file_));
  }

 private:
  struct Borrowed final : ByteStream {
    explicit Borrowed(io::File& source) : file(source) {}

    Result<size_t> read(char* out, size_t max) override { return file.read(out, max); }

    io::File& file;
  };

  Buffer memory_;
  std::optional<io::File> file_;
};

}  // namespace

struct FileReader::State {
  const model::FieldPlan& plan;
  ReaderOptions options;
  const std::atomic<bool>* cancelled;

  Gunzip gunzip{};
  Buffer raw{};
  Buffer text{};
  model::RecordBatch batch{};
  FileReport report{};
  std::vector<Problem> problems{};
  uint64_t records_skipped = 0;

  // The part that is being read: the file itself, or one member of an archive.
  std::string part{};
  bool has_batch = false;
  std::unique_ptr<ByteStream> stream{};
  std::unique_ptr<TextWindow> window{};
  std::unique_ptr<TextDecoder> decoder{};

  std::optional<Archive> archive{};
  Spool pipe{};
  Spool member{};
  uint64_t parts_read = 0;
  uint64_t parts_refused = 0;

  bool stopped() const {
    return cancelled != nullptr && cancelled->load(std::memory_order_relaxed);
  }

  void begin(const SourceFile& file);
  Status read_bytes(std::string_view bytes);
  Status read_named(const SourceFile& file);
  Status read_part(const OpenStream& open, std::string_view in_memory);
  Status decode_whole(std::string_view fault);
  Status decode_large(const OpenStream& open);
  Result<bool> next_member();
  void take_notes(const DecodeNotes& notes, const std::string& oddity);
  void refuse_part(const std::string& reason, uint64_t offset);
  void leave_out(const std::string& reason);
  void finish();
};

void FileReader::State::begin(const SourceFile& file) {
  report = FileReport{repair_utf8(file.path), FileFate::read, {}, file.size_bytes, 0, 0};
  problems.clear();
  records_skipped = 0;
  part = report.path;
  has_batch = false;
  decoder.reset();
  archive.reset();
  parts_read = parts_refused = 0;
}

Status FileReader::State::read_bytes(std::string_view bytes) {
  report.bytes = bytes.size();
  return read_part(
      [bytes]() -> Result<std::unique_ptr<ByteStream>> {
        return std::unique_ptr<ByteStream>(std::make_unique<MemoryStream>(bytes));
      },
      bytes);
}

Status FileReader::State::read_named(const SourceFile& file) {
  if (file.path == "-") {
    auto input = io::File::standard_input();
    CAIRN_TRY(pipe.fill([&](char* out, size_t max) { return input.read(out, max); },
                        options.whole_bytes_max));
    report.bytes = pipe.in_memory() ? pipe.bytes().size() : 0;
    return read_part([this] { return pipe.open(); },
                     pipe.in_memory() ? pipe.bytes() : std::string_view{});
  }
  const OpenStream open_rows = [this, path = file.path] { return options.open_parquet(path); };
  auto opened = CAIRN_TRY(io::File::open(file.path));
  const uint64_t size = CAIRN_TRY(opened.size());
  if (size > options.whole_bytes_max) {
    const bool parquet = CAIRN_TRY(is_parquet(opened));
    return read_part(parquet && options.open_parquet != nullptr ? open_rows : opener_of(file.path),
                     {});
  }
  FileStream stream_of_file(std::move(opened), "");
  raw.clear();
  raw.reserve(size + 1);
  const bool whole = CAIRN_TRY(read_up_to(stream_of_file, options.whole_bytes_max + 1, raw));
  report.bytes = raw.size();
  if (!whole) return read_part(opener_of(file.path), {});  // a device, or a file that grows
  if (raw.view().substr(0, 4) == kParquetMagic && options.open_parquet != nullptr)
    return read_part(open_rows, {});
  return read_part(
      [this]() -> Result<std::unique_ptr<ByteStream>> {
        return std::unique_ptr<ByteStream>(std::make_unique<MemoryStream>(raw.view()));
      },
      raw.view());
}

// `in_memory` holds the part's bytes if they fit; then the quick way is tried first.
Status FileReader::State::read_part(const OpenStream& open, std::string_view in_memory) {
  batch.clear();
  text.clear();
  if (!in_memory.empty() && sniff_compression(in_memory) == Compression::gzip &&
      gunzip.decompress(in_memory, options.whole_bytes_max, text) &&
      sniff_compression(text.view()) == Compression::none && !is_archive(text.view())) {
    return decode_whole({});
  }
  text.clear();
  std::string front;
  auto from = CAIRN_TRY(open());
  stream = CAIRN_TRY(open_text(std::move(from), front));
  if (is_archive(front)) {
    if (archive)
      return Error{ErrorKind::unimplemented, "an archive within an archive: unpack it first"};
    archive = CAIRN_TRY(Archive::open(std::move(stream)));
    return {};
  }
  if (front.substr(0, 4) == kParquetMagic)
    return Error{ErrorKind::unimplemented,
                 "a Parquet file within another container: unpack it first"};
  auto whole = read_up_to(*stream, options.whole_bytes_max, text);
  if (!whole.ok()) {
    if (!options.salvage) return std::move(whole).error();
    return decode_whole(whole.error().message());
  }
  if (whole.value()) return decode_whole({});
  return decode_large(open);
}

// The text is in memory up to its end, or up to a `fault` in its container.
Status FileReader::State::decode_whole(std::string_view fault) {
  TextWindow all(text, nullptr, 0);
  TextDecoder whole(all, plan, options.salvage);
  while (whole.next(batch, kBatchRecords * 16) && !stopped()) {
  }
  if (!fault.empty() && whole.notes().fault.empty()) whole.notes().fault = fault;
  take_notes(whole.notes(), stream != nullptr ? stream->oddity() : std::string());
  stream.reset();
  has_batch = !batch.heads.empty();
  return {};
}

Status FileReader::State::decode_large(const OpenStream& open) {
  const model::FieldPlan nothing;
  text.clear();
  std::string front;
  auto first = CAIRN_TRY(open());
  stream = CAIRN_TRY(open_text(std::move(first), front));
  TextWindow checked(text, stream.get(), options.record_bytes_max);
  TextDecoder check(checked, nothing, options.salvage);
  uint64_t events = 0;
  bool more = true;
  while (more && !stopped()) {
    more = check.next(batch, kBatchRecords);
    events += batch.heads.size();
    batch.clear();
  }
  take_notes(check.notes(), stream->oddity());
  if (report.fate == FileFate::refused || report.fate == FileFate::left_out) return {};
  report.events += events;
  text.clear();
  auto second = CAIRN_TRY(open());
  stream = CAIRN_TRY(open_text(std::move(second), front));
  window = std::make_unique<TextWindow>(text, stream.get(), options.record_bytes_max);
  decoder = std::make_unique<TextDecoder>(*window, plan, options.salvage);
  return {};
}

// Turns the decoder's notes into the part's fate. Drops the batch if the part is refused.
void FileReader::State::take_notes(const DecodeNotes& notes, const std::string& oddity) {
  records_skipped += notes.records_skipped;
  const bool nothing = notes.records_taken == 0 && notes.records_skipped == 0;
  if (nothing && !notes.left_out.empty() && notes.records_refused == 0)
    return leave_out(notes.left_out);
  const bool fault = !notes.fault.empty();
  if (fault && !options.salvage) {
    batch.clear();
    if (!notes.recognised && !has_log_name(part)) return leave_out("not a CloudTrail log file");
    return refuse_part(notes.fault, notes.fault_offset);
  }
  if (nothing && notes.records_refused > 0) {
    if (!notes.recognised && !has_log_name(part)) return leave_out("not a CloudTrail log file");
    const auto& first = notes.problems.front();
    return refuse_part(first.reason, first.offset);
  }
  if (nothing && fault) return refuse_part(notes.fault, notes.fault_offset);
  ++parts_read;
  report.events += batch.heads.size();
  report.records_refused += notes.records_refused;
  for (auto problem : notes.problems) {
    problem.file = part;
    problems.push_back(std::move(problem));
  }
  if (fault) {
    problems.push_back({part, 0, notes.fault_offset,
                        notes.fault + "; the whole records around it were taken", false});
    ++parts_refused;
  }
  if (!oddity.empty()) problems.push_back({part, 0, 0, oddity, true});
}

void FileReader::State::refuse_part(const std::string& reason, uint64_t offset) {
  batch.clear();
  has_batch = false;
  ++parts_refused;
  report.reason = reason;
  if (!archive && part == report.path) report.fate = FileFate::refused;
  problems.push_back({part, 0, offset, reason, false});
}

void FileReader::State::leave_out(const std::string& reason) {
  if (!archive) {
    report.fate = FileFate::left_out;
    report.reason = reason;
  }
}

// Spools the archive's next member and begins to read it; false behind the last one.
Result<bool> FileReader::State::next_member() {
  part = report.path;
  const auto name = CAIRN_TRY(archive->next());
  if (!name) return false;
  part = fmt::format("{}!{}", report.path, repair_utf8(*name));
  SourceFile as_file{*name, 0, std::nullopt, {}};
  CAIRN_TRY(member.fill([&](char* out, size_t max) { return archive->read(out, max); },
                        options.whole_bytes_max));
  if (member.in_memory() && member.bytes().empty() && !has_log_name(*name)) return true;
  auto status = read_part([this] { return member.open(); },
                          member.in_memory() ? member.bytes() : std::string_view{});
  if (!status.ok()) refuse_part(status.error().message(), 0);
  return true;
}

void FileReader::State::finish() {
  if (report.fate == FileFate::read) {
    if (parts_refused > 0 && parts_read == 0)
      report.fate = FileFate::refused;
    else if (parts_refused > 0 || report.records_refused > 0)
      report.fate = FileFate::partial;
  }
  if (report.fate == FileFate::partial && report.reason.empty())
    for (const auto& problem : problems)
      if (report.reason.empty() && !problem.warning) report.reason = problem.reason;
  raw.shrink(kBufferKept);
  text.shrink(kBufferKept * 4);
  pipe.shrink();
  member.shrink();
}

FileReader::FileReader(const model::FieldPlan& plan, const ReaderOptions& options,
                       const std::atomic<bool>* cancelled)
    : state_(new State{plan, options, cancelled}) {}

FileReader::FileReader(FileReader&&) noexcept = default;
FileReader& FileReader::operator=(FileReader&&) noexcept = default;
FileReader::~FileReader() = default;

void FileReader::open(const SourceFile& file) {
  state_->begin(file);
  if (auto status = state_->read_named(file); !status.ok())
    state_->refuse_part(status.error().message(), 0);
}

void FileReader::open(const SourceFile& file, std::string_view bytes) {
  state_->begin(file);
  if (auto status = state_->read_bytes(bytes); !status.ok())
    state_->refuse_part(status.error().message(), 0);
}

const model::RecordBatch* FileReader::next() {
  auto& state = *state_;
  while (!state.stopped()) {
    if (state.has_batch) {
      state.has_batch = false;
      return &state.batch;
    }
    if (state.decoder != nullptr) {
      state.batch.clear();
      const bool more = state.decoder->next(state.batch, kBatchRecords);
      if (!more) state.decoder.reset();
      if (!state.batch.heads.empty()) return &state.batch;
      continue;
    }
    if (!state.archive) break;
    auto member = state.next_member();
    if (!member.ok()) state.refuse_part(member.error().message(), 0);
    if (!member.ok() || !member.value()) break;
  }
  state.finish();
  return nullptr;
}

const FileReport& FileReader::report() const {
  return state_->report;
}

const std::vector<Problem>& FileReader::problems() const {
  return state_->problems;
}

uint64_t FileReader::records_skipped() const {
  return state_->records_skipped;
}

}  // namespace cairn::source

#include "source/byte_stream.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cairn::source {
namespace {

constexpr size_t kInputBytes = 256 * 1024;
constexpr size_t kFrontBytes = 1024;  // a tar header is 512 bytes
constexpr int kLayersMax = 2;

}  // namespace

Result<size_t> MemoryStream::read(char* out, size_t max) {
  const size_t count = std::min(max, rest_.size());
  if (count > 0) std::memcpy(out, rest_.data(), count);
  rest_.remove_prefix(count);
  return count;
}

Result<size_t> FileStream::read(char* out, size_t max) {
  if (taken_ < front_.size()) {
    const size_t count = std::min(max, front_.size() - taken_);
    std::memcpy(out, front_.data() + taken_, count);
    taken_ += count;
    return count;
  }
  return file_.read(out, max);
}

Result<size_t> PrefixedStream::read(char* out, size_t max) {
  if (taken_ < front_.size()) {
    const size_t count = std::min(max, front_.size() - taken_);
    std::memcpy(out, front_.data() + taken_, count);
    taken_ += count;
    return count;
  }
  return rest_->read(out, max);
}

InflatedStream::InflatedStream(std::unique_ptr<ByteStream> from, std::unique_ptr<Inflater> inflater,
                               ExpansionLimit limit)
    : from_(std::move(from)), inflater_(std::move(inflater)), limit_(limit) {
  input_.clear();
}

Result<size_t> InflatedStream::read(char* out, size_t max) {
  while (!finished_) {
    if (input_at_ == input_.size() && !input_ended_) {
      input_.reserve(kInputBytes);
      const size_t got = CAIRN_TRY(from_->read(input_.data(), kInputBytes));
      input_.set_size(got);
      input_at_ = 0;
      input_ended_ = got == 0;
    }
    const auto step =
        CAIRN_TRY(inflater_->step(input_.view().substr(input_at_), input_ended_, out, max));
    input_at_ += step.taken;
    taken_ += step.taken;
    given_ += step.given;
    finished_ = step.finished;
    if (given_ > limit_.free_bytes && given_ / (taken_ + 1) > limit_.ratio_max) {
      return Error{ErrorKind::exhausted,
                   fmt::format("expands more than {}-fold beyond {}: refused as an expansion bomb",
                               limit_.ratio_max, human_bytes(limit_.free_bytes))};
    }
    if (step.given > 0) return step.given;
  }
  return size_t{0};
}

std::string InflatedStream::oddity() const {
  const uint64_t trailing = inflater_->trailing_bytes();
  if (trailing == 0) return from_->oddity();
  return fmt::format("{} bytes after the compressed data were passed over", trailing);
}

Result<bool> read_up_to(ByteStream& stream, size_t size_max, Buffer& out) {
  out.reserve(std::max<size_t>(64 * 1024, out.size()));
  while (out.size() < size_max) {
    if (out.size() == out.capacity()) out.reserve(std::min(size_max, out.capacity() * 2));
    const size_t room = std::min(size_max, out.capacity()) - out.size();
    const size_t got = CAIRN_TRY(stream.read(out.data() + out.size(), room));
    out.set_size(out.size() + got);
    if (got == 0) return true;
  }
  return false;
}

Result<std::unique_ptr<ByteStream>> open_text(std::unique_ptr<ByteStream> from,
                                              std::string& front) {
  for (int layer = 0;; ++layer) {
    Buffer head;
    head.clear();
    CAIRN_TRY(read_up_to(*from, kFrontBytes, head));
    front = std::string(head.view());
    from = std::make_unique<PrefixedStream>(front, std::move(from));
    const auto compression = sniff_compression(front);
    if (compression == Compression::none) return from;
    if (layer == kLayersMax) return Error{ErrorKind::corrupt, "compressed more than twice over"};
    auto inflater = compression == Compression::gzip ? Inflater::gzip() : Inflater::zstd();
    from = std::make_unique<InflatedStream>(std::move(from), std::move(inflater), ExpansionLimit{});
  }
}

}  // namespace cairn::source

#include "base/inflate.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>

namespace cairn {
namespace {

constexpr std::string_view kGzipMagic("\x1f\x8b", 2);
constexpr std::string_view kZstdMagic("\x28\xb5\x2f\xfd", 4);

bool is_gzip(std::string_view front) {
  return front.substr(0, 2) == kGzipMagic;
}

/// RFC 1952: the last four bytes tell the text's size modulo 2^32, of the last member.
size_t size_hint(std::string_view compressed) {
  uint32_t size = 0;
  if (compressed.size() >= 4) std::memcpy(&size, compressed.data() + compressed.size() - 4, 4);
  return size;
}

class GzipInflater final : public Inflater {
 public:
  GzipInflater() { ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }

  GzipInflater(const GzipInflater&) = delete;
  GzipInflater& operator=(const GzipInflater&) = delete;

  ~GzipInflater() override {
    if (ready_) inflateEnd(&stream_);
  }

  Result<Step> step(std::string_view input, bool last, char* out, size_t out_max) override {
    if (!ready_) return Error{ErrorKind::exhausted, "no memory for gzip decompression"};
    Step done;
    if (between_members_) {
      done.taken = skip_between_members(input);
      if (between_members_) {
        if (last && half_magic_) trailing_ = 1;
        done.finished = last;
        return done;
      }
      begin_member();
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data() + done.taken));
    stream_.avail_in = static_cast<uInt>(input.size() - done.taken);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(out_max);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    const size_t used = input.size() - done.taken - stream_.avail_in;
    done.taken += used;
    done.given = out_max - stream_.avail_out;
    offset_ += used;
    if (code == Z_STREAM_END) {
      between_members_ = true;
      done.finished = last && stream_.avail_in == 0;
      return done;
    }
    if (code != Z_OK && code != Z_BUF_ERROR) {
      return Error{ErrorKind::corrupt,
                   fmt::format("damaged gzip data at byte {} ({})", offset_,
                               stream_.msg != nullptr ? stream_.msg : "unknown fault")};
    }
    if (last && stream_.avail_in == 0 && stream_.avail_out > 0)
      return Error{ErrorKind::corrupt, fmt::format("gzip data ends early, at byte {}", offset_)};
    return done;
  }

  uint64_t trailing_bytes() const override { return trailing_; }

 private:
  // Zero padding is passed over as gzip(1) does; anything else but a member is trailing garbage.
  // Gives how much of the input it used up: all of it, unless a member begins.
  size_t skip_between_members(std::string_view input) {
    size_t at = 0;
    if (trailing_ == 0 && !half_magic_) {
      while (at < input.size() && input[at] == '\0') ++at;
      padded_ = padded_ || at > 0;
      offset_ += at;
    }
    const auto rest = input.substr(at);
    if (rest.empty()) return input.size();
    if (trailing_ == 0 && !padded_) {
      if (half_magic_ ? rest.front() == kGzipMagic[1] : is_gzip(rest)) {
        between_members_ = false;
        return at;
      }
      if (!half_magic_ && rest == kGzipMagic.substr(0, 1)) {
        half_magic_ = true;
        return input.size();
      }
    }
    trailing_ += rest.size() + (half_magic_ ? 1 : 0);
    half_magic_ = false;
    return input.size();
  }

  // The first byte of the magic may have been the last one of the input before.
  void begin_member() {
    inflateReset(&stream_);
    if (!half_magic_) return;
    half_magic_ = false;
    auto first = static_cast<Bytef>(kGzipMagic[0]);
    stream_.next_in = &first;
    stream_.avail_in = 1;
    stream_.avail_out = 0;
    inflate(&stream_, Z_NO_FLUSH);
    ++offset_;
  }

  z_stream stream_{};
  bool ready_ = false;
  bool between_members_ = false;
  bool padded_ = false;
  bool half_magic_ = false;  ///< the input ended with what may be the first byte of a member
  uint64_t offset_ = 0;
  uint64_t trailing_ = 0;
};

class ZstdInflater final : public Inflater {
 public:
  Result<Step> step(std::string_view input, bool last, char* out, size_t out_max) override {
    if (stream_ == nullptr) return Error{ErrorKind::exhausted, "no memory for zstd decompression"};
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer to{out, out_max, 0};
    const size_t code = ZSTD_decompressStream(stream_.get(), &to, &in);
    offset_ += in.pos;
    if (ZSTD_isError(code) != 0U) {
      return Error{ErrorKind::corrupt, fmt::format("damaged zstd data at byte {} ({})", offset_,
                                                   ZSTD_getErrorName(code))};
    }
    if (in.pos > 0 || to.pos > 0) frame_open_ = code != 0;
    Step done{in.pos, to.pos, false};
    if (last && in.pos == input.size() && to.pos < out_max) {
      if (frame_open_)
        return Error{ErrorKind::corrupt, fmt::format("zstd data ends early, at byte {}", offset_)};
      done.finished = true;
    }
    return done;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };

  std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
  uint64_t offset_ = 0;
  bool frame_open_ = false;
};

}  // namespace

Compression sniff_compression(std::string_view front) {
  if (is_gzip(front)) return Compression::gzip;
  if (front.substr(0, 4) == kZstdMagic) return Compression::zstd;
  return Compression::none;
}

struct Gunzip::State {
  struct Free {
    void operator()(libdeflate_decompressor* held) const { libdeflate_free_decompressor(held); }
  };

  std::unique_ptr<libdeflate_decompressor, Free> decompressor{libdeflate_alloc_decompressor()};
};

Gunzip::Gunzip() : state_(std::make_unique<State>()) {}

Gunzip::Gunzip(Gunzip&&) noexcept = default;
Gunzip& Gunzip::operator=(Gunzip&&) noexcept = default;
Gunzip::~Gunzip() = default;

bool Gunzip::decompress(std::string_view compressed, size_t size_max, Buffer& out) {
  begin(compressed, size_max, out);
  while (!compressed.empty() && is_gzip(compressed)) {
    size_t taken = 0;
    if (!append_member(compressed, size_max, out, taken)) return false;
    compressed.remove_prefix(taken);
  }
  return compressed.empty();
}

bool Gunzip::decompress_member(std::string_view compressed, size_t size_max, Buffer& out,
                               size_t& taken) {
  begin(compressed, size_max, out);
  return is_gzip(compressed) && append_member(compressed, size_max, out, taken);
}

void Gunzip::begin(std::string_view compressed, size_t size_max, Buffer& out) {
  out.clear();
  // Deflate cannot do better than 1032:1, so a larger hint is a lie.
  const size_t hint = std::min({size_hint(compressed), compressed.size() * 1032 + 64, size_max});
  out.reserve(std::max<size_t>(hint, 4096));
}

bool Gunzip::append_member(std::string_view compressed, size_t size_max, Buffer& out,
                           size_t& taken) {
  if (state_->decompressor == nullptr) return false;
  while (true) {
    size_t given = 0;
    const auto code = libdeflate_gzip_decompress_ex(state_->decompressor.get(), compressed.data(),
                                                    compressed.size(), out.data() + out.size(),
                                                    out.capacity() - out.size(), &taken, &given);
    if (code == LIBDEFLATE_SUCCESS) {
      out.set_size(out.size() + given);
      return true;
    }
    if (code != LIBDEFLATE_INSUFFICIENT_SPACE || out.capacity() >= size_max) return false;
    out.reserve(std::min(size_max, out.capacity() * 2));
  }
}

MemberEnd inflate_member(std::string_view compressed,
                         const std::function<bool(std::string_view)>& give) {
  constexpr size_t kPieceMax = 1 << 16;
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return MemberEnd::damaged;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> held(&stream, inflateEnd);
  const std::unique_ptr<char[]> piece(new char[kPieceMax]);
  size_t at = 0;
  while (true) {
    const size_t next = std::min<size_t>(compressed.size() - at, 1 << 20);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data() + at));
    stream.avail_in = static_cast<uInt>(next);
    stream.next_out = reinterpret_cast<Bytef*>(piece.get());
    stream.avail_out = kPieceMax;
    const int code = inflate(&stream, Z_NO_FLUSH);
    at += next - stream.avail_in;
    const size_t given = kPieceMax - stream.avail_out;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return MemberEnd::damaged;
    if (given > 0 && !give({piece.get(), given})) return MemberEnd::cut_off;
    if (code == Z_STREAM_END)
      return at == compressed.size() ? MemberEnd::whole : MemberEnd::followed;
    if (at == compressed.size() && given < kPieceMax) return MemberEnd::cut_off;
  }
}

std::unique_ptr<Inflater> Inflater::gzip() {
  return std::make_unique<GzipInflater>();
}

std::unique_ptr<Inflater> Inflater::zstd() {
  return std::make_unique<ZstdInflater>();
}

}  // namespace cairn

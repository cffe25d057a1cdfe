#include "base/gzip.h"

#include <libdeflate.h>

namespace cairn {

struct Gzip::State {
  struct Free {
    void operator()(libdeflate_compressor* held) const { libdeflate_free_compressor(held); }
  };

  std::unique_ptr<libdeflate_compressor, Free> compressor;
};

Gzip::Gzip(int level) : state_(new State{{}}) {
  state_->compressor.reset(libdeflate_alloc_compressor(level));
}

Gzip::Gzip(Gzip&&) noexcept = default;
Gzip& Gzip::operator=(Gzip&&) noexcept = default;
Gzip::~Gzip() = default;

Status Gzip::compress(std::string_view text, std::string& out) {
  auto* compressor = state_->compressor.get();
  if (compressor == nullptr) return Error{ErrorKind::exhausted, "no memory for gzip compression"};
  out.resize(libdeflate_gzip_compress_bound(compressor, text.size()));
  const size_t size =
      libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size());
  if (size == 0) return Error{ErrorKind::exhausted, "gzip compression found no room"};
  out.resize(size);
  return {};
}

}  // namespace cairn

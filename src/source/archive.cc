#include "source/internal/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <array>

namespace cairn::source {
namespace {

struct FreeArchive {
  void operator()(struct archive* held) const { archive_read_free(held); }
};

}  // namespace

struct Archive::State {
  std::unique_ptr<ByteStream> from;
  std::array<char, 128 * 1024> block{};
  std::string fault;  ///< of `from`, which libarchive cannot carry
  std::unique_ptr<struct archive, FreeArchive> handle;

  static la_ssize_t feed(struct archive* handle, void* self, const void** block) {
    auto* state = static_cast<State*>(self);
    auto got = state->from->read(state->block.data(), state->block.size());
    if (!got.ok()) {
      state->fault = got.error().message();
      archive_set_error(handle, 1, "%s", state->fault.c_str());
      return -1;
    }
    *block = state->block.data();
    return static_cast<la_ssize_t>(got.value());
  }

  Error error() const {
    const char* reason = archive_error_string(handle.get());
    return Error{ErrorKind::corrupt,
                 fmt::format("damaged archive: {}", reason != nullptr ? reason : "unknown fault")};
  }
};

bool is_archive(std::string_view front) {
  const bool tar = front.size() > 262 && front.substr(257, 5) == "ustar";
  return tar || front.substr(0, 4) == "PK\x03\x04" || front.substr(0, 4) == "PK\x05\x06";
}

Archive::Archive(std::unique_ptr<State> state) : state_(std::move(state)) {}

Archive::Archive(Archive&&) noexcept = default;
Archive& Archive::operator=(Archive&&) noexcept = default;
Archive::~Archive() = default;

Result<Archive> Archive::open(std::unique_ptr<ByteStream> from) {
  auto state = std::make_unique<State>();
  state->from = std::move(from);
  state->handle.reset(archive_read_new());
  if (state->handle == nullptr)
    return Error{ErrorKind::exhausted, "no memory for reading an archive"};
  archive_read_support_format_tar(state->handle.get());
  archive_read_support_format_zip(state->handle.get());
  if (archive_read_open(state->handle.get(), state.get(), nullptr, &State::feed, nullptr) !=
      ARCHIVE_OK)
    return state->error();
  return Archive(std::move(state));
}

Result<std::optional<std::string>> Archive::next() {
  for (;;) {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(state_->handle.get(), &entry);
    if (code == ARCHIVE_EOF) return std::optional<std::string>{};
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return state_->error();
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* name = archive_entry_pathname(entry);
    return std::optional<std::string>(name != nullptr ? name : "(unnamed)");
  }
}

Result<size_t> Archive::read(char* out, size_t max) {
  const la_ssize_t got = archive_read_data(state_->handle.get(), out, max);
  if (got < 0) return state_->error();
  return static_cast<size_t>(got);
}

}  // namespace cairn::source

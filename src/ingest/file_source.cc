#include "ingest/source.h"
#include "io/file.h"
#include "io/object_store.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

namespace cairn::ingest {
namespace {

/// A bucket in a folder has the attributes of an object in a file beside it.
bool holds_attributes(std::string_view path) {
  if (!path.ends_with(io::kAttributesSuffix)) return false;
  path.remove_suffix(io::kAttributesSuffix.size());
  std::error_code failed;
  return std::filesystem::is_regular_file(path, failed);
}

class FileSource final : public Source {
 public:
  explicit FileSource(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  Status list(const std::function<void(SourceObject)>& visit) override {
    const auto files = CAIRN_TRY(io::find_files(paths_));
    for (const auto& file : files) {
      if (file.listed && holds_attributes(file.path)) continue;
      std::error_code failed;
      const auto absolute = std::filesystem::absolute(file.path, failed).lexically_normal();
      SourceObject object{.source = std::string(kLocalSource),
                          .key = failed ? file.path : absolute.string(),
                          .name = file.path,
                          .size_bytes = file.size};
      struct stat facts = {};
      if (::stat(file.path.c_str(), &facts) == 0)
        object.etag = fmt::format("{}.{:09}", facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
      visit(std::move(object));
    }
    return {};
  }

  Result<bool> fetch(const SourceObject& /*object*/, Buffer& /*bytes*/) override { return false; }

 private:
  std::vector<std::string> paths_;
};

}  // namespace

std::unique_ptr<Source> make_file_source(std::vector<std::string> paths) {
  return std::make_unique<FileSource>(std::move(paths));
}

}  // namespace cairn::ingest

#include "diagnose/folder.h"

#include "base/text.h"
#include "base/time.h"
#include "io/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <system_error>
#include <utility>
#include <vector>

namespace cairn::diagnose {
namespace {

namespace fs = std::filesystem;

constexpr int kNamesTried = 1'000;

struct Close {
  void operator()(std::FILE* file) const {
    if (file != nullptr) std::fclose(file);
  }
};

/// A file that is being written. Errors stay until close() tells them.
class TextFile {
 public:
  explicit TextFile(std::string path)
      : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wbx")) {
    if (!file_) error_ = errno;
  }

  void write(std::string_view text) {
    if (error_ != 0 || text.empty()) return;
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) error_ = errno;
  }

  Status check() const {
    if (error_ != 0) return io::system_error(fmt::format("cannot write '{}'", path_), error_);
    return {};
  }

  Status close() {
    if (file_ && std::fclose(file_.release()) != 0 && error_ == 0) error_ = errno;
    return check();
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  int error_ = 0;
};

void append_row(std::string& out, std::initializer_list<std::string_view> fields) {
  bool first = true;
  for (const auto field : fields) {
    if (!first) out += '\t';
    first = false;
    append_tsv_field(out, field);
  }
  out += '\n';
}

std::string tsv_row(const Event& event) {
  std::string row;
  append_row(row, {event.time_text, event.name, classic_user(event), classic_ip(event), event.code,
                   event.message});
  return row;
}

using Members = std::initializer_list<std::pair<std::string_view, std::string_view>>;

void append_members(std::string& out, Members members, bool first) {
  for (const auto& [key, value] : members) {
    out += first ? "\n    " : ",\n    ";
    first = false;
    append_jq_string(out, key);
    out += ": ";
    append_jq_string(out, value);
  }
}

std::string flat_object(const Event& event) {
  std::string out = "  {";
  append_members(out,
                 {{"EventTime", event.time_text},
                  {"EventName", event.name},
                  {"EventSource", event.source},
                  {"User", classic_user(event)},
                  {"IP", classic_ip(event)},
                  {"ErrorCode", event.code},
                  {"ErrorMessage", event.message}},
                 true);
  return out;
}

std::string stamp(int64_t now_us) {
  const CivilTime at = to_civil(now_us);
  return fmt::format("{:04}{:02}{:02}_{:02}{:02}{:02}", at.year, at.month, at.day, at.hour,
                     at.minute, at.second);
}

}  // namespace

struct Folder::State {
  std::string path;
  std::string partial;
  bool ours = false;  ///< `partial` is there and was made by us
  std::vector<std::string> written;
  std::unique_ptr<TextFile> errors;
  std::unique_ptr<TextFile> dry_runs;
  std::unique_ptr<TextFile> issues;
  std::unique_ptr<TextFile> flat;
  uint64_t flat_events = 0;

  std::unique_ptr<TextFile> open(std::string_view name) {
    auto file = std::make_unique<TextFile>(fmt::format("{}/{}", partial, name));
    written.push_back(file->path());
    return file;
  }

  void add_flat(std::string_view object) {
    flat->write(flat_events++ == 0 ? "[\n" : ",\n");
    flat->write(object);
    flat->write("\n  }");
  }

  Status check() const {
    for (const auto* file : {errors.get(), dry_runs.get(), issues.get(), flat.get()})
      if (file != nullptr) CAIRN_TRY(file->check());
    return {};
  }

  /// Only what was written here is removed.
  ~State() {
    if (!ours) return;
    for (auto* file : {&errors, &dry_runs, &issues, &flat}) file->reset();
    std::error_code ignored;
    for (const auto& file : written) fs::remove(file, ignored);
    fs::remove(partial, ignored);
  }
};

Folder::Folder(std::unique_ptr<State> state) : state_(std::move(state)) {}

Folder::Folder(Folder&&) noexcept = default;
Folder& Folder::operator=(Folder&&) noexcept = default;
Folder::~Folder() = default;

Result<Folder> Folder::create(const std::string& parent, const Diagnosis& diagnosis, bool classic,
                              int64_t now_us) {
  auto state = std::make_unique<State>();
  std::error_code error;
  const fs::path base(parent.empty() ? "." : parent);
  fs::create_directories(base, error);
  if (error)
    return io::system_error(fmt::format("cannot make the folder '{}'", base.string()),
                            error.value());
  const std::string name = fmt::format("{}{}", diagnosis.folder_prefix, stamp(now_us));
  for (int i = 1; i <= kNamesTried && !state->ours; ++i) {
    const fs::path path = base / (i == 1 ? name : fmt::format("{}_{}", name, i));
    if (fs::exists(path, error)) continue;
    state->path = path.lexically_normal().string();
    state->partial = state->path + ".partial";
    state->ours = fs::create_directory(state->partial, error);
    if (error)
      return io::system_error(fmt::format("cannot make the folder '{}'", state->partial),
                              error.value());
  }
  if (!state->ours)
    return Error(ErrorKind::already_exists,
                 fmt::format("cannot make folder {}: {} of that name are there\nhint: name another "
                             "place with --output",
                             (base / name).string(), kNamesTried));
  const std::string_view topic = diagnosis.always_writes ? "eni_" : "";
  state->errors = state->open(fmt::format("{}errors.tsv", topic));
  if (diagnosis.always_writes) {
    state->dry_runs = state->open("eni_dryruns.tsv");
    state->flat = state->open("flat_events.json");
  }
  if (classic) state->issues = state->open("eni_all_issues.tsv");
  CAIRN_TRY(state->check());
  return Folder(std::move(state));
}

const std::string& Folder::path() const {
  return state_->path;
}

Status Folder::add(const Event& event, ErrorClass error_class) {
  State& state = *state_;
  if (is_failure(error_class)) state.errors->write(tsv_row(event));
  if (state.dry_runs && error_class == ErrorClass::dry_run) state.dry_runs->write(tsv_row(event));
  if (state.flat) {
    std::string object = flat_object(event);
    append_members(object,
                   {{"ErrorClass", key_of(error_class)},
                    {"Caller", event.caller},
                    {"Region", event.region},
                    {"Account", event.account},
                    {"Resource", event.resource},
                    {"UserAgent", event.agent},
                    {"EventId", event.event_id}},
                   false);
    state.add_flat(object);
  }
  return state.check();
}

Status Folder::add_classic(const Event& event, const ClassicClass& classes) {
  State& state = *state_;
  const std::string row = tsv_row(event);
  if (classes.real_error) state.errors->write(row);
  if (classes.dry_run) state.dry_runs->write(row);
  if (classes.any_issue) state.issues->write(row);
  state.add_flat(flat_object(event));
  return state.check();
}

Status Folder::write_tables(const Tally& tally) {
  CAIRN_TRY(write_file("throttle_by_action.txt", tally.throttles_by_call().uniq_lines()));
  return write_file("calls_by_user.txt", tally.callers().uniq_lines());
}

Status Folder::write_classic_tables(const ClassicTally& tally) {
  CAIRN_TRY(write_file("throttle_by_action.txt", tally.errors_by_call.uniq_lines()));
  CAIRN_TRY(write_file("throttle_by_caller.txt", tally.errors_by_user.uniq_lines()));
  CAIRN_TRY(write_file("error_codes_summary.txt", tally.codes.uniq_lines()));
  CAIRN_TRY(write_file("top_api_calls.txt", tally.calls.uniq_lines()));
  return write_file("calls_by_user.txt", tally.users.uniq_lines());
}

Status Folder::write_file(std::string_view name, std::string_view content) {
  auto file = state_->open(name);
  file->write(content);
  return file->close();
}

Status Folder::complete() {
  State& state = *state_;
  if (state.flat) state.flat->write(state.flat_events == 0 ? "[]\n" : "\n]\n");
  for (auto* file :
       {state.errors.get(), state.dry_runs.get(), state.issues.get(), state.flat.get()})
    if (file != nullptr) CAIRN_TRY(file->close());
  std::error_code error;
  fs::rename(state.partial, state.path, error);
  if (error)
    return io::system_error(fmt::format("cannot make the folder '{}'", state.path), error.value());
  state.ours = false;
  return {};
}

void append_tsv_field(std::string& out, std::string_view field) {
  for (const char c : field) {
    if (c == '\t')
      out += "\\t";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\\')
      out += "\\\\";
    else
      out += c;
  }
}

void append_jq_string(std::string& out, std::string_view text) {
  for (size_t at = 0;;) {
    const size_t end = std::min(text.find('\x7F', at), text.size());
    std::string part;
    append_json_string(part, text.substr(at, end - at));
    if (at == 0) out += '"';
    out.append(part, 1, part.size() - 2);
    if (end == text.size()) break;
    out += "\\u007f";
    at = end + 1;
  }
  out += '"';
}

}  // namespace cairn::diagnose

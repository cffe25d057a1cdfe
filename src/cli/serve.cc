// cairn serve: a CloudTrail of one's own.
#include "app/service.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/home_arguments.h"
#include "cli/interrupt.h"
#include "cli/key_report.h"
#include "cli/serve_options.h"
#include "cli/source_arguments.h"
#include "cli/terminal.h"
#include "cli/this_actor.h"
#include "cli/version.h"
#include "io/file.h"
#include "io/s3_store.h"
#include "store/lake.h"
#include "store/state_database.h"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

namespace cairn::cli {
namespace {

/// A trail tries again by itself, and others wait for the delivery of one.
constexpr int64_t kBucketBudgetMs = 20'000;
constexpr rlim_t kOtherDescriptors = 256;  // files of the lake, the state, clients of S3

/// A log that is appended to, and opened anew after someone has moved it away.
class LineFile {
 public:
  explicit LineFile(std::string path) : path_(std::move(path)) {}

  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  ~LineFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  Status open() {
    const int opened = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (opened < 0)
      return Error{ErrorKind::unavailable,
                   fmt::format("cannot write the access log '{}': {}\n"
                               "hint: name another file with --access-log, or none",
                               path_, std::strerror(errno))};
    const std::lock_guard lock(mutex_);
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = opened;
    return {};
  }

  void write(const std::string& line) {
    const auto text = line + '\n';
    const std::lock_guard lock(mutex_);
    const auto written = ::write(descriptor_, text.data(), text.size());
    (void)written;  // a full disk must not stop the service; its own log tells of it
  }

 private:
  const std::string path_;
  std::mutex mutex_;
  int descriptor_ = -1;
};

/// The service's folder, held by this process. What a first start has made in it goes when that
/// start fails.
class HomeHold {
 public:
  explicit HomeHold(std::string folder) : folder_(std::move(folder)) {}

  HomeHold(const HomeHold&) = delete;
  HomeHold& operator=(const HomeHold&) = delete;

  ~HomeHold() {
    if (descriptor_ < 0) return;
    if (is_new_ && !started_ && !has_keys() && !has_events()) {
      std::error_code ignored;
      for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored))
        std::filesystem::remove_all(entry.path(), ignored);
      if (is_made_) std::filesystem::remove(folder_, ignored);
    }
    ::close(descriptor_);
  }

  Status take() {
    std::error_code failed;
    is_made_ = !std::filesystem::exists(folder_, failed);
    is_new_ = is_made_ || std::filesystem::is_empty(folder_, failed);
    CAIRN_TRY(make_home(folder_));
    if (::access(folder_.c_str(), W_OK | X_OK) != 0) {
      const auto error = io::system_error(
          fmt::format("nothing can be written to the service's folder '{}'", folder_), errno);
      return Error{error.kind(), error.message() + "\nhint: name another folder with --home"};
    }
    descriptor_ = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // Where folders cannot be locked the spool's lock tells, a little later.
    if (descriptor_ < 0 || flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
      return {};
    ::close(std::exchange(descriptor_, -1));
    return Error{ErrorKind::unavailable,
                 fmt::format("'{}' is the folder of another `cairn serve` that is running\n"
                             "hint: one service at a time can run on a folder; name another one "
                             "with --home",
                             folder_)};
  }

  void keep() { started_ = true; }

 private:
  /// `cairn keys create` may have been here at the same time.
  bool has_keys() const {
    auto state = store::StateDatabase::open(state_file(folder_), false);
    if (!state.ok()) return false;
    const auto rows = state.value()->query("SELECT 1 FROM access_keys LIMIT 1", {});
    return rows.ok() && !rows.value().empty();
  }

  /// And so may `cairn ingest`, in the same lake.
  bool has_events() const {
    std::error_code none;
    const auto data = std::filesystem::path(folder_) / "lake" / store::kDataPrefix;
    return std::filesystem::exists(data, none) && !std::filesystem::is_empty(data, none);
  }

  const std::string folder_;
  int descriptor_ = -1;
  bool is_made_ = false;
  bool is_new_ = false;
  bool started_ = false;
};

/// Folders that --bucket names: a mistake in one should not wait for the first delivery.
Status check_buckets(const std::map<std::string, std::string>& buckets) {
  for (const auto& [name, place] : buckets) {
    if (!app::is_bucket_name(name))
      return Error{ErrorKind::invalid_argument,
                   fmt::format("--bucket: '{}' cannot be the name of a bucket\n"
                               "hint: 3 to 63 of a-z, 0-9, '.' and '-'",
                               printable(name))};
    if (io::is_s3_url(place)) continue;
    const auto folder = io::open_folder_store(place, false);
    if (!folder.ok() && folder.error().message().find("\nhint: ") != std::string::npos)
      return Error{folder.error().kind(),
                   fmt::format("--bucket {}: {}", printable(name), folder.error().message())};
    if (!folder.ok())
      return Error{folder.error().kind(),
                   fmt::format("--bucket {}: {}\nhint: the folder has to be there; make it first",
                               printable(name), folder.error().message())};
    if (::access(place.c_str(), W_OK | X_OK) != 0)
      return Error{ErrorKind::permission_denied,
                   fmt::format("--bucket {}: nothing can be written to '{}': {}\n"
                               "hint: give this user the right to write to it",
                               printable(name), place, std::strerror(errno))};
  }
  return {};
}

/// Connections need descriptors: as many as this process may have.
Status raise_descriptors(size_t connections_max) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  if (limit.rlim_max == RLIM_INFINITY || connections_max + kOtherDescriptors <= limit.rlim_max)
    return {};
  return Error{
      ErrorKind::invalid_argument,
      fmt::format("--connections {}: this process may open {} files only\n"
                  "hint: raise the limit (ulimit -Hn, LimitNOFILE=), or ask for at most {}",
                  connections_max, limit.rlim_max,
                  limit.rlim_max > kOtherDescriptors ? limit.rlim_max - kOtherDescriptors : 1)};
}

std::string greeting(const app::Service& service, const ServeArguments& arguments,
                     const std::string& home) {
  const auto urls = service.urls();
  std::string text = fmt::format("Cairn serves CloudTrail on {}; its folder is {}\n\n",
                                 fmt::join(urls, ", "), home);
  text += "For the AWS CLI and the SDKs:\n\n";
  text += fmt::format("  export AWS_ENDPOINT_URL={}\n", urls.front());
  const auto& key = service.first_key();
  if (key) {
    text += fmt::format("  export AWS_ACCESS_KEY_ID={}\n", key->key.id);
    text += fmt::format("  export AWS_SECRET_ACCESS_KEY={}\n", key->secret);
  }
  text += fmt::format("  export AWS_DEFAULT_REGION={}\n\n",
                      arguments.remote.region.empty() ? "us-east-1" : arguments.remote.region);
  text += key ? "The key is an administrator's, and its secret is shown only this once.\n"
              : "Keys: `cairn keys list`; `cairn keys create --role admin` makes another one.\n";
  const auto buckets = service.buckets();
  if (!buckets.empty())
    text += fmt::format(
        "Try: aws cloudtrail create-trail --name trail --s3-bucket-name {} "
        "--is-multi-region-trail --enable-log-file-validation\n"
        "     aws cloudtrail start-logging --name trail\n"
        "     aws cloudtrail lookup-events\n",
        buckets.front());
  return text + "Ctrl-C ends it.\n";
}

/// Until a signal asks to end. SIGHUP reads the certificate and opens the access log again.
void wait_for_end(app::Service& service, LineFile* access_log) {
  constexpr int64_t kSliceMillis = 50;
  auto& log = service.log();
  while (!interrupted()) {
    if (!take_hangup(kSliceMillis)) continue;
    const auto reloaded = service.reload_tls();
    const auto opened = access_log == nullptr ? Status() : access_log->open();
    for (const auto* const result : {&reloaded, &opened})
      if (!result->ok())
        log.write(app::Level::error, "SIGHUP: a file cannot be opened again; the one before stays",
                  {{"reason", result->error().message()}});
    if (reloaded.ok() && opened.ok())
      log.write(app::Level::info, "SIGHUP: certificate and access log were opened again");
  }
}

Result<int> run_serve(const ServeArguments& arguments) {
  const auto home = CAIRN_TRY(home_folder(arguments.home));
  auto options = CAIRN_TRY(service_options(arguments, home));
  const auto grace = CAIRN_TRY(parse_interval("--grace", arguments.grace));
  CAIRN_TRY(raise_descriptors(arguments.connections_max));
  // Mistakes of the command line first: they should leave nothing behind.
  CAIRN_TRY(server::Server::check(options.server));
  CAIRN_TRY(check_buckets(options.buckets));
  HomeHold hold(home);
  CAIRN_TRY(hold.take());
  std::unique_ptr<LineFile> access_log;
  if (arguments.access_log != "none") {
    access_log = std::make_unique<LineFile>(
        arguments.access_log.empty() ? (std::filesystem::path(home) / "access.jsonl").string()
                                     : arguments.access_log);
    CAIRN_TRY(access_log->open());
    options.access_log = [log = access_log.get()](const std::string& line) { log->write(line); };
  }
  options.version = program_version();
  options.log = [](app::Level /*level*/, const std::string& line) { print_error(line + '\n'); };
  std::atomic<bool> cancelled{false};
  std::unique_ptr<AwsAccess> access;
  std::mutex access_mutex;
  const auto reach = [&]() -> Status {
    const std::lock_guard lock(access_mutex);
    if (!access) access = CAIRN_TRY(AwsAccess::open(arguments.remote, &cancelled));
    return {};
  };
  options.open_s3 = [&](const std::string& url) -> Result<std::unique_ptr<io::ObjectStore>> {
    CAIRN_TRY(reach());
    return access->open_url(url, kBucketBudgetMs);
  };
  options.open_queue = [&](const std::string& url) -> Result<std::unique_ptr<io::Queue>> {
    CAIRN_TRY(reach());
    return access->queue(url);
  };
  options.cancel_remote = [&] { cancelled = true; };
  options.actor = this_actor("serve");
  auto service = CAIRN_TRY(app::Service::start(std::move(options)));
  hold.keep();
  const int printed = print(greeting(*service, arguments, home));
  if (printed != exit_done) return printed;
  wait_for_end(*service, access_log.get());
  auto& log = service->log();
  log.write(app::Level::info, "the service is ending; what was accepted is delivered first",
            {{"signal", sigabbrev_np(interrupt_signal())}});
  const bool clean = service->stop(grace / 1000);
  if (!clean) log.write(app::Level::warning, "requests that did not end in time were cut off");
  log.write(app::Level::info, "the service has ended");
  return static_cast<int>(exit_done);
}

}  // namespace

void add_serve(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand(
      "serve",
      "A CloudTrail of one's own: its API for the AWS CLI and SDKs, trails, event history");
  const auto arguments = std::make_shared<ServeArguments>();
  add_serve_options(*command, *arguments);
  command->callback([arguments, &invocation] {
    invocation.is_service = true;
    invocation.run = [arguments] {
      const auto code = run_serve(*arguments);
      return code.ok() ? code.value() : fail(code.error());
    };
  });
}

}  // namespace cairn::cli

#include "io/http_client.h"

#include "aws/uri.h"
#include "base/text.h"
#include "base/time.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <vector>

namespace cairn::io {
namespace {

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using Easy = std::unique_ptr<CURL, FreeEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;

// One request on its way: what libcurl's callbacks see.
struct Transfer {
  const HttpRequest& request;
  HttpResponse& response;
  const std::atomic<bool>* cancelled = nullptr;
  int64_t idle_timeout_ms = 0;
  std::string_view unsent{};
  uint64_t received = 0;
  curl_off_t moved = -1;  ///< bytes both ways when last looked at
  std::chrono::steady_clock::time_point moved_at{};
  bool idle_too_long = false;
  bool too_large = false;
  bool sink_refused = false;
};

size_t on_header(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) transfer.response.headers.clear();  // after a 100 Continue
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  auto value = line.substr(colon + 1);
  while (!value.empty() && std::strchr(" \t\r\n", value.front()) != nullptr) value.remove_prefix(1);
  while (!value.empty() && std::strchr(" \t\r\n", value.back()) != nullptr) value.remove_suffix(1);
  transfer.response.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  return size * count;
}

size_t on_body(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view piece(data, size * count);
  transfer.received += piece.size();
  if (transfer.received > transfer.request.response_bytes_max) {
    transfer.too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  if (transfer.request.rate_limit != nullptr) transfer.request.rate_limit->take(piece.size());
  if (transfer.request.sink && transfer.response.status / 100 == 2) {
    transfer.sink_refused = !transfer.request.sink(piece);
    return transfer.sink_refused ? CURL_WRITEFUNC_ERROR : piece.size();
  }
  transfer.response.body += piece;
  return piece.size();
}

size_t on_upload(char* out, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto bytes = std::min(size * count, transfer.unsent.size());
  if (transfer.request.rate_limit != nullptr) transfer.request.rate_limit->take(bytes);
  std::memcpy(out, transfer.unsent.data(), bytes);
  transfer.unsent.remove_prefix(bytes);
  return bytes;
}

// libcurl sends a body again when a kept connection turns out to be closed.
int on_rewind(void* user, curl_off_t offset, int /*origin*/) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (offset < 0 || static_cast<uint64_t>(offset) > transfer.request.body.size())
    return CURL_SEEKFUNC_FAIL;
  transfer.unsent = transfer.request.body.substr(static_cast<size_t>(offset));
  return CURL_SEEKFUNC_OK;
}

// Called for every piece, and about every second while nothing comes. (libcurl's own limit of speed
// looks at means of five seconds.)
int on_progress(void* user, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.cancelled != nullptr && transfer.cancelled->load()) return 1;
  const auto now = std::chrono::steady_clock::now();
  if (received + sent != transfer.moved) {
    transfer.moved = received + sent;
    transfer.moved_at = now;
  }
  transfer.idle_too_long =
      now - transfer.moved_at > std::chrono::milliseconds(transfer.idle_timeout_ms);
  return transfer.idle_too_long ? 1 : 0;
}

// The status is needed before the body comes.
size_t on_header_with_status(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  if (const auto blank = line.find(' '); line.starts_with("HTTP/") && blank + 4 <= line.size()) {
    int status = 0;
    for (const char c : line.substr(blank + 1, 3)) status = status * 10 + (c - '0');
    transfer.response.status = status;
  }
  return on_header(data, size, count, user);
}

bool is_lasting(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return true;
    default:
      return false;
  }
}

std::string_view hint_for(CURLcode code, std::string_view reason) {
  if (code == CURLE_PEER_FAILED_VERIFICATION && reason.find("subject name") != reason.npos)
    return "; hint: the server's certificate is for other names; buckets in path style need but "
           "one";
  if (code == CURLE_PEER_FAILED_VERIFICATION)
    return "; hint: give the authority that signed the server's certificate as the CA bundle";
  if (code == CURLE_SSL_CACERT_BADFILE) return "; hint: the CA bundle must be a readable PEM file";
  return "";
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(HttpOptions options, const std::atomic<bool>* cancelled)
      : options_(std::move(options)), cancelled_(cancelled) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    auto handle = take();
    auto response = send_with(handle.get(), request);
    give_back(std::move(handle));
    return response;
  }

 private:
  Easy take() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return busy_ < std::max(1, options_.connections_max); });
    ++busy_;
    if (idle_.empty()) return Easy(curl_easy_init());
    auto handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void give_back(Easy handle) {
    if (handle != nullptr) curl_easy_reset(handle.get());  // its connections stay
    const std::lock_guard lock(mutex_);
    --busy_;
    if (handle != nullptr) idle_.push_back(std::move(handle));
    freed_.notify_one();
  }

  void set_connection(CURL* handle) const {
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, options_.connect_timeout_ms);
    // An empty text also keeps libcurl from asking the environment.
    curl_easy_setopt(handle, CURLOPT_PROXY, options_.proxy.c_str());
    curl_easy_setopt(handle, CURLOPT_NOPROXY, options_.no_proxy.c_str());
    if (!options_.ca_bundle.empty())
      curl_easy_setopt(handle, CURLOPT_CAINFO, options_.ca_bundle.c_str());
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 256L << 10);
  }

  static void set_callbacks(CURL* handle, Transfer& transfer) {
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header_with_status);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  }

  static void set_method(CURL* handle, Transfer& transfer) {
    const auto& request = transfer.request;
    if (request.method == "HEAD") {
      curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
      curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE,
                       static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(handle, CURLOPT_READFUNCTION, &on_upload);
      curl_easy_setopt(handle, CURLOPT_READDATA, &transfer);
      curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, &on_rewind);
      curl_easy_setopt(handle, CURLOPT_SEEKDATA, &transfer);
    }
    if (request.method != "HEAD")
      curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  static List header_list(const HttpRequest& request) {
    List list(curl_slist_append(nullptr, "Expect:"));  // or libcurl waits a second before a body
    for (const auto& header : request.headers) {
      if (header.value.find_first_of("\r\n") != std::string::npos || header.value.empty()) continue;
      (void)curl_slist_append(list.get(), fmt::format("{}: {}", header.name, header.value).c_str());
    }
    return list;
  }

  Result<HttpResponse> send_with(CURL* handle, const HttpRequest& request) {
    aws::Url url;
    if (!aws::parse_url(request.url, url))
      return Error{ErrorKind::invalid_argument, "cannot send a request: the URL is not valid"};
    const auto doing = fmt::format("{} {}://{}{}", request.method, url.scheme, url.host, url.path);
    if (handle == nullptr) return Error{ErrorKind::exhausted, doing + ": out of memory"};
    HttpResponse response;
    Transfer transfer{.request = request,
                      .response = response,
                      .cancelled = cancelled_,
                      .idle_timeout_ms = options_.idle_timeout_ms,
                      .unsent = request.body};
    char reason[CURL_ERROR_SIZE] = "";
    const auto list = header_list(request);
    set_connection(handle);
    set_callbacks(handle, transfer);
    set_method(handle, transfer);
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list.get());
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, request.timeout_ms);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, reason);
    const auto code = curl_easy_perform(handle);
    if (code == CURLE_OK) return response;
    return failure(doing, transfer, code, reason);
  }

  Error failure(const std::string& doing, const Transfer& transfer, CURLcode code,
                const char* reason) const {
    if (transfer.too_large)
      return {ErrorKind::exhausted, fmt::format("{}: the answer is above the limit of {}", doing,
                                                human_bytes(transfer.request.response_bytes_max))};
    if (transfer.sink_refused)
      return {ErrorKind::exhausted, doing + ": the receiver took no more of the answer"};
    if (transfer.idle_too_long)
      return {ErrorKind::unavailable,
              fmt::format("{}: nothing came for {} ms", doing, options_.idle_timeout_ms)};
    if (code == CURLE_ABORTED_BY_CALLBACK) return {ErrorKind::unavailable, doing + ": interrupted"};
    return {is_lasting(code) ? ErrorKind::invalid_argument : ErrorKind::unavailable,
            fmt::format("{}: {}{}", doing,
                        printable(*reason != '\0' ? reason : curl_easy_strerror(code)),
                        hint_for(code, reason))};
  }

  const HttpOptions options_;
  const std::atomic<bool>* cancelled_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Easy> idle_;
  int busy_ = 0;
};

}  // namespace

std::optional<int64_t> parse_http_date(const std::string& text) {
  const auto seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return static_cast<int64_t>(seconds) * kMicrosPerSecond;
}

std::unique_ptr<HttpClient> make_http_client(HttpOptions options,
                                             const std::atomic<bool>* cancelled) {
  // Not left to the first curl_easy_init(): that may run in several threads.
  [[maybe_unused]] static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  return std::make_unique<CurlClient>(std::move(options), cancelled);
}

}  // namespace cairn::io

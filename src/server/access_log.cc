#include "server/access_log.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn::server {
namespace {

constexpr size_t kTextMax = 2048;  // of what clients send

void add_text(std::string& line, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  line += fmt::format(",\"{}\":", name);
  append_json_string(line, value.substr(0, kTextMax));
}

}  // namespace

std::string redacted_target(std::string_view target) {
  constexpr std::array<std::string_view, 4> kSecret = {"x-amz-signature", "x-amz-security-token",
                                                       "x-amz-credential", "signature"};
  const auto question = target.find('?');
  if (question == target.npos) return std::string(target);
  std::string out(target.substr(0, question));
  char before = '?';
  for (auto rest = target.substr(question + 1);;) {
    const auto pair = rest.substr(0, rest.find('&'));
    const auto name = pair.substr(0, pair.find('='));
    out += before;
    before = '&';
    const bool secret = std::find(kSecret.begin(), kSecret.end(), to_lower(name)) != kSecret.end();
    out += secret ? std::string(name) + "=-" : std::string(pair);
    if (pair.size() == rest.size()) return out;
    rest.remove_prefix(pair.size() + 1);
  }
}

std::string access_line(const AccessEntry& entry) {
  std::string line = fmt::format("{{\"time\":\"{}\"", format_iso8601(entry.time_us));
  add_text(line, "remote", entry.remote);
  add_text(line, "proxy", entry.proxy);
  add_text(line, "scheme", entry.scheme);
  add_text(line, "method", entry.method);
  add_text(line, "target", redacted_target(entry.target));
  line += fmt::format(",\"status\":{},\"bytes_in\":{},\"bytes_out\":{},\"seconds\":{:.6f}",
                      entry.status, entry.bytes_in, entry.bytes_out,
                      static_cast<double>(entry.took_us) / 1e6);
  add_text(line, "service", entry.service);
  add_text(line, "operation", entry.operation);
  add_text(line, "access_key_id", entry.access_key_id);
  add_text(line, "error", entry.error_code);
  add_text(line, "request_id", entry.request_id);
  add_text(line, "tls", entry.tls);
  add_text(line, "user_agent", entry.user_agent);
  return line + '}';
}

AccessLog::AccessLog(Sink sink, size_t lines_max) : sink_(std::move(sink)), lines_max_(lines_max) {
  if (sink_) thread_ = std::thread([this] { work(); });
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void AccessLog::write(const AccessEntry& entry) {
  if (!sink_) return;
  auto line = access_line(entry);
  {
    const std::lock_guard lock(mutex_);
    if (lines_.size() >= lines_max_) {
      ++dropped_;
      return;
    }
    lines_.push_back(std::move(line));
  }
  wake_.notify_one();
}

uint64_t AccessLog::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void AccessLog::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || !lines_.empty(); });
    if (lines_.empty()) return;
    auto lines = std::move(lines_);
    lines_.clear();
    lock.unlock();
    uint64_t lost = 0;
    for (const auto& line : lines) lost += sink_(line) ? 0 : 1;
    lock.lock();
    dropped_ += lost;
  }
}

}  // namespace cairn::server

#include "server/internal/http_answer.h"

#include "aws/http_date.h"
#include "base/gzip.h"
#include "base/text.h"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

namespace cairn::server::internal {
namespace {

constexpr size_t kCompressFrom = 1'024;
constexpr int kCompressLevel = 4;

// A line end in a header would end it.
std::string header_text(std::string_view value) {
  std::string out;
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return out;
}

bool accepts_gzip(const aws::Headers& headers) {
  return to_lower(aws::find_header(headers, "accept-encoding")).find("gzip") != std::string::npos;
}

/// Answers of these statuses never have a body, nor a length.
bool is_bodiless(int status) {
  return status == 204 || status == 304;
}

}  // namespace

std::string compress_body(const aws::ServerRequest& request, aws::ServerResponse& response) {
  if (response.stream || response.body.size() < kCompressFrom || request.method == "HEAD" ||
      response.service == "s3" || !accepts_gzip(request.headers) ||
      !aws::find_header(response.headers, "content-encoding").empty())
    return "";
  std::string packed;
  if (!Gzip(kCompressLevel).compress(response.body, packed).ok()) return "";
  response.body = std::move(packed);
  return "gzip";
}

std::string answer_head(const aws::ServerRequest& request, const aws::ServerResponse& response,
                        const std::string& encoding, const AnswerFacts& facts) {
  const uint64_t length = response.stream ? response.stream_bytes : response.body.size();
  const auto reason = boost::beast::http::obsolete_reason(
      static_cast<boost::beast::http::status>(static_cast<unsigned>(response.status)));
  auto text = fmt::format("HTTP/1.1 {} {}\r\n", response.status,
                          std::string_view(reason.data(), reason.size()));
  for (const auto& [name, value] : response.headers)
    text += fmt::format("{}: {}\r\n", header_text(name), header_text(value));
  text += fmt::format("Date: {}\r\nServer: cairn\r\nx-amzn-RequestId: {}\r\n",
                      aws::http_date(facts.now_us), request.request_id);
  if (!encoding.empty()) text += fmt::format("Content-Encoding: {}\r\n", encoding);
  if (!is_bodiless(response.status) && aws::find_header(response.headers, "content-length").empty())
    text += fmt::format("Content-Length: {}\r\n", length);
  text += facts.closes ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
  return text;
}

bool has_no_body(const aws::ServerRequest& request, const aws::ServerResponse& response) {
  return request.method == "HEAD" || is_bodiless(response.status);
}

}  // namespace cairn::server::internal

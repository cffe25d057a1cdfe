#include "api/s3/s3_record.h"

#include "api/call_record.h"

#include <fmt/format.h>

namespace cairn::api {
namespace {

constexpr size_t kNameBytesMax = 255;  // of a bucket and a host: a client may name what it likes

Json parameters_of(const S3CallFacts& facts) {
  Json out = Json::object();
  if (!facts.asked.bucket.empty()) out["bucketName"] = facts.asked.bucket.substr(0, kNameBytesMax);
  out["Host"] = aws::find_header(facts.http.headers, "host").substr(0, kNameBytesMax);
  if (!facts.call.parameter.empty()) out[std::string(facts.call.parameter)] = "";
  return out;
}

Json additional_data(const S3CallFacts& facts) {
  const bool presigned = facts.asked.has("X-Amz-Signature");
  Json out{{"SignatureVersion", "SigV4"}};
  if (facts.http.tls) out["CipherSuite"] = facts.http.tls->cipher_suite;
  out["bytesTransferredIn"] = facts.http.body.size();
  out["AuthenticationMethod"] = presigned ? "QueryString" : "AuthHeader";
  out["bytesTransferredOut"] = facts.response.body.size();
  return out;
}

}  // namespace

std::string s3_call_record(const S3CallFacts& facts) {
  Json resources = nullptr;
  if (!facts.asked.bucket.empty() && facts.response.error_code.empty())
    resources = Json::array({{{"accountId", facts.caller.account},
                              {"type", "AWS::S3::Bucket"},
                              {"ARN", "arn:aws:s3:::" + facts.asked.bucket}}});
  const auto agent = fmt::format("[{}]", aws::find_header(facts.http.headers, "user-agent"));
  return call_record({.caller = facts.caller,
                      .http = facts.http,
                      .event_source = "s3.amazonaws.com",
                      .event_name = facts.call.operation,
                      .region = facts.region,
                      .user_agent = agent,
                      .now_us = facts.now_us,
                      .read_only = facts.call.read_only,
                      .error_code = facts.response.error_code,
                      .error_message = facts.response.error_message,
                      .parameters = parameters_of(facts),
                      .additional = additional_data(facts),
                      .resources = std::move(resources),
                      .event_id = facts.event_id});
}

}  // namespace cairn::api

#include "integrity/trail_service.h"

#include "aws/endpoint.h"
#include "aws/uri.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn::integrity {
namespace {

constexpr uint64_t kAnswerBytesMax = 16 << 20;
/// Pages of keys; the service has sent one so far.
constexpr int kPagesMax = 1000;

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

class Client final : public TrailService {
 public:
  Client(const TrailServiceOptions& options, aws::Url endpoint, io::AwsWorld world)
      : endpoint_(std::move(endpoint)),
        http_(io::make_http_client(options.http, world.cancelled)),
        client_(*http_, world, options.retries) {}

  Result<PublicKeys> keys(const std::string& region, int64_t start_us, int64_t end_us) override {
    PublicKeys found;
    nlohmann::json request{{"StartTime", start_us / kMicrosPerSecond},
                           {"EndTime", end_us / kMicrosPerSecond}};
    for (int page = 0; page < kPagesMax; ++page) {
      const auto answer = CAIRN_TRY(call("ListPublicKeys", region, request));
      auto added = found.add_list(answer);
      if (!added.ok()) return std::move(added).error().context("cannot use the listed public keys");
      auto token = text_of(nlohmann::json::parse(answer, nullptr, false), "NextToken");
      if (token.empty()) return found;
      request["NextToken"] = std::move(token);
    }
    return Error{ErrorKind::exhausted,
                 fmt::format("the list of public keys has more than {} pages", kPagesMax)};
  }

  Result<TrailPlace> find_trail(const std::string& arn, const std::string& region) override {
    const auto text = CAIRN_TRY(call("DescribeTrails", region, nlohmann::json::object()));
    const auto answer = nlohmann::json::parse(text, nullptr, false);
    if (answer.is_object() && answer.contains("trailList") && answer["trailList"].is_array())
      for (const auto& trail : answer["trailList"]) {
        if (!trail.is_object() || text_of(trail, "TrailARN") != arn) continue;
        const auto flag = trail.find("IsOrganizationTrail");
        return TrailPlace{text_of(trail, "S3BucketName"), text_of(trail, "S3KeyPrefix"),
                          flag != trail.end() && flag->is_boolean() && flag->get<bool>()};
      }
    return Error{ErrorKind::not_found,
                 fmt::format("A trail could not be found for {}\nhint: name its bucket with "
                             "--s3-bucket, or the folder of a copy",
                             printable(arn))};
  }

 private:
  Result<std::string> call(std::string_view operation, const std::string& region,
                           const nlohmann::json& input) {
    if (!is_region_name(region))
      return Error{ErrorKind::invalid_argument,
                   fmt::format("'{}' is not a region's name", printable(region))};
    const auto body = input.dump();
    io::AwsRequest request;
    request.service = "cloudtrail";
    request.region = region;
    request.method = "POST";
    request.scheme = endpoint_.scheme;
    request.host =
        endpoint_.host.empty() ? aws::service_host("cloudtrail", region) : endpoint_.host;
    request.path = endpoint_.path.empty() ? "/" : endpoint_.path;
    request.headers = {
        {"Content-Type", "application/x-amz-json-1.1"},
        {"X-Amz-Target",
         fmt::format("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{}", operation)}};
    request.body = body;
    request.response_bytes_max = kAnswerBytesMax;
    request.json = true;
    auto answer = CAIRN_TRY(client_.send(request));
    if (!answer.ok())
      return answer.refusal(fmt::format("ask CloudTrail in {} ({})", region, operation));
    return std::move(answer.response.body);
  }

  const aws::Url endpoint_;  ///< host empty: AWS's
  std::unique_ptr<io::HttpClient> http_;
  io::AwsClient client_;
};

}  // namespace

Result<std::unique_ptr<TrailService>> open_trail_service(const TrailServiceOptions& options,
                                                         io::AwsWorld world) {
  aws::Url endpoint;
  endpoint.scheme = "https";
  if (!options.endpoint.empty() && !aws::parse_url(options.endpoint, endpoint))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is not an endpoint\nhint: write it as https://host:port",
                             printable(options.endpoint))};
  return std::unique_ptr<TrailService>(
      std::make_unique<Client>(options, std::move(endpoint), world));
}

}  // namespace cairn::integrity

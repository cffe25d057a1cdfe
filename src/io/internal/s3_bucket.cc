#include "io/internal/s3_bucket.h"

#include "aws/uri.h"
#include "base/text.h"

namespace cairn::io::internal {
namespace {

constexpr int kMovesMax = 3;

HttpOptions http_options(const S3Options& options) {
  return {.ca_bundle = options.ca_bundle,
          .proxy = options.proxy,
          .no_proxy = options.no_proxy,
          .connections_max = options.connections_max,
          .connect_timeout_ms = options.connect_timeout_ms,
          .idle_timeout_ms = options.idle_timeout_ms};
}

}  // namespace

S3Bucket::S3Bucket(S3Options options, AwsWorld world)
    : options_(std::move(options)),
      http_(make_http_client(http_options(options_), world.cancelled)),
      rate_limit_(options_.bandwidth_bytes_per_second, world.waiter),
      client_(*http_, world, options_.retries, &rate_limit_),
      region_(options_.region.empty() ? "us-east-1" : options_.region) {}

Result<AwsAnswer> S3Bucket::send_to(const Place& place, const BucketRequest& request) {
  const auto at =
      aws::bucket_endpoint(options_.bucket, place.region, options_.endpoint, options_.addressing);
  AwsRequest out{.service = "s3",
                 .region = place.region,
                 .method = request.method,
                 .scheme = at.scheme,
                 .host = place.host.empty() ? at.host : place.host,
                 .path = at.path_prefix,
                 .query = request.query,
                 .headers = request.headers,
                 .body = request.body,
                 .payload_hash = request.payload_hash,
                 .response_bytes_max = request.response_bytes_max};
  if (!request.key.empty() || out.path.empty())
    out.path += "/" + aws::uri_encode(request.key, aws::Slash::keep);
  if (options_.requester_pays) out.headers.push_back({"x-amz-request-payer", "requester"});
  return client_.send(out);
}

// 301 and 400 name the region; 307 sends to another host while a new bucket's name spreads.
bool S3Bucket::learn_place(const AwsAnswer& answer, Place& place) const {
  const int status = answer.response.status;
  if (status != 301 && status != 307 && status != 400) return false;
  std::string region(aws::find_header(answer.response.headers, "x-amz-bucket-region"));
  if (region.empty()) region = answer.error.region;
  if (is_region_name(region) && region != place.region) {
    place = {.region = region};
    return true;
  }
  aws::Url url;
  if (status != 307 || !aws::parse_url(aws::find_header(answer.response.headers, "location"), url))
    return false;
  // Signed requests go to hosts of AWS only.
  if (!url.host.ends_with("." + std::string(aws::dns_suffix(place.region))) ||
      url.host == place.host || url.scheme != "https" || !options_.endpoint.empty())
    return false;
  place.host = url.host;
  return true;
}

Result<AwsAnswer> S3Bucket::send(const BucketRequest& request) {
  Place place;
  {
    const std::lock_guard lock(mutex_);
    place.region = region_;
  }
  for (int moves = 0;; ++moves) {
    auto answer = CAIRN_TRY(send_to(place, request));
    if (moves == kMovesMax || !learn_place(answer, place)) return answer;
    const std::lock_guard lock(mutex_);
    region_ = place.region;
  }
}

}  // namespace cairn::io::internal

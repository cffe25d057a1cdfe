// The service's API: a request in, an answer out. Finds the operation, authenticates, checks rights
// and shape, runs it, records the call.
#pragma once

#include "access/authenticator.h"
#include "api/operation.h"
#include "api/s3/s3_face.h"
#include "api/service.h"
#include "aws/http_message.h"
#include "base/result.h"
#include "io/clock.h"
#include "io/random.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::api {

/// Requests that are no calls of operations.
using PathHandler = std::function<aws::ServerResponse(const aws::ServerRequest&)>;

/// Who sent the request; see access::Authenticator::authenticate().
using Authenticate = std::function<access::AuthResult(
    const aws::ServerRequest&, std::string_view service, access::ErrorStyle style)>;

struct ApiOptions {
  Authenticate authenticate{};
  /// Takes the record of a call; may fail, which does not undo the call.
  std::function<Status(std::string record)> record_call{};
  /// Gets what clients are not told: an operation's internal error.
  std::function<void(const std::string& request_id, const Error& error)> report_error{};
  std::map<std::string, PathHandler, std::less<>> paths{};  ///< "/healthz"; they check keys
                                                            ///< themselves, where they want some
  std::map<std::string, uint64_t, std::less<>> path_body_bytes_max{};
  const S3Face* buckets = nullptr;  ///< null: no S3 face
};

/// Thread-safe. Borrows all it is given.
class Api final : public aws::RequestHandler {
 public:
  /// Fails when a table of ours does not fit AWS's model.
  static Result<std::unique_ptr<Api>> create(ApiOptions options, Features features,
                                             const io::Clock& clock, io::Random& random);

  uint64_t body_bytes_max(const aws::ServerRequest& head) override;
  aws::ServerResponse handle(aws::ServerRequest request) override;
  aws::ServerResponse refuse(aws::HttpFault fault, const aws::ServerRequest& head) override;

 private:
  Api(ApiOptions options, Features features, const io::Clock& clock, io::Random& random);

  aws::ServerResponse call_operation(const Route& route, const aws::ServerRequest& request);
  aws::ServerResponse call_bucket(const access::Caller& caller, const aws::ServerRequest& request);
  Result<Json> run(const Route& route, const Operation* operation, Call& call,
                   const std::string& body);
  void record(const Route& route, const Operation& operation, const Call& call,
              const Result<Json>& result);
  void keep_record(std::string_view request_id, std::string record) const;

  ApiOptions options_;
  Features features_;
  const io::Clock& clock_;
  io::Random& random_;
  std::map<const Service*, ServiceModel> models_;
};

}  // namespace cairn::api

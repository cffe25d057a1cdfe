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
#include <optional>
#include <string>
#include <string_view>

namespace cairn::api {

/// Requests that are no calls of operations.
using PathHandler = std::function<aws::ServerResponse(const aws::ServerRequest&)>;

/// What the head of a request to a path shows to be refused; see aws::RequestHandler::check_head().
using HeadCheck = std::function<std::optional<aws::ServerResponse>(const aws::ServerRequest&)>;

/// A refusal in the form that clients of a path expect.
using PathRefusal = std::function<aws::ServerResponse(const aws::ServerRequest&, int status,
                                                      const std::string& message)>;

/// Who sent the request; see access::Authenticator::authenticate().
using Authenticate = std::function<access::AuthResult(
    const aws::ServerRequest&, std::string_view service, access::ErrorStyle style)>;

/// What its head proves against a request; see access::Authenticator::check_head().
using AuthenticateHead = std::function<std::optional<access::AuthFailure>(
    const aws::ServerRequest&, std::string_view service, access::ErrorStyle style)>;

/// Writes the record of one call into the space that was booked for it. If it fails, the call is
/// not undone, but its caller gets an error instead of the answer.
using WriteRecord = std::function<Status(const std::string& record)>;

struct ApiOptions {
  Authenticate authenticate{};
  AuthenticateHead authenticate_head{};
  /// Books space for the record of a call, before the call is carried out. Fails when the record
  /// could not be kept; the call is refused then. Null: calls are not recorded.
  std::function<Result<WriteRecord>()> book_record{};
  /// Gets faults of the service, of which clients get neither kind nor message.
  std::function<void(const std::string& request_id, const Error& error)> report_error{};
  std::map<std::string, PathHandler, std::less<>> paths{};  ///< "/healthz"; they check keys
                                                            ///< themselves, where they want some
  std::map<std::string, uint64_t, std::less<>> path_body_bytes_max{};
  std::map<std::string, HeadCheck, std::less<>> path_head_checks{};
  std::map<std::string, PathRefusal, std::less<>> path_refusals{};
  const S3Face* buckets = nullptr;  ///< null: no S3 face
};

/// Thread-safe. Borrows all it is given.
class Api final : public aws::RequestHandler {
 public:
  /// Fails when a table of ours does not fit AWS's model.
  static Result<std::unique_ptr<Api>> create(ApiOptions options, Features features,
                                             const io::Clock& clock, io::Random& random);

  uint64_t body_bytes_max(const aws::ServerRequest& head) override;
  std::optional<aws::ServerResponse> check_head(const aws::ServerRequest& head) override;
  aws::ServerResponse handle(aws::ServerRequest request) override;
  aws::ServerResponse refuse(aws::HttpFault fault, const aws::ServerRequest& head) override;
  void report(const aws::ServerRequest& head, std::string_view fault) override;

 private:
  Api(ApiOptions options, Features features, const io::Clock& clock, io::Random& random);

  /// The handler of the request's path; null for calls of operations and for objects in buckets.
  const PathHandler* path_handler(const aws::ServerRequest& request) const;
  std::optional<aws::ServerResponse> refuse_head(const aws::ServerRequest& head);
  aws::ServerResponse call_operation(const Route& route, const aws::ServerRequest& request);
  aws::ServerResponse call_bucket(const access::Caller& caller, const aws::ServerRequest& request);
  Result<Json> run(const Route& route, const Operation* operation, Call& call,
                   const std::string& body);
  Result<Json> run_recorded(const Route& route, const Operation* operation, Call& call,
                            const std::string& body);
  Status record(const Route& route, const Operation& operation, const Call& call,
                const Result<Json>& result, const WriteRecord& write);
  static Status keep_record(std::string_view operation, const WriteRecord& write,
                            const std::string& record);

  ApiOptions options_;
  Features features_;
  const io::Clock& clock_;
  io::Random& random_;
  std::map<const Service*, ServiceModel> models_;
};

}  // namespace cairn::api

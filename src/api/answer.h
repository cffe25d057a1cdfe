// Answers as AWS's protocols write them.
#pragma once

#include "access/authenticator.h"
#include "api/service.h"
#include "aws/http_message.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace cairn::api {

/// An operation's output.
aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const Json& output);

/// What a client gets of a failure.
///
/// An Error with an AWS code was written for clients: they get code and message, without the hint,
/// which is for users of the command line. Any other Error is a fault of the service, whatever
/// its kind: a file that is missing, may not be read or finds no room is nothing that a client did.
/// Clients get 503 if it may pass and 500 if not, in words that name nothing of the service.
struct WireError {
  int status = 400;
  std::string code{};
  std::string message{};
};

WireError wire_error(const Error& error, Protocol protocol);

/// The answer to what failed. What clients do not get is its `cause`.
aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const Error& error);

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const WireError& error);

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const access::AuthFailure& failure);

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                aws::HttpFault fault);

/// What a fault is to clients of the protocol.
WireError fault_error(aws::HttpFault fault, Protocol protocol);

}  // namespace cairn::api

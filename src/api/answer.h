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

/// What a client is told of a failure: its AWS code or the one that its kind stands for, and its
/// message, but for faults of ours, whose message is only for the log.
struct WireError {
  int status = 400;
  std::string code{};
  std::string message{};
};

WireError wire_error(const Error& error, Protocol protocol);

/// Do clients get to know what the error says?
bool is_told(const Error& error);

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const WireError& error);

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                const access::AuthFailure& failure);

aws::ServerResponse answer_with(const Route& route, const aws::ServerRequest& request,
                                aws::HttpFault fault);

}  // namespace cairn::api

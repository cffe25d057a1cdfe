// Endpoints that other systems push CloudTrail's records to, with a key of ours in a header: an
// HTTP endpoint destination of Amazon Data Firehose, and an API destination of EventBridge. Source:
// Firehose Developer Guide, "HTTP endpoint delivery request and response specifications".
#pragma once

#include "access/caller.h"
#include "aws/http_message.h"
#include "base/result.h"
#include "io/clock.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace cairn::recording {
class Recording;
}

namespace cairn::api {

inline constexpr std::string_view kFirehosePath = "/firehose";
inline constexpr std::string_view kEventBridgePath = "/eventbridge";
inline constexpr uint64_t kFeedBytesMax = 64 << 20;  ///< of a body, also once it is decompressed

/// The caller with `KEYID:SECRET`, nullopt for who is none. Thread-safe.
using CheckPlainKey = std::function<Result<std::optional<access::Caller>>(std::string_view)>;

/// Thread-safe. Borrows all but the function.
class Feeds {
 public:
  Feeds(recording::Recording& recording, const io::Clock& clock, CheckPlainKey check)
      : recording_(recording), clock_(clock), check_(std::move(check)) {}

  /// The key is in X-Amz-Firehose-Access-Key. Records that are none of CloudTrail's make the
  /// request fail, after the others were taken: Firehose sends all of them again, which changes
  /// nothing, and keeps what it cannot deliver.
  aws::ServerResponse firehose(const aws::ServerRequest& request) const;

  /// What the head of a request to firehose() or event_bridge() shows to be refused: no key that
  /// may put events. Returns nullopt if the body has to be read.
  std::optional<aws::ServerResponse> check_firehose_head(const aws::ServerRequest& head) const;
  std::optional<aws::ServerResponse> check_event_bridge_head(const aws::ServerRequest& head) const;

  /// Refusals of the server's, in the form that the sender expects.
  aws::ServerResponse refuse_firehose(const aws::ServerRequest& request, int status,
                                      const std::string& message) const;
  static aws::ServerResponse refuse_event_bridge(int status, const std::string& message);

  /// One envelope, or an array of them. The key is in X-Api-Key, or is user and password of Basic
  /// authentication.
  aws::ServerResponse event_bridge(const aws::ServerRequest& request) const;

 private:
  struct Refusal {
    int status = 400;
    std::string message{};
    std::string cause{};  ///< of a fault of the service; for its log
  };

  /// Who sent the request and may put events, or why not.
  std::variant<access::Caller, Refusal> who_sent(const aws::ServerRequest& request,
                                                 std::string_view key) const;
  aws::ServerResponse firehose_reply(const aws::ServerRequest& request,
                                     const Refusal& result) const;

  recording::Recording& recording_;
  const io::Clock& clock_;
  const CheckPlainKey check_;
};

}  // namespace cairn::api

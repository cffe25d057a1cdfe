// What an operation of an AWS service is to us: a row in a table. Decoding, checking against AWS's
// model, authentication, rights, errors, recording and logging are done once, around it.
#pragma once

#include "access/caller.h"
#include "access/rights.h"
#include "aws/http_message.h"
#include "base/result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cairn::aws {
class TaggedResources;
}

namespace cairn::trails {
class Trails;
}

namespace cairn::recording {
class Recording;
}

namespace cairn::api {

class BucketRights;
class EventHistory;

/// Keeps the order of members, as AWS's answers do.
using Json = nlohmann::ordered_json;

/// A request that was authenticated, decoded and found to fit the operation's input shape.
struct Call {
  const access::Caller& caller;
  std::string_view service{};    ///< the signature's: "cloudtrail"
  std::string_view operation{};  ///< "CreateTrail"
  std::string_view region{};     ///< the signature's
  std::string_view request_id{};
  int64_t now_us = 0;
  Json input{};  ///< an object; members as AWS's model names them
  const aws::ServerRequest& http;
};

/// The features that operations use. Null where a program has none of it.
struct Features {
  trails::Trails* trails = nullptr;
  recording::Recording* recording = nullptr;
  /// The tags of event data stores and channels.
  aws::TaggedResources* stores_and_channels = nullptr;
  EventHistory* history = nullptr;
  const BucketRights* buckets = nullptr;  ///< null: trails may name any bucket
  std::string organization_id{};          ///< "o-…"; empty: there is no organization
  std::string management_account{};       ///< of the organization
};

/// The output shape's members. An Error's AWS code is sent as it is; without one, its kind decides.
using OperationFunction = Result<Json> (*)(Features& features, const Call& call);

using access::Right;

/// A thing that a call is about, and how a caller without the right to it is answered.
struct Thing {
  access::Subject subject{};
  Error unseen;   ///< as if the thing did not exist
  Error denied;   ///< AccessDeniedException
  Error foreign;  ///< the thing belongs to another account
};

/// Finds the things that a call reads or changes (api/things.h). Fails as the operation does if one
/// of them does not exist.
using ThingsFunction = Result<std::vector<Thing>> (*)(Features& features, const Call& call);

struct Operation {
  std::string_view name{};
  Right right = Right::read_configuration;
  /// The caller's right to each of them is decided before the operation runs. Null: every
  /// call of the operation is denied.
  ThingsFunction about = nullptr;
  bool read_only = true;            ///< of the CloudTrail event that records the call
  OperationFunction run = nullptr;  ///< null: refused, as a service refuses what it has not
  bool recorded = true;             ///< its calls are CloudTrail events; not those of data planes
};

}  // namespace cairn::api

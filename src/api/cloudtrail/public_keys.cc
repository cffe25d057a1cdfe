#include "api/cloudtrail/public_keys.h"

#include "api/cloudtrail/wire.h"
#include "base/base64.h"
#include "trails/trails.h"

namespace cairn::api {

Result<Json> list_public_keys(Features& features, const Call& call) {
  if (call.input.contains("NextToken"))  // all keys come in one answer, which has none
    return Error{ErrorKind::invalid_argument, "The token is not valid.", "InvalidTokenException"};
  const auto start_us = optional_time_us(call.input, "StartTime").value_or(call.now_us);
  const auto end_us = optional_time_us(call.input, "EndTime").value_or(call.now_us);
  if (start_us > end_us)
    return Error{ErrorKind::invalid_argument, "The start time must not be after the end time.",
                 "InvalidTimeRangeException"};
  const auto keys =
      CAIRN_TRY(features.trails->public_keys(std::string(call.region), start_us, end_us));
  Json list = Json::array();
  for (const auto& key : keys)
    list.push_back({{"Value", encode_base64(key.der)},
                    {"ValidityStartTime", epoch_seconds(key.valid_from_us)},
                    {"ValidityEndTime", epoch_seconds(key.valid_to_us)},
                    {"Fingerprint", key.fingerprint}});
  return Json{{"PublicKeyList", std::move(list)}};
}

}  // namespace cairn::api

// Bodies and forms of any bytes, decoded, checked against every input shape, and written into a
// record of the call.
#include "api/decode.h"

#include "api/call_record.h"
#include "api/cloudtrail/model.h"
#include "api/shape.h"
#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  static const auto kModel = api::ServiceModel::parse(api::kCloudTrailModel);
  CAIRN_CHECK(kModel.ok());
  if (size == 0) return 0;
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  aws::ServerRequest request{
      .method = "POST",
      .target = "/?" + body,
      .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"User-Agent", body}}};
  const access::Caller caller;
  size_t number = 0;
  for (const auto protocol :
       {api::Protocol::json, api::Protocol::rest_json, api::Protocol::query}) {
    const auto route = api::find_route(request, body);
    auto input = api::decode_input({route.service, route.operation, protocol}, request, body);
    if (!input.ok()) {
      CAIRN_CHECK(input.error().aws_code() == "SerializationException");
      continue;
    }
    CAIRN_CHECK(input.value().is_object());
    for (const auto& [name, operation] : kModel.value().operations()) {
      if (number++ % 8 != data[0] % 8) continue;
      const auto misfits = api::find_misfits(operation.input, input.value());
      if (!misfits.empty()) CAIRN_CHECK(!api::misfit_error(operation, misfits).aws_code().empty());
    }
    const api::Call call{.caller = caller, .input = input.value(), .http = request};
    const auto record =
        api::call_record(api::services()[0], api::services()[0].operations[0], call, {}, "id");
    CAIRN_CHECK(api::Json::accept(record) && record.find('\n') == std::string::npos);
  }
  return 0;
}

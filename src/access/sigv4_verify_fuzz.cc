// Any bytes as a request: no crash, and none is taken, in whatever protocol, that was not signed
// with a key's secret. The key is one that clients cannot know; the date is what they like.
#include "aws/sigv4_verify.h"

#include "access/authenticator.h"
#include "access/keys.h"
#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace cairn;

class OneKey final : public access::KeyStore {
 public:
  Result<access::IssuedKey> create(const access::NewKey&) override { return no(); }

  Result<std::vector<access::Key>> list() override { return no(); }

  Result<access::Key> find(std::string_view) override { return no(); }

  Status set_enabled(std::string_view, bool) override { return no(); }

  Status remove(std::string_view) override { return no(); }

  Result<access::IssuedKey> rotate(std::string_view, int64_t) override { return no(); }

  Result<access::IssuedKey> create_session(std::string_view, int64_t) override { return no(); }

  void note_used(std::string_view, int64_t) override {}

  Status write_last_used() override { return {}; }

  Result<std::optional<access::SigningKey>> signing_key(std::string_view id) override {
    if (!id.starts_with("AKIA")) return std::optional<access::SigningKey>();
    access::SigningKey key;
    key.key.id = id;
    key.secret = "4lOVk0T2bJ9qzLw3hXyP7cRf1sNdMuEaGiBjWt6Z";
    return std::optional(key);
  }

  Result<std::vector<access::RecordedChange>> recorded_changes(size_t /*most*/) override {
    return no();
  }

  Status forget_changes(int64_t /*last_id*/) override { return no(); }

 private:
  static Error no() { return {ErrorKind::unimplemented, "not in a fuzzer"}; }
};

/// METHOD, target, headers as `name: value`, an empty line, the body.
aws::ServerRequest request_of(std::string_view input) {
  aws::ServerRequest request;
  const auto line = [&] {
    const auto end = std::min(input.find('\n'), input.size());
    const auto text = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    return std::string(text);
  };
  request.method = line();
  request.target = line();
  for (auto header = line(); !header.empty(); header = line()) {
    const auto colon = std::min(header.find(": "), header.size());
    request.headers.push_back(
        {header.substr(0, colon), header.substr(std::min(colon + 2, header.size()))});
  }
  request.body = input;
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto request = request_of({reinterpret_cast<const char*>(data), size});
  OneKey keys;
  access::Authenticator authenticator(keys, {.decoded_bytes_max = 10'000});
  const auto read = aws::read_claim(request);
  const int64_t now = read.claim.signed_us;  // the time is always right
  for (const auto style :
       {access::ErrorStyle::json, access::ErrorStyle::query, access::ErrorStyle::s3}) {
    const auto result = authenticator.authenticate(
        request, style == access::ErrorStyle::s3 ? "s3" : "", style, now);
    const auto* const refused = std::get_if<access::AuthFailure>(&result);
    CAIRN_CHECK(refused != nullptr);
    CAIRN_CHECK(refused->status >= 400 && !refused->code.empty() && !refused->message.empty());
    CAIRN_CHECK(refused->message.find('\n') == std::string::npos);
    CAIRN_CHECK(access::is_signed(request) || refused->status != 500);
  }
  return 0;
}

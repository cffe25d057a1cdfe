// Calls io/'s S3, SQS and credentials from the command line, for tests/peers/s3_sources.py. All
// settings come from the environment, as AWS's own tools take them.
#include "io/credentials.h"
#include "io/s3_store.h"
#include "io/sqs.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace cairn;  // NOLINT(google-build-using-namespace): a program of one file
using Arguments = std::vector<std::string>;

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

uint64_t number(const std::string& name, uint64_t otherwise) {
  const auto value = variable(name);
  return value ? std::stoull(*value) : otherwise;
}

struct Probe {
  io::SystemClock clock;
  io::SystemWaiter waiter;
  io::SystemRandom random;
  io::AwsSettings settings;
  std::unique_ptr<io::CredentialsProvider> credentials;

  explicit Probe(io::AwsSettings loaded)
      : settings(std::move(loaded)),
        credentials(io::make_credentials_chain(settings, {clock, waiter, random})) {}

  io::AwsWorld world() { return {*credentials, clock, waiter, random}; }

  Result<std::unique_ptr<io::S3Store>> store(const std::string& url) {
    const auto at = CAIRN_TRY(io::parse_s3_url(url));
    const auto addressing = variable("PROBE_ADDRESSING").value_or("");
    const auto encryption = variable("PROBE_ENCRYPTION").value_or("");
    return io::open_s3_store(
        {.bucket = at.bucket,
         .prefix = at.prefix,
         .region = settings.region(),
         .endpoint = settings.endpoint("s3"),
         .addressing = addressing == "virtual_host" ? aws::Addressing::virtual_host
                                                    : aws::Addressing::automatic,
         .requester_pays = variable("PROBE_REQUESTER_PAYS").has_value(),
         .encryption = encryption == "aws:kms"  ? io::ServerEncryption::kms
                       : encryption == "AES256" ? io::ServerEncryption::aes256
                                                : io::ServerEncryption::bucket_default,
         .ca_bundle = settings.ca_bundle(),
         .proxy = variable("PROBE_PROXY").value_or(""),
         .bandwidth_bytes_per_second = number("PROBE_BANDWIDTH", 0),
         .part_bytes = number("PROBE_PART_BYTES", 16 << 20)},
        world());
  }
};

void print(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
}

Status get(Probe& probe, const Arguments& a) {
  const auto store = CAIRN_TRY(probe.store(a.at(0)));
  const auto bytes = CAIRN_TRY(store->get(a.at(1), number("PROBE_BYTES_MAX", 1 << 30)));
  print(bytes);
  return {};
}

Status range(Probe& probe, const Arguments& a) {
  const auto store = CAIRN_TRY(probe.store(a.at(0)));
  const auto bytes =
      CAIRN_TRY(store->get_range(a.at(1), std::stoull(a.at(2)), std::stoull(a.at(3))));
  print(bytes);
  return {};
}

Status head(Probe& probe, const Arguments& a) {
  const auto store = CAIRN_TRY(probe.store(a.at(0)));
  const auto info = CAIRN_TRY(store->head(a.at(1)));
  print(fmt::format("{}\t{}\t{}\t{}\n", info.key, info.size_bytes, info.etag, info.modified_us));
  return {};
}

Status put(Probe& probe, const Arguments& a) {
  const auto store = CAIRN_TRY(probe.store(a.at(0)));
  const std::string bytes(std::istreambuf_iterator<char>(std::cin), {});
  return store->put(a.at(1), bytes);
}

Status remove(Probe& probe, const Arguments& a) {
  const auto store = CAIRN_TRY(probe.store(a.at(0)));
  return store->remove(a.at(1));
}

Status list(Probe& probe, const Arguments& a) {
  const auto store = CAIRN_TRY(probe.store(a.at(0)));
  return store->list(a.at(1), a.at(2), [](const io::ObjectInfo& info) {
    print(fmt::format("{}\t{}\t{}\t{}\n", info.key, info.size_bytes, info.etag, info.modified_us));
    return true;
  });
}

Status prefixes(Probe& probe, const Arguments& a) {
  const auto store = CAIRN_TRY(probe.store(a.at(0)));
  for (const auto& prefix : CAIRN_TRY(store->common_prefixes(a.at(1)))) print(prefix + "\n");
  return {};
}

Status receive(Probe& probe, const Arguments& a) {
  const auto queue = CAIRN_TRY(io::open_queue({.url = a.at(0),
                                               .region = probe.settings.region(),
                                               .endpoint = probe.settings.endpoint("sqs")},
                                              probe.world()));
  for (const auto& message : CAIRN_TRY(queue->receive(10, 1, 30))) {
    const auto notification = aws::parse_notification(message.body);
    if (!notification.ok()) print("? " + notification.error().message() + "\n");
    if (notification.ok() && notification.value().objects.empty()) print("nothing new\n");
    if (notification.ok())
      for (const auto& object : notification.value().objects)
        print(fmt::format("{}\t{}\t{}\t{}\n", object.bucket, object.key, object.size_bytes,
                          object.etag));
    CAIRN_TRY(queue->remove(message.receipt_handle));
  }
  return {};
}

Status whoami(Probe& probe, const Arguments&) {
  const auto keys = CAIRN_TRY(probe.credentials->get());
  print(fmt::format("{}\t{}\n", keys.access_key, keys.expires_us.value_or(0)));
  return {};
}

Status run(const std::string& command, const Arguments& arguments) {
  const std::map<std::string, std::function<Status(Probe&, const Arguments&)>> commands = {
      {"get", get},           {"range", range},     {"head", head},
      {"put", put},           {"remove", remove},   {"list", list},
      {"prefixes", prefixes}, {"receive", receive}, {"whoami", whoami}};
  auto settings = CAIRN_TRY(io::AwsSettings::load(variable, ""));
  Probe probe(std::move(settings));
  const auto found = commands.find(command);
  if (found == commands.end()) return Error{ErrorKind::invalid_argument, "no such command"};
  return found->second(probe, arguments);
}

}  // namespace

int main(int count, char** values) {
  if (count < 2) return 2;
  const auto status = run(values[1], Arguments(values + 2, values + count));
  if (status.ok()) return 0;
  std::fprintf(stderr, "%d %s\n", static_cast<int>(status.error().kind()),
               status.error().message().c_str());
  return 1;
}

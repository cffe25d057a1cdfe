// cairn validate-logs: proves that log files are those that CloudTrail (or Cairn) delivered.
#include "cli/bucket_arguments.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/lake_arguments.h"
#include "cli/options.h"
#include "cli/source_arguments.h"
#include "cli/validate_report.h"
#include "cli/validate_run.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace cairn::cli {
namespace {

/// As the AWS CLI exits when it could not look.
constexpr int kExitCouldNot = 255;

int run_validate(const ValidateArguments& arguments) {
  std::atomic<bool> cancelled{false};
  ValidateOutput output(!arguments.verbose, cancelled);
  auto done = validate_all(arguments, cancelled, output);
  auto written = output.finish();
  if (done.ok() && !written.ok() && !output.reader_gone()) done = std::move(written).error();
  if (done.ok()) return done.value();
  if (interrupted()) return exit_interrupted;
  const int code = fail(done.error());
  return code == exit_failed ? kExitCouldNot : code;
}

void add_what(CLI::App& command, ValidateArguments& arguments) {
  const std::string what = "What to validate";
  command
      .add_option("SOURCE", arguments.source,
                  "Folder with a copy of the bucket, or s3://bucket/prefix (default: the "
                  "bucket of --trail-arn)")
      ->group(what);
  command
      .add_option("--trail-arn", arguments.trail_arn,
                  "The trail (default: all that have digests in SOURCE)")
      ->type_name("ARN")
      ->group(what);
  command
      .add_option("--start-time", arguments.start,
                  "Log files delivered from TIME on (default: from the oldest digest)")
      ->type_name("TIME")
      ->group(what);
  command.add_option("--end-time", arguments.end, "Log files delivered up to TIME (default: now)")
      ->type_name("TIME")
      ->group(what);
  command
      .add_option("--s3-bucket", arguments.s3_bucket,
                  "Bucket of the digests; with a copy, the name by which digests know it")
      ->type_name("NAME")
      ->group(what);
  command
      .add_option_function<std::string>(
          "--s3-prefix",
          [&arguments](const std::string& prefix) {
            arguments.s3_prefix = prefix;
            arguments.has_prefix = true;
          },
          "What comes before AWSLogs/ in keys")
      ->type_name("PREFIX")
      ->group(what);
  command
      .add_option("--account-id", arguments.account,
                  "Only events of this account (an organization's trail has many)")
      ->type_name("ID")
      ->group(what);
  command
      .add_option("--event", arguments.event,
                  "Find this event instead, and prove it: record, log file, digest, signature")
      ->type_name("ID")
      ->check([](const std::string& id) { return std::string(id.empty() ? "no id is given" : ""); })
      ->group(what);
}

void add_how(CLI::App& command, ValidateArguments& arguments) {
  const std::string how = "How";
  command
      .add_option("--public-keys", arguments.public_keys,
                  "What `aws cloudtrail list-public-keys` printed, or PEM or DER files, or a "
                  "folder of such (default: CloudTrail is asked)")
      ->type_name("PATH")
      ->group(how);
  command
      .add_flag("--deep", arguments.deep,
                "Also find log files that no digest names, and digests outside of the chain")
      ->group(how);
  command
      .add_flag("--moved", arguments.moved,
                "The bucket is a copy: where it lies now is not held against its files")
      ->group(how);
  command.add_option("--threads", arguments.threads, "Files read at once")
      ->type_name("N")
      ->check(CLI::Range(1, 1024))
      ->group(how);
  add_lake_options(command, arguments.lake);
  command.get_option("--lake")->description(
      "Also prove what this lake took (without SOURCE: of all places from which it took)");
  command.add_flag("--verbose", arguments.verbose, "Name valid files too")->group("Output");
  command.add_option("--output", arguments.output, "text, as the AWS CLI prints it, or json")
      ->check(one_of({"text", "json"}))
      ->group("Output");
}

}  // namespace

void add_validate_logs(CLI::App& app, Invocation& invocation) {
  CLI::App* const command = app.add_subcommand(
      "validate-logs", "Proves by signed digests that log files are as CloudTrail delivered them");
  const auto arguments = std::make_shared<ValidateArguments>();
  add_what(*command, *arguments);
  add_how(*command, *arguments);
  add_bucket_options(*command, arguments->buckets);
  command->get_option("--region")
      ->description("Only events of this region (default: all that have digests)");
  command->get_option("--endpoint-url")
      ->description("S3 and CloudTrail there, such as http://127.0.0.1:9000 (default: AWS)");
  command->callback([arguments, &invocation] {
    invocation.run = [arguments] { return run_validate(*arguments); };
  });
}

}  // namespace cairn::cli

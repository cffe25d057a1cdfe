// Examples of every command: the help, the man page and the manual show these.
#pragma once

#include <array>
#include <string_view>

namespace cairn::cli {

struct Example {
  std::string_view command;  ///< "sql"; nested ones as "diagnose eni"
  std::string_view line;     ///< what to type
  std::string_view doc;      ///< what one gets
};

inline constexpr std::array kExamples{
    Example{
        "sql",
        R"(cairn sql --from AWSLogs/ "SELECT eventName, errorCode, count(*) AS calls FROM cloudtrail GROUP BY ALL ORDER BY calls DESC LIMIT 20")",
        "What was called most, and how it ended"},
    Example{"sql", R"(cairn sql --from AWSLogs/ --file query.sql --format csv --output denied.csv)",
            "A query kept in a file, as Athena runs it, to a CSV file"},
    Example{"sql", "cairn sql --from AWSLogs/", "An interactive prompt over the same logs"},
    Example{
        "sql",
        R"(zcat trail.json.gz | cairn sql "SELECT userIdentity.arn, sourceIPAddress FROM cloudtrail WHERE errorCode IS NOT NULL")",
        "Logs from standard input"},
    Example{"lookup", "cairn lookup --from AWSLogs/ --attribute EventName=ConsoleLogin",
            "Who signed in to the console, newest first"},
    Example{"lookup", "cairn lookup --from AWSLogs/ --attribute Username=alice --start 7d",
            "What alice did in the last seven days"},
    Example{"summary", "cairn summary --from AWSLogs/", "The first look at unknown logs"},
    Example{"diagnose", "cairn diagnose eni --from AWSLogs/ --window 48h",
            "What went wrong with network interfaces in the last two days of the logs"},
    Example{"diagnose", "cairn diagnose throttling --from AWSLogs/",
            "Who is throttled, by which service, and whether they back off"},
    Example{"diagnose", "cairn diagnose access-denied --from AWSLogs/",
            "Who is denied what, and the smallest policy that would allow it"},
    Example{"timeline", "cairn timeline --identity AKIAIOSFODNN7EXAMPLE --changes",
            "What an access key changed, with all sessions that it opened"},
    Example{"timeline",
            "cairn timeline --resource i-0abc1234def567890 --around 2026-10-01T12:00:00Z",
            "What was done to an instance within an hour of that time"},
    Example{"ingest", "cairn ingest AWSLogs/", "Log files into the lake; again later for new ones"},
    Example{"ingest", "cairn ingest --retry-rejected", "What was rejected, after a repair"},
    Example{"ingest", "cairn ingest s3://my-trail/AWSLogs/ --profile audit",
            "A trail's bucket; next time only the days that can have changed are listed"},
    Example{"collect", "cairn collect s3://my-trail/ --follow --every 5m",
            "New log files as they are delivered"},
    Example{"collect",
            "cairn collect --queue https://sqs.eu-west-1.amazonaws.com/111122223333/trail --follow",
            "The same, told by a queue"},
    Example{"lake", "cairn lake status", "What is in the lake"},
    Example{"lake", "cairn lake compact", "Small files become large ones"},
    Example{"lake", "cairn lake expire --older-than 366d --dry-run",
            "What a retention of a year would remove"},
    Example{"lake", "cairn lake check", "Reads all back and verifies it"},
    Example{"lake", "cairn lake snapshots", "The states that --as-of can ask"},
    Example{"lake", "cairn lake rollback 6128593049851270643", "Undoes what came after"},
    Example{"serve", "cairn serve", "A CloudTrail on this machine; prints what clients need"},
    Example{"serve",
            "cairn serve --listen 0.0.0.0:8443 --tls-certificate server.pem --tls-key server.key",
            "For other machines"},
    Example{"serve", "cairn serve --config /etc/cairn/serve.toml",
            "All options from a file; the manual has one with every key"},
    Example{"serve", "cairn serve --bucket audit=s3://company-audit/trails --profile backup",
            "Trails with the bucket `audit` are delivered to S3"},
    Example{"keys", "cairn keys create --role admin",
            "A key for oneself; `eval` of what it prints sets it for the AWS CLI in this shell"},
    Example{"keys",
            "cairn keys create --role analyst --name ann --account 111122223333 --expires 90d",
            "A key that asks about one account only, for 90 days"},
    Example{"keys", "cairn keys list", "Who has keys, and when they were last used"},
    Example{"keys", "cairn keys rotate AKIAIOSFODNN7EXAMPLE --grace 48h",
            "A new secret; the old one works for two more days"},
    Example{"keys", "cairn keys session AKIAIOSFODNN7EXAMPLE --for 1h --json",
            "A temporary key, as the AWS CLI's credential_process wants it"},
    Example{"backup", "cairn backup /mnt/backups/cairn-2026-11-30",
            "The folder of the service, on another disk"},
    Example{"export", "cairn export --start 2026-10-01 --end 2026-10-02 --output logs/",
            "A day of the lake as log files in CloudTrail's layout"},
    Example{"export", "cairn export --where \"errorCode = 'AccessDenied'\" --format jsonl",
            "The records themselves, one a line"},
    Example{"validate-logs",
            "cairn validate-logs --trail-arn "
            "arn:aws:cloudtrail:us-east-1:111122223333:trail/management-events --start-time "
            "2026-10-01",
            "What `aws cloudtrail validate-logs` does, and faster"},
    Example{
        "validate-logs", "cairn validate-logs copy/ --public-keys keys.json --deep",
        "A copied bucket without a network: all its trails, and log files that no digest names"},
    Example{"validate-logs",
            "cairn validate-logs copy/ --public-keys keys.json --event "
            "b1a2c3d4-5678-90ab-cdef-111122223333",
            "The proof of a single event"},
    Example{"generate", "cairn generate --events 100000 --seed 1 --output logs/",
            "Realistic log files to try things on"},
    Example{"columns", "cairn columns", "The columns of the table cloudtrail"},
    Example{"columns", "cairn columns --json", "The same for a program"},
    Example{"completion",
            "cairn completion bash > ~/.local/share/bash-completion/completions/cairn",
            "Completion in bash"},
    Example{"completion", "cairn completion zsh > ~/.zfunc/_cairn",
            "Completion in zsh, with ~/.zfunc in fpath"},
    Example{"completion", "cairn completion fish > ~/.config/fish/completions/cairn.fish",
            "Completion in fish"},
    Example{"man", "cairn man | man -l -", "Read the manual page"},
    Example{"help", "cairn help sql", "The options and examples of one command"},
};

}  // namespace cairn::cli

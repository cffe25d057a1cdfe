#include "generate/generator.h"

#include "base/gzip.h"
#include "base/time.h"
#include "generate/stories.h"
#include "io/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

namespace cairn::generate {
namespace {

namespace fs = std::filesystem;

constexpr int kMinutesPerDay = 1440;
constexpr uint64_t kSlotsMax = 100'000'000;
constexpr uint64_t kEventsPerFile = 20'000;
constexpr double kLargeShare = 0.001;
constexpr double kHugeShare = 0.00001;
constexpr double kScanShare = 0.03;
constexpr double kTailShare = 0.12;

uint64_t slots_of(const GenerateOptions& options) {
  return static_cast<uint64_t>(options.days) *
         static_cast<uint64_t>(kMinutesPerDay / options.batch_minutes);
}

/// Share of the day's work by the hour: offices in Europe and America, and machines that never
/// sleep.
double rhythm(int64_t time_us) {
  const auto civil = to_civil(time_us);
  const int64_t weekday = (time_us / kMicrosPerDay + 4) % 7;  // 0 is Sunday
  const double hour = civil.hour + civil.minute / 60.0;
  const double office = std::exp(-std::pow((hour - 15.0) / 4.5, 2));
  const double week = weekday == 0 || weekday == 6 ? 0.35 : 1.0;
  return 0.45 + office * week;
}

class CallMix {
 public:
  CallMix() {
    for (const Caller caller :
         {Caller::service, Caller::automation, Caller::deployment, Caller::human}) {
      auto& kind = kinds_[static_cast<size_t>(caller)];
      std::vector<double> weights;
      for (const auto& call : calls()) {
        if (call.caller != caller) continue;
        kind.calls.push_back(&call);
        weights.push_back(call.weight);
      }
      kind.weights = Weighted(weights);
    }
    for (const auto& service : tail_services()) {
      std::string_view nouns = service.nouns;
      while (!nouns.empty()) {
        const auto noun = nouns.substr(0, nouns.find(' '));
        for (const std::string_view verb : {"List", "Describe", "Get"})
          tail_.push_back({service.source, fmt::format("{}{}", verb, noun)});
        nouns.remove_prefix(std::min(nouns.size(), noun.size() + 1));
      }
    }
    tail_weights_ = Weighted::zipf(tail_.size(), 1.1);
  }

  const Call& pick(Caller caller, Random& random) const {
    const auto& kind = kinds_[static_cast<size_t>(caller)];
    return *kind.calls[kind.weights.pick(random)];
  }

  Event pick_tail(Random& random) const {
    const auto& call = tail_[tail_weights_.pick(random)];
    Event event;
    event.source = call.source;
    event.name = call.name;
    event.request = R"({"maxResults":100})";
    event.read_only = true;
    if (random.chance(0.02)) event.outcome = {"ThrottlingException", "Rate exceeded"};
    return event;
  }

 private:
  struct Kind {
    std::vector<const Call*> calls;
    Weighted weights;
  };

  struct TailCall {
    std::string_view source;
    std::string name;
  };

  std::array<Kind, 4> kinds_;
  std::vector<TailCall> tail_;
  Weighted tail_weights_;
};

Event event_of(const Call& call, Random& random) {
  Event event;
  event.source = call.source;
  event.name = call.name;
  event.request = call.request;
  event.response = call.response;
  event.resources = call.resources;
  event.read_only = call.read_only;
  event.data = call.data;
  if (random.chance(call.error_rate)) event.outcome = {call.error_code, call.error_message};
  if (call.name == "ConsoleLogin") {
    event.type = "AwsConsoleSignIn";
    event.extra =
        R"(,"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"Yes"})";
  }
  if (call.source == "sso") event.type = "AwsServiceEvent";
  return event;
}

/// Everything that the threads share.
struct Plan {
  const GenerateOptions& options;
  World world;
  CallMix mix;
  std::vector<uint64_t> ends;  ///< per delivery, how many events there are up to and with it
  std::map<uint64_t, std::vector<const StoryEvent*>> stories;  ///< by delivery
  std::vector<Story> told;

  explicit Plan(const GenerateOptions& chosen)
      : options(chosen), world(chosen.seed, chosen.accounts, chosen.regions) {}

  uint64_t deliveries() const { return ends.size(); }

  int64_t slot_us() const { return options.batch_minutes * kMicrosPerMinute; }

  uint64_t delivery_of(size_t account, size_t region, int64_t time_us) const {
    const auto slot = static_cast<uint64_t>((time_us - options.start_us) / slot_us());
    return (slot * options.accounts + account) * options.regions + region;
  }

  void spread_events() {
    const auto slots = slots_of(options);
    std::vector<double> sums;
    sums.reserve(slots * options.accounts * options.regions);
    double sum = 0;
    for (uint64_t slot = 0; slot < slots; ++slot) {
      const double at = rhythm(options.start_us + static_cast<int64_t>(slot) * slot_us());
      for (size_t account = 0; account < options.accounts; ++account) {
        for (size_t region = 0; region < options.regions; ++region) {
          Random random(options.seed ^ 0xB0057, sums.size());
          const double burst = random.chance(0.01) ? 8 : 0.4 + 1.2 * random.unit();
          sums.push_back(sum +=
                         at * burst * world.account_share(account) * world.region_share(region));
        }
      }
    }
    ends.reserve(sums.size());
    for (const double at : sums)
      ends.push_back(
          static_cast<uint64_t>(std::llround(at / sum * static_cast<double>(options.events))));
  }
};

/// One thread's share of the work.
class Worker {
 public:
  Worker(const Plan& plan, GenerateProgress& progress)
      : plan_(plan), progress_(progress), writer_(plan.world), gzip_(plan.options.level) {}

  Status deliver(uint64_t delivery) {
    const uint64_t before = delivery == 0 ? 0 : plan_.ends[delivery - 1];
    const uint64_t count = plan_.ends[delivery] - before;
    const auto story = plan_.stories.find(delivery);
    if (count == 0 && story == plan_.stories.end()) return {};
    Random random(plan_.options.seed, delivery);
    const auto& options = plan_.options;
    const size_t region = delivery % options.regions;
    const size_t account = delivery / options.regions % options.accounts;
    const int64_t slot_us =
        options.start_us +
        static_cast<int64_t>(delivery / options.regions / options.accounts) * plan_.slot_us();
    begin_file();
    make_times(count, slot_us, random);
    for (uint64_t i = 0; i < count; ++i) {
      write_event(account, region, times_[i], random);
      if ((i + 1) % kEventsPerFile == 0 && i + 1 < count) {
        CAIRN_TRY(end_file(account, region, slot_us, random));
        begin_file();
      }
    }
    if (story != plan_.stories.end()) {
      for (const auto* event : story->second) {
        separate();
        text_ += event->record;
        ++report.story_events;
      }
    }
    return end_file(account, region, slot_us, random);
  }

  GenerateReport report;

 private:
  void begin_file() {
    text_ = "{\"Records\":[";
    in_file_ = 0;
  }

  void separate() {
    if (in_file_++ > 0) text_ += ',';
  }

  // Within the delivery's minutes, often several in a second, mostly but not always in order.
  void make_times(uint64_t count, int64_t slot_us, Random& random) {
    times_.clear();
    for (uint64_t i = 0; i < count; ++i) {
      const bool same = i > 0 && random.chance(0.35);
      times_.push_back(same ? times_.back()
                            : slot_us +
                                  static_cast<int64_t>(random.below(
                                      static_cast<uint64_t>(plan_.options.batch_minutes) * 60)) *
                                      kMicrosPerSecond);
    }
    std::sort(times_.begin(), times_.end());
    for (uint64_t i = 1; i < count; ++i)
      if (random.chance(0.15)) std::swap(times_[i], times_[i - 1]);
  }

  void write_event(size_t account, size_t region, int64_t time_us, Random& random) {
    separate();
    const size_t began = text_.size();
    Actor actor;
    Event event;
    if (run_left_ > 0) {  // infrastructure as code comes in runs of one actor
      --run_left_;
      actor = run_actor_;
      event = event_of(plan_.mix.pick(Caller::deployment, random), random);
    } else {
      choose(account, time_us, random, actor, event);
    }
    std::string large;
    if (random.chance(kLargeShare)) {
      large =
          large_request(random.chance(kHugeShare / kLargeShare) ? 100'000 + random.below(150'000)
                                                                : 10'000 + random.below(30'000),
                        random);
      event.request = large;
    }
    (void)writer_.write(text_, event, actor, account, region, time_us, random);
    ++report.events;
    if (random.chance(plan_.options.duplicates)) {
      const std::string again = text_.substr(began);
      separate();
      text_ += again;
      ++report.repeated_events;
    }
  }

  void choose(size_t account, int64_t time_us, Random& random, Actor& actor, Event& event) {
    const double kind = random.unit();
    if (kind < kScanShare) {
      actor = plan_.world.user(account, "legacy-app", plan_.world.access_key("AKIA", 17 + account),
                               fmt::format("198.51.100.{}", random.below(250) + 1),
                               "python-requests/2.31.0");
      event = event_of(plan_.mix.pick(Caller::human, random), random);
      if (event.type == "AwsApiCall") {
        event.outcome = {
            event.source == "ec2" ? "Client.UnauthorizedOperation" : "AccessDenied",
            "User: {arn} is not authorized to perform: {action} with an explicit deny in a service "
            "control policy"};
      }
      return;
    }
    Caller caller = Caller::service;
    if (kind > 0.48) caller = Caller::automation;
    if (kind > 0.83) caller = Caller::deployment;
    if (kind > 0.95) caller = Caller::human;
    actor = plan_.world.actor(caller, account, time_us, random);
    event = caller == Caller::automation && random.chance(kTailShare)
                ? plan_.mix.pick_tail(random)
                : event_of(plan_.mix.pick(caller, random), random);
    if (caller == Caller::deployment && random.chance(0.2)) {
      run_actor_ = actor;
      run_left_ = random.below(12);
    }
  }

  static std::string large_request(size_t bytes, Random& random) {
    std::string out = R"({"entries":[)";
    while (out.size() < bytes) {
      out += out.size() > 12 ? ",{\"id\":\"" : "{\"id\":\"";
      random.append_uuid(out);
      out += R"(","action":"UPSERT","value":"{function}"})";
    }
    return out + "]}";
  }

  Status end_file(size_t account, size_t region, int64_t slot_us, Random& random) {
    run_left_ = 0;
    text_ += "]}";
    CAIRN_TRY(gzip_.compress(text_, compressed_));
    const auto path = file_path(account, region, slot_us, random);
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error)
      return io::system_error(
          fmt::format("cannot make the folder '{}'", path.parent_path().string()), error.value());
    CAIRN_TRY(io::write_file(path.string(), compressed_));
    ++report.files;
    report.json_bytes += text_.size();
    report.gzip_bytes += compressed_.size();
    progress_.events += in_file_;
    progress_.json_bytes += text_.size();
    return {};
  }

  fs::path file_path(size_t account, size_t region, int64_t slot_us, Random& random) const {
    const auto& options = plan_.options;
    const int64_t delivered =
        slot_us + plan_.slot_us() + static_cast<int64_t>(30 + random.below(300)) * kMicrosPerSecond;
    const auto time = to_civil(delivered);
    std::string id;
    random.append(id, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    const auto& number = plan_.world.account(account);
    const auto& place = plan_.world.region(region);
    fs::path path = fs::path(options.output) / "AWSLogs";
    if (!options.organization.empty()) path /= options.organization;
    return path / number / "CloudTrail" / place /
           fmt::format("{:04}/{:02}/{:02}/{}_CloudTrail_{}_{:04}{:02}{:02}T{:02}{:02}Z_{}.json.gz",
                       time.year, time.month, time.day, number, place, time.year, time.month,
                       time.day, time.hour, time.minute, id);
  }

  const Plan& plan_;
  GenerateProgress& progress_;
  RecordWriter writer_;
  Gzip gzip_;
  std::string text_;
  std::string compressed_;
  uint64_t in_file_ = 0;
  std::vector<int64_t> times_;
  Actor run_actor_;
  uint64_t run_left_ = 0;
};

Status check(const GenerateOptions& options) {
  const auto bad = [](std::string message) {
    return Error{ErrorKind::invalid_argument, std::move(message)};
  };
  if (options.events > 10'000'000'000) return bad("the events must be 0 to 10,000,000,000");
  if (options.days < 1 || options.days > 3653) return bad("the days must be 1 to 3,653");
  if (options.accounts < 1 || options.accounts > 1000)
    return bad("the accounts must be 1 to 1,000");
  if (options.regions < 1 || options.regions > 17) return bad("the Regions must be 1 to 17");
  if (options.duplicates < 0 || options.duplicates > 1)
    return bad("the share of duplicates must be 0 to 100 percent");
  if (options.level < 1 || options.level > 12) return bad("the compression level must be 1 to 12");
  if (options.batch_minutes < 1 || kMinutesPerDay % options.batch_minutes != 0)
    return bad("the minutes of a log file must divide a day's 1,440");
  if (slots_of(options) * options.accounts * options.regions > kSlotsMax)
    return bad("days x accounts x Regions gives more than 100,000,000 deliveries");
  return {};
}

Status tell_stories(Plan& plan) {
  const auto& options = plan.options;
  const int64_t end_us = options.start_us + options.days * kMicrosPerDay;
  for (const auto& name : options.stories) {
    auto story = CAIRN_TRY(tell_story(name, plan.world, options.start_us, end_us));
    plan.told.push_back(std::move(story));
  }
  for (const auto& story : plan.told)
    for (const auto& event : story.events)
      plan.stories[plan.delivery_of(event.account, event.region, event.time_us)].push_back(&event);
  return {};
}

Status write_truth(const Plan& plan) {
  if (plan.told.empty()) return {};
  std::string lines;
  for (const auto& story : plan.told) lines += to_json(story.truth) + '\n';
  return io::write_file((fs::path(plan.options.output) / "truth.jsonl").string(), lines);
}

void add(GenerateReport& sum, const GenerateReport& part) {
  sum.files += part.files;
  sum.events += part.events;
  sum.story_events += part.story_events;
  sum.repeated_events += part.repeated_events;
  sum.json_bytes += part.json_bytes;
  sum.gzip_bytes += part.gzip_bytes;
}

}  // namespace

Result<GenerateReport> generate(const GenerateOptions& options, GenerateProgress& progress) {
  CAIRN_TRY(check(options));
  Plan plan(options);
  CAIRN_TRY(tell_stories(plan));
  plan.spread_events();

  std::atomic<uint64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  GenerateReport report;
  Status status;
  const auto work = [&] {
    Worker worker(plan, progress);
    while (!failed && !progress.cancelled) {
      const uint64_t delivery = next.fetch_add(1);
      if (delivery >= plan.deliveries()) break;
      auto delivered = worker.deliver(delivery);
      if (delivered.ok()) continue;
      const std::lock_guard lock(mutex);
      if (!failed.exchange(true)) status = std::move(delivered);
    }
    const std::lock_guard lock(mutex);
    add(report, worker.report);
  };
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned count = options.threads > 0 ? static_cast<unsigned>(options.threads) : cores;
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (auto& thread : threads) thread.join();
  CAIRN_TRY(std::move(status));
  if (progress.cancelled) return Error{ErrorKind::unavailable, "interrupted"};
  CAIRN_TRY(write_truth(plan));
  return report;
}

}  // namespace cairn::generate

#include "server/metrics.h"

#include <fmt/format.h>

#include <array>

namespace cairn::server {
namespace {

constexpr std::array<double, 14> kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                             0.25,  0.5,    1,     2.5,  5,     10,   30};

std::string number(double value) {
  return value == static_cast<double>(static_cast<int64_t>(value)) && value < 1e15 && value > -1e15
             ? fmt::format("{}", static_cast<int64_t>(value))
             : fmt::format("{}", value);
}

// `{a="b"}` with one more label.
std::string with_label(const std::string& labels, std::string_view name, std::string_view value) {
  const auto more = fmt::format("{}=\"{}\"", name, value);
  if (labels.empty()) return '{' + more + '}';
  return labels.substr(0, labels.size() - 1) + ',' + more + '}';
}

}  // namespace

std::string Metrics::label_text(const Labels& labels) {
  if (labels.empty()) return "";
  std::string text = "{";
  for (const auto& [name, value] : labels) {
    if (text.size() > 1) text += ',';
    text += name + "=\"";
    for (const char c : value) {
      if (c == '\\' || c == '"') text += '\\';
      text += c == '\n' ? ' ' : c;
    }
    text += '"';
  }
  return text + '}';
}

void Metrics::describe(const std::string& name, std::string_view kind, std::string_view help) {
  const std::lock_guard lock(mutex_);
  auto& family = families_[name];
  family.kind = kind;
  family.help = help;
}

void Metrics::add(const std::string& name, const Labels& labels, double amount) {
  const std::lock_guard lock(mutex_);
  families_[name].values[label_text(labels)] += amount;
}

void Metrics::set(const std::string& name, const Labels& labels, double value) {
  const std::lock_guard lock(mutex_);
  families_[name].values[label_text(labels)] = value;
}

void Metrics::replace(const std::string& name,
                      const std::vector<std::pair<Labels, double>>& values) {
  const std::lock_guard lock(mutex_);
  auto& known = families_[name].values;
  known.clear();
  for (const auto& [labels, value] : values) known[label_text(labels)] = value;
}

void Metrics::observe_seconds(const std::string& name, const Labels& labels, double seconds) {
  const std::lock_guard lock(mutex_);
  auto& histogram = families_[name].histograms[label_text(labels)];
  histogram.buckets.resize(kSeconds.size());
  for (size_t i = 0; i < kSeconds.size(); ++i)
    if (seconds <= kSeconds[i]) ++histogram.buckets[i];
  histogram.sum += seconds;
  ++histogram.count;
}

void Metrics::on_read(std::function<void(Metrics&)> ask) {
  const std::lock_guard lock(mutex_);
  asks_.push_back(std::move(ask));
}

std::string Metrics::text() {
  std::vector<std::function<void(Metrics&)>> asks;
  {
    const std::lock_guard lock(mutex_);
    asks = asks_;
  }
  for (const auto& ask : asks) ask(*this);
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    if (family.values.empty() && family.histograms.empty()) continue;
    if (!family.help.empty()) out += fmt::format("# HELP {} {}\n", name, family.help);
    if (!family.kind.empty()) out += fmt::format("# TYPE {} {}\n", name, family.kind);
    for (const auto& [labels, value] : family.values)
      out += fmt::format("{}{} {}\n", name, labels, number(value));
    for (const auto& [labels, histogram] : family.histograms) {
      for (size_t i = 0; i < kSeconds.size(); ++i)
        out += fmt::format("{}_bucket{} {}\n", name,
                           with_label(labels, "le", fmt::format("{}", kSeconds[i])),
                           histogram.buckets[i]);
      out +=
          fmt::format("{}_bucket{} {}\n", name, with_label(labels, "le", "+Inf"), histogram.count);
      out += fmt::format("{}_sum{} {}\n{}_count{} {}\n", name, labels, histogram.sum, name, labels,
                         histogram.count);
    }
  }
  return out;
}

}  // namespace cairn::server

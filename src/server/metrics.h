// Numbers about a running program, in the text form that Prometheus reads (exposition format
// 0.0.4). Names and labels are ours; values of labels come from tables of ours, never from clients.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::server {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Thread-safe.
class Metrics {
 public:
  /// Makes the metric known with its kind (`counter`, `gauge`, `histogram`) and its sentence. Every
  /// metric needs both: tests/api/metrics.py reads what Prometheus does and refuses others.
  void describe(const std::string& name, std::string_view kind, std::string_view help);

  void add(const std::string& name, const Labels& labels, double amount);
  void set(const std::string& name, const Labels& labels, double value);

  /// Sets all values of the metric; those it had before are gone. For metrics whose labels name
  /// things that come and go.
  void replace(const std::string& name, const std::vector<std::pair<Labels, double>>& values);

  /// Into a histogram of seconds with buckets from 1 ms to 30 s.
  void observe_seconds(const std::string& name, const Labels& labels, double seconds);

  /// Called at each text(): sets what is cheaper asked than told.
  void on_read(std::function<void(Metrics&)> ask);

  std::string text();

 private:
  struct Family {
    std::string kind{};
    std::string help{};
    std::map<std::string, double> values{};  ///< by the text of their labels

    struct Histogram {
      std::vector<uint64_t> buckets{};
      double sum = 0;
      uint64_t count = 0;
    };

    std::map<std::string, Histogram> histograms{};
  };

  static std::string label_text(const Labels& labels);

  std::mutex mutex_;
  std::map<std::string, Family> families_;
  std::vector<std::function<void(Metrics&)>> asks_;
};

}  // namespace cairn::server

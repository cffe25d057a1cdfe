#include "diagnose/report.h"

#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

namespace cairn::diagnose {

bool Report::has_issues() const {
  if (classic) return classic->real_errors > 0;
  return tally.failures() > 0;
}

std::string window_text(const Report& report) {
  const Window& window = report.window;
  if (window.empty) return "no events in the logs";
  std::string how = short_duration(window.end_us - window.start_us);
  if (window.whole)
    how = "all of the logs";
  else if (window.ends_at_newest)
    how += ", ends at the newest event in the logs";
  return fmt::format("{} to {} ({})", format_iso8601(window.start_us),
                     format_iso8601(window.end_us), how);
}

std::string evidence_text(const Evidence& evidence) {
  std::string out = fmt::format("{}x", with_thousands(evidence.events));
  if (!evidence.call.empty()) out += " " + evidence.call;
  const std::string& who = evidence.client.empty() ? evidence.caller : evidence.client;
  if (!who.empty()) out += " by " + who;
  if (!evidence.code.empty()) {
    out += ": " + evidence.code;
    if (!evidence.message.empty()) out += fmt::format(" ({})", shortened(evidence.message));
  }
  return out;
}

std::string evidence_details(const Evidence& evidence) {
  std::string out;
  const auto add = [&](const std::string& part) {
    if (part.empty()) return;
    if (!out.empty()) out += "; ";
    out += part;
  };
  const auto list = [](std::string_view label, const std::vector<std::string>& names, bool more) {
    if (names.empty()) return std::string();
    std::string text(label);
    for (size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : ", ") + names[i];
    return more ? text + ", …" : text;
  };
  if (evidence.first_us != 0 || evidence.last_us != 0) {
    const std::string first = format_iso8601(evidence.first_us);
    add(evidence.first_us == evidence.last_us
            ? first
            : fmt::format("{} to {}", first, format_iso8601(evidence.last_us)));
  }
  add(evidence.region);
  add(evidence.note);
  add(list("on ", evidence.resources, evidence.more_resources));
  add(list("events ", evidence.event_ids, evidence.events > evidence.event_ids.size()));
  return out;
}

std::string shortened(std::string_view text) {
  if (text.size() <= kShownMax) return std::string(text);
  size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace cairn::diagnose

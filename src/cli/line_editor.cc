#include "cli/line_editor.h"

#include "cli/interrupt.h"
#include "cli/terminal.h"

#include <fmt/format.h>
#include <histedit.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cwchar>
#include <utility>

namespace cairn::cli {
namespace {

constexpr int kHistoryEntriesMax = 2'000;
constexpr size_t kWordsShownMax = 120;  // completions listed at once

bool is_word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

}  // namespace

struct LineEditor::State {
  std::string history_file;
  Completer completer;
  std::string prompt;
  bool cancelled = false;
  std::unique_ptr<EditLine, void (*)(EditLine*)> editor{nullptr, el_end};
  std::unique_ptr<History, void (*)(History*)> history{nullptr, history_end};

  static State& of(EditLine* editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<State*>(data);
  }

  static char* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }

  static int read_char(EditLine* editor, wchar_t* out);
  static unsigned char complete(EditLine* editor, int key);
};

/// libedit's own reader goes on after a signal, so that Ctrl-C would do nothing.
int LineEditor::State::read_char(EditLine* editor, wchar_t* out) {
  std::mbstate_t decoding = {};
  while (true) {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    // A signal wakes nobody here when another thread takes it, or when it came just before.
    constexpr int kLookAgainMs = 100;
    const int ready = ::poll(&input, 1, kLookAgainMs);
    if (interrupted()) {
      of(editor).cancelled = true;
      return -1;
    }
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    char byte = 0;
    const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return static_cast<int>(got);
    const size_t used = std::mbrtowc(out, &byte, 1, &decoding);
    if (used == static_cast<size_t>(-2)) continue;  // more bytes of this character follow
    if (used == static_cast<size_t>(-1)) {
      decoding = {};
      *out = L'?';
    }
    return 1;
  }
}

unsigned char LineEditor::State::complete(EditLine* editor, int) {
  const LineInfo* const info = el_line(editor);
  const std::string_view line(info->buffer, static_cast<size_t>(info->cursor - info->buffer));
  size_t begin = line.size();
  while (begin > 0 && is_word_char(line[begin - 1])) --begin;
  const std::string word(line.substr(begin));
  const std::vector<std::string> words = of(editor).completer(line, word);
  if (words.empty()) return CC_REFRESH_BEEP;
  std::string start = common_start(words);
  if (words.size() == 1 && !start.ends_with('.')) start += ' ';
  if (words.size() == 1 || start.size() > word.size()) {
    el_deletestr(editor, static_cast<int>(word.size()));
    el_insertstr(editor, start.c_str());
    return CC_REFRESH;
  }
  std::string listed = "\n";
  for (size_t i = 0; i < words.size() && i < kWordsShownMax; ++i) listed += words[i] + "  ";
  if (words.size() > kWordsShownMax)
    listed += fmt::format("… and {} more", words.size() - kWordsShownMax);
  print_error(listed + "\n");
  return CC_REDISPLAY;
}

LineEditor::LineEditor(std::string history_file, Completer completer)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.history_file = std::move(history_file);
  state.completer = std::move(completer);
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
    std::setlocale(LC_CTYPE, "C.UTF-8");
  FILE* const out = ::isatty(STDOUT_FILENO) == 1 ? stdout : stderr;
  state.editor.reset(el_init("cairn", stdin, out, stderr));
  state.history.reset(history_init());
  EditLine* const editor = state.editor.get();
  el_set(editor, EL_CLIENTDATA, &state);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_SIGNAL, 0);
  el_set(editor, EL_PROMPT, &State::show_prompt);
  el_set(editor, EL_GETCFN, &State::read_char);
  el_set(editor, EL_ADDFN, "cairn-complete", "Complete the word", &State::complete);
  el_set(editor, EL_BIND, "^I", "cairn-complete", nullptr);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  HistEvent event;
  history(state.history.get(), &event, H_SETSIZE, kHistoryEntriesMax);
  history(state.history.get(), &event, H_SETUNIQUE, 1);
  if (!state.history_file.empty())
    history(state.history.get(), &event, H_LOAD, state.history_file.c_str());
  el_set(editor, EL_HIST, ::history, state.history.get());
}

LineEditor::~LineEditor() = default;

LineEditor::End LineEditor::read(std::string_view prompt, std::string& line) {
  state_->prompt = prompt;
  state_->cancelled = false;
  el_resize(state_->editor.get());
  int length = 0;
  const char* const text = el_gets(state_->editor.get(), &length);
  if (state_->cancelled) return End::cancelled;
  if (text == nullptr || length <= 0) return End::end_of_input;
  line.assign(text, static_cast<size_t>(length));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return End::line;
}

void LineEditor::remember(const std::string& entry) {
  HistEvent event;
  history(state_->history.get(), &event, H_ENTER, entry.c_str());
  if (state_->history_file.empty()) return;
  const mode_t mask = ::umask(077);  // queries may hold names that are no one else's business
  history(state_->history.get(), &event, H_SAVE, state_->history_file.c_str());
  ::umask(mask);
}

std::string common_start(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::string start = words.front();
  for (const std::string& word : words) {
    const auto same = [](unsigned char a, unsigned char b) {
      return std::tolower(a) == std::tolower(b);
    };
    const auto [end, other] =
        std::mismatch(start.begin(), start.end(), word.begin(), word.end(), same);
    start.erase(end, start.end());
  }
  return start;
}

}  // namespace cairn::cli

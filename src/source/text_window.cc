#include "source/internal/text_window.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::source {

Result<bool> TextWindow::more(const char*& p) {
  if (ended()) return false;
  const auto used = static_cast<size_t>(p - begin());
  base_ += used;
  buffer_.drop_front(used);
  if (buffer_.size() >= bytes_max_) {
    return Error{ErrorKind::exhausted, fmt::format("a single value at byte {} is larger than {}",
                                                   base_, human_bytes(bytes_max_))};
  }
  // Doubling keeps the cost of scanning a huge value again and again linear.
  const size_t wanted = std::min(bytes_max_, std::max(buffer_.size() * 2, step_));
  const auto at_end = CAIRN_TRY(read_up_to(*stream_, wanted, buffer_));
  ended_ = at_end;
  p = begin();
  return true;
}

}  // namespace cairn::source

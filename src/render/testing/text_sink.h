// A sink whose contents tests read.
#pragma once

#include "base/result.h"
#include "render/row_writer.h"

#include <string>
#include <string_view>

namespace cairn::render::testing {

/// Keeps what is written.
class TextSink final : public ByteSink {
 public:
  Status write(std::string_view bytes) override {
    text += bytes;
    return {};
  }

  std::string text;
};

}  // namespace cairn::render::testing

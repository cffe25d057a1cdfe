#include "base/json_scan.h"

#include "base/name_watch.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cairn::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Steps from `p` to the next byte that a string cannot hold as it is: quote, backslash, control.
// Sets `non_ascii` if a byte above 0x7F lies before it. Reads up to 15 bytes too far: the padding.
inline const char* skip_plain(const char* p, bool& non_ascii) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control_max = _mm_set1_epi8(0x1F);
  for (;;) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(bytes, control_max), control_max);
    const __m128i special = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)), control);
    const auto stop = static_cast<unsigned>(_mm_movemask_epi8(special));
    const auto high = static_cast<unsigned>(_mm_movemask_epi8(bytes));
    if (stop != 0) {
      const int length = __builtin_ctz(stop);
      non_ascii |= (high & ((1U << length) - 1U)) != 0;
      return p + length;
    }
    non_ascii |= high != 0;
    p += 16;
  }
#else
  for (;; ++p) {
    const auto byte = static_cast<unsigned char>(*p);
    if (byte == '"' || byte == '\\' || byte < 0x20) return p;
    non_ascii |= byte > 0x7F;
  }
#endif
}

// `p` is behind the opening quote. Gives the place behind the closing quote.
inline const char* skip_string_body(const char* p, const char* end, Scan& scan) {
  for (;;) {
    p = skip_plain(p, scan.non_ascii);
    if (*p == '"') {
      if (p < end) [[likely]]
        return p + 1;
      scan.fault = Fault::incomplete;
      return end;
    }
    if (p >= end) {
      scan.fault = Fault::incomplete;
      return end;
    }
    if (*p != '\\') {
      scan.fault = Fault::bad_string;
      return p;
    }
    scan.escaped = true;
    const char escape = p[1];
    if (escape == 'u') {
      for (int i = 2; i < 6; ++i) {
        if (is_hex(p[i])) continue;
        scan.fault = p + i >= end ? Fault::incomplete : Fault::bad_escape;
        return p;
      }
      p += 6;
    } else if (escape != '\0' && std::strchr("\"\\/bfnrt", escape) != nullptr) {
      p += 2;
    } else {
      scan.fault = p + 1 >= end ? Fault::incomplete : Fault::bad_escape;
      return p;
    }
  }
}

const char* skip_digits(const char* p) {
  while (is_digit(*p)) ++p;
  return p;
}

const char* skip_number(const char* p, const char* end, Scan& scan) {
  const auto fail = [&](const char* at) {
    scan.fault = at >= end ? Fault::incomplete : Fault::bad_number;
    return at;
  };
  if (*p == '-') ++p;
  if (!is_digit(*p)) return fail(p);
  if (*p == '0' && is_digit(p[1])) return fail(p);
  p = skip_digits(p);
  if (*p == '.') {
    if (!is_digit(p[1])) return fail(p + 1);
    p = skip_digits(p + 1);
  }
  if (*p == 'e' || *p == 'E') {
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (!is_digit(*p)) return fail(p);
    p = skip_digits(p);
  }
  // At the very end of the text the number may go on in what has not been read yet.
  if (p >= end) scan.fault = Fault::incomplete;
  return p;
}

const char* skip_word(const char* p, const char* end, std::string_view word, Scan& scan) {
  const size_t left = static_cast<size_t>(end - p);
  const size_t length = std::min(left, word.size());
  if (std::memcmp(p, word.data(), length) != 0) {
    scan.fault = Fault::bad_value;
  } else if (length < word.size()) {
    scan.fault = Fault::incomplete;
  } else {
    return p + word.size();
  }
  return p;
}

inline const char* skip_scalar(const char* p, const char* end, Scan& scan) {
  switch (*p) {
    case '"':
      return skip_string_body(p + 1, end, scan);
    case 't':
      return skip_word(p, end, "true", scan);
    case 'f':
      return skip_word(p, end, "false", scan);
    case 'n':
      return skip_word(p, end, "null", scan);
    default:
      break;
  }
  if (*p == '-' || is_digit(*p)) return skip_number(p, end, scan);
  scan.fault = p >= end ? Fault::incomplete : Fault::bad_value;
  return p;
}

/// Per nesting level, whether it is an object. Left unset at first: zeroing 1 KiB for each scanned
/// value would cost more than the scan of most values.
class LevelKinds {
 public:
  // NOLINTNEXTLINE(modernize-use-equals-default): `= default` would be zeroed by `LevelKinds{}`
  LevelKinds() {}

  void set(int level, bool object) {
    const uint64_t bit = uint64_t{1} << (level % 64);
    auto& word = words_[static_cast<size_t>(level / 64)];
    word = object ? word | bit : word & ~bit;
  }

  bool is_object(int level) const {
    return (words_[static_cast<size_t>(level / 64)] >> (level % 64) & 1) != 0;
  }

 private:
  std::array<uint64_t, kDepthMax / 64 + 1> words_;
};

Scan stop(Scan scan, const char* at, const char* end, Fault fault) {
  scan.at = at;
  scan.fault = at >= end ? Fault::incomplete : fault;
  return scan;
}

/// Does not look at names.
struct NoNames {
  void open(int /*depth*/) {}

  void close(int /*depth*/) {}

  void add(int /*depth*/, const char* /*name*/, size_t /*size*/) {}
};

// Behind an opening brace or a comma: takes `"key" :` and gives the place of the value.
template <class Names>
[[gnu::always_inline]] inline const char* skip_key(const char* p, const char* end, int depth,
                                                   Scan& scan, Names& names) {
  p = skip_space(p);
  if (*p != '"') {
    scan.fault = p >= end ? Fault::incomplete : Fault::bad_object;
    return p;
  }
  const char* const name = p + 1;
  scan.escaped = false;
  p = skip_string_body(name, end, scan);
  if (scan.fault != Fault::none) return p;
  scan.odd_names |= scan.escaped;
  names.add(depth, name, static_cast<size_t>(p - name - 1));
  if (*p != ':') {
    p = skip_space(p);
    if (*p != ':') {
      scan.fault = p >= end ? Fault::incomplete : Fault::bad_object;
      return p;
    }
  }
  return skip_space(p + 1);
}

}  // namespace

std::string_view describe(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "no fault";
    case Fault::incomplete:
      return "the text ends within a JSON value";
    case Fault::bad_value:
      return "no JSON value where one is expected";
    case Fault::bad_string:
      return "a control character within a JSON string";
    case Fault::bad_escape:
      return "an escape that JSON does not have";
    case Fault::bad_number:
      return "a malformed number";
    case Fault::bad_object:
      return "a JSON object without a proper key, colon, comma or brace";
    case Fault::bad_array:
      return "a JSON array without a proper comma or bracket";
    case Fault::too_deep:
      return "JSON nested deeper than 8,192 levels";
  }
  return "a fault";
}

Scan scan_string(const char* p, const char* end) {
  Scan scan;
  scan.at = skip_string_body(p + 1, end, scan);
  return scan;
}

namespace {

template <class Names>
Scan scan_any_value(const char* p, const char* end, Names& names) {
  Scan scan;
  if (*p != '{' && *p != '[') {
    scan.at = skip_scalar(p, end, scan);
    return scan;
  }
  LevelKinds kinds;
  int depth = 0;
  for (;;) {
    // `p` is at a value.
    if (*p == '{' || *p == '[') {
      if (p >= end) return stop(scan, end, end, Fault::incomplete);
      if (depth == kDepthMax) return stop(scan, p, end, Fault::too_deep);
      const bool object = *p == '{';
      ++depth;
      kinds.set(depth, object);
      if (object) names.open(depth);
      p = skip_space(p + 1);
      if (*p != (object ? '}' : ']')) {
        if (object) {
          p = skip_key(p, end, depth, scan, names);
          if (scan.fault != Fault::none) return stop(scan, p, end, scan.fault);
        }
        continue;
      }
      // Empty: falls through to the closing below.
    } else {
      p = skip_scalar(p, end, scan);
      if (scan.fault != Fault::none) {
        scan.at = p;
        return scan;
      }
    }
    // `p` is behind a value or at the bracket that closes an empty container.
    for (;;) {
      p = skip_space(p);
      const bool object = kinds.is_object(depth);
      if (*p == ',') {
        if (object) {
          p = skip_key(p + 1, end, depth, scan, names);
          if (scan.fault != Fault::none) return stop(scan, p, end, scan.fault);
        } else {
          p = skip_space(p + 1);
        }
        break;
      }
      if (*p != (object ? '}' : ']') || p >= end)
        return stop(scan, p, end, object ? Fault::bad_object : Fault::bad_array);
      ++p;
      if (object) names.close(depth);
      if (--depth == 0) {
        scan.at = p;
        return scan;
      }
    }
  }
}

}  // namespace

Scan scan_value(const char* p, const char* end) {
  NoNames names;
  return scan_any_value(p, end, names);
}

Scan scan_value_and_names(const char* p, const char* end) {
  NameWatch names;
  auto scan = scan_any_value(p, end, names);
  scan.odd_names |= names.odd();
  return scan;
}

bool is_named(std::string_view written, std::string_view name) {
  if (written == name) return name.find('\\') == std::string_view::npos;
  if (written.size() <= name.size() || written.find('\\') == std::string_view::npos) return false;
  std::string meant;
  append_unescaped(meant, {written.data() - 1, written.size() + 2});
  return meant == name;
}

std::string_view find_member(std::string_view object, std::string_view key) {
  std::string_view found;
  for_each_member(object, [&](std::string_view name, std::string_view value) {
    if (is_named(name, key)) found = value;
    return true;
  });
  return found;
}

namespace {

uint32_t hex4(const char* p) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    value = value * 16 + static_cast<uint32_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// `p` is at `\uXXXX`; appends the code point and gives the place behind it (and behind its pair).
const char* append_unicode_escape(std::string& out, const char* p, const char* end) {
  uint32_t code = hex4(p + 2);
  p += 6;
  if (code >= 0xD800 && code < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
    const uint32_t low = hex4(p + 2);
    if (low >= 0xDC00 && low < 0xE000) {
      append_utf8(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
      return p + 6;
    }
  }
  if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
  append_utf8(out, code);
  return p;
}

}  // namespace

void append_unescaped(std::string& out, std::string_view raw) {
  const char* p = raw.data() + 1;
  const char* const end = raw.data() + raw.size() - 1;
  while (p < end) {
    const auto* backslash =
        static_cast<const char*>(std::memchr(p, '\\', static_cast<size_t>(end - p)));
    if (backslash == nullptr) backslash = end;
    out.append(p, backslash);
    p = backslash;
    if (p == end) return;
    switch (p[1]) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u':
        p = append_unicode_escape(out, p, end);
        continue;
      default:
        out += p[1];
        break;  // quote, backslash, slash
    }
    p += 2;
  }
}

std::string_view string_content(std::string_view raw, std::string& scratch) {
  const std::string_view body = raw.substr(1, raw.size() - 2);
  if (body.find('\\') == std::string_view::npos) return body;
  scratch.clear();
  append_unescaped(scratch, raw);
  return scratch;
}

std::string padded_copy(std::string_view text) {
  std::string copy;
  copy.reserve(text.size() + kJsonPadding);
  copy.append(text);
  copy.append(kJsonPadding, '\0');
  return copy;
}

}  // namespace cairn::json

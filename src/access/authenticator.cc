#include "access/authenticator.h"

#include "access/internal/auth_words.h"
#include "access/internal/replay_guard.h"
#include "access/keys.h"
#include "aws/aws_chunked.h"
#include "aws/sigv4_verify.h"
#include "base/crypto.h"
#include "base/inflate.h"
#include "base/text.h"
#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace cairn::access {
namespace {

constexpr size_t kInflatePiece = 64 << 10;
/// Signs in the place of a key that is not there, so that its absence takes no less time.
constexpr std::string_view kNoSecret = "0000000000000000000000000000000000000000";

using Failure = std::optional<AuthFailure>;

/// The encodings in Content-Encoding but for aws-chunked and identity, in lower case.
std::vector<std::string> content_encodings(const aws::Headers& headers) {
  std::vector<std::string> encodings;
  for (const auto& header : headers) {
    if (!equals_ignoring_case(header.name, "content-encoding")) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const auto comma = std::min(rest.find(','), rest.size());
      auto one = to_lower(trimmed(rest.substr(0, comma)));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (!one.empty() && one != "aws-chunked" && one != "identity")
        encodings.push_back(std::move(one));
    }
  }
  return encodings;
}

bool is_read(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

/// One request on its way through the checks.
class Check {
 public:
  Check(const aws::ServerRequest& request, const aws::SignatureClaim& claim,
        const AuthContext& context, const AuthenticatorOptions& options)
      : request_(request), claim_(claim), context_(context), options_(options) {}

  /// The signature, and that its key may be used. Nothing about the key is told to who cannot sign.
  Failure check_signature(const std::optional<SigningKey>& found) {
    auto hash = aws::content_hash(claim_, request_);
    if (const auto* const problem = std::get_if<aws::SignatureProblem>(&hash))
      return problem_failure(context_, *problem);
    return check_signature(found, std::get<aws::ContentHash>(std::move(hash)));
  }

  /// The same before the body is there, as far as the head tells it.
  Failure check_head(const std::optional<SigningKey>& found) {
    auto hash = aws::content_hash_in_head(claim_, request_);
    if (!hash)
      return found && found->key.enabled && found->parent_good ? Failure() : unknown_key(context_);
    if (const auto* const problem = std::get_if<aws::SignatureProblem>(&*hash))
      return problem_failure(context_, *problem);
    return check_signature(found, std::get<aws::ContentHash>(*std::move(hash)));
  }

  /// The body that was signed, free of its encodings.
  Failure decode_body(std::string& body) {
    if (hash_.covers && !hash_.computed.empty() && hash_.computed != hash_.text)
      return wrong_content_hash(context_, hash_);
    if (hash_.text.starts_with("STREAMING-")) {
      if (auto failure = decode_chunks(body)) return failure;
    } else {
      body = request_.body;
    }
    if (auto failure = check_checksums(body)) return failure;
    // S3 keeps an object's encoding; to others it is a way to send.
    return context_.style == ErrorStyle::s3 ? std::nullopt : decompress(body);
  }

 private:
  Failure check_signature(const std::optional<SigningKey>& found, aws::ContentHash hash) {
    hash_ = std::move(hash);
    expected_ =
        aws::expected_signature(claim_, request_, found ? found->secret : kNoSecret, hash_.text);
    const bool equal = equal_in_constant_time(expected_.signature, claim_.signature);
    if (!found) return unknown_key(context_);
    if (!equal) return wrong_signature(context_, expected_);
    if (auto failure = check_token(*found)) return failure;
    const auto& key = found->key;
    const bool expired = key.expires_us && *key.expires_us <= context_.now_us;
    if (!key.enabled || !found->parent_good) return unknown_key(context_);
    if (expired && key.temporary()) return expired_token(context_);
    if (expired) return unknown_key(context_);
    return std::nullopt;
  }

  Failure check_token(const SigningKey& found) {
    const bool told = !claim_.session_token.empty();
    if (!found.key.temporary()) return told ? Failure(wrong_token(context_)) : std::nullopt;
    if (!told) return unknown_key(context_);
    const auto hash = to_hex(sha256(claim_.session_token));
    return equal_in_constant_time(hash, found.token_hash) ? std::nullopt
                                                          : Failure(wrong_token(context_));
  }

  Failure decode_chunks(std::string& body) {
    const auto form = aws::chunked_form(hash_.text);
    if (!form) return payload_not_implemented(context_);
    const auto length = trimmed(aws::find_header(request_.headers, "x-amz-decoded-content-length"));
    uint64_t decoded = 0;
    const auto [end, wrong] =
        std::from_chars(length.data(), length.data() + length.size(), decoded);
    if (length.empty() || wrong != std::errc() || end != length.data() + length.size())
      return length_missing(context_);
    const aws::ChunkSigner signer{.signing_key = expected_.signing_key, .scope = claim_.scope};
    auto result = aws::decode_aws_chunked(
        {.body = request_.body,
         .form = *form,
         .signer = signer,
         .seed = claim_.signature,
         .decoded_length = decoded,
         .bytes_max = options_.decoded_bytes_max,
         .trailer_names = aws::find_header(request_.headers, "x-amz-trailer")});
    if (const auto* const fault = std::get_if<aws::ChunkedFault>(&result))
      return chunked_failure(context_, *fault);
    auto& decoded_body = std::get<aws::ChunkedBody>(result);
    body = std::move(decoded_body.data);
    for (const auto& trailer : decoded_body.trailers)
      if (!aws::checksum_holds(trailer.name, trailer.value, body).value_or(true))
        return wrong_checksum(context_, trailer.name);
    return std::nullopt;
  }

  /// Of headers. S3 is the one that knows them.
  Failure check_checksums(const std::string& body) {
    if (context_.style != ErrorStyle::s3) return std::nullopt;
    for (const auto& header : request_.headers) {
      const auto name = to_lower(header.name);
      if (!aws::checksum_holds(name, trimmed(header.value), body).value_or(true))
        return wrong_checksum(context_, name);
    }
    return std::nullopt;
  }

  Failure decompress(std::string& body) {
    const auto encodings = content_encodings(request_.headers);
    if (encodings.empty()) return std::nullopt;
    if (encodings.size() > 1 || encodings.front() != "gzip")
      return bad_content_encoding(context_,
                                  fmt::format("Content-Encoding '{}' is not supported; gzip is.",
                                              printable(encodings.front())));
    const auto inflater = Inflater::gzip();
    std::string out;
    std::string_view left = body;
    for (bool finished = body.empty(); !finished;) {
      const size_t held = out.size();
      out.resize(held + kInflatePiece);
      const auto step = inflater->step(left, true, out.data() + held, kInflatePiece);
      if (!step.ok())
        return bad_content_encoding(context_, "The body is not the gzip that it claims to be.");
      const auto [taken, given, done] = step.value();
      out.resize(held + given);
      left.remove_prefix(taken);
      finished = done;
      if (out.size() > options_.decoded_bytes_max) return body_too_large(context_);
      if (finished ? inflater->trailing_bytes() > 0 : taken == 0 && given == 0)
        return bad_content_encoding(context_, "The body is not the gzip that it claims to be.");
    }
    body = std::move(out);
    return std::nullopt;
  }

  const aws::ServerRequest& request_;
  const aws::SignatureClaim& claim_;
  const AuthContext& context_;
  const AuthenticatorOptions& options_;
  aws::ContentHash hash_;
  aws::ExpectedSignature expected_;
};

}  // namespace

struct Authenticator::State {
  State(KeyStore& store, AuthenticatorOptions given)
      : keys(store),
        options(std::move(given)),
        replays(options.remembered_signatures_max, kReplayGraceUs) {}

  AuthContext context_of(const aws::ServerRequest& request, const aws::SignatureClaim& claim,
                         std::string_view service, ErrorStyle style, int64_t now_us) const {
    const bool named = !service.empty() || options.services.empty();
    return {.style = style,
            .request = request,
            .claim = claim,
            .service = named ? service : options.services.front(),
            .now_us = now_us,
            .skew_seconds = style == ErrorStyle::s3 ? aws::kS3SkewSeconds : aws::kSkewSeconds};
  }

  /// Form, time, headers and scope of the claim. `service`: as authenticate() was given it.
  Failure check_claim(const aws::ReadClaim& read, const AuthContext& context,
                      std::string_view service) const {
    if (read.problem) return problem_failure(context, *read.problem);
    const auto problem = aws::check_claim(read.claim, context.request,
                                          {.service = service,
                                           .now_us = context.now_us,
                                           .skew_seconds = context.skew_seconds,
                                           .s3 = context.style == ErrorStyle::s3});
    if (problem) return problem_failure(context, *problem);
    const auto& services = options.services;
    if (services.empty() ||
        std::find(services.begin(), services.end(), read.claim.scope.service) != services.end())
      return std::nullopt;
    return problem_failure(context,
                           {.fault = aws::SignatureFault::scope_wrong, .scope = {.service = true}});
  }

  KeyStore& keys;
  AuthenticatorOptions options;
  ReplayGuard replays;
};

Authenticator::Authenticator(KeyStore& keys, AuthenticatorOptions options)
    : state_(std::make_unique<State>(keys, std::move(options))) {}

Authenticator::Authenticator(Authenticator&&) noexcept = default;
Authenticator::~Authenticator() = default;

Status Authenticator::remember_in(const std::string& path, int64_t now_us) {
  return state_->replays.remember_in(path, now_us);
}

AuthResult Authenticator::authenticate(const aws::ServerRequest& request, std::string_view service,
                                       ErrorStyle style, int64_t now_us) {
  const auto read = aws::read_claim(request);
  const auto& claim = read.claim;
  const auto context = state_->context_of(request, claim, service, style, now_us);
  if (auto failure = state_->check_claim(read, context, service)) return *std::move(failure);
  auto found = state_->keys.signing_key(claim.access_key);
  if (!found.ok()) return internal_failure(context, found.error().message());
  Check check(request, claim, context, state_->options);
  if (auto failure = check.check_signature(found.value())) return *std::move(failure);
  Authenticated made;
  if (auto failure = check.decode_body(made.body)) return *std::move(failure);
  const int64_t keep_us = claim.signed_us + context.skew_seconds * kMicrosPerSecond - now_us;
  if (!claim.presigned && !is_read(request.method) &&
      !state_->replays.admit(claim.signature, now_us, keep_us))
    return repeated_request(context);
  const auto& key = found.value()->key;
  state_->keys.note_used(key.id, now_us);
  made.caller = key.caller();
  made.region = claim.scope.region;
  made.service = claim.scope.service;
  made.presigned = claim.presigned;
  made.session_token = claim.session_token;
  return made;
}

std::optional<AuthFailure> Authenticator::check_head(const aws::ServerRequest& head,
                                                     std::string_view service, ErrorStyle style,
                                                     int64_t now_us) {
  const auto read = aws::read_claim(head);
  const auto context = state_->context_of(head, read.claim, service, style, now_us);
  if (auto failure = state_->check_claim(read, context, service)) return failure;
  const auto found = state_->keys.signing_key(read.claim.access_key);
  if (!found.ok()) return internal_failure(context, found.error().message());
  return Check(head, read.claim, context, state_->options).check_head(found.value());
}

Result<std::optional<Caller>> Authenticator::authenticate_plain(std::string_view key_and_secret,
                                                                int64_t now_us) {
  const auto colon = std::min(key_and_secret.find(':'), key_and_secret.size());
  const auto secret = key_and_secret.substr(std::min(colon + 1, key_and_secret.size()));
  const auto found = CAIRN_TRY(state_->keys.signing_key(key_and_secret.substr(0, colon)));
  // Hashes are of one length, whatever is sent.
  const bool equal = equal_in_constant_time(
      sha256(found ? std::string_view(found->secret) : kNoSecret), sha256(secret));
  if (!found || !equal) return std::optional<Caller>();
  const auto& key = found->key;
  const bool expired = key.expires_us && *key.expires_us <= now_us;
  if (!key.enabled || expired || key.temporary()) return std::optional<Caller>();
  state_->keys.note_used(key.id, now_us);
  return std::optional(key.caller());
}

bool is_signed(const aws::ServerRequest& request) {
  return aws::claims_signature(request);
}

}  // namespace cairn::access

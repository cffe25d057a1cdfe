#include "aws/s3_xml.h"

#include "aws/uri.h"
#include "base/time.h"

#include <fmt/format.h>
#include <pugixml.hpp>

namespace cairn::aws {
namespace {

std::string without_quotes(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return std::string(text);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

Error not_of_s3(std::string_view what) {
  return {ErrorKind::corrupt,
          fmt::format("the answer is not the {} of S3; hint: check that the endpoint speaks S3's "
                      "protocol",
                      what)};
}

}  // namespace

Result<ListPage> parse_list_page(std::string_view body) {
  pugi::xml_document document;
  // Blank text matters: a key may be a blank.
  if (!document.load_buffer(body.data(), body.size(),
                            pugi::parse_default | pugi::parse_ws_pcdata_single))
    return not_of_s3("listing");
  const auto result = document.child("ListBucketResult");
  if (!result) return not_of_s3("listing");
  const bool encoded = std::string_view(result.child_value("EncodingType")) == "url";
  const auto name = [&](const char* text) { return encoded ? form_decode(text) : text; };
  ListPage page;
  for (const auto item : result.children("Contents")) {
    ListedObject object{.key = name(item.child_value("Key")),
                        .size_bytes = item.child("Size").text().as_ullong(),
                        .etag = without_quotes(item.child_value("ETag")),
                        .storage_class = item.child_value("StorageClass")};
    if (object.key.empty()) return not_of_s3("listing");
    object.modified_us = parse_iso8601(item.child_value("LastModified")).value_or(0);
    page.objects.push_back(std::move(object));
  }
  for (const auto item : result.children("CommonPrefixes"))
    page.common_prefixes.push_back(name(item.child_value("Prefix")));
  if (result.child("IsTruncated").text().as_bool()) {
    page.next_token = result.child_value("NextContinuationToken");
    if (page.next_token.empty()) return not_of_s3("listing");
  }
  return page;
}

Result<UploadPage> parse_upload_page(std::string_view body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size(),
                            pugi::parse_default | pugi::parse_ws_pcdata_single))
    return not_of_s3("list of uploads");
  const auto result = document.child("ListMultipartUploadsResult");
  if (!result) return not_of_s3("list of uploads");
  const bool encoded = std::string_view(result.child_value("EncodingType")) == "url";
  const auto name = [&](const char* text) { return encoded ? form_decode(text) : text; };
  UploadPage page;
  for (const auto item : result.children("Upload")) {
    page.uploads.push_back({.key = name(item.child_value("Key")),
                            .id = item.child_value("UploadId"),
                            .begun_us = parse_iso8601(item.child_value("Initiated")).value_or(0)});
    if (page.uploads.back().key.empty() || page.uploads.back().id.empty())
      return not_of_s3("list of uploads");
  }
  if (result.child("IsTruncated").text().as_bool()) {
    page.next_key = name(result.child_value("NextKeyMarker"));
    page.next_id = result.child_value("NextUploadIdMarker");
    if (page.next_key.empty()) return not_of_s3("list of uploads");
  }
  return page;
}

Result<std::string> parse_upload_id(std::string_view body) {
  pugi::xml_document document;
  std::string id;
  if (document.load_buffer(body.data(), body.size()))
    id = document.child("InitiateMultipartUploadResult").child_value("UploadId");
  if (id.empty()) return not_of_s3("beginning of an upload");
  return id;
}

std::string complete_upload_xml(const std::vector<UploadedPart>& parts) {
  std::string out = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const auto& part : parts) {
    out += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>&quot;{}&quot;</ETag>", part.number,
                       escaped(part.etag));
    if (!part.sha256_base64.empty())
      out += fmt::format("<ChecksumSHA256>{}</ChecksumSHA256>", part.sha256_base64);
    out += "</Part>";
  }
  return out + "</CompleteMultipartUpload>";
}

bool is_complete_upload_result(std::string_view body) {
  pugi::xml_document document;
  // By what it holds: S3 and its likes name the root differently.
  return document.load_buffer(body.data(), body.size()) && document.first_child().child("ETag");
}

}  // namespace cairn::aws

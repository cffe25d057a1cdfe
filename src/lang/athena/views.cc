#include "lang/athena/views.h"

#include "base/text.h"
#include "lang/athena/lexer.h"
#include "model/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace cairn::lang::athena {
namespace {

/// Columns that stay out of SELECT * because they repeat others or tell of files, not of events.
constexpr std::array<std::string_view, 4> kHidden{"eventTimeText", "eventJson", "sourceFile",
                                                  "recordNumber"};

/// The columns of Athena's DDL, in its order; a dot stands for a structure's field.
constexpr std::array<std::string_view, 54> kAthenaColumns{
    "eventVersion",
    "userIdentity.type",
    "userIdentity.principalId",
    "userIdentity.arn",
    "userIdentity.accountId",
    "userIdentity.invokedBy",
    "userIdentity.accessKeyId",
    "userIdentity.userName",
    "userIdentity.onBehalfOf.userId",
    "userIdentity.onBehalfOf.identityStoreArn",
    "userIdentity.sessionContext.attributes.mfaAuthenticated",
    "userIdentity.sessionContext.attributes.creationDate",
    "userIdentity.sessionContext.sessionIssuer.type",
    "userIdentity.sessionContext.sessionIssuer.principalId",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "userIdentity.sessionContext.sessionIssuer.accountId",
    "userIdentity.sessionContext.sessionIssuer.userName",
    "userIdentity.sessionContext.ec2RoleDelivery",
    "userIdentity.sessionContext.webIdFederationData.federatedProvider",
    "userIdentity.sessionContext.webIdFederationData.attributes",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "requestID",
    "eventID",
    "resources",
    "eventType",
    "apiVersion",
    "readOnly",
    "recipientAccountId",
    "serviceEventDetails",
    "sharedEventID",
    "vpcEndpointId",
    "vpcEndpointAccountId",
    "eventCategory",
    "addendum.reason",
    "addendum.updatedFields",
    "addendum.originalRequestID",
    "addendum.originalEventID",
    "sessionCredentialFromConsole",
    "edgeDeviceDetails",
    "tlsDetails.tlsVersion",
    "tlsDetails.cipherSuite",
    "tlsDetails.clientProvidedHostHeader",
    "insightDetails",
    "managementEvent",
};
constexpr size_t kAthenaStar = 52;  // the last two are there to be named

/// Fields of eventData in event data stores for AWS Config items and for events from outside AWS.
constexpr std::array<std::string_view, 31> kEventData{"eventVersion",
                                                      "eventCategory",
                                                      "eventType",
                                                      "eventID",
                                                      "eventTime",
                                                      "awsRegion",
                                                      "accountId",
                                                      "recipientAccountId",
                                                      "version",
                                                      "UID",
                                                      "eventSource",
                                                      "eventName",
                                                      "userAgent",
                                                      "sourceIPAddress",
                                                      "errorCode",
                                                      "errorMessage",
                                                      "requestParameters",
                                                      "responseElements",
                                                      "additionalEventData",
                                                      "configurationItemCaptureTime",
                                                      "configurationItemStatus",
                                                      "configurationStateId",
                                                      "resourceId",
                                                      "resourceName",
                                                      "resourceType",
                                                      "ARN",
                                                      "availabilityZone",
                                                      "resourceCreationTime",
                                                      "configuration",
                                                      "supplementaryConfiguration",
                                                      "tags"};

struct Partition {
  std::string_view name;
  std::string_view column;
  std::string_view time_format;  ///< empty: the column as it is
};

constexpr std::array kPartitions{
    Partition{"account", "recipientAccountId", ""},
    Partition{"region", "awsRegion", ""},
    Partition{"year", "eventTime", "%Y"},
    Partition{"month", "eventTime", "%m"},
    Partition{"day", "eventTime", "%d"},
    Partition{"timestamp", "eventTime", "%Y/%m/%d"},
    Partition{"date_partition", "eventTime", "%Y/%m/%d"},
    Partition{"account_partition", "recipientAccountId", ""},
    Partition{"region_partition", "awsRegion", ""},
};

Kind kind_of(model::ColumnType type) {
  switch (type) {
    case model::ColumnType::varchar:
      return Kind::varchar;
    case model::ColumnType::boolean:
      return Kind::boolean;
    case model::ColumnType::timestamp:
      return Kind::timestamp;
    case model::ColumnType::json:
      return Kind::json;
    case model::ColumnType::bigint:
      return Kind::integer;
  }
  return Kind::unknown;
}

bool is_hidden(std::string_view name) {
  return std::find(kHidden.begin(), kHidden.end(), name) != kHidden.end();
}

/// Sets type and conversion of a column as `flavour` shows it.
void shape(Field& field, Flavour flavour, std::string_view column, Kind physical) {
  field.column = column;
  field.kind = physical;
  if (column == "resources") {
    field.kind = Kind::list;
    field.conversion = Conversion::resources;
  } else if (flavour == Flavour::athena) {
    field.kind = Kind::varchar;
    if (column == "eventTime")
      field.column = "eventTimeText";
    else if (column == "userIdentity.sessionContext.webIdFederationData.attributes") {
      field.kind = Kind::map;
      field.conversion = Conversion::map;
    } else if (physical == Kind::timestamp) {
      field.conversion = Conversion::iso_time;
    } else if (physical != Kind::varchar) {
      field.conversion = Conversion::text;
    }
  } else if (flavour == Flavour::lake && physical == Kind::json) {
    const bool as_text = column == "eventJson" || column == "edgeDeviceDetails" ||
                         column == "insightDetails" || column == "eventContext";
    field.kind = as_text ? Kind::varchar : Kind::map;
    field.conversion = as_text ? Conversion::text : Conversion::map;
  }
}

/// Puts `column` ("a.b.c") into the tree below `root`, making structures on the way.
void add_column(View& view, std::string_view column, bool in_star) {
  const int index = model::find_column(column);
  if (index < 0) return;
  Field* parent = &view.root;
  std::string_view rest = column;
  while (true) {
    const size_t dot = rest.find('.');
    std::string name(rest.substr(0, dot));
    if (view.flavour == Flavour::athena) name = to_lower(name);
    auto found = std::find_if(parent->fields.begin(), parent->fields.end(),
                              [&](const Field& field) { return field.name == name; });
    if (found == parent->fields.end()) {
      parent->fields.push_back(Field{.name = name, .kind = Kind::structure, .in_star = in_star});
      found = parent->fields.end() - 1;
    }
    if (dot == std::string_view::npos) {
      if (found->column.empty())
        shape(*found, view.flavour, column,
              kind_of(model::columns()[static_cast<size_t>(index)].type));
      return;
    }
    parent = &*found;
    rest.remove_prefix(dot + 1);
  }
}

void add_internal(View& view, std::string name, Kind kind, std::string_view column) {
  view.root.fields.push_back(Field{
      .name = std::move(name), .kind = kind, .column = std::string(column), .in_star = false});
}

void add_partitions(View& view) {
  for (const auto& partition : kPartitions) {
    Field field{.name = std::string(partition.name),
                .column = std::string(partition.column),
                .in_star = false};
    if (!partition.time_format.empty()) {
      field.conversion = Conversion::time_part;
      field.detail = partition.time_format;
    }
    view.root.fields.push_back(std::move(field));
  }
}

void make_event_data(View& view) {
  for (auto& field : view.root.fields) {
    if (field.name != "eventData") continue;
    field = Field{.name = "eventData", .kind = Kind::structure, .in_star = false};
    for (const auto part : kEventData)
      field.fields.push_back(Field{.name = std::string(part),
                                   .column = "eventData",
                                   .conversion = Conversion::json_part,
                                   .detail = fmt::format("/{}", part)});
  }
}

void leaves_of(const Field& field, std::vector<const Field*>& out) {
  if (field.fields.empty()) {
    if (field.in_star) out.push_back(&field);
    return;
  }
  for (const auto& child : field.fields) leaves_of(child, out);
}

/// Whether a whole structure shows `field`: some are there to be named only.
bool is_shown(const Field& field) {
  std::vector<const Field*> leaves;
  leaves_of(field, leaves);
  return !leaves.empty();
}

Json structure_value(const Field& field, Flavour flavour, std::vector<std::string_view>& macros) {
  std::vector<Json> members;
  for (const auto& child : field.fields) {
    if (!is_shown(child)) continue;
    Json value = value_of(child, flavour, macros);
    value["alias"] = child.name;
    members.push_back(std::move(value));
  }
  std::vector<const Field*> leaves;
  leaves_of(field, leaves);
  std::vector<Json> present;
  for (const auto* leaf : leaves) {
    std::vector<Json> operand;
    operand.push_back(column_ref({leaf->column}));
    present.push_back(operation("OPERATOR_IS_NOT_NULL", std::move(operand)));
    if (leaf->conversion == Conversion::json_part) break;  // they share one column
  }
  Json any = present.size() == 1 ? std::move(present[0])
                                 : conjunction("CONJUNCTION_OR", std::move(present));
  return choose(std::move(any), call("struct_pack", std::move(members)), null_constant());
}

std::vector<Json> two(Json a, Json b) {
  std::vector<Json> out;
  out.push_back(std::move(a));
  out.push_back(std::move(b));
  return out;
}

std::vector<Json> one(Json a) {
  std::vector<Json> out;
  out.push_back(std::move(a));
  return out;
}

}  // namespace

const Field* Field::find(std::string_view field_name) const {
  for (const auto& field : fields)
    if (equals_ignoring_case(field.name, field_name)) return &field;
  return nullptr;
}

View make_view(Flavour flavour) {
  View view{.flavour = flavour, .root = Field{.kind = Kind::structure}};
  if (flavour == Flavour::athena)
    for (size_t i = 0; i < kAthenaColumns.size(); ++i)
      add_column(view, kAthenaColumns[i], i < kAthenaStar);
  const bool others_in_star = flavour != Flavour::athena;
  for (const auto& column : model::columns()) {
    const bool lake_json = flavour == Flavour::lake && column.name == "eventJson";
    add_column(view, column.name, others_in_star && (lake_json || !is_hidden(column.name)));
  }
  if (flavour == Flavour::lake)
    make_event_data(view);
  else
    add_partitions(view);
  add_internal(view, "@time", Kind::timestamp, "eventTime");
  if (flavour == Flavour::lake)
    for (const auto& column : model::columns())
      if (column.type == model::ColumnType::json && column.name.find('.') == std::string_view::npos)
        add_internal(view, fmt::format("@json.{}", column.name), Kind::json, column.name);
  return view;
}

bool find_flavour(std::string_view schema, std::string_view table, Flavour& flavour) {
  constexpr std::string_view kPrefix = "cloudtrail";
  const auto begins = [&](std::string_view name) {
    return equals_ignoring_case(name.substr(0, kPrefix.size()), kPrefix);
  };
  if (is_uuid(table))
    flavour = Flavour::lake;
  else if (begins(schema))
    flavour = Flavour::athena;
  else if (equals_ignoring_case(table, kPrefix))
    flavour = Flavour::cairn;
  else if (begins(table))
    flavour = Flavour::athena;
  else
    return false;
  return true;
}

Json value_of(const Field& field, Flavour flavour, std::vector<std::string_view>& macros) {
  if (!field.fields.empty()) return structure_value(field, flavour, macros);
  Json column = column_ref({field.column});
  const auto macro = [&](std::string_view name) {
    macros.push_back(name);
    return call(name, one(std::move(column)));
  };
  switch (field.conversion) {
    case Conversion::as_is:
      return column;
    case Conversion::text:
      return cast(std::move(column), "VARCHAR");
    case Conversion::iso_time:
      return call("strftime", two(std::move(column), constant("%Y-%m-%dT%H:%M:%SZ")));
    case Conversion::map:
      return macro("athena_text_map");
    case Conversion::resources:
      return macro(flavour == Flavour::athena ? "athena_resources"
                   : flavour == Flavour::lake ? "lake_resources"
                                              : "cairn_resources");
    case Conversion::time_part:
      return call("strftime", two(std::move(column), constant(field.detail)));
    case Conversion::json_part:
      return call("json_extract_string", two(std::move(column), constant(field.detail)));
  }
  return column;
}

std::string type_text(const Field& field, Flavour flavour) {
  if (field.fields.empty()) {
    if (field.kind == Kind::map) return "map(varchar, varchar)";
    if (field.kind == Kind::integer) return "bigint";
    if (field.kind != Kind::list) return std::string(name_of(field.kind));
    return flavour == Flavour::athena ? "array(row(arn varchar, accountid varchar, type varchar))"
           : flavour == Flavour::lake
               ? "array(row(accountId varchar, type varchar, arn varchar, arnPrefix varchar))"
               : "array(row(ARN varchar, ARNPrefix varchar, accountId varchar, type varchar))";
  }
  std::string out = "row(";
  for (const auto& child : field.fields) {
    if (!is_shown(child)) continue;
    if (out.size() > 4) out += ", ";
    out += child.name + ' ' + type_text(child, flavour);
  }
  return out + ')';
}

}  // namespace cairn::lang::athena

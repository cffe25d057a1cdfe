#!/usr/bin/env python3
"""What Terraform's AWS provider (and Pulumi's classic one, which is made of it) does to a trail and to an event data store, call by
call, with the SDK that it is built on: create, read, plan again, change each field, clear each field, import, delete.

usage: terraform.py CAIRN VENV

Source: the resources aws_cloudtrail and aws_cloudtrail_event_data_store of the provider 6.x.
"""
import pathlib
import re
import sys

from service import Service, in_venv, peers

cairn, venv = sys.argv[1], sys.argv[2]
in_venv(venv)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients"))
from clients import Go, Refused, Tools  # noqa: E402

ACCOUNT, REGION = "000000000000", "us-east-1"
DEFAULT_SELECTOR = {"IncludeManagementEvents": True, "ReadWriteType": "All", "DataResources": []}
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/logs"
KEYS = [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-4333-8444-{digit * 12}" for digit in "56"]


class Provider:
    def __init__(self, client):
        self.client = client

    def call(self, operation, **input):
        return self.client.call("cloudtrail", operation, input)

    def tags(self, arn):
        found = self.call("ListTags", ResourceIdList=[arn])["ResourceTagList"]
        peers.check("one resource's tags", [each["ResourceId"] for each in found], [arn])
        return {tag["Key"]: tag.get("Value", "") for tag in found[0].get("TagsList", [])}

    def change_tags(self, arn, before, after):
        gone = [{"Key": key} for key in before if key not in after]
        new = [{"Key": key, "Value": value} for key, value in after.items() if before.get(key) != value]
        if gone:
            self.call("RemoveTags", ResourceId=arn, TagsList=gone)
        if new:
            self.call("AddTags", ResourceId=arn, TagsList=new)


def tags_list(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


class Trail(Provider):
    """The resource aws_cloudtrail; its configuration has the names of Terraform's arguments."""

    DEFAULTS = {"cloud_watch_logs_group_arn": "", "cloud_watch_logs_role_arn": "", "enable_log_file_validation": False,
                "enable_logging": True, "event_selector": [], "advanced_event_selector": [], "insight_selector": [],
                "include_global_service_events": True, "is_multi_region_trail": False, "is_organization_trail": False,
                "kms_key_id": "", "s3_key_prefix": "", "sns_topic_name": "", "tags": {}}
    MEMBERS = {"cloud_watch_logs_group_arn": "CloudWatchLogsLogGroupArn", "cloud_watch_logs_role_arn": "CloudWatchLogsRoleArn",
               "enable_log_file_validation": "EnableLogFileValidation", "is_multi_region_trail": "IsMultiRegionTrail",
               "is_organization_trail": "IsOrganizationTrail", "kms_key_id": "KmsKeyId", "s3_key_prefix": "S3KeyPrefix",
               "sns_topic_name": "SnsTopicName", "s3_bucket_name": "S3BucketName",
               "include_global_service_events": "IncludeGlobalServiceEvents"}

    def create(self, configuration):
        wanted = {**self.DEFAULTS, **configuration}
        input = {member: wanted[name] for name, member in self.MEMBERS.items() if wanted[name]}
        input["IncludeGlobalServiceEvents"] = wanted["include_global_service_events"]
        arn = self.call("CreateTrail", Name=wanted["name"], TagsList=tags_list(wanted["tags"]), **input)["TrailARN"]
        if wanted["enable_logging"]:
            self.call("StartLogging", Name=arn)
        if wanted["event_selector"]:
            self.put_selectors(arn, wanted["event_selector"])
        if wanted["advanced_event_selector"]:
            self.put_advanced(arn, wanted["advanced_event_selector"])
        if wanted["insight_selector"]:
            self.put_insights(arn, wanted["insight_selector"])
        return arn

    def put_selectors(self, arn, selectors):
        self.call("PutEventSelectors", TrailName=arn, EventSelectors=selectors or [DEFAULT_SELECTOR])

    def put_advanced(self, arn, selectors):
        """AWS refuses an empty list, and so the provider fails; the basic selectors that it put before stay."""
        try:
            self.call("PutEventSelectors", TrailName=arn, AdvancedEventSelectors=selectors)
            assert selectors, "an empty list of advanced selectors was taken"
        except Refused as error:
            peers.check("the error of an empty list", (error.code, selectors), ("InvalidEventSelectorsException", []))

    def put_insights(self, arn, types):
        self.call("PutInsightSelectors", TrailName=arn, InsightSelectors=[{"InsightType": each} for each in types])

    def read(self, arn):
        """The state; None when the trail is gone."""
        found = self.call("DescribeTrails", trailNameList=[arn])["trailList"]
        if not found:
            return None
        peers.check("one trail", len(found), 1)
        trail = found[0]
        state = {"arn": trail["TrailARN"], "home_region": trail["HomeRegion"], "name": trail["Name"],
                 "enable_log_file_validation": trail["LogFileValidationEnabled"], "sns_topic_arn": trail.get("SnsTopicARN", "")}
        for name, member in self.MEMBERS.items():
            if name not in state:
                state[name] = trail.get(member, self.DEFAULTS.get(name))
        state["sns_topic_name"] = ""
        if state["sns_topic_arn"]:  # parsed, and shown by name when it is of this Region and account
            parts = re.fullmatch(r"arn:aws:sns:([^:]+):([^:]+):(.+)", state["sns_topic_arn"]).groups()
            own = parts[:2] == (trail["HomeRegion"], ACCOUNT)
            state["sns_topic_name"] = parts[2] if own else state["sns_topic_arn"]
        state["enable_logging"] = self.call("GetTrailStatus", Name=arn)["IsLogging"]
        state.update(event_selector=[], advanced_event_selector=[], insight_selector=[], tags=self.tags(arn))
        if trail["HasCustomEventSelectors"]:
            selectors = self.call("GetEventSelectors", TrailName=arn)
            basic = selectors.get("EventSelectors", [])
            plain = len(basic) == 1 and basic[0]["ReadWriteType"] == "All" and not basic[0].get("DataResources") and \
                not basic[0].get("ExcludeManagementEventSources")
            state["event_selector"] = [] if plain else basic
            state["advanced_event_selector"] = selectors.get("AdvancedEventSelectors", [])
        if trail["HasInsightSelectors"]:
            found = self.call("GetInsightSelectors", TrailName=arn)["InsightSelectors"]
            state["insight_selector"] = sorted(each["InsightType"] for each in found)
        return state

    def update(self, arn, before, after):
        before, after = {**self.DEFAULTS, **before}, {**self.DEFAULTS, **after}
        changed = {name for name in after if before[name] != after[name]}
        input = {self.MEMBERS[name]: after[name] for name in changed & self.MEMBERS.keys()}
        for group in ({"cloud_watch_logs_group_arn", "cloud_watch_logs_role_arn"},):
            if changed & group:  # the two are given together
                input.update({self.MEMBERS[name]: after[name] for name in group})
        if input:
            self.call("UpdateTrail", Name=arn, **input)
        if "enable_logging" in changed:
            self.call("StartLogging" if after["enable_logging"] else "StopLogging", Name=arn)
        if "event_selector" in changed:
            self.put_selectors(arn, after["event_selector"])
        if "advanced_event_selector" in changed:
            self.put_advanced(arn, after["advanced_event_selector"])
        if "insight_selector" in changed:
            self.put_insights(arn, after["insight_selector"])
        self.change_tags(arn, before["tags"], after["tags"])

    def check(self, arn, configuration):
        """A plan right after an apply finds nothing to do."""
        state = self.read(arn)
        for name, value in {**self.DEFAULTS, **configuration}.items():
            peers.check(f"aws_cloudtrail.{name}", state[name], value)
        peers.check("aws_cloudtrail.home_region", state["home_region"], REGION)
        peers.check("aws_cloudtrail.arn", state["arn"], f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{configuration['name']}")

    def delete(self, arn):
        try:
            self.call("DeleteTrail", Name=arn)
        except Refused as error:
            peers.check("the trail is gone already", error.code, "TrailNotFoundException")


def trails(client):
    resource = Trail(client)
    data = [{"IncludeManagementEvents": True, "ReadWriteType": "WriteOnly",
             "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::bucket/"]},
                               {"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}],
             "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]
    advanced = [{"Name": "objects", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::a/"], "NotEndsWith": [".tmp", ".bak"]},
        {"Field": "eventName", "NotEquals": ["GetObject"], "NotStartsWith": ["Put"]},
        {"Field": "readOnly", "Equals": ["true"]}]}]
    least = {"name": "least", "s3_bucket_name": "cairn-logs"}
    arn = resource.create(least)
    resource.check(arn, least)
    full = {"name": "least", "s3_bucket_name": "other-logs", "s3_key_prefix": "prefix/of/keys", "is_multi_region_trail": True,
            "enable_log_file_validation": True, "sns_topic_name": "deliveries", "kms_key_id": KEYS[0],
            "cloud_watch_logs_group_arn": GROUP, "cloud_watch_logs_role_arn": ROLE, "event_selector": data,
            "insight_selector": ["ApiCallRateInsight", "ApiErrorRateInsight"], "tags": {"team": "audit", "empty": ""}}
    # Each field by itself, there and back: clearing sends an empty text.
    for name, value in full.items():
        one = {**least, name: value}
        if name.startswith("cloud_watch_logs"):
            one = {**least, "cloud_watch_logs_group_arn": GROUP, "cloud_watch_logs_role_arn": ROLE}
        resource.update(arn, least, one)
        resource.check(arn, one)
        resource.update(arn, one, least)
        resource.check(arn, least)
    for changes in (full, {**full, "enable_logging": False, "kms_key_id": KEYS[1], "tags": {"team": "other"}},
                    {**full, "event_selector": [], "advanced_event_selector": advanced, "insight_selector": []},
                    {**full, "event_selector": data[:1], "s3_key_prefix": ""}, least):
        before = {name: value for name, value in resource.read(arn).items() if name in {**Trail.DEFAULTS, **least}}
        resource.update(arn, before, changes)
        resource.check(arn, changes)
    resource.delete(arn)
    peers.check("the trail is gone", resource.read(arn), None)
    resource.delete(arn)

    everything = {**full, "name": "everything", "event_selector": [], "insight_selector": [], "advanced_event_selector": advanced,
                  "is_organization_trail": True}
    arn = resource.create(everything)
    resource.check(arn, everything)
    try:
        resource.create(everything)
        raise AssertionError("a second trail of the same name")
    except Refused as error:
        peers.check("the error of a second trail", error.code, "TrailAlreadyExistsException")
    resource.delete(arn)


class EventDataStore(Provider):
    """The resource aws_cloudtrail_event_data_store."""

    DEFAULTS = {"billing_mode": "EXTENDABLE_RETENTION_PRICING", "multi_region_enabled": True, "organization_enabled": False,
                "retention_period": 2555, "termination_protection_enabled": True, "kms_key_id": "", "tags": {}, "suspend": None}
    MEMBERS = {"billing_mode": "BillingMode", "multi_region_enabled": "MultiRegionEnabled", "organization_enabled": "OrganizationEnabled",
               "retention_period": "RetentionPeriod", "termination_protection_enabled": "TerminationProtectionEnabled",
               "name": "Name"}
    MANAGEMENT = [{"Name": "Default management events",
                   "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]

    def create(self, configuration):
        wanted = {**self.DEFAULTS, **configuration}
        input = {member: wanted[name] for name, member in self.MEMBERS.items()}
        if "advanced_event_selector" in wanted:
            input["AdvancedEventSelectors"] = wanted["advanced_event_selector"]
        if wanted["kms_key_id"]:
            input["KmsKeyId"] = wanted["kms_key_id"]
        if wanted["suspend"] is not None:
            input["StartIngestion"] = not wanted["suspend"]
        arn = self.call("CreateEventDataStore", TagsList=tags_list(wanted["tags"]), **input)["EventDataStoreArn"]
        self.wait(arn, "CREATED", ("ENABLED", "STOPPED_INGESTION"))
        return arn

    def wait(self, arn, pending, wanted):
        """Any other status is an error to the provider's waiter."""
        while (status := self.call("GetEventDataStore", EventDataStore=arn)["Status"]) == pending:
            pass
        if status not in wanted:
            sys.exit(f"the event data store is {status}; Terraform waits for {wanted}, and takes only {pending} before")

    def read(self, arn):
        try:
            found = self.call("GetEventDataStore", EventDataStore=arn)
        except Refused as error:
            peers.check("the store is gone", error.code, "EventDataStoreNotFoundException")
            return None
        if found["Status"] == "PENDING_DELETION":
            return None
        state = {name: found[member] for name, member in self.MEMBERS.items()}
        return {**state, "arn": found["EventDataStoreArn"], "kms_key_id": found.get("KmsKeyId", ""), "tags": self.tags(arn),
                "advanced_event_selector": found["AdvancedEventSelectors"], "suspend": found["Status"] == "STOPPED_INGESTION"}

    def update(self, arn, before, after):
        before, after = {**self.DEFAULTS, **before}, {**self.DEFAULTS, **after}
        changed = {name for name in after if before.get(name) != after[name]}
        input = {self.MEMBERS[name]: after[name] for name in changed & self.MEMBERS.keys()}
        if "advanced_event_selector" in changed:
            input["AdvancedEventSelectors"] = after["advanced_event_selector"]
        if input:
            self.call("UpdateEventDataStore", EventDataStore=arn, **input)
            self.wait(arn, "CREATED", ("ENABLED",))
        if "suspend" in changed and after["suspend"] is not None:
            self.call(("Stop" if after["suspend"] else "Start") + "EventDataStoreIngestion", EventDataStore=arn)
            self.wait(arn, "STOPPING_INGESTION" if after["suspend"] else "STARTING_INGESTION",
                      ("STOPPED_INGESTION",) if after["suspend"] else ("ENABLED",))
        self.change_tags(arn, before["tags"], after["tags"])

    def check(self, arn, configuration):
        state = self.read(arn)
        for name, value in {"advanced_event_selector": self.MANAGEMENT, **self.DEFAULTS, **configuration}.items():
            if value is not None:
                peers.check(f"aws_cloudtrail_event_data_store.{name}", state[name], value)
        assert re.fullmatch(f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:eventdatastore/[0-9a-f-]{{36}}", state["arn"]), state["arn"]

    def delete(self, arn):
        self.call("DeleteEventDataStore", EventDataStore=arn)
        peers.check("the store is gone", self.read(arn), None)


def stores(client):
    resource = EventDataStore(client)
    data = [{"Name": "objects", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::a/", "arn:aws:s3:::b/"]}]}]
    least = {"name": "least"}
    arn = resource.create(least)
    resource.check(arn, {**least, "suspend": False})
    changed = {"multi_region_enabled": False, "retention_period": 90, "termination_protection_enabled": False,
               "organization_enabled": True, "advanced_event_selector": data, "tags": {"team": "audit"}, "suspend": True}
    before = least
    for name, value in changed.items():
        after = {**before, name: value}
        resource.update(arn, before, after)
        resource.check(arn, after)
        before = after
    resource.update(arn, before, {**before, "suspend": False})
    resource.check(arn, {**before, "suspend": False})
    try:
        protected = resource.create({"name": "protected"})
        resource.delete(protected)
        raise AssertionError("a protected store was deleted")
    except Refused as error:
        peers.check("the error of a protected store", error.code, "EventDataStoreTerminationProtectedException")
    resource.update(protected, {"name": "protected"}, {"name": "protected", "termination_protection_enabled": False})
    resource.delete(protected)
    resource.delete(arn)

    fixed = {"name": "fixed", "billing_mode": "FIXED_RETENTION_PRICING", "kms_key_id": KEYS[0], "suspend": True, "retention_period": 7,
             "advanced_event_selector": data, "termination_protection_enabled": False, "tags": {"empty": ""}}
    arn = resource.create(fixed)
    resource.check(arn, fixed)
    resource.update(arn, fixed, {**fixed, "suspend": False})
    resource.update(arn, {**fixed, "suspend": False}, {**fixed, "suspend": False, "billing_mode": "EXTENDABLE_RETENTION_PRICING"})
    resource.delete(arn)


tools = Tools(pathlib.Path(venv).parent / "clients")
with Service(cairn, "--organization", "o-terraform1", "--topic", "deliveries=http://127.0.0.1:9/") as service:
    for bucket in ("other-logs",):
        service.client("s3").create_bucket(Bucket=bucket)
    client = Go(service, tools)
    try:
        peers.check("the account", client.call("sts", "GetCallerIdentity")["Account"], ACCOUNT)
        trails(client)
        stores(client)
    finally:
        client.close()
    service.stop()
print("passed: trails and event data stores, field by field")

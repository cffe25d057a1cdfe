"""A plain, independent reader of CloudTrail events, to compare cairn with. Slow and short on purpose; it shares
nothing with cairn. It knows the forms that the real logs of CAIRN_TEST_DATA come in."""
import gzip
import json
import re

EVENT_MEMBERS = {"eventName", "eventVersion", "eventSource", "eventType", "eventCategory", "insightDetails", "eventData"}
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$")


class Number(str):
    """A number with its digits as they were written."""


def parse(text):
    """The JSON documents in `text`, one after the other; None for what is no JSON up to the end of its line."""
    decoder = json.JSONDecoder(parse_int=Number, parse_float=Number)
    at = 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        if at >= len(text):
            return
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except ValueError:
            yield None
            end = text.find("\n", at)
            at = len(text) if end < 0 else end


def is_event(value):
    time = value.get("eventTime")
    return isinstance(time, str) and bool(TIME.match(time.strip())) and bool(EVENT_MEMBERS & value.keys())


def events_in(value):
    """The events within a document, wrappers removed."""
    if isinstance(value, list):
        for element in value:
            yield from events_in(element)
    elif isinstance(value, dict):
        if is_event(value):
            yield value
        elif "detail-type" in value and "detail" in value:
            if str(value["detail-type"]).endswith("via CloudTrail"):
                yield from events_in(value["detail"])
        elif isinstance(value.get("CloudTrailEvent"), str):
            for inner in parse(value["CloudTrailEvent"]):
                yield from events_in(inner)
        elif isinstance(value.get("Records"), list):
            yield from events_in(value["Records"])
        elif isinstance(value.get("logEvents"), list):
            for entry in value["logEvents"]:
                for inner in parse(entry["message"]):
                    yield from events_in(inner)
        elif isinstance(value.get("Events"), list):
            yield from events_in(value["Events"])


def events_of(path):
    """The events of a file; none if it is not a text."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    if text[:1] not in ("{", "[") and text.lstrip()[:1] not in ("{", "["):
        return
    for document in parse(text):
        yield from events_in(document)


def canonical(event):
    """Text that is equal for events that are JSON-equal, digits of numbers included."""
    return json.dumps(event, sort_keys=True, default=str)

"""Inputs of operations, made from the shapes of botocore's service models."""
import datetime

UUID = "11111111-2222-4333-8444-555555555555"


def sample(shape, name=""):
    """The least input that the model allows."""
    kind = shape.type_name
    if kind == "structure":
        return {member: sample(shape.members[member], member) for member in shape.required_members}
    if kind == "list":
        return [sample(shape.member, name)] * max(1, shape.metadata.get("min", 1))
    if kind == "map":
        return {sample(shape.key): sample(shape.value)}
    if kind in ("integer", "long"):
        return shape.metadata.get("min", 1)
    if kind == "boolean":
        return True
    if kind == "timestamp":
        return datetime.datetime(2026, 1, 1)
    if kind in ("float", "double"):
        return 1.0
    if shape.metadata.get("enum"):
        return shape.metadata["enum"][0]
    if name in ("ImportId", "QueryId"):
        return UUID
    if name == "EventSource":
        return "ec2.amazonaws.com"
    if name.endswith("AccountId"):
        return "111122223333"
    return "sample"

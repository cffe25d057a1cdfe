"""Lakes of programs that knew fewer columns. Wants pyiceberg and pyarrow."""
import json
import pathlib

YOUNGER = {"eventContext", "tlsDetails.keyExchange", "userIdentity.inScopeOf", "userIdentity.sessionContext.assumedRoot",
           "resourceARNs"}


def without(fields, names, prefix=""):
    """Iceberg's fields, but for those."""
    left = []
    for field in fields:
        if prefix + field["name"] in names:
            continue
        if isinstance(field["type"], dict) and field["type"]["type"] == "struct":
            members = without(field["type"]["fields"], names, f"{prefix}{field['name']}.")
            field = {**field, "type": {**field["type"], "fields": members}}
        left.append(field)
    return left


def older_lake(lake, folder, row_filter, names=YOUNGER):
    """A lake as a program wrote it that did not know these columns, with some events of `lake`; gives how many."""
    import pyarrow
    from pyiceberg.catalog.sql import SqlCatalog

    def cut(array, kind):
        if not pyarrow.types.is_struct(kind):
            return array.cast(kind)
        return pyarrow.StructArray.from_arrays([cut(array.field(member.name), member.type) for member in kind],
                                               fields=list(kind), mask=array.is_null())

    newer = SqlCatalog("cairn", uri=f"sqlite:///{lake}/catalog.db").load_table("cairn.cloudtrail")
    document = json.loads(pathlib.Path(newer.metadata_location.removeprefix("file://")).read_text())
    document["schemas"] = [{**schema, "fields": without(schema["fields"], names)} for schema in document["schemas"]]
    document.update({"location": f"file://{folder}/cairn/cloudtrail", "last-sequence-number": 0, "current-snapshot-id": None,
                     "refs": {}, "snapshots": [], "snapshot-log": [], "metadata-log": []})
    first = folder / "cairn/cloudtrail/metadata/00000-00000000-0000-4000-8000-000000000000.metadata.json"
    first.parent.mkdir(parents=True)
    first.write_text(json.dumps(document))
    catalog = SqlCatalog("cairn", uri=f"sqlite:///{folder}/catalog.db")
    catalog.create_namespace("cairn")
    older = catalog.register_table("cairn.cloudtrail", f"file://{first}")
    schema = older.schema().as_arrow()
    events = newer.scan(row_filter=row_filter).to_arrow().combine_chunks()
    older.append(pyarrow.Table.from_arrays([cut(events.column(field.name).combine_chunks(), field.type) for field in schema],
                                           schema=schema))
    return events.num_rows

"""The annotations that a page has already: which stay, and as what.

Notes, highlights and drawings stay. A link stays when it leads to the web, to an address of mail or to a page of the
export. Form fields and what holds files, sound or films become pictures of themselves. Actions and scripts never come
along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
)

from rag.export.pdf.copying import Copier

_STAY = {
    "/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline",
    "/Squiggly", "/StrikeOut", "/Caret", "/Stamp", "/Ink", "/Redact", "/Watermark",
}  # fmt: skip
_PICTURED = {"/Widget", "/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D", "/Sound", "/PrinterMark"}
_LOOKS = ("/Rect", "/F", "/Border", "/C", "/BS", "/OC", "/H", "/QuadPoints", "/CA", "/ca", "/BM")
_SAYS = (
    "/Contents", "/NM", "/M", "/T", "/RC", "/CreationDate", "/Subj", "/IT", "/InkList", "/Vertices", "/L", "/LE", "/IC",
    "/BE", "/CL", "/DS", "/DA", "/RD", "/Q", "/Name", "/Open", "/LL", "/LLE", "/Cap", "/CO", "/CP", "/Sy", "/Lang",
)  # fmt: skip
_HIDDEN = 2  # bit of /F
_LOCKED = 64 | 4  # cannot be moved; is printed
_WEB = ("http://", "https://", "mailto:")  # other addresses run scripts, open files, or lead nowhere
_MAX_DEPTH = 32  # of a tree of names
PageOf = Callable[[PdfObject], PdfObject | None]  # a page of the file -> that page in the export, if it is there


def originals(page: DictionaryObject, reader: PdfReader, copier: Copier, page_of: PageOf) -> Iterator[DictionaryObject]:
    """Yield copies of the annotations of a page."""
    annotations = _object(page.get("/Annots"))
    for item in annotations if isinstance(annotations, ArrayObject) else ():
        annotation = _object(item)
        if isinstance(annotation, DictionaryObject):
            kept = _kept(annotation, reader, copier, page_of)
            if kept is not None:
                yield kept


def _kept(annotation: DictionaryObject, reader: PdfReader, copier: Copier, page_of: PageOf) -> DictionaryObject | None:
    subtype = _object(annotation.get("/Subtype"))
    if subtype == "/Link":
        target = _target(annotation, reader, page_of)
        if target is None:
            return None
        kept = _of(annotation, "/Link", copier, _LOOKS)
        kept.update(target)
        return kept
    if subtype in _STAY:
        kept = _of(annotation, str(subtype), copier, (*_LOOKS, *_SAYS))
        appearance = _object(annotation.get("/AP"))
        if isinstance(appearance, DictionaryObject) and "/N" in appearance:
            normal = copier.copy(appearance.raw_get("/N"))
            kept[NameObject("/AP")] = DictionaryObject({NameObject("/N"): normal})
            if "/AS" in annotation:
                kept[NameObject("/AS")] = annotation["/AS"]
        return kept
    if subtype in _PICTURED and not int(_number(annotation.get("/F"))) & _HIDDEN:
        return _picture(annotation, copier)
    return None


def _picture(annotation: DictionaryObject, copier: Copier) -> DictionaryObject | None:
    """Return what shows how an annotation looks and can do nothing; None where it looks like nothing."""
    appearance = _object(annotation.get("/AP"))
    normal = appearance.raw_get("/N") if isinstance(appearance, DictionaryObject) and "/N" in appearance else None
    looks = _object(normal)
    if isinstance(looks, DictionaryObject) and not isinstance(looks, StreamObject):  # one for each state
        state = _object(annotation.get("/AS"))
        normal = looks.raw_get(state) if isinstance(state, str) and state in looks else None
    if normal is None or not isinstance(_object(normal), StreamObject):
        return None
    kept = _of(annotation, "/Stamp", copier, ("/Rect", "/OC"))
    kept[NameObject("/F")] = NumberObject(_LOCKED)
    kept[NameObject("/AP")] = DictionaryObject({NameObject("/N"): copier.copy(normal)})
    return kept


def _of(annotation: DictionaryObject, subtype: str, copier: Copier, keys: tuple[str, ...]) -> DictionaryObject:
    kept = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject(subtype)})
    for key in keys:
        if key in annotation:
            kept[NameObject(key)] = copier.copy(annotation.raw_get(key))
    return kept


# -------------------------------------------------------------------------------------------------------- links


def _target(annotation: DictionaryObject, reader: PdfReader, page_of: PageOf) -> dict[NameObject, PdfObject] | None:
    """Return where a link leads, as entries of a link of ours; None when that is nowhere in the export."""
    action = _object(annotation.get("/A"))
    destination = annotation.get("/Dest")
    if isinstance(action, DictionaryObject):
        kind, address = _object(action.get("/S")), _object(action.get("/URI"))
        if kind == "/URI" and isinstance(address, str) and address.strip().lower().startswith(_WEB):
            web = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): address}
            return {NameObject("/A"): DictionaryObject(web)}
        destination = action.get("/D") if kind == "/GoTo" else None
    place = list(_place(destination, reader) or ())  # as a list, it does not follow references
    page = page_of(place[0]) if place else None
    if page is None:
        return None
    view = [_object(item) for item in place[1:6]]
    return {NameObject("/Dest"): ArrayObject([page, *(item for item in view if item is not None)])}


def _place(destination: PdfObject | None, reader: PdfReader) -> ArrayObject | None:
    """Return a destination as an array whose first item is a page; names are looked up."""
    found = _object(destination)
    if isinstance(found, NameObject):
        found = _object(_named(_object(reader.root_object.get("/Dests")), str(found)))
    elif isinstance(found, str):
        names = _object(reader.root_object.get("/Names"))
        tree = _object(names.get("/Dests")) if isinstance(names, DictionaryObject) else None
        found = _object(_looked_up(tree, str(found), _MAX_DEPTH))
    if isinstance(found, DictionaryObject):
        found = _object(found.get("/D"))
    return found if isinstance(found, ArrayObject) and found else None


def _named(names: PdfObject | None, name: str) -> PdfObject | None:
    return names.get(name) if isinstance(names, DictionaryObject) else None


def _looked_up(node: PdfObject | None, name: str, depth: int) -> PdfObject | None:
    """Return what a tree of names has under a name; branches that cannot hold it are passed over."""
    if not isinstance(node, DictionaryObject) or depth == 0:
        return None
    limits = _object(node.get("/Limits"))
    if isinstance(limits, ArrayObject) and len(limits) == 2:
        least, most = (_object(limit) for limit in limits)
        if isinstance(least, str) and isinstance(most, str) and not least <= name <= most:
            return None
    leaves = _object(node.get("/Names"))
    if isinstance(leaves, ArrayObject):
        pairs = zip(leaves[0::2], leaves[1::2], strict=False)
        return next((value for key, value in pairs if _object(key) == name), None)
    kids = _object(node.get("/Kids"))
    for kid in kids if isinstance(kids, ArrayObject) else ():
        found = _looked_up(_object(kid), name, depth - 1)
        if found is not None:
            return found
    return None


def _object(value: PdfObject | None) -> Any:
    """Return what a reference refers to, which may be of any kind whatever the standard says."""
    return None if value is None else value.get_object()


def _number(value: PdfObject | None) -> float:
    found = _object(value)
    return float(found) if isinstance(found, int | float) else 0.0

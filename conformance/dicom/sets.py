"""Whether two data sets are the same."""

from pydicom.dataelem import DataElement, RawDataElement

# Lengths of groups and padding say nothing, and who writes anew may leave them out.
PADDING = 0xFFFCFFFC


def differences(ours, theirs, place=""):
    """Every element in which two data sets are not the same, as text."""
    found = []
    tags = {tag for set_ in (ours, theirs) for tag in set_.keys() if tag.element != 0 and tag != PADDING}
    for tag in sorted(tags):
        here = f"{place}{tag}"
        if tag not in ours or tag not in theirs:
            found.append(f"{here} is only in {'the first' if tag in ours else 'the second'}")
        elif not _raw_equal(ours.get_item(tag), theirs.get_item(tag)):
            found += _converted(ours, theirs, tag, here)
    return found


def _raw_equal(one, other):
    raw = isinstance(one, RawDataElement) and isinstance(other, RawDataElement)
    return raw and _trimmed(one.value) == _trimmed(other.value) and one.VR == other.VR


def _trimmed(value):
    return (value or b"").rstrip(b"\0 ")


def _converted(ours, theirs, tag, here):
    one, other = ours[tag], theirs[tag]
    if one.VR != other.VR:
        return [f"{here} is {one.VR} and {other.VR}"]
    if one.VR != "SQ":
        return [] if _value(one) == _value(other) else [f"{here}: {one.repval} and {other.repval}"]
    if len(one.value or []) != len(other.value or []):
        return [f"{here} has {len(one.value)} and {len(other.value)} items"]
    pairs = enumerate(zip(one.value or [], other.value or []))
    return [found for number, (left, right) in pairs for found in differences(left, right, f"{here}[{number}].")]


def _value(element: DataElement):
    value = element.value
    if isinstance(value, bytes):
        return _trimmed(value)
    # Numbers that are no numbers are not equal to themselves.
    return repr(value)

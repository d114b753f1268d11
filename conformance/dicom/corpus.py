"""The sample files of pydicom: what each of them is, computed from its bytes."""

import hashlib
from collections import Counter
from pathlib import Path

import pydicom
from pydicom import dcmread
from pydicom.dataelem import RawDataElement

FOLDER = Path(pydicom.__file__).parent / "data"
UIDS = ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"]
NOT_DICOM = {".py", ".pyc", ".json", ".txt", ".md", ".typed", ".dump", ".gz", ".icc"}
# Cut off in the middle of a nested element: pydicom reads the rest and does not tell.
CUT = {"rtplan_truncated.dcm"}


class Sample:
    """A file of the corpus."""

    def __init__(self, path):
        self.path, self.name = path, str(path.relative_to(FOLDER))
        self.bytes = path.read_bytes()
        self.set = dcmread(path, force=True)
        meta = getattr(self.set, "file_meta", None) or {}
        self.part10 = self.bytes[128:132] == b"DICM"
        self.syntax = meta.get("TransferSyntaxUID") if self.part10 else None
        self.uids = [str(self.set.get(name) or "") for name in UIDS]

    @property
    def is_whole(self):
        """Whether no element says that it is longer than what there is of it."""
        raw = (self.set.get_item(tag) for tag in self.set.keys())
        lengths = ((one.length, len(one.value or b"")) for one in raw if isinstance(one, RawDataElement))
        return self.path.name not in CUT and all(told in (got, 0xFFFFFFFF) for told, got in lengths)

    @property
    def is_instance(self):
        """Whether it is a file of an image that an archive can file: it names its class, itself, its series and study."""
        return self.part10 and bool(self.syntax) and all(self.uids) and self.is_whole

    def own(self, taken):
        """Its bytes, with a UID of its own of the same length where another file has the same."""
        uid = self.uids[1].encode()
        if taken[self.uids[1]] < 2 or not uid:
            return self.bytes
        digits = str(int(hashlib.sha256(self.name.encode()).hexdigest(), 16))
        stem = b"1.2.826.0.1.3680043.8.498."
        assert len(uid) > len(stem), self.name
        return self.bytes.replace(uid, stem + b"9" + digits.encode()[: len(uid) - len(stem) - 1])


def samples():
    files = (path for path in FOLDER.rglob("*") if path.is_file())
    return [Sample(path) for path in sorted(files) if path.suffix not in NOT_DICOM and path.name != "README"]


SAMPLES = samples()
TAKEN = Counter(sample.uids[1] for sample in SAMPLES)

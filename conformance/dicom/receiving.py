"""Those who receive: C-GET in the same association, and programs to which images are moved."""

import subprocess
import time
from io import BytesIO

from pydicom import Dataset, dcmread
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import build_role, evt
from pynetdicom.dsutils import decode
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelGet as StudyRoot

from archive import TRANSFER_SYNTAXES, free_port
from images import CLASSES

RETRIEVED = sorted(CLASSES.values()) + ["1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.5.1.4.1.1.7.4"]


def get_bytes(archive, query, classes=None, syntaxes=None, model=StudyRoot, **more):
    """C-GET: the last status, and of every image its syntax and the bytes of its data set as they came."""
    came = []

    def store(event):
        came.append((event.context.transfer_syntax, event.encoded_dataset(include_meta=False)))
        return 0x0000

    classes = classes or RETRIEVED
    syntaxes = syntaxes or TRANSFER_SYNTAXES + ["1.2.840.10008.1.2.4.50"]
    # A context for each syntax, so that nothing has to be changed to be sent.
    contexts = [(one, [syntax]) for one in classes for syntax in syntaxes]
    association = archive.associate(
        [(model, TRANSFER_SYNTAXES)] + contexts,
        ext_neg=[build_role(one, scp_role=True) for one in classes],
        evt_handlers=[(evt.EVT_C_STORE, store)],
    )
    assert association.is_established
    statuses = [status for status, _ in association.send_c_get(query, model, **more)]
    if association.is_established:
        association.release()
    return statuses[-1], came


def get(archive, study, syntaxes=None, **keys):
    """The images of a study by C-GET."""
    query = Dataset()
    query.QueryRetrieveLevel, query.StudyInstanceUID = "STUDY", study
    for key, value in keys.items():
        setattr(query, key, value)
    status, came = get_bytes(archive, query, syntaxes=syntaxes)
    assert status.Status == 0x0000, status
    return [read(data, syntax) for syntax, data in came]


def read(data, syntax):
    """A data set out of its bytes."""
    deflated = syntax == "1.2.840.10008.1.2.1.99"
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != "1.2.840.10008.1.2.2"
    return decode(BytesIO(data), implicit, little, deflated)


class StoreScp:
    """storescp of dcmtk, which keeps what it is sent as files."""

    def __init__(self, folder, title):
        self.folder, self.title, self.port = folder, title, free_port()
        line = ["storescp", "-aet", title, "--accept-all", "-od", str(folder), str(self.port)]
        self.process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(0.5)
        assert self.process.poll() is None, self.process.stderr.read()

    def images(self):
        return [dcmread(path) for path in sorted(self.folder.iterdir())]

    def close(self):
        self.process.terminate()
        self.process.wait(10)

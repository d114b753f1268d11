"""The archive under test: where it is, and what every test asks of it."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from io import BytesIO
from pathlib import Path

import requests
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.sop_class import Verification

# SOP class not supported (PS3.7, C.5.6): also told by refusing the presentation context.
NOT_SUPPORTED = 0x0122
# No status: the association ended instead.
ENDED = 0xFFFF
TRANSFER_SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Archive:
    """An image archive that runs."""

    name = "bianque"
    # What the suite holds ours to and a peer does not promise.
    strict = True

    def __init__(self):
        self.host, port = os.environ["BIANQUE_DIMSE"].rsplit(":", 1)
        self.port, self.ae_title = int(port), "BIANQUE"
        self.pid = int(os.environ["BIANQUE_PID"])
        self.web = os.environ["BIANQUE_HTTP"] + "/dicomweb"
        self.session = requests.Session()
        self.session.headers["authorization"] = f"Bearer {os.environ['BIANQUE_TOKEN']}"

    def destination(self, title, port):
        """Makes an application entity known to which images may be moved."""
        base, person = os.environ["BIANQUE_HTTP"], requests.Session()
        people = person.get(f"{base}/api/demo/people", timeout=30).json()["people"]
        key = next(one["key"] for one in people if one["role"] == "administrator")
        signed = person.post(f"{base}/api/demo/sign-in", json={"key": key}, timeout=30)
        signed.raise_for_status()
        person.headers["x-csrf-token"] = signed.json()["session"]["csrf"]
        rules = {
            "name": title, "title": title, "organization_id": "", "authorities": [], "makes_patients": False,
            "addresses": [], "certificate": "", "plain": True, "store": False, "query": True, "retrieve": True, "worklist": False,
            "host": "127.0.0.1", "port": port,
        }
        answer = person.post(f"{base}/api/admin/peers", json=rules, timeout=30)
        assert answer.ok, answer.text

    def get(self, path, accept, **more):
        headers = {"accept": accept} | more.pop("headers", {})
        return self.session.get(f"{self.web}{path}", headers=headers, timeout=60, **more)

    def rows(self, path, **parameters):
        """What a search answers, which is nothing for 204."""
        answer = self.get(path, "application/dicom+json", params=parameters)
        assert answer.status_code in (200, 204), f"{answer.url}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else []

    def associate(self, contexts, title="TESTS", **more):
        """An association; contexts are SOP classes, or pairs of one with its transfer syntaxes."""
        entity = AE(ae_title=title)
        # A request for a certain syntax may be answered only in that syntax.
        for context in contexts:
            entity.add_requested_context(*(context if isinstance(context, tuple) else (context, TRANSFER_SYNTAXES)))
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 10
        return entity.associate(self.host, self.port, ae_title=self.ae_title, **more)

    def store(self, image):
        """C-STORE of an image: the status that it is answered with."""
        association = self.associate([(image.SOPClassUID, image.file_meta.TransferSyntaxUID)])
        assert association.accepted_contexts
        status = association.send_c_store(image)
        association.release()
        return status.get("Status", ENDED)

    def store_bytes(self, sop_class, syntax, uid, data):
        """C-STORE of a data set whose bytes are sent as they are, under any UID: the status that it is answered with."""
        association = self.associate([(sop_class, [syntax])])
        if not association.accepted_contexts:
            return NOT_SUPPORTED
        request = C_STORE()
        request.MessageID, request.Priority = 1, 2
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = sop_class, uid
        request.DataSet = BytesIO(data)
        # Otherwise the association's own thread takes the answer.
        association._reactor_checkpoint.clear()
        while not association._is_paused:
            time.sleep(0.001)
        association.dimse.send_msg(request, association.accepted_contexts[0].context_id)
        _, answer = association.dimse.get_msg(block=True)
        association._reactor_checkpoint.set()
        association.release()
        return ENDED if answer is None else answer.Status

    def echo(self):
        """Asks whether it is there; seconds until it says so."""
        begun = time.monotonic()
        association = self.associate([Verification])
        assert association.is_established
        status = association.send_c_echo()
        association.release()
        assert status and status.Status == 0x0000
        return time.monotonic() - begun

    def memory_mb(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            lines = dict(line.split(":", 1) for line in status)
        return int(lines["VmRSS"].split()[0]) // 1024

    def close(self):
        pass


class Orthanc(Archive):
    """Orthanc of Debian with an empty archive: shows that the tests are right where both pass."""

    name = "orthanc"
    strict = False

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="orthanc-"))
        self.host, self.port, self.ae_title = "127.0.0.1", free_port(), "ORTHANC"
        self.rest = f"http://127.0.0.1:{free_port()}"
        self.web = f"{self.rest}/dicom-web"
        self.session = requests.Session()
        settings = {
            "StorageDirectory": str(self.folder / "db"), "IndexDirectory": str(self.folder / "db"),
            "HttpPort": int(self.rest.rsplit(":", 1)[1]), "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
            "DicomAet": self.ae_title, "DicomPort": self.port, "DicomAlwaysAllowStore": True,
            "DicomAlwaysAllowFind": True, "DicomAlwaysAllowGet": True, "DicomAlwaysAllowMove": True,
            "UnknownSopClassAccepted": True, "DefaultEncoding": "Utf8", "OverwriteInstances": True, "SynchronousCMove": True,
            "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"],
        }
        configuration = self.folder / "orthanc.json"
        configuration.write_text(requests.compat.json.dumps(settings))
        program = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
        log = open(self.folder / "orthanc.log", "wb")
        environment = os.environ | {"TCP_NODELAY": "1"}
        self.process = subprocess.Popen([program, str(configuration)], stdout=log, stderr=log, env=environment)
        self.pid = self.process.pid
        for _ in range(200):
            if self.listens():
                return
            time.sleep(0.1)
        raise RuntimeError("Orthanc does not listen")

    def listens(self):
        try:
            requests.get(f"{self.rest}/system", timeout=2).raise_for_status()
            socket.create_connection((self.host, self.port), 1).close()
            return True
        except OSError:
            return False

    def destination(self, title, port):
        requests.put(
            f"{self.rest}/modalities/{title}", json={"AET": title, "Host": "127.0.0.1", "Port": port}, timeout=10
        ).raise_for_status()

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder)

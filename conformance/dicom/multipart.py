"""multipart/related as it is on the wire, written and read without a library that would put it right."""

import re


def written(pieces, boundary="a-boundary-of-the-tests"):
    """A body of pairs of headers and bytes."""
    body = b"".join(
        f"--{boundary}\r\n".encode() + "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
        + b"\r\n" + data + b"\r\n"
        for headers, data in pieces
    )
    return body + f"--{boundary}--\r\n".encode()


def parts(answer):
    """The headers, in lower case, and the bytes of every part."""
    assert answer.status_code == 200, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"].startswith("multipart/related"), answer.headers["content-type"]
    boundary = re.search(r'boundary="?([^";]+)', answer.headers["content-type"]).group(1).encode()
    pieces = (b"\r\n" + answer.content).split(b"\r\n--" + boundary)
    assert pieces[-1].strip() == b"--", "the last boundary is missing"
    read = []
    for piece in pieces[1:-1]:
        head, data = piece.split(b"\r\n\r\n", 1)
        lines = [line.split(":", 1) for line in head.decode("ascii").split("\r\n") if line]
        read.append(({name.strip().lower(): value.strip() for name, value in lines}, data))
    return read


def stow(archive, *files, study=None, accept="application/dicom+json", **more):
    """Posts files to be stored (PS3.18, 10.5)."""
    headers = {
        "content-type": 'multipart/related; type="application/dicom"; boundary=a-boundary-of-the-tests',
        "accept": accept,
    } | more.pop("headers", {})
    body = written([({"Content-Type": "application/dicom"}, file) for file in files])
    path = f"/studies/{study}" if study else "/studies"
    return archive.session.post(archive.web + path, data=body, headers=headers, timeout=60, **more)

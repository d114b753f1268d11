"""PDUs as bytes (PS3.8, 9.3), written by hand so that they can be wrong."""

import socket
import struct

APPLICATION = b"1.2.840.10008.3.1.1.1"
VERIFICATION = b"1.2.840.10008.1.1"
CT = b"1.2.840.10008.5.1.4.1.1.2"
IMPLICIT, EXPLICIT, DEFLATED = b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2.1.99"
ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)


def pdu(kind, body, length=None):
    return struct.pack(">BxI", kind, len(body) if length is None else length) + body


def item(kind, body, length=None):
    return struct.pack(">BxH", kind, len(body) if length is None else length) + body


def request(called, calling=b"HOSTILE", contexts=((VERIFICATION, IMPLICIT),), longest=16384, more=b""):
    """A-ASSOCIATE-RQ; contexts have the ids 1, 3, 5 ..."""
    items = item(0x10, APPLICATION)
    for number, (abstract, syntax) in enumerate(contexts):
        items += item(0x20, struct.pack("BxBx", 2 * number + 1 & 0xFF, 0) + item(0x30, abstract) + item(0x40, syntax))
    user = item(0x51, struct.pack(">I", longest)) + item(0x52, b"2.25.1") + more
    fixed = struct.pack(">Hxx", 1) + called.ljust(16)[:16] + calling.ljust(16)[:16] + bytes(32)
    return pdu(ASSOCIATE_RQ, fixed + items + item(0x50, user))


def command(**elements):
    """A command set: tags without their group, as hexadecimal numbers, and bytes."""
    body = b""
    for tag, value in elements.items():
        value += b"\0" * (len(value) % 2)
        body += struct.pack("<HHI", 0, int(tag.lstrip("_"), 16), len(value)) + value
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


def fragment(context, data, is_command=False, is_last=True, length=None):
    head = struct.pack(">IBB", len(data) + 2 if length is None else length, context, is_command | is_last << 1)
    return head + data


def store_command(uid=b"2.25.7", sop_class=CT, number=1):
    us = struct.Struct("<H").pack
    return command(_0002=sop_class, _0100=us(1), _0110=us(number), _0700=us(0), _0800=us(0), _1000=uid)


def echo_command():
    us = struct.Struct("<H").pack
    return command(_0002=VERIFICATION, _0100=us(0x30), _0110=us(1), _0800=us(0x0101))


class Wire:
    """A connection to the archive."""

    def __init__(self, archive, patience=15):
        self.archive = archive
        self.socket = socket.create_connection((archive.host, archive.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(patience)

    def send(self, data):
        self.socket.sendall(data)

    def send_last(self, data):
        """Sends, and that nothing more comes. It may have been ended before that."""
        try:
            self.send(data)
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def associate(self, **more):
        self.send(request(self.archive.ae_title.encode(), **more))
        kind, body = self.next()
        assert kind == ASSOCIATE_AC, kind
        return body

    def next(self):
        """The type and body of the next PDU; none when the connection was ended."""
        head = self._exactly(6)
        if head is None:
            return None, b""
        kind, length = struct.unpack(">BxI", head)
        return kind, self._exactly(length) or b""

    def ended(self):
        """The types of the PDUs that come before the end. Who aborts, rejects or releases may wait for the other to close."""
        kinds = []
        while (kind := self.next()[0]) is not None:
            kinds.append(kind)
            if kind in (ABORT, ASSOCIATE_RJ, RELEASE_RP):
                break
        return kinds

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                piece = self.socket.recv(min(count - len(data), 1 << 16))
            except (ConnectionResetError, BrokenPipeError):
                return None
            if not piece:
                return None
            data += piece
        return data

    def close(self):
        self.socket.close()


def status_of(body):
    """The status in a P-DATA with one answer."""
    data = body[6:]
    while len(data) >= 8:
        group, element, length = struct.unpack("<HHI", data[:8])
        if (group, element) == (0, 0x0900):
            return struct.unpack("<H", data[8:10])[0]
        data = data[8 + length :]
    raise AssertionError("an answer without a status")

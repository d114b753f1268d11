"""Messages that others wrote: each is answered as it asks to be, and the answers can be read."""

import re

import hl7
import pytest
from hl7apy.parser import parse_message

from conftest import CORPUS, Line, said

TAKEN = re.compile(
    rb"ADT.A(0[1-9]|1[013456]|2[5678]|3[147]|40|47|60)|SIU.S(1[2-7]|26)|ORM.O01|OMG.O19|OMI.O23|OML.O21"
    rb"|ORU.R01|OUL.R2[234]|MDM.T(0[1-6]|09|10)|REF.I1[234]"
)
MESSAGES = sorted(CORPUS.glob("*.hl7"))


def test_the_messages_are_at_hand():
    if not CORPUS.is_dir():
        pytest.skip("BIANQUE_CORPUS names no folder of messages")
    assert len(MESSAGES) >= 90


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: file.stem)
def test_it_is_answered(file, address):
    raw = file.read_bytes().replace(b"\r\n", b"\r").replace(b"\n", b"\r").strip()
    plain = raw.removeprefix(b"\xef\xbb\xbf")
    header = plain.split(b"\r")[0].split(plain[3:4]) + [b""] * 16
    accept, application = header[14], header[15]
    line = Line(address, patience=2 if accept == application == b"NE" else 20)
    line.send(raw)
    if accept == application == b"NE":
        with pytest.raises(TimeoutError):
            line.answer()
        return
    answer = line.answer()
    code, number, words = said(answer)
    assert number.encode() == header[9]
    is_taken = TAKEN.match(header[8]) is not None
    if accept not in (b"", b"NE"):
        assert code == ("CA" if is_taken else "CR"), words
    elif is_taken:
        # The files are of many hospitals, and give one number to patients of several.
        assert code == "AA" or (code == "AE" and "another" in words), words
    else:
        assert code == "AR" and "is not taken" in words
    assert str(hl7.parse(answer.decode("utf-8", "replace")).segment("MSA")[1]) == code
    if re.match(rb"2\.[3-7]", header[11]):
        parse_message(answer.decode("utf-8", "replace"), find_groups=False)
    line.close()

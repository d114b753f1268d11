#!/usr/bin/env python3
"""A device that takes part in a visit with sound alone: no browser, no WebRTC, one WebSocket.

It plays an Ogg Opus file to the others and keeps what each of them says in an Ogg Opus file. It is an example to copy
from: a real device has a microphone and an Opus encoder where this has a file. docs/sound-device.md explains it.

    pip install websockets
    python3 sound_device.py LINK --birth-date 1980-02-29 --play question.ogg --keep answers/
"""

import argparse
import asyncio
import http.cookiejar
import json
import struct
import time
import urllib.parse
import urllib.request
from pathlib import Path

import websockets

SOUND, REPORT = 0x11, 0x12
LEVEL_OF_SPEECH = 30  # -dBov; a device with a microphone measures it


class Visit:
    """A visit, entered by its link, as its page would."""

    def __init__(self, link: str, birth_date: str):
        address = urllib.parse.urlsplit(link)
        self.site = f"{address.scheme}://{address.netloc}"
        self.cookies = http.cookiejar.CookieJar()
        self.csrf = ""
        token = address.path.rstrip("/").split("/")[-1]
        self.id = self.ask("GET", f"/api/join/{token}")["visit_id"]
        self.csrf = self.ask("POST", f"/api/visits/{self.id}/confirm", {"token": token, "birth_date": birth_date})["csrf"]

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        # Who came by a link speaks as that, whoever else this machine is signed in as.
        address = self.site + path + ("?as=visit" if self.csrf else "")
        request = urllib.request.Request(address, data, method=method)
        request.add_header("content-type", "application/json")
        request.add_header("origin", self.site)
        if self.csrf:
            request.add_header("x-csrf-token", self.csrf)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        with opener.open(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def state(self) -> str:
        return self.ask("GET", f"/api/visits/{self.id}")["visit"]["state"]

    def sound_address(self) -> tuple[str, dict[str, str]]:
        """Where the socket is, and the headers to open it with."""
        path = f"/api/visits/{self.id}/sound?as=visit&csrf={urllib.parse.quote(self.csrf)}"
        cookie = "; ".join(f"{one.name}={one.value}" for one in self.cookies)
        return self.site.replace("http", "ws", 1) + path, {"cookie": cookie, "origin": self.site}


class Sound:
    """The socket: plays packets, keeps what is heard."""

    def __init__(self, packets: list[bytes], keep: Path | None = None):
        self.packets = packets
        self.keep = keep
        self.heard: dict[str, list[bytes]] = {}
        self.sent = 0
        self.lost = 0
        self.rtt_ms = 0
        self.states: list[dict] = []
        self._speakers: dict[int, str] = {}
        self._files: dict[int, OggWriter] = {}
        self._next: dict[int, int] = {}

    async def run(self, address: str, headers: dict[str, str], seconds: float) -> None:
        """Takes part for a while, or until the server ends it."""
        # Pings are answered by the library; the server measures the way by them.
        async with websockets.connect(address, additional_headers=headers, max_size=16384) as socket:
            playing = asyncio.create_task(self._play(socket))
            try:
                async with asyncio.timeout(seconds):
                    async for message in socket:
                        self._take(message)
            except TimeoutError:
                pass
            finally:
                playing.cancel()
        for file in self._files.values():
            file.close()

    async def _play(self, socket) -> None:
        sequence, timestamp, begun, played = 0, 0, time.monotonic(), 0
        for packet in self.packets:
            ticks = opus_ticks(packet)
            # Two bytes and less are silence: not sent, and not numbered.
            if len(packet) > 2:
                header = struct.pack(">BBHI", SOUND, LEVEL_OF_SPEECH, sequence & 0xFFFF, timestamp & 0xFFFFFFFF)
                await socket.send(header + packet)
                sequence += 1
                self.sent += 1
            timestamp += ticks
            played += ticks
            await asyncio.sleep(max(0.0, begun + played / 48000 - time.monotonic()))

    def _take(self, message: bytes | str) -> None:
        if isinstance(message, str):
            told = json.loads(message)
            if told["t"] == "call.speakers":
                self._speakers = {one["number"]: one["participant"] for one in told["speakers"]}
            else:
                self.states.append(told)
        elif message[0] == SOUND:
            _, speaker, _, timestamp = struct.unpack(">BBHI", message[:8])
            self._hear(speaker, timestamp, message[8:])
        elif message[0] == REPORT:
            _, lost, _, self.rtt_ms = struct.unpack(">BBHI", message[:8])
            self.lost += lost

    def _hear(self, speaker: int, timestamp: int, packet: bytes) -> None:
        who = self._speakers.get(speaker, str(speaker))
        self.heard.setdefault(who, []).append(packet)
        if self.keep is None:
            return
        if speaker not in self._files:
            self._files[speaker] = OggWriter(self.keep / f"{who}.ogg")
            self._next[speaker] = timestamp
        # A silence between words is filled with packets that hold nothing, up to ten seconds of it.
        missing = (timestamp - self._next[speaker]) & 0xFFFFFFFF
        if missing < 480_000:
            for _ in range(missing // 960):
                self._files[speaker].write(bytes([packet[0] & 0xFC]), opus_ticks(bytes([packet[0] & 0xFC])))
        ticks = opus_ticks(packet)
        self._files[speaker].write(packet, ticks)
        self._next[speaker] = (timestamp + ticks) & 0xFFFFFFFF


def opus_ticks(packet: bytes) -> int:
    """How long an Opus packet sounds, in ticks of 48 kHz (RFC 6716, section 3.1)."""
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        one = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        one = (480, 960)[config & 1]
    else:
        one = (120, 240, 480, 960)[config & 3]
    return one * (1 if code == 0 else 2 if code < 3 else packet[1] & 0x3F)


def read_ogg(path: Path) -> list[bytes]:
    """The Opus packets of an Ogg file (RFC 3533), without its two headers (RFC 7845)."""
    data, at, packets, partial = path.read_bytes(), 0, [], b""
    while at < len(data):
        if data[at : at + 4] != b"OggS":
            raise ValueError(f"{path} is no Ogg file")
        lacing = data[at + 27 : at + 27 + data[at + 26]]
        at += 27 + len(lacing)
        for length in lacing:
            partial += data[at : at + length]
            at += length
            if length < 255:
                packets.append(partial)
                partial = b""
    return packets[2:]


class OggWriter:
    """Writes Opus packets into an Ogg file, one to a page."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb")
        self._page = 0
        self._position = 0
        self._write(struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, 0, 48000, 0, 0), kind=2)
        self._write(struct.pack("<8sI6sI", b"OpusTags", 6, b"device", 0))

    def write(self, packet: bytes, ticks: int) -> None:
        self._position += ticks
        self._write(packet)

    def close(self) -> None:
        self._write(b"", kind=4)
        self._file.close()

    def _write(self, packet: bytes, kind: int = 0) -> None:
        lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255]) if packet else b""
        head = struct.pack("<4sBBqIIIB", b"OggS", 0, kind, self._position, 1, self._page, 0, len(lacing))
        page = bytearray(head + lacing + packet)
        page[22:26] = struct.pack("<I", checksum(page))
        self._file.write(page)
        self._page += 1


def checksum(page: bytes) -> int:
    """RFC 3533, section 6: CRC-32 with polynomial 0x04c11db7, unreflected."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = ((value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description="Takes part in a visit with sound alone.")
    parser.add_argument("link", help="the link of the visit")
    parser.add_argument("--birth-date", required=True, help="YYYY-MM-DD")
    parser.add_argument("--play", type=Path, required=True, help="an Ogg Opus file")
    parser.add_argument("--keep", type=Path, help="folder for what the others say")
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    visit = Visit(given.link, given.birth_date)
    while visit.state() not in ("in-progress", "onleave"):
        print("not admitted yet: consent and questions are answered at the link, then the clinician admits")
        time.sleep(5)
    sound = Sound(read_ogg(given.play), given.keep)
    asyncio.run(sound.run(*visit.sound_address(), given.seconds))
    print(f"sent {sound.sent} frames, lost {sound.lost}, round trip {sound.rtt_ms} ms, heard:")
    for who, packets in sound.heard.items():
        print(f"  {who}: {len(packets)} frames")


if __name__ == "__main__":
    main()

"""Sound over a WebSocket, by a client that is no browser: the example of docs/sound-device.md."""

import asyncio
import contextlib
import json
import math
import struct
from pathlib import Path

import av
import pytest
import websockets
from sound_device import SOUND, Sound, opus_ticks, read_ogg

RATE = 48000


def tone(path: Path, hertz: int, seconds: float, frame_ms: int = 20) -> list[bytes]:
    """A tone as Opus packets, by way of an Ogg file that another program wrote."""
    with av.open(str(path), "w", format="ogg") as container:
        options = {"application": "voip", "frame_duration": str(frame_ms)}
        stream = container.add_stream("libopus", rate=RATE, options=options)
        stream.bit_rate, stream.layout = 16000, "mono"
        for start in range(0, int(seconds * RATE), 960):
            samples = (int(9000 * math.sin(2 * math.pi * hertz * (start + n) / RATE)) for n in range(960))
            frame = av.AudioFrame(format="s16", layout="mono", samples=960)
            frame.planes[0].update(struct.pack("<960h", *samples))
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return read_ogg(path)


def strength(path: Path, hertz: int) -> float:
    """How much of what an Ogg file sounds is this tone, 0 to 1 (Goertzel)."""
    samples: list[float] = []
    with av.open(str(path)) as container:
        resample = av.AudioResampler(format="flt", layout="mono", rate=8000)
        for frame in container.decode(audio=0):
            for part in resample.resample(frame):
                samples += struct.unpack(f"<{part.samples}f", bytes(part.planes[0])[: 4 * part.samples])
    middle = samples[2000:10000]
    assert len(middle) > 4000, f"{path} has {len(samples) / 8000:.1f} s"
    turn, first, second = 2 * math.cos(2 * math.pi * hertz / 8000), 0.0, 0.0
    for sample in middle:
        first, second = sample + turn * first - second, first
    power = first * first + second * second - turn * first * second
    return 2 * power / (len(middle) * sum(sample * sample for sample in middle))


def test_nobody_joins_before_admission(patient, site):
    async def open_socket():
        address, headers = patient.sound_address()
        async with websockets.connect(address, additional_headers=headers):
            pass

    if patient.state() == "in-progress":
        pytest.skip("another test came first")
    with pytest.raises(websockets.InvalidStatus) as refused:
        asyncio.run(open_socket())
    assert refused.value.response.status_code == 409


def test_a_stranger_does_not_join(call):
    async def open_socket():
        address, headers = call.sound_address()
        async with websockets.connect(address.split("?")[0], additional_headers={"origin": headers["origin"]}):
            pass

    with pytest.raises(websockets.InvalidStatus) as refused:
        asyncio.run(open_socket())
    assert refused.value.response.status_code in (401, 403)


@pytest.mark.parametrize("frame_ms", [20, 60])
def test_two_devices_hear_each_others_tone(call, clinician, tmp_path, frame_ms):
    low = Sound(tone(tmp_path / "low.ogg", 440, 4, frame_ms), tmp_path / "patient-hears")
    high = Sound(tone(tmp_path / "high.ogg", 1000, 4, frame_ms), tmp_path / "clinician-hears")

    async def talk():
        return await asyncio.gather(
            low.run(*call.sound_address(), 5),
            high.run(*clinician.sound_address(call.id), 5),
        )

    asyncio.run(talk())
    for sound in (low, high):
        assert sound.states[0]["state"] == "connected"
        assert sound.lost == 0 and sound.rtt_ms < 500
    [heard_low], [heard_high] = low.heard.items(), high.heard.items()
    assert heard_high[0] == "patient"
    assert strength(tmp_path / "patient-hears" / f"{heard_low[0]}.ogg", 1000) > 0.8
    assert strength(tmp_path / "clinician-hears" / "patient.ogg", 440) > 0.8
    packets = heard_high[1]
    seconds = sum(opus_ticks(packet) for packet in packets) / RATE
    payload = sum(len(packet) for packet in packets) * 8 / 1000 / seconds
    wire = sum(len(packet) + 8 + 2 + 40 for packet in packets) * 8 / 1000 / seconds
    print(json.dumps({"frame_ms": frame_ms, "payload_kbps": round(payload, 1), "wire_kbps": round(wire, 1)}))
    assert opus_ticks(packets[0]) == frame_ms * 48


def test_a_flood_ends_with_a_reason_and_the_other_goes_on(call, clinician, tmp_path):
    other = Sound(tone(tmp_path / "high.ogg", 1000, 5))

    async def flood():
        address, headers = call.sound_address()
        async with websockets.connect(address, additional_headers=headers, max_size=16384) as socket:
            with contextlib.suppress(websockets.ConnectionClosed):
                for number in range(3000):
                    await socket.send(struct.pack(">BBHI", SOUND, 0, number & 0xFFFF, 0) + bytes([0x48]) + bytes(500))
            return [json.loads(message) async for message in socket if isinstance(message, str)]

    async def both():
        playing = asyncio.create_task(other.run(*clinician.sound_address(call.id), 6))
        told = await flood()
        quiet = Sound(tone(tmp_path / "low.ogg", 440, 2))
        await quiet.run(*call.sound_address(), 3)
        await playing
        return told, quiet

    told, again = asyncio.run(both())
    ends = [one for one in told if one.get("state") == "disconnected"]
    assert ends and ends[-1]["code"] == "flooding", told
    # Whoever flooded may come again and behave; the other was never disturbed.
    assert sum(len(packets) for packets in again.heard.values()) > 80
    assert [state["state"] for state in other.states] == ["connected"]


def test_nonsense_is_dropped_and_the_call_goes_on(call, clinician, tmp_path):
    listener = Sound([])
    packets = tone(tmp_path / "low.ogg", 440, 1)

    async def nonsense():
        address, headers = call.sound_address()
        async with websockets.connect(address, additional_headers=headers) as socket:
            good = struct.pack(">BBHI", SOUND, 30, 0, 0) + packets[5]
            for message in (b"", b"\x11", b"\x21" + good[1:], good[:8], good + bytes(900), b"\x11\xff" + good[2:], "hello"):
                await socket.send(message)
            for number, packet in enumerate(packets):
                await socket.send(struct.pack(">BBHI", SOUND, 30, number, number * 960) + packet)
                # The same once more, which is late.
                await socket.send(struct.pack(">BBHI", SOUND, 30, number, number * 960) + packet)
                await asyncio.sleep(0.02)

    async def both():
        listening = asyncio.create_task(listener.run(*clinician.sound_address(call.id), 3))
        await asyncio.sleep(0.5)
        await nonsense()
        await listening

    asyncio.run(both())
    [heard] = listener.heard.values()
    sent = [packet for packet in packets if len(packet) > 0]
    assert len(sent) - 3 <= len(heard) <= len(sent), "each once"


def test_the_visit_knows_the_transport(call, clinician):
    quality = clinician.ask("GET", f"/api/visits/{call.id}/quality")
    windows = [window for window in quality["windows"] if window["transport"] == "sound"]
    assert windows and all(window["connected"] for window in windows)
    assert any(window["rtt_ms"] is not None for window in windows)
    # Both were heard: the delay of the service has ended.
    assert quality["d"] is not None

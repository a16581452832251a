"""Images, sound, film and QR codes, of files that are made here."""

from __future__ import annotations

import io
import math
import struct
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from llmspell_engine.tools import requirements
from llmspell_engine.tools.base import ToolError
from PIL import Image
from support.tools import Case, check_case, check_raises, check_tool, each_case, payload, run_tool

IMAGES, AUDIO, VIDEO, QR = "image-processor", "audio-processor", "video-processor", "qr-code"


def picture(width: int = 40, height: int = 20, kind: str = "PNG", mode: str = "RGB") -> bytes:
    """An image that is red on the left and blue on the right."""
    image = Image.new(mode, (width, height), (255, 0, 0, 128)[: len(mode)] if mode != "L" else 200)
    if mode == "RGB":
        image.paste((0, 0, 255), (width // 2, 0, width, height))
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def sound(seconds: float = 0.5, rate: int = 8000, channels: int = 1) -> bytes:
    """A WAV of a tone."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        samples = (int(9000 * math.sin(number / 4)) for number in range(int(seconds * rate)))
        file.writeframes(b"".join(struct.pack("<h", sample) * channels for sample in samples))
    return stream.getvalue()


def film(pictures: int = 20, rate: int = 10, kind: str = "mp4") -> bytes:
    """A film that begins black and ends white."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=kind) as container:
        container.metadata["title"] = "Dawn"
        track = container.add_stream("mpeg4", rate=rate)
        assert isinstance(track, av.VideoStream)
        track.width, track.height, track.pix_fmt = 64, 48, "yuv420p"
        for number in range(pictures):
            grey = 255 * number // (pictures - 1)
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), (grey, grey, grey)))
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return stream.getvalue()


FILM = film()


def changed(operation: str, **more: Any) -> dict[str, Any]:
    return {"operation": operation, "source_path": "a.png", "target_path": "b.png", **more}


IMAGE_CALLS = [
    Case(
        "its kind",
        {"operation": "detect", "file_path": "a.png"},
        {"format": "jpeg", "mime_type": "image/jpeg", "supported": True},
        text="jpeg",
        files={"a.png": picture(kind="JPEG")},
    ),
    Case(
        "its facts",
        {"file_path": "a.png"},
        {
            "metadata": {
                "format": "png",
                "width": 40,
                "height": 20,
                "mode": "RGB",
                "has_alpha": False,
                "frames": 1,
                "exif": {},
            }
        },
        text="png, 40 x 20 pixels, RGB",
        files={"a.png": picture()},
    ),
    Case(
        "smaller by width",
        changed("resize", width=10),
        {"width": 10, "height": 5, "maintain_aspect_ratio": True, "target_format": "png"},
        files={"a.png": picture()},
    ),
    Case(
        "smaller within both",
        changed("resize", width=10, height=10),
        {"width": 10, "height": 5},
        files={"a.png": picture()},
    ),
    Case(
        "stretched",
        changed("resize", width=10, height=10, maintain_aspect_ratio=False),
        {"width": 10, "height": 10},
        files={"a.png": picture()},
    ),
    Case(
        "another format",
        {**changed("convert"), "target_path": "b.jpg"},
        {"target_format": "jpeg", "width": 40},
        files={"a.png": picture(mode="RGBA")},
    ),
    Case(
        "a format that is said",
        changed("convert", target_format="webp"),
        {"target_format": "webp"},
        text="b.png",
        files={"a.png": picture()},
    ),
    Case(
        "a piece",
        changed("crop", x=30, y=10, width=10, height=10),
        {"x": 30, "y": 10, "width": 10, "height": 10},
        files={"a.png": picture()},
    ),
    Case("turned", changed("rotate"), {"degrees": 90, "width": 20, "height": 40}, files={"a.png": picture()}),
    Case(
        "turned about",
        changed("rotate", degrees=180),
        {"width": 40, "height": 20},
        files={"a.png": picture()},
    ),
    Case(
        "a small one",
        changed("thumbnail", max_width=8, max_height=8),
        {"width": 8, "height": 4, "max_width": 8},
        files={"a.png": picture(kind="GIF")},
    ),
    Case(
        "the file is missing",
        {"operation": "metadata"},
        refused="'file_path' or 'source_path' is missing; the operation 'metadata' needs it",
    ),
    Case(
        "the target is missing",
        {"operation": "convert", "source_path": "a"},
        refused="'target_path' is missing; the operation 'convert' needs it",
    ),
    Case(
        "the size is missing",
        changed("resize"),
        refused="'width' or 'height' is missing; the operation 'resize' needs it",
    ),
    Case(
        "no such turn",
        changed("rotate", degrees=45),
        refused="'degrees' must be 90 or 180 or 270, but 45 was given",
    ),
    Case("no width", changed("resize", width=0), refused="'width' must be at least 1, but 0 was given"),
    Case(
        "no format",
        changed("convert", target_format="xcf"),
        refused='\'target_format\' must be one of "png", "jpeg", "gif", "webp", but "xcf" was given',
    ),
    Case(
        "a piece that is not there",
        changed("crop", x=35, width=10, height=10),
        fails=("invalid_input", "reaches to 45 x 10, but the image ends at 40 x 20"),
        files={"a.png": picture()},
        leaves={"b.png": None},
    ),
    Case(
        "no image",
        {"file_path": "a.png"},
        fails=("not_an_image", "'a.png' is no image"),
        files={"a.png": "text"},
    ),
    Case(
        "an image that breaks off",
        changed("resize", width=5),
        fails=("broken_image", "'a.png' is a broken image"),
        files={"a.png": picture(400, 400)[:-300]},
        leaves={"b.png": None},
    ),
    Case("no such file", {"file_path": "no.png"}, fails=("not_found", "'no.png' does not exist")),
    Case("a file outside", {"file_path": "../a.png"}, forbids="read"),
    Case(
        "a target outside",
        {**changed("rotate"), "target_path": "../b.png"},
        forbids="write",
        files={"a.png": picture()},
    ),
    Case(
        "no folder for it",
        {**changed("rotate"), "target_path": "no/b.png"},
        fails=("not_found", "the folder of 'no/b.png'"),
        files={"a.png": picture()},
    ),
]


@each_case(IMAGE_CALLS)
def test_calls_of_the_image_processor(case: Case, tmp_path: Path) -> None:
    check_case(IMAGES, case, tmp_path)


def test_what_is_drawn_is_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    payload(IMAGES, changed("crop", x=18, width=4, height=1), root=tmp_path)
    with Image.open(tmp_path / "b.png") as piece:
        assert [piece.getpixel((x, 0)) for x in range(4)] == [(255, 0, 0)] * 2 + [(0, 0, 255)] * 2
    payload(IMAGES, changed("rotate", degrees=90), root=tmp_path)
    with Image.open(tmp_path / "b.png") as turned:
        assert turned.getpixel((0, 0)) == (255, 0, 0), "clockwise: the left is above now"
        assert turned.getpixel((0, 39)) == (0, 0, 255)
    (tmp_path / "a.png").write_bytes(picture(mode="RGBA"))
    payload(IMAGES, {**changed("convert"), "target_path": "b.jpg"}, root=tmp_path)
    with Image.open(tmp_path / "b.jpg") as flat:
        red, green, _ = flat.getpixel((0, 0))  # type: ignore[misc]
        assert red > 250
        assert 110 < green < 140, "half transparent on white"


def test_an_image_of_too_many_pixels_is_not_read(tmp_path: Path) -> None:
    header = bytearray(picture())
    header[16:24] = struct.pack(">II", 60_000, 60_000)
    (tmp_path / "a.png").write_bytes(header)
    with pytest.raises(ToolError) as caught:
        run_tool(IMAGES, {"file_path": "a.png"}, root=tmp_path)
    assert caught.value.code in ("too_large", "not_an_image")


AUDIO_CALLS = [
    Case(
        "its kind",
        {"operation": "detect", "file_path": "a"},
        {"format": "wav", "supported": True},
        text="wav",
        files={"a": sound()},
    ),
    Case(
        "no kind that is known",
        {"operation": "detect", "file_path": "a"},
        {"format": "unknown", "supported": False},
        files={"a": "text"},
    ),
    Case("an empty file", {"operation": "detect", "file_path": "a"}, {"format": "unknown"}, files={"a": ""}),
    Case(
        "facts of a WAV",
        {"file_path": "a.wav"},
        {
            "metadata": {
                "format": "wav",
                "codec": "pcm_s16le",
                "duration_seconds": 0.5,
                "sample_rate": 8000,
                "channels": 2,
                "bit_rate": 256000,
                "size": 16044,
                "tags": {},
            }
        },
        files={"a.wav": sound(channels=2)},
    ),
    Case(
        "the format is told by the name",
        {"operation": "convert", "source_path": "a.wav", "target_path": "b.mp3"},
        {"target_format": "mp3", "success": True},
        text="b.mp3",
        files={"a.wav": sound()},
    ),
    Case(
        "the file is missing",
        {},
        refused="'file_path' or 'source_path' is missing; the operation 'metadata' needs it",
    ),
    Case(
        "the target is missing",
        {"operation": "convert", "source_path": "a"},
        refused="'target_path' is missing; the operation 'convert' needs it",
    ),
    Case(
        "no such format",
        {"operation": "convert", "source_path": "a.wav", "target_path": "b", "target_format": "midi"},
        refused='\'target_format\' must be one of "wav", "mp3", "flac", "ogg", but "midi" was given',
    ),
    Case(
        "a name that tells no format",
        {"operation": "convert", "source_path": "a.wav", "target_path": "b.txt"},
        fails=("unknown_format", "'b.txt' tells no format"),
        files={"a.wav": sound()},
    ),
    Case(
        "no sound",
        {"file_path": "a"},
        fails=("broken_media", "'a' is broken, or no sound or film: Invalid data found when"),
        files={"a": "text"},
    ),
    Case(
        "a WAV that breaks off in its head",
        {"file_path": "a"},
        fails=("broken_media", "'a' is broken"),
        files={"a": sound()[:14]},
    ),
    Case(
        "a broken sound leaves nothing",
        {"operation": "convert", "source_path": "a", "target_path": "b.mp3"},
        fails=("broken_media", "'a' is broken"),
        files={"a": b"RIFF" + bytes(40)},
        leaves={"b.mp3": None},
    ),
    Case("no such file", {"file_path": "no"}, fails=("not_found", "'no' does not exist")),
    Case(
        "a folder",
        {"operation": "detect", "file_path": "d"},
        fails=("not_a_file", "'d' is a folder"),
        files={"d/x": ""},
    ),
    Case(
        "a film without sound", {"file_path": "a"}, fails=("not_audio", "'a' has no sound"), files={"a": FILM}
    ),
    Case("a file outside", {"file_path": "../a"}, forbids="read"),
    Case(
        "a target outside",
        {"operation": "convert", "source_path": "a", "target_path": "../b.wav"},
        forbids="write",
        files={"a": sound()},
    ),
]


@each_case(AUDIO_CALLS)
def test_calls_of_the_audio_processor(case: Case, tmp_path: Path) -> None:
    check_case(AUDIO, case, tmp_path)


@pytest.mark.parametrize(
    ("kind", "codec"), [("mp3", "mp3float"), ("flac", "flac"), ("ogg", "opus"), ("wav", "pcm_s16le")]
)
def test_sound_is_converted_and_back(kind: str, codec: str, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(sound(1.0, 22_050, 2))
    payload(
        AUDIO, {"operation": "convert", "source_path": "a.wav", "target_path": f"b.{kind}"}, root=tmp_path
    )
    check_tool(AUDIO, {"operation": "detect", "file_path": f"b.{kind}"}, root=tmp_path, format=kind)
    facts = payload(AUDIO, {"file_path": f"b.{kind}"}, root=tmp_path)["metadata"]
    assert facts["codec"] == codec
    assert (facts["sample_rate"], facts["channels"]) == (48_000 if kind == "ogg" else 22_050, 2)
    assert facts["duration_seconds"] == pytest.approx(1.0, abs=0.1)
    payload(
        AUDIO, {"operation": "convert", "source_path": f"b.{kind}", "target_path": "c.wav"}, root=tmp_path
    )
    with wave.open(str(tmp_path / "c.wav")) as back:
        assert back.getnframes() / back.getframerate() == pytest.approx(1.0, abs=0.1)


VIDEO_CALLS = [
    Case(
        "its kind",
        {"operation": "detect", "file_path": "a"},
        {"format": "mp4", "supported": True},
        files={"a": FILM},
    ),
    Case(
        "another kind",
        {"operation": "detect", "file_path": "a"},
        {"format": "mkv"},
        files={"a": film(kind="matroska")},
    ),
    Case(
        "a third", {"operation": "detect", "file_path": "a"}, {"format": "avi"}, files={"a": film(kind="avi")}
    ),
    Case(
        "no kind that is known",
        {"operation": "detect", "file_path": "a"},
        {"format": "unknown", "supported": False},
        files={"a": "text"},
    ),
    Case(
        "a picture",
        {"operation": "extract_frame", "file_path": "a", "target_path": "b.png"},
        {"width": 64, "height": 48, "success": True, "timestamp_seconds": 0},
        files={"a": FILM},
    ),
    Case(
        "a small one",
        {"operation": "thumbnail", "file_path": "a", "target_path": "b.jpg", "timestamp_seconds": 1},
        {"video_path": "a", "width": 64},
        text="b.jpg",
        files={"a": FILM},
    ),
    Case(
        "behind the end",
        {"operation": "extract_frame", "file_path": "a", "target_path": "b.png", "timestamp_seconds": 99},
        fails=("out_of_range", "'a' ends before 99 s"),
        files={"a": FILM},
        leaves={"b.png": None},
    ),
    Case("the file is missing", {}, refused="'file_path' is missing; the operation 'metadata' needs it"),
    Case(
        "the target is missing",
        {"operation": "thumbnail", "file_path": "a"},
        refused="'target_path' is missing; the operation 'thumbnail' needs it",
    ),
    Case(
        "a negative time",
        {"operation": "thumbnail", "file_path": "a", "target_path": "b", "timestamp_seconds": -1},
        refused="'timestamp_seconds' must be at least 0, but -1 was given",
    ),
    Case(
        "no film",
        {"file_path": "a"},
        fails=("broken_media", "'a' is broken, or no sound or film: Invalid data found when"),
        files={"a": "text"},
    ),
    Case(
        "a film that breaks off",
        {"file_path": "a"},
        fails=("broken_media", "'a' is broken"),
        files={"a": FILM[:200]},
    ),
    Case("sound alone", {"file_path": "a"}, fails=("not_video", "'a' has no pictures"), files={"a": sound()}),
    Case("no such file", {"file_path": "no"}, fails=("not_found", "'no' does not exist")),
    Case("a file outside", {"file_path": "../a"}, forbids="read"),
]


@each_case(VIDEO_CALLS)
def test_calls_of_the_video_processor(case: Case, tmp_path: Path) -> None:
    check_case(VIDEO, case, tmp_path)


def test_facts_of_a_film_and_the_picture_of_a_time(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(FILM)
    facts = payload(VIDEO, {"file_path": "a.mp4"}, root=tmp_path)["metadata"]
    assert {key: facts[key] for key in ("format", "codec", "width", "height", "frame_rate", "frames")} == {
        "format": "mp4",
        "codec": "mpeg4",
        "width": 64,
        "height": 48,
        "frame_rate": 10.0,
        "frames": 20,
    }
    assert facts["duration_seconds"] == pytest.approx(2.0, abs=0.1)
    assert facts["tags"]["title"] == "Dawn"
    assert "audio_codec" not in facts
    lights = []
    for seconds in (0, 1, 1.9):
        taken = {"operation": "extract_frame", "file_path": "a.mp4", "target_path": "b.png"}
        payload(VIDEO, {**taken, "timestamp_seconds": seconds}, root=tmp_path)
        with Image.open(tmp_path / "b.png") as image:
            lights.append(image.convert("L").getpixel((32, 24)))
    assert lights == [pytest.approx(wanted, abs=12) for wanted in (0, 134, 255)]


QR_CALLS = [
    Case("SVG", {"input": "hello"}, {"version": 1, "format": "svg", "width": 116, "target_path": None}),
    Case("text", {"input": "hello", "format": "text", "border": 0}, {"width": 21}),
    Case(
        "into a file",
        {"input": "hello", "format": "png", "target_path": "a.png", "scale": 2},
        {"image": None, "target_path": "a.png", "width": 58},
        text="a.png",
    ),
    Case("nothing to say", {}, refused="'input' is missing"),
    Case(
        "no such format",
        {"input": "x", "format": "gif"},
        refused='\'format\' must be "svg" or "png" or "text", but "gif" was given',
    ),
    Case(
        "PNG is no text",
        {"input": "x", "format": "png"},
        fails=("invalid_input", "name the file for it in 'target_path'"),
    ),
    Case(
        "too long",
        {"input": "ü" * 2000, "error_correction": "high"},
        fails=("too_long", "too long for a QR code"),
    ),
    Case("a file outside", {"input": "x", "target_path": "../a.svg"}, forbids="write"),
]


@each_case(QR_CALLS)
def test_calls_of_qr_code(case: Case, tmp_path: Path) -> None:
    check_case(QR, case, tmp_path)


def test_a_qr_code_is_drawn_as_its_squares(tmp_path: Path) -> None:
    drawing = run_tool(QR, {"input": "hello", "format": "text", "border": 0}).text.split("\n")
    assert len(drawing) == 21
    assert drawing[0].startswith("██" * 7 + "  "), "the finder pattern of the upper left"
    payload(
        QR,
        {"input": "hello", "format": "png", "target_path": "a.png", "scale": 1, "border": 0},
        root=tmp_path,
    )
    with Image.open(tmp_path / "a.png") as image:
        grey = image.convert("L")
        dark = [["██" if grey.getpixel((x, y)) == 0 else "  " for x in range(21)] for y in range(21)]
    assert ["".join(row) for row in dark] == drawing
    svg = run_tool(QR, {"input": "hello"}).text
    assert svg.startswith("<?xml")
    assert 'width="116"' in svg


@pytest.mark.parametrize(
    ("tool", "module", "parameters"),
    [
        (IMAGES, "PIL", {"file_path": "a"}),
        (QR, "segno", {"input": "x"}),
        (VIDEO, "av", {"file_path": "a"}),
        (AUDIO, "av", {"operation": "convert", "source_path": "a", "target_path": "b.mp3"}),
    ],
)
def test_a_missing_library_is_told_with_how_to_have_it(
    tool: str, module: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements, "_is_installed", lambda name: name != module)
    check_raises(tool, parameters, "needs_installation", "pip install 'llmspell[media]'")

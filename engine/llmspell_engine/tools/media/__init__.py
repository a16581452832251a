"""Tools for images, audio and video. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "audio-processor": "audio_processor.AudioProcessor",
    "image-processor": "image_processor.ImageProcessor",
    "qr-code": "qr_code.QrCode",
    "video-processor": "video_processor.VideoProcessor",
}

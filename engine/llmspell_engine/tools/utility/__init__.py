"""Tools of everyday use. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "base64-encoder": "base64_encoder.Base64Encoder",
    "calculator": "calculator.Calculator",
    "data-validator": "data_validator.DataValidator",
    "datetime-handler": "datetime_handler.DatetimeHandler",
    "hash-calculator": "hash_calculator.HashCalculator",
    "template-creator": "template_creator.TemplateCreator",
    "text-manipulator": "text_manipulator.TextManipulator",
    "uuid-generator": "uuid_generator.UuidGenerator",
}

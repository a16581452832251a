"""Tools of everyday use. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "base64-encoder": "base64_encoder.Base64Encoder",
    "calculator": "calculator.Calculator",
    "citation-formatter": "citation_formatter.CitationFormatter",
    "cron-parser": "cron_parser.CronParser",
    "data-validator": "data_validator.DataValidator",
    "datetime-handler": "datetime_handler.DatetimeHandler",
    "diff-calculator": "diff_calculator.DiffCalculator",
    "hash-calculator": "hash_calculator.HashCalculator",
    "random-generator": "random_generator.RandomGenerator",
    "regex-tester": "regex_tester.RegexTester",
    "template-creator": "template_creator.TemplateCreator",
    "text-manipulator": "text_manipulator.TextManipulator",
    "unit-converter": "unit_converter.UnitConverter",
    "uuid-generator": "uuid_generator.UuidGenerator",
}

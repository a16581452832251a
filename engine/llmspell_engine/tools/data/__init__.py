"""Tools for structured data. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "csv-analyzer": "csv_analyzer.CsvAnalyzer",
    "database-connector": "database_connector.DatabaseConnector",
    "graph-builder": "graph_builder.GraphBuilder",
    "json-processor": "json_processor.JsonProcessor",
    "markdown-processor": "markdown_processor.MarkdownProcessor",
    "pdf-processor": "pdf_processor.PdfProcessor",
    "toml-processor": "toml_processor.TomlProcessor",
    "xml-processor": "xml_processor.XmlProcessor",
    "yaml-processor": "yaml_processor.YamlProcessor",
}

"""Tools for analysing texts and numbers. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "keyword-extractor": "keyword_extractor.KeywordExtractor",
    "log-analyzer": "log_analyzer.LogAnalyzer",
    "schema-inferrer": "schema_inferrer.SchemaInferrer",
    "similarity-calculator": "similarity_calculator.SimilarityCalculator",
    "statistics-calculator": "statistics_calculator.StatisticsCalculator",
    "text-analyzer": "text_analyzer.TextAnalyzer",
}

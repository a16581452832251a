"""Tools for the web. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "html-to-markdown": "html_to_markdown.HtmlToMarkdown",
    "robots-checker": "robots_checker.RobotsChecker",
    "rss-reader": "rss_reader.RssReader",
    "sitemap-crawler": "sitemap_crawler.SitemapCrawler",
    "url-analyzer": "url_analyzer.UrlAnalyzer",
    "web-scraper": "web_scraper.WebScraper",
    "web-searcher": "web_searcher.WebSearcher",
    "webpage-monitor": "webpage_monitor.WebpageMonitor",
}

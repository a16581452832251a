"""Tools for interfaces of others. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "api-tester": "api_tester.ApiTester",
    "dns-lookup": "dns_lookup.DnsLookup",
    "email-sender": "email_sender.EmailSender",
    "graphql-query": "graphql_query.GraphqlQuery",
    "http-requester": "http_requester.HttpRequester",
    "socket-listener": "socket_listener.SocketListener",
    "webhook-caller": "webhook_caller.WebhookCaller",
    "webhook-listener": "webhook_listener.WebhookListener",
}

"""The Kirin gateway: the only room that knows its words. Requests go in, payloads come out, replies are read."""

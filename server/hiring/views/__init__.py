"""What goes over the wire: the shapes that pages, replies and live events are made of.

Pure structs without behaviour. The browser's types (`web/src/live/protocol.gen.ts`) are generated from these modules
and from `realtime/frames.py` by `server/schema.py`. A shape holds only what everybody who may see its topic may see;
what is narrower has a shape of its own (see ARCHITECTURE.md, "Topics").

Times are RFC 3339 strings in UTC, durations seconds unless the name ends in `_ms`, ids UUID strings.
"""

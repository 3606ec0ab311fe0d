"""The servers that `./dev bench realtime` compares, one program each: all bring a published payload to all sockets."""

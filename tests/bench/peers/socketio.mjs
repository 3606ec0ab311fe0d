// Socket.IO on Node with the Redis adapter. Orders and answers as in common.py.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const TEXT = "Ben moved Cleo Marchetti to Interview; her answers are complete. ".repeat(5);

const path = new URL(process.argv[2]).pathname;
const publisher = createClient({ socket: { path } });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer();
const io = new Server(http, { adapter: createAdapter(publisher, subscriber), transports: ["websocket"] });
io.on("connection", (socket) => socket.join("board"));
http.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, () => console.log(http.address().port));

function payload(number) {
  const at = String(process.hrtime.bigint()).padStart(20, "0"); // the clock that all processes share
  const content = { n: String(number).padStart(8, "0"), at, text: "" };
  content.text = TEXT.slice(0, 300 - JSON.stringify(content).length);
  return content;
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  const began = performance.now();
  for (let turn = 0; turn < order.count; turn++) {
    await sleep(Math.max(0, began + (turn * 1000) / order.rate - performance.now()));
    io.to("board").emit("event", payload(order.first + turn));
  }
  console.log(order.first + order.count - 1);
}
process.exit(0);

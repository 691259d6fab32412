// express before BullMQ over Redis: `door` PORT or `worker`.
import { Queue, Worker } from "bullmq";
import express from "express";
import IORedis from "ioredis";

const [role, port] = process.argv.slice(2);
const connection = new IORedis(process.env.REDIS, { maxRetriesPerRequest: null });

function door() {
  const queue = new Queue("send", { connection });
  const app = express();
  app.use(express.json({ limit: "8mb" }));
  app.post("/v1/dossiers", async (request, response) => {
    await queue.add("send", request.body);
    response.status(202).json({ status: "accepted" });
  });
  app.get("/done", async (_request, response) => {
    response.type("text").send(String(await queue.getCompletedCount()));
  });
  app.listen(Number(port), "127.0.0.1");
}

function worker() {
  const headers = { "Content-Type": "application/json" };
  const send = async (job) => {
    const reply = await fetch(process.env.TARGET, { method: "POST", headers, body: JSON.stringify(job.data) });
    if (!reply.ok) throw new Error(`answered with ${reply.status}`);
    return reply.json();
  };
  new Worker("send", send, { connection, concurrency: 64 });
}

({ door, worker })[role]();

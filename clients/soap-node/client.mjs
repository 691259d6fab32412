// A ministry's client: tells the gateway the new status of a dossier and prints the receipt of each item.
//   node client.mjs --url http://127.0.0.1:8080/soap/v1/events --key KEY --dossier CODE [--soap 1.1|1.2]
// Exit status: 0 all items accepted, 1 a fault or a refused item, 2 wrong options.
import { parseArgs } from "node:util";
import { randomUUID } from "node:crypto";
import soap from "soap";

const options = { url: { type: "string" }, key: { type: "string" }, dossier: { type: "string" }, soap: { type: "string", default: "1.1" } };
const usage = "usage: node client.mjs --url URL --key KEY --dossier CODE [--soap 1.1|1.2]";

function readOptions() {
  try {
    const { values } = parseArgs({ options });
    if (values.url && values.key && values.dossier && ["1.1", "1.2"].includes(values.soap)) return values;
  } catch (error) {
    console.error(error.message);
  }
  console.error(usage);
  process.exit(2);
}

async function connect({ url, key, soap: version }) {
  const headers = { Authorization: `Bearer ${key}` };
  const settings = { endpoint: url, forceSoap12Headers: version === "1.2", wsdl_headers: headers };
  const client = await soap.createClientAsync(`${url}?wsdl`, settings);
  Object.entries(headers).forEach(([name, value]) => client.addHttpHeader(name, value));
  return client;
}

// Elements go out in the order written here, which is the order of the schema.
const statusChanged = (dossier) => ({
  item: [
    {
      dossier: { code: dossier },
      sourceEventId: randomUUID(),
      occurredAt: new Date().toISOString(),
      text: "Đang xử lý",
      statusChanged: { status: 4 },
    },
  ],
});

const asList = (value) => (value === undefined || value === null ? [] : [].concat(value));

function printResults(version, answer) {
  const results = asList(answer?.item);
  results.forEach(({ receipt, problem }, index) =>
    console.log(`SOAP ${version} item ${index + 1}: ${JSON.stringify(receipt ?? problem)}`),
  );
  return results.length > 0 && results.every(({ receipt }) => receipt);
}

const chosen = readOptions();
try {
  const client = await connect(chosen);
  const [answer] = await client.submitEventsAsync(statusChanged(chosen.dossier), { timeout: 30000 });
  if (!printResults(chosen.soap, answer)) process.exitCode = 1;
} catch (error) {
  const fault = error.root?.Envelope?.Body?.Fault;
  console.error(`SOAP ${chosen.soap} failed: ${fault ? JSON.stringify(fault) : error.message}`);
  process.exitCode = 1;
}

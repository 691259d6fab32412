// A ministry's client on npm `soap`: one call of the gateway's SOAP door, as told on standard input; prints one JSON.
const { readFileSync } = require("node:fs");
const soap = require("soap");

const asList = (value) => (value === undefined || value === null ? [] : [].concat(value));

const submission = ({ dossier, event, text, content }) => ({
  item: [
    { dossier: { code: dossier }, sourceEventId: `${event}-1`, text, statusChanged: { status: 4 } },
    {
      dossier: { code: dossier },
      sourceEventId: `${event}-2`,
      resultIssued: { name: text, files: [{ name: "kết quả.pdf", mediaType: "application/pdf", content }] },
    },
  ],
});

const told = (fault) => {
  const detail = fault.detail ?? fault.Detail ?? {};
  return { fault: detail.gatewayFault?.code ?? "", text: fault.faultstring ?? fault.Reason?.Text };
};

const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";

function securityOf({ security, user, password, keys }) {
  if (security === "username") return new soap.WSSecurity(user, password, { passwordType: "PasswordDigest", mustUnderstand: true });
  const both = readFileSync(`${keys}/peer.pem`, "utf8");
  const [key, certificate] = both.split(/(?=-----BEGIN CERTIFICATE-----)/);
  return new soap.WSSecurityCert(key, certificate, "", {
    signatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    signatureTransformations: [EXCLUSIVE],
    signerOptions: { idMode: "wssecurity" },
  });
}

async function call(asked) {
  const headers = asked.security ? {} : { Authorization: `Bearer ${asked.key}` };
  const settings = { endpoint: asked.url, forceSoap12Headers: asked.version === "1.2", wsdl_headers: headers };
  const client = await soap.createClientAsync(`${asked.url}?wsdl`, settings);
  Object.entries(headers).forEach(([name, value]) => client.addHttpHeader(name, value));
  if (asked.security) client.setSecurity(securityOf(asked));
  const file = readFileSync(asked.file);
  const options = { timeout: 30000 };
  let content = file.toString("base64");
  if (asked.mtom) {
    options.forceMTOM = true;
    options.attachments = [{ mimetype: "application/pdf", contentId: "file-1@ministry", name: "f.pdf", body: file }];
    content = { "xop:Include": { attributes: { "xmlns:xop": "http://www.w3.org/2004/08/xop/include", href: "cid:file-1@ministry" } } };
  }
  const [answer] = await client.submitEventsAsync(submission({ ...asked, content }), options);
  return { items: asList(answer?.item).map(({ receipt, problem }) => receipt?.messageId ?? `problem: ${problem?.code}`) };
}

const asked = JSON.parse(readFileSync(0, "utf8"));
call(asked)
  .catch((error) => (error.root?.Envelope?.Body?.Fault ? told(error.root.Envelope.Body.Fault) : { error: String(error) }))
  .then((said) => console.log(JSON.stringify(said)));

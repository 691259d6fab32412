// Writes messages as npm `soap` secures them: node vectors.mjs KEYS FOLDER. Everything in them is invented.
import { readFileSync, writeFileSync } from "node:fs";
import soap from "soap";

const [keys, folder] = process.argv.slice(2);
const key = readFileSync(`${keys}/partner.key.pem`), certificate = readFileSync(`${keys}/partner.cert.pem`, "utf8");
const exclusive = ["http://www.w3.org/2001/10/xml-exc-c14n#"];
const message = (header = "") =>
  `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:r="urn:invented:register"><soap:Header>${header}</soap:Header><soap:Body><r:ping><r:code>H01-26-0001</r:code><r:name a="1">Nguyễn Văn Thử &amp; con</r:name></r:ping></soap:Body></soap:Envelope>`;
const sign = (name, options) => {
  const security = new soap.WSSecurityCert(key, certificate, "", { signatureTransformations: exclusive, ...options });
  writeFileSync(`${folder}/${name}.xml`, security.postProcess(message(), "soap"));
};

sign("node-signed", { signerOptions: { idMode: "wssecurity" } });
sign("node-signed-plain-id", { signatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" });
sign("node-two-transforms", { signatureTransformations: ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", ...exclusive] });
sign("node-without-timestamp", { hasTimeStamp: false });
for (const [name, passwordType] of [["node-username-digest", "PasswordDigest"], ["node-username-text", "PasswordText"]]) {
  const security = new soap.WSSecurity("register", "mật khẩu thử", { passwordType, mustUnderstand: true });
  writeFileSync(`${folder}/${name}.xml`, message(security.toXML()));
}

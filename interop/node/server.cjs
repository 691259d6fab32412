// The register of register.wsdl on npm `soap`. Prints "listening PORT"; /11 speaks SOAP 1.1, /12 SOAP 1.2; with
// "username" behind it a UsernameToken with a digest must be in the header.
//   node server.cjs WSDL USER PASSWORD
const { readFileSync } = require("node:fs");
const { createHash } = require("node:crypto");
const http = require("node:http");
const soap = require("soap");

const wsdl = readFileSync(process.argv[2], "utf8");
const asList = (value) => (value === undefined || value === null ? [] : [].concat(value));
const proofOf = ({ owner, file }) => {
  const proof = createHash("sha256").update(owner);
  asList(file).forEach(({ content }) => proof.update(Buffer.from(content ?? "", "base64")));
  return proof.digest("hex");
};

const detail = { refusal: { code: 17, field: "owner" } };
const fault11 = { faultcode: "soap:Server", faultstring: "từ chối", detail };
const fault12 = { Code: { Value: "soap:Receiver" }, Reason: { Text: "từ chối" }, Detail: detail };

const register = (fault) => (asked) => {
  if (asked.owner === "từ chối") throw { Fault: fault };
  const receipt = Buffer.from(`\r\n${asked.owner}\r\n`).toString("base64");
  return { number: `NODE-${asked.code}`, proof: proofOf(asked), receipt };
};
const services = (fault) => {
  const port = { register: register(fault) };
  return { RegisterService: { Register11: port, Register12: port } };
};

const [user, password] = process.argv.slice(3);
const plain = (value) => value?.$value ?? value;
const knows = ({ UsernameToken: token } = {}) => {
  const nonce = Buffer.from(plain(token?.Nonce) ?? "", "base64");
  const digest = createHash("sha1").update(nonce).update(plain(token?.Created) ?? "").update(password).digest("base64");
  return plain(token?.Username) === user && plain(token?.Password) === digest;
};

const server = http.createServer((_, response) => response.writeHead(404).end());
server.listen(0, "127.0.0.1", () => {
  soap.listen(server, { path: "/11", services: services(fault11), xml: wsdl });
  soap.listen(server, { path: "/12", services: services(fault12), xml: wsdl, forceSoap12Headers: true });
  soap.listen(server, { path: "/11username", services: services(fault11), xml: wsdl }).authenticate = knows;
  soap.listen(server, { path: "/12username", services: services(fault12), xml: wsdl, forceSoap12Headers: true }).authenticate = knows;
  console.log(`listening ${server.address().port}`);
});

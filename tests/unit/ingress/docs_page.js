// Runs the script of /docs without a browser: just as much of a document as it uses, made from the page's own elements.
"use strict";
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

class Element {
  constructor(tag, id = "") {
    Object.assign(this, { tag, id, children: [], hidden: false, open: false, listeners: {} });
  }
  append(...nodes) {
    for (const node of nodes) if (node instanceof Element) node.parent = this;
    this.children.push(...nodes);
  }
  replaceChildren(...nodes) {
    this.children = [];
    this.append(...nodes);
  }
  get textContent() {
    return this.children.map((node) => (node instanceof Element ? node.textContent : String(node))).join("");
  }
  set textContent(text) {
    this.children = [text];
  }
  *below() {
    for (const node of this.children)
      if (node instanceof Element) {
        yield node;
        yield* node.below();
      }
  }
  isIn(tag) {
    return this.parent !== undefined && (this.parent.tag === tag || this.parent.isIn(tag));
  }
  querySelectorAll(selector) {
    const [, above, tag, shown] = /^(?:(\w+) )?(\w+)(:not\(\[hidden\]\))?$/.exec(selector);
    return [...this.below()].filter((node) => node.tag === tag && !(above && !node.isIn(above)) && !(shown && node.hidden));
  }
  querySelector(selector) {
    return this.querySelectorAll(selector)[0] || null;
  }
  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }
  scrollIntoView() {
    document.shown = this.id;
  }
}

const { page, spec, words, hash } = JSON.parse(readFileSync(0, "utf-8"));
const document = new Element("html");
document.createElement = (tag) => new Element(tag);
document.getElementById = (id) => [...document.below()].find((node) => node.id === id) || null;
const body = page.split("<script>")[0];
for (const [, tag, id] of body.matchAll(/<(\w+) id="(\w+)"/g)) document.append(new Element(tag, id));
const location = { hash: "" };
const fetch = async () => ({ json: async () => spec });
const listen = (name, listener) => document.addEventListener(name, listener);
vm.runInNewContext(page.split("<script>")[1].split("</script>")[0], { document, location, fetch, addEventListener: listen });

const summaries = () => document.querySelectorAll("details:not([hidden])").map((box) => box.querySelector("summary").textContent);
setImmediate(() => {
  const found = { summaries: summaries(), text: document.textContent, links: [], filtered: {} };
  found.links = document.querySelectorAll("a").map((link) => link.href);
  for (const word of words) {
    document.getElementById("filter").listeners.input({ target: { value: word } });
    found.filtered[word] = { summaries: summaries(), none: !document.getElementById("none").hidden };
  }
  location.hash = hash;
  document.listeners.hashchange();
  const box = document.getElementById(hash.slice(1));
  found.opened = [document.shown, box.open, box.hidden];
  process.stdout.write(JSON.stringify(found));
});

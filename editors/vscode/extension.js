// Starts `hornet lsp` for tracing scripts.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const command = workspace.getConfiguration("hornet").get("path");
  client = new LanguageClient("hornet", "Hornet tracing language", { command, args: ["lsp"] }, { documentSelector: [{ language: "bpftrace" }] });
  return client.start();
};

exports.deactivate = () => client?.stop();

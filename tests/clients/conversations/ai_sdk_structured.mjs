// AI SDK: an object under a schema, and a call that must be made.
import assert from "node:assert";
import { generateText, jsonSchema, Output, tool } from "ai";
import { local } from "./local.mjs";

const model = local("starter");
const schema = jsonSchema({
  type: "object",
  properties: { name: { type: "string", maxLength: 20 }, continent: { enum: ["Europe", "Asia"] } },
  required: ["name", "continent"],
  additionalProperties: false,
});
const prompt = "Tell me of Oslo.";
const structured = await generateText({ model, prompt, output: Output.object({ schema }), maxOutputTokens: 200 });
assert(["Europe", "Asia"].includes(structured.output.continent));

const tools = { keep: tool({ description: "Keep a city", inputSchema: schema }) };
const forced = await generateText({ model, prompt, tools, toolChoice: "required", maxOutputTokens: 200 });
assert(["Europe", "Asia"].includes(forced.toolCalls[0].input.continent));
console.log("went well with structure");

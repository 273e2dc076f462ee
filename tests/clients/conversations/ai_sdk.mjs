// AI SDK: streamText with a tool at hand, and the next turn by generateText.
import assert from "node:assert";
import { generateText, jsonSchema, streamText, tool } from "ai";
import { local } from "./local.mjs";

const model = local("starter");
const tools = {
  get_weather: tool({
    description: "Weather of a city",
    inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
  }),
};
const messages = [{ role: "user", content: "Why is the sky blue?" }];
const first = streamText({ model, messages, tools, maxOutputTokens: 30, temperature: 0 });
let text = "";
for await (const delta of first.textStream) text += delta;
assert(text);
assert((await first.usage).outputTokens > 0);

messages.push(...(await first.response).messages, { role: "user", content: "And at night?" });
const second = await generateText({ model, messages, tools, maxOutputTokens: 10 });
assert(second.usage.cachedInputTokens > 0);
console.log("went well");

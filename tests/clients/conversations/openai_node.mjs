// openai-node: a stream, the next turn, and a streamed request with tools.
import assert from "node:assert";
import { client } from "./local.mjs";

const messages = [{ role: "user", content: "Why is the sky blue?" }];
const model = "starter";
const first = await client.chat.completions
  .stream({ model, messages, max_tokens: 30, stream_options: { include_usage: true } })
  .finalChatCompletion();
assert.equal(first.usage.completion_tokens, 30);

messages.push(first.choices[0].message, { role: "user", content: "And at night?" });
const second = await client.chat.completions.create({ model, messages, max_tokens: 10 });
assert(second.usage.prompt_tokens_details.cached_tokens > 0);

const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = [{ type: "function", function: { name: "get_weather", description: "Weather of a city", parameters } }];
const third = await client.chat.completions
  .stream({ model, messages, tools, max_tokens: 10, stream_options: { include_usage: true } })
  .finalChatCompletion();
assert(third.choices[0].finish_reason);
console.log("went well");

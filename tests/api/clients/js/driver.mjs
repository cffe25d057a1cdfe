// A driver of the AWS SDK for JavaScript 3: makes the calls that it reads and tells what came of them, in the words of
// go/main.go.
import { createInterface } from "node:readline";

import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import * as sts from "@aws-sdk/client-sts";

const config = {
  region: process.env.AWS_DEFAULT_REGION,
  endpoint: process.env.AWS_ENDPOINT_URL,
  credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY },
  maxAttempts: 1,
};
const services = {
  cloudtrail: { commands: cloudtrail, client: new cloudtrail.CloudTrailClient(config) },
  sts: { commands: sts, client: new sts.STSClient(config) },
};

// Timestamps are Dates to the SDK; in a line they are text.
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const withDates = (name, value) => (typeof value === "string" && TIME.test(value) ? new Date(value) : value);

async function makeCall({ service, operation, input }) {
  const { commands, client } = services[service];
  const Command = commands[`${operation}Command`];
  if (!Command) return { absent: true };
  try {
    const { $metadata, ...output } = await client.send(new Command(input));
    return { output };
  } catch (error) {
    if (error.$fault) return { code: error.name, message: error.message };
    return { fault: `${error.name}: ${error.message}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await makeCall(JSON.parse(line, withDates)).catch((error) => ({ fault: `${error.stack}` }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

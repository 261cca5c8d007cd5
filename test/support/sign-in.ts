import type { Agent } from "supertest";
import type { Mail } from "../../src/mail/mail.ts";
import { body, fieldsIn } from "./web.ts";

/** A browser of a person: keeps its cookies, follows no redirect by itself. */
export class Browser {
  readonly agent: Agent;

  constructor(agent: Agent, userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0") {
    this.agent = agent.set("Accept", "text/html").set("User-Agent", userAgent);
  }

  get(path: string) {
    return this.agent.get(path);
  }

  send(path: string, fields: Parameters<typeof body>[0] = {}) {
    return this.agent.post(path).type("form").send(body(fields));
  }

  /** Presses the button of the page of a link. */
  async press(link: string) {
    const { text } = await this.get(link).expect(200);
    return this.send(link, fieldsIn(text));
  }

  /** The name of the person who is signed in here, as the list of sessions knows it. */
  async isSignedIn(): Promise<boolean> {
    const { status } = await this.get("/account/sessions");
    return status === 200;
  }

  cookie(name: string): string | undefined {
    return this.agent.jar.getCookie(name, { domain: "127.0.0.1", path: "/", secure: false, script: false })
      ?.value;
  }
}

/** The path of the link in a mail. */
export function linkIn(mail: Mail | undefined): string {
  const [, path = ""] = /^https?:\/\/[^/\s]+(\/\S+)$/m.exec(mail?.text ?? "") ?? [];
  return path;
}

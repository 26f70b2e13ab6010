/**
 * Registers a passkey or signs in with one. The server's options and our answers are the JSON forms of WebAuthn level 3;
 * both calls end in {location}.
 */

interface Answer {
  location?: string;
  detail?: string;
}

class Refused extends Error {}

export default function passkey(element: HTMLElement): void {
  const button = element.querySelector("button");
  const problem = element.querySelector<HTMLElement>("[role=alert]");
  if (!button || !problem) return;

  const say = (text: string | undefined): void => {
    problem.textContent = text ?? "";
    problem.hidden = !text;
  };
  if (!("PublicKeyCredential" in window) || !PublicKeyCredential.parseCreationOptionsFromJSON) {
    button.disabled = true;
    say(element.dataset["unsupported"]);
    return;
  }

  button.addEventListener("click", () => {
    say(undefined);
    const form = element.closest("form");
    if (form && !ready(form)) return;
    button.setAttribute("aria-busy", "true");
    const work = element.dataset["passkey"] === "register" ? register(form) : signIn(element);
    work
      .then((answer) => location.assign(answer.location ?? "/"))
      .catch((error: unknown) => {
        if (error instanceof Refused) say(error.message || element.dataset["failed"]);
        else if (error instanceof DOMException && error.name === "NotAllowedError") say(element.dataset["cancelled"]);
        else say(element.dataset["failed"]);
      })
      .finally(() => button.removeAttribute("aria-busy"));
  });
}

/** The fields a passkey needs are all of the form's, except the password. */
function ready(form: HTMLFormElement): boolean {
  const fields = [...form.querySelectorAll("input")].filter((field) => field.type !== "password");
  return fields.every((field) => field.reportValidity());
}

async function register(form: HTMLFormElement | null): Promise<Answer> {
  const fields = form ? Object.fromEntries(new FormData(form)) : {};
  delete fields["password"];
  delete fields["new_password"];
  const options = await post<PublicKeyCredentialCreationOptionsJSON>("/passkey/register/options", fields);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  return post<Answer>("/passkey/register", { credential: credential.toJSON() });
}

async function signIn(element: HTMLElement): Promise<Answer> {
  const options = await post<PublicKeyCredentialRequestOptionsJSON>("/passkey/sign-in/options", {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  return post<Answer>("/passkey/sign-in", {
    credential: credential.toJSON(),
    return_to: element.dataset["returnTo"] ?? "/",
  });
}

async function post<T>(address: string, body: unknown): Promise<T> {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const read = (await answer.json().catch(() => ({}))) as T & Answer;
  if (!answer.ok) throw new Refused(read.detail ?? "");
  return read;
}

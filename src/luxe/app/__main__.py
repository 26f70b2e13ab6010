"""`luxe VERB …`: finds the verb's module and runs it, so that no verb waits for another's imports."""

import importlib
import sys

from luxe.app.failure import Failure

VERBS = {
    "up": ("up", "start the house (and make it, the first time)"),
    "down": ("down", "stop a running house"),
    "status": ("status", "what runs, on which ports"),
    "doctor": ("doctor", "what is missing or wrong, and what to do about it"),
    "migrate": ("migrate", "bring the databases' tables up to date"),
    "seed": ("seed", "fill the demo house"),
    "verify": ("verify", "check everything that must be true of the house"),
    "saga": ("saga", "look at runs, and help those that need a person"),
    "openapi": ("openapi", "print the OpenAPI document, or write it and the .proto files"),
    "serve": ("serve", "serve some units in this process (what `up` starts)"),
    "import": ("products", "import products FILE.csv, as Shopify exports them"),
    "export": ("products", "export products to FILE.csv"),
    "test": ("suites", "run the checks and every test, or one suite"),
    "check": ("checks", "format, lint, types, import law"),
}
INSIDE = {"derive": "derive", "health-service": "health_service"}


def main() -> int:
    verb = sys.argv[1] if len(sys.argv) > 1 else "help"
    if verb in INSIDE:
        name = INSIDE[verb]
    elif verb in VERBS:
        name = VERBS[verb][0]
    else:
        return overview(verb)
    module = importlib.import_module(f"luxe.app.cli.{name}")
    try:
        return module.main(sys.argv[1:])
    except Failure as failure:
        print(f"luxe: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def overview(verb: str) -> int:
    print("usage: luxe VERB [OPTIONS]    (luxe VERB --help tells more)\n")
    for name, (_, summary) in VERBS.items():
        print(f"  {name:<9} {summary}")
    if verb in ("help", "-h", "--help"):
        return 0
    print(f"\nluxe: there is no verb {verb!r}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
